"""Which files are wanted, from where, and where each belongs."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mnistdoctor.catalogue import Catalogue, Client
from mnistdoctor.disk.place import Place
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import BadTarget, Expectation, plan
from mnistdoctor.settings import Environment


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file, and where it belongs."""

    target: Target
    """With every source that is known, the loader's own first, and without its place in the cache."""
    path: Path
    content: Path | None = None
    """Where its unpacked content belongs as well, for a loader that reads that."""

    @property
    def part(self) -> Path:
        """Where it lies until it is whole and verified: beside its place, so that a rename is enough."""
        return self.path.with_name(f".{self.path.name}.mnistdoctor-part")


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
        path, content = _destination(target, catalogue, to)
        found.append(Wanted(_with_all_sources(target, catalogue), path, content))
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


def _destination(target: Target, catalogue: Catalogue, to: Path | None) -> tuple[Path, Path | None]:
    if to is not None:
        return to / _name(target, catalogue), None
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
    path = _named(place, "file")
    if path is None:
        raise BadTarget(
            f"{target.loader} keeps this file in a form of its own, which cannot be written from here",
            "`--to DIR` puts the file itself into a folder",
        )
    return path, _named(place, "decoded")


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
