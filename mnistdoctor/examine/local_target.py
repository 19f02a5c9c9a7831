"""A file on this disk as a target: which file of the catalogue it is meant to be."""

from __future__ import annotations

import shlex
from dataclasses import replace

from mnistdoctor import paths
from mnistdoctor.catalogue import (
    Catalogue,
    File,
    cache_folder,
)
from mnistdoctor.content.unfinished import when_whole
from mnistdoctor.examine import known_by
from mnistdoctor.examine.expectation import BadTarget, Expectation, expected_file, knowing
from mnistdoctor.examine.target import Target, about


def local_target(name: str, expectation: Expectation, catalogue: Catalogue) -> Target:
    """The file of that name on this disk, with what is known of it. Raises `BadTarget`."""
    path = paths.with_home(name)
    if not paths.is_there(path):
        raise BadTarget(f"there is no file {name!r}", "`mnistdoctor list` shows the datasets that can be named instead")
    if not paths.is_file(path):
        raise no_file(name, catalogue)
    target = Target(name=path.name, urls=(f"file:{path}",), client="requests", path=path)
    file = expected_file(expectation, catalogue) or known_by.digests(expectation.digests, catalogue)
    if file is None and not expectation.is_given and (named := when_whole(path.name)):
        return knowing(target, *_when_whole(named, expectation, catalogue))
    if file is None and not expectation.is_given:
        bytes_known = known_by.content(path, catalogue)
        file = _by_name(path.name, path.stat().st_size, catalogue) or _namesake(path.name, bytes_known, catalogue)
        if bytes_known and file in (None, bytes_known.file):
            promised = bytes_known.form == "bare" and path.suffix in (".gz", ".xz")
            return about(target, bytes_known.file) if promised else bytes_known.of(target)
        if file is None:
            target = replace(target, content=_kind_by_name(path.name, catalogue))
    return knowing(target, file, expectation)


def _when_whole(name: str, expectation: Expectation, catalogue: Catalogue) -> tuple[File | None, Expectation]:
    """What is known of a file whose download has not ended, by the name that it will have."""
    if digests := known_by.in_url(f"/{name}"):
        algorithm, value = digests[0]
        known = Expectation(sha256=value) if algorithm == "sha256" else expectation
        return known_by.digests(digests, catalogue), known
    same = [one for one in catalogue.files if one.name.rpartition("/")[2] == name]
    return (same[0] if len(same) == 1 else None), expectation


def _namesake(name: str, found: known_by.Known | None, catalogue: Catalogue) -> File | None:
    """The file of that name in the dataset whose content was found: the one that the name promises."""
    if found is None:
        return None
    same = [one for one in catalogue.files_of(found.file.dataset, secondary=True) if one.name == name]
    return found.file if found.file in same else next(iter(same), None)


def no_file(name: str, catalogue: Catalogue) -> BadTarget:
    """A folder, or a device: a folder may be one in which a loader keeps its files."""
    path = paths.with_home(name)
    if not paths.is_folder(path):
        return BadTarget(f"{name!r} is not a file", "name a file")
    found = cache_folder(catalogue, path)
    if found is None:
        return BadTarget(
            f"{name!r} is a folder", "name a file in it, or a loader's dataset and `--root` for its folder"
        )
    target, root = found
    where = shlex.quote(name if root == path else str(root))
    hint = f"`mnistdoctor {target} --root {where}` examines them"
    return BadTarget(f"{name!r} is a folder, and holds files of {target}", hint)


def _by_name(name: str, size: int, catalogue: Catalogue) -> File | None:
    """The catalogued file of that name where only one has it, or where the length tells which."""
    same = [file for file in catalogue.files if file.name.rpartition("/")[2] == name]
    fitting = [file for file in same if file.size == size]
    if len(fitting) == 1:
        return fitting[0]
    return same[0] if len(same) == 1 else None


def _kind_by_name(name: str, catalogue: Catalogue) -> str | None:
    """What all catalogued files of that name are, where several have it."""
    kinds = {file.kind for file in catalogue.files if file.name.rpartition("/")[2] == name}
    return kinds.pop() if len(kinds) == 1 else None
