"""Which files are wanted, from where, and where each belongs."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mnistdoctor.catalogue import Catalogue, Client
from mnistdoctor.disk.look import writable
from mnistdoctor.disk.place import Place
from mnistdoctor.download import forms
from mnistdoctor.download.wanted import Wanted
from mnistdoctor.examine.expectation import BadTarget, Expectation
from mnistdoctor.examine.target import Target, strongest_first
from mnistdoctor.examine.targets import plan
from mnistdoctor.settings import Environment


def wanted(
    names: tuple[str, ...],
    catalogue: Catalogue,
    environment: Environment | None = None,
    *,
    to: Path | None = None,
    root: Path | None = None,
    client: Client | None = None,
    expectation: Expectation | None = None,
) -> tuple[Wanted, ...]:
    """The files that the names mean; `to` is the folder for all of them. Raises `BadTarget`."""
    found = []
    for target in plan(names, client, expectation or Expectation(), catalogue, environment, root=root):
        if target.path is not None:
            raise BadTarget(
                f"{target.name!r} is a file on this disk", "name a dataset or a URL; `--from-file` takes files"
            )
        full = _with_all_sources(target, catalogue)
        one = Wanted(full, to / _name(target, catalogue)) if to is not None else _in_its_form(target, full, catalogue)
        found.append(_knowing(one, catalogue))
    places = [one.path for one in found]
    twice = next((path for path in places if places.count(path) > 1), None)
    if twice is not None:
        raise BadTarget(
            f"two of the files would be put at {str(twice)!r}", "fetch them one after the other, to two folders"
        )
    return tuple(found)


def _with_all_sources(target: Target, catalogue: Catalogue) -> Target:
    known = [url for _, url in catalogue.sources_of(target.file)] if target.file else []
    urls = tuple(dict.fromkeys((*target.urls, *known)))
    return replace(target, urls=urls, places=(), fallback=None)


def _in_its_form(target: Target, full: Target, catalogue: Catalogue) -> Wanted:
    """Where and how the target's loader keeps it; `full` is the target with every source. Raises `BadTarget`."""
    if target.loader is None:
        raise BadTarget(
            "nobody says where the file belongs", "`--to DIR` names a folder; a loader's dataset has its own place"
        )
    place = next((one for one in target.places if not one.assumed), None)
    if place is None:
        raise BadTarget(
            f"{target.loader} keeps its files in a folder that its caller names",
            f"`--root DIR` is that folder, as in `mnistdoctor fetch {target.loader}:DATASET --root data`",
        )
    place = writable(place)
    if (reply := _named(place, "reply")) is not None:
        return Wanted(full, reply, packed=True, reply=True)
    one: Wanted | None
    if target.loader == "tfds":
        one = forms.of_tfds(full, place, target.urls[0], _loader_dataset(target)[1])
    elif place.revision_in is not None:
        one = forms.of_hub(full, place, catalogue.file(target.file).revision if target.file else None)
    else:
        one = _as_file(target, full, place, catalogue)
    if one is None:
        raise BadTarget(
            f"{target.loader} keeps this file in a form of its own, for which a digest or a name is not known",
            "`--to DIR` puts the file itself into a folder",
        )
    return one


def _as_file(target: Target, full: Target, place: Place, catalogue: Catalogue) -> Wanted | None:
    """Under the place's own name; None where it has none, or one that only the loader can tell."""
    path = _named(place, "file")
    if path is None:
        return None
    return Wanted(
        full,
        path,
        content=_named(place, "decoded"),
        packed=target.digest_of == "decoded",
        repacked=_compares_nothing(target, catalogue),
        described_in=place.root / place.digest_in if place.digest_in and target.described_by else None,
    )


def _compares_nothing(target: Target, catalogue: Catalogue) -> bool:
    """Whether the loader takes the packed file without a look at its digest."""
    loader, name = _loader_dataset(target)
    return target.digest_of == "decoded" or catalogue.loader(loader).plan(name, target.release).digest is None


def _loader_dataset(target: Target) -> tuple[str, str]:
    """Of a loader's target, whose name is ``LOADER:DATASET/FILE``."""
    loader, _, rest = (target.name or "").partition(":")
    return loader, rest.partition("/")[0]


def _knowing(one: Wanted, catalogue: Catalogue) -> Wanted:
    """With what the catalogue knows of its content; of a reply, with what it should say of the file."""
    if one.reply:
        loader, name = _loader_dataset(one.target)
        files = catalogue.loader(loader).plan(name, one.target.release).files
        return replace(one, content_digests=strongest_first(digest for file in files for digest in file.file.digests))
    if one.target.file is None:
        return replace(one, room=one.target.size or 0)
    file = catalogue.file(one.target.file)
    unpacked = (file.decoded_size or 0) if one.content else 0
    digests = strongest_first(file.content_digests)
    return replace(one, content_digests=digests, room=(one.target.size or 0) + unpacked)


def _named(place: Place, form: str) -> Path | None:
    """The place's own name in this form; None where it has none, or one that only the loader can tell."""
    name = next((one.path for one in place.names if one.form == form), None)
    return None if name is None or "*" in name else place.root / name


def _name(target: Target, catalogue: Catalogue) -> str:
    """The catalogue's name of the file, or the last part of the URL; never one that leads elsewhere."""
    if target.file:
        return catalogue.file(target.file).name
    name = posixpath.basename(unquote(urlsplit(target.urls[0]).path))
    if name in ("", ".", "..") or "\\" in name or "\0" in name:
        return "download"
    return name
