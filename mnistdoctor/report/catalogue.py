"""What `list` prints of the catalogue."""

from __future__ import annotations

import textwrap

from mnistdoctor.catalogue import Catalogue, Dataset, File

STATUS = {
    "in_use": "in use",
    "degraded_reported": "reported slow or failing",
    "superseded": "older releases only",
    "dead_reported": "reported dead",
    "never_existed": "never existed",
}


def text(known: Catalogue, chosen: Dataset | None, *, everything: bool, width: int) -> str:
    """An overview of all datasets, or the whole of one."""
    if chosen is not None:
        return _dataset(known, chosen, everything=everything)
    lines = ["Datasets"]
    longest = max(len(dataset.id) for dataset in known.datasets)
    for dataset in known.datasets:
        files = known.files_of(dataset.id, secondary=everything)
        hosts = {url.split("/")[2] for file in files for _, url in known.sources_of(file.id)}
        about = f"{len(files)} file{'s' * (len(files) != 1)}, {len(hosts)} current host{'s' * (len(hosts) != 1)}"
        row = f"  {dataset.id:<{longest}}  {dataset.title} ({about})"
        if len(row) > width:
            row = f"  {dataset.id}\n" + _wrapped(f"{dataset.title} ({about})", width, "    ", "    ")
        lines.append(row)
    lines += ["", "Loaders"]
    for loader in known.loaders:
        names = ", ".join(f"{loader.name}:{one.name}" for one in loader.datasets)
        lines.append(_wrapped(names, width, "  ", "    "))
    clients = ", ".join(client.name for client in known.clients)
    lines += ["", "Clients for `--as`"]
    lines.append(_wrapped(clients, width, "  ", "  "))
    hint = "hint: `mnistdoctor list DATASET` shows files, digests and sources"
    lines += ["", _wrapped(hint, width, "", "      ")]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int, first: str, rest: str) -> str:
    return textwrap.fill(
        text,
        min(width, 100),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _dataset(known: Catalogue, chosen: Dataset, *, everything: bool) -> str:
    lines = [f"{chosen.title} ({chosen.id})"]
    if chosen.licence:
        lines.append(f"  licence  {chosen.licence}")
    for file in known.files_of(chosen.id, secondary=everything):
        size = "length not known" if file.size is None else f"{file.size} bytes"
        lines += ["", f"{file.name}  {size}  ({file.id})"]
        of = " of the unpacked content" if file.digest_of == "decoded" else ""
        lines += [f"  {one.algorithm:<6}  {one.value}{of}" for one in file.digests] or ["  no digest is known"]
        lines += [f"  {one.algorithm:<6}  {one.value} of the unpacked content" for one in file.decoded_digests]
        for source, url in known.sources_of(file.id, current_only=not everything):
            note = "" if source.status == "in_use" else f"  ({STATUS[source.status]})"
            lines.append(f"  source  {url}{note}")
    users = [
        f"{loader.name}:{one.name}" for loader in known.loaders for one in loader.datasets if one.dataset == chosen.id
    ]
    if users:
        lines += ["", f"fetched by  {', '.join(users)}"]
    return "\n".join(lines) + "\n"


def values(known: Catalogue, chosen: Dataset | None, *, everything: bool) -> dict[str, object]:
    """The catalogue, or one dataset of it, as JSON values."""
    datasets = known.datasets if chosen is None else (chosen,)
    return {
        "datasets": [
            {
                "id": dataset.id,
                "title": dataset.title,
                "licence": dataset.licence,
                "files": [_file(known, file, everything) for file in known.files_of(dataset.id, secondary=everything)],
            }
            for dataset in datasets
        ],
        "loaders": {loader.name: [one.name for one in loader.datasets] for loader in known.loaders},
        "clients": [client.name for client in known.clients],
    }


def _file(known: Catalogue, file: File, everything: bool) -> dict[str, object]:
    return {
        "id": file.id,
        "name": file.name,
        "length": file.size,
        "digests": {one.algorithm: one.value for one in file.digests},
        "digest_of": file.digest_of,
        "decoded_digests": {one.algorithm: one.value for one in file.decoded_digests},
        "kind": file.kind,
        "sources": [
            {"id": source.id, "url": url, "status": source.status}
            for source, url in known.sources_of(file.id, current_only=not everything)
        ],
    }
