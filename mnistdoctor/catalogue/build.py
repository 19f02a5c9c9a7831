"""From checked tables to records of datasets, files and sources; `load` puts the catalogue together."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from mnistdoctor.catalogue.build_loaders import CLIENT_KEYS, LOADER_KEYS, References, build_client, build_loader
from mnistdoctor.catalogue.lookup import Catalogue
from mnistdoctor.catalogue.model import (
    DIGEST_LENGTHS,
    BadKind,
    Dataset,
    Digest,
    File,
    Kind,
    KnownBad,
    Source,
    Status,
    User,
)
from mnistdoctor.catalogue.reader import Document, Entry, Section, read_document
from mnistdoctor.catalogue.urls import split

_HERE = Path(__file__).parent
_DIGESTS = tuple(DIGEST_LENGTHS)
_KEYS: Mapping[Section, tuple[str, ...]] = {
    "dataset": ("id", "title", "aliases", "licence", "train", "test", "shape", "classes", "notes"),
    "file": (
        *("id", "dataset", "name", "kind", "secondary", "same_data_as", "size", *_DIGESTS, "digest_of"),
        *("md5_first_mib", "git_blob", "revision", "magic", "dims", "decoded_size", "first_values", "samples"),
        *(f"decoded_{name}" for name in _DIGESTS),
        *("decoded_origin", "verified", "origin", "notes"),
    ),
    "source": (
        *("id", "dataset", "url", "files", "status", "same_bytes", "env_override", "redirects"),
        *("users", "notes", "evidence", "priority"),
    ),
    "known_bad": ("id", "name", "kind", "instead_of", "size", *_DIGESTS, "origin"),
    "client": CLIENT_KEYS,
    "loader": LOADER_KEYS,
}


def load(extra: Path | None = None) -> Catalogue:
    """The built-in catalogue, or that with a user's file laid over it.

    An entry of the user's file replaces the built-in one of the same id; any other is added.
    Raises `CatalogueError`.
    """
    if extra is None:
        return _built_in()
    merged: Document = {section: dict(entries) for section, entries in _built_in_document().items()}
    for section, entries in read_document(extra, _KEYS).items():
        merged[section].update(entries)
    return _build(merged)


@cache
def _built_in() -> Catalogue:
    return _build(_built_in_document())


@cache
def _built_in_document() -> Document:
    document: Document = {}
    for name in ("datasets.toml", "loaders.toml"):
        for section, entries in read_document(_HERE / name, _KEYS).items():
            document.setdefault(section, {}).update(entries)
    return document


def _build(document: Document) -> Catalogue:
    datasets = {key: _dataset(key, entry) for key, entry in document["dataset"].items()}
    files = {key: _file(key, entry, datasets) for key, entry in document["file"].items()}
    for key, entry in document["file"].items():
        if twin := files[key].same_data_as:
            entry.reference("same_data_as", "file", twin, files)
    bad = tuple(_known_bad(key, entry, datasets) for key, entry in document["known_bad"].items())
    clients = {key: build_client(key, entry, document["client"]) for key, entry in document["client"].items()}
    # A file that a user adds to a dataset is not thereby served by the built-in sources.
    old = {key: file for key, file in files.items() if key in _built_in_document()["file"]}
    sources: dict[str, Source] = {}
    all_known = References(datasets, files, sources, clients)
    old_known = References(datasets, old, sources, clients)

    def known_to(entry: Entry) -> References:
        return old_known if entry.path.parent == _HERE else all_known

    for key, entry in document["source"].items():
        sources[key] = _source(key, entry, known_to(entry))
    loaders = tuple(build_loader(key, entry, known_to(entry)) for key, entry in document["loader"].items())
    parts = (tuple(datasets.values()), tuple(files.values()), tuple(sources.values()))
    return Catalogue(*parts, bad, loaders, tuple(clients.values()))


def _dataset(key: str, entry: Entry) -> Dataset:
    return Dataset(
        id=key,
        title=entry.text("title", key),
        aliases=entry.texts("aliases"),
        licence=entry.text("licence", ""),
        train=entry.whole("train"),
        test=entry.whole("test"),
        shape=entry.wholes("shape"),
        classes=entry.whole("classes"),
        notes=entry.text("notes", ""),
    )


def _file(key: str, entry: Entry, datasets: Mapping[str, Dataset]) -> File:
    dataset = entry.text("dataset", key.split("/")[0])
    return File(
        id=key,
        dataset=entry.reference("dataset", "dataset", dataset, datasets),
        name=entry.text("name"),
        size=entry.whole("size"),
        digests=_digests(entry),
        decoded_digests=_digests(entry, "decoded_"),
        kind=entry.word("kind", get_args(Kind)),
        magic=entry.whole("magic"),
        dims=entry.wholes("dims"),
        decoded_size=entry.whole("decoded_size"),
        digest_of=entry.word("digest_of", ("file", "decoded"), "file"),
        first_values=entry.wholes("first_values"),
        secondary=entry.flag("secondary", default=False),
        same_data_as=entry.maybe_text("same_data_as"),
        md5_first_mib=_hex(entry, "md5_first_mib", DIGEST_LENGTHS["md5"]),
        git_blob=_hex(entry, "git_blob", DIGEST_LENGTHS["sha1"]),
        revision=_hex(entry, "revision", DIGEST_LENGTHS["sha1"]),
        samples=entry.wholes("samples"),
        verified=entry.flag("verified", default=False),
        origin=entry.texts("origin"),
        notes=entry.text("notes", ""),
    )


def _source(key: str, entry: Entry, known: References) -> Source:
    dataset = entry.reference("dataset", "dataset", entry.text("dataset"), known.datasets)
    served = entry.texts("files") or known.plain(dataset)
    names = [known.files[entry.reference("files", "file", wanted, known.files)].name for wanted in served]
    return Source(
        id=key,
        dataset=dataset,
        status=entry.word("status", get_args(Status), "in_use"),
        urls=tuple(zip(served, _urls(entry, names), strict=True)),
        notes=entry.text("notes", ""),
        users=tuple(map(_user, entry.texts("users"))),
        same_bytes=entry.flag("same_bytes", default=True),
        evidence=entry.texts("evidence"),
        redirects=entry.text("redirects", ""),
        env_override=entry.maybe_text("env_override"),
        priority=entry.word("priority", ("first", "normal"), "normal"),
    )


def _urls(entry: Entry, names: list[str]) -> list[str]:
    template = entry.text("url")
    parts = split(template)
    if parts is None or parts[0] not in ("http", "https") or not parts[1] or not _can_be_parsed(template):
        entry.fail(f"`url` must begin with http:// or https:// and a host: `{template}`")
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        entry.fail(f"`url` has a stray brace ({error}): `{template}`")
    if fields - {"name"}:
        entry.fail(f"`url` may hold {{name}} and no other placeholder: `{template}`")
    if not names:
        entry.fail("serves no file: list them under `files`")
    if not fields and len(names) > 1:
        entry.fail(f"`url` needs {{name}}, for {len(names)} files")
    return [template.replace("{name}", name) for name in names]


def _can_be_parsed(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:  # a bracket without its fellow, a port that is none
        return False


def _known_bad(key: str, entry: Entry, datasets: Mapping[str, Dataset]) -> KnownBad:
    place = entry.maybe_text("instead_of")
    if place is not None:
        entry.reference("instead_of", "dataset", place, datasets)
    bad = KnownBad(
        id=key,
        name=entry.text("name"),
        size=entry.whole("size"),
        digests=_digests(entry),
        kind=entry.word("kind", get_args(BadKind)),
        instead_of=place,
        origin=entry.texts("origin"),
    )
    if bad.size is None and not bad.digests:
        entry.fail("needs a `size` or a digest to be known by")
    return bad


def _digests(entry: Entry, of: str = "") -> tuple[Digest, ...]:
    """The digests of an entry; `of` begins their keys."""
    found = ((name, _hex(entry, of + name, length)) for name, length in DIGEST_LENGTHS.items())
    return tuple(Digest(name, value) for name, value in found if value is not None)


def _hex(entry: Entry, key: str, length: int) -> str | None:
    value = entry.maybe_text(key)
    if value is None:
        return None
    if len(value) != length:
        entry.fail(f"`{key}` must have {length} hexadecimal digits and has {len(value)} characters")
    if strange := value.strip(string.hexdigits):
        entry.fail(f"`{key}` must be hexadecimal but holds `{strange[0]}`")
    return value.lower()


def _user(text: str) -> User:
    """Read `torchvision 0.9.1..0.29.2`; a text without a range is all name."""
    name, _, span = text.rpartition(" ")
    since, dots, until = span.partition("..")
    return User(name, since or None, until or None) if name and dots else User(text)
