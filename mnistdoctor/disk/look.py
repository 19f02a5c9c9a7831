"""A look at one file's place in a loader's cache: the folder, the file, its twins, and what was left half done."""

from __future__ import annotations

import dataclasses
import errno
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.content import digests
from mnistdoctor.content.look import look as what_it_is
from mnistdoctor.disk.locks import holder
from mnistdoctor.disk.place import Place
from mnistdoctor.disk.stated import digests as stated_digests
from mnistdoctor.disk.stated import revision
from mnistdoctor.failure import Failure
from mnistdoctor.run import Recorder

MOST_FILES = 12
MOST_NEAR = 4096
"""Names in a folder among which locks and unfinished downloads are looked for."""
LARGEST = 2 * 2**30
"""Bytes; of a larger file only the kind is looked at."""

_UNFINISHED = (".incomplete", ".part", ".tmp")


def look(rec: Recorder, places: tuple[Place, ...], subject: ev.Subject) -> None:
    """Records of the folder and of every file found under the place's names. Raises nothing, whatever lies there."""
    for place in map(writable, places):
        _folder(rec, place, subject)
        twins = place.unpacked_set
        complete = bool(twins) and all(os.path.isfile(place.root / one) for one in twins)  # noqa: PTH113
        for number, (path, form) in enumerate(_files(place)):
            if number < MOST_FILES:
                role = {
                    "unread": complete and form == "file",
                    "lone": bool(twins) and not complete and form == "decoded",
                }
                _file(rec, path, form, place, subject, role)


def is_empty(places: tuple[Place, ...]) -> bool:
    """Whether none of the names is there: only they are looked for, however many files lie beside them."""
    return not any(os.path.lexists(path) for path in paths(places))


def paths(places: tuple[Place, ...]) -> Iterator[Path]:
    """Every name that is looked at, with what lies beside it, whether or not it is there."""
    return (path for place in map(writable, places) for path, _ in _files(place))


def writable(place: Place) -> Place:
    """The place that the loader ends up with: Keras asks `os.access` of the folder above its root."""
    above = next((one for one in (place.root.parent, *place.root.parents) if _is_folder(one)), None)
    if place.fallback is None or above is None or os.access(above, os.W_OK):
        return place
    return dataclasses.replace(place, root=place.fallback, fallback=None, instead_of=place.root)


def _folder(rec: Recorder, place: Place, subject: ev.Subject) -> None:
    started = rec.run.clock()
    there = next((one for one in (place.root, *place.root.parents) if _is_folder(one)), None)
    if there is None:
        return
    values: dict[str, object] = {
        "path": str(place.root),
        "decided_by": place.decided_by,
        "exists": there == place.root,
        "writable": os.access(there, os.W_OK | os.X_OK),
        "needed": _needed(rec, place, subject),
        "instead_of": str(place.instead_of) if place.instead_of else None,
        "assumed": place.assumed,
        "meant": _meant(place) if place.decided_by == "--root" else None,
    }
    try:
        values["owner"] = there.stat().st_uid
        values |= _room(there)
    except OSError as error:
        values["detail"] = str(error)
    if hasattr(os, "geteuid"):
        values["user"] = os.geteuid()
    rec.add(ev.Folder, None, started, **values)


def _meant(place: Place) -> str | None:
    """A folder above or below the named one that holds what the named one does not: it may be one too deep."""
    names = [*(one.path for one in place.names if "*" not in one.path), *place.shadowed_by]

    def holds(root: Path) -> bool:
        return any(os.path.exists(root / name) for name in names)  # noqa: PTH110 - as in `_is_folder`

    if not names or holds(place.root):
        return None
    try:
        root = place.root.absolute()
        below = sorted(one for one in islice(root.iterdir(), MOST_NEAR) if one.is_dir()) if _is_folder(root) else []
        return next((str(one) for one in (*islice(root.parents, 3), *below) if holds(one)), None)
    except OSError:
        return None


def _is_folder(path: Path) -> bool:
    """Whether a folder is seen there; `Path.is_dir` raises where one above it may not be entered."""
    return os.path.isdir(path)  # noqa: PTH112


def _needed(rec: Recorder, place: Place, subject: ev.Subject) -> int | None:
    """Bytes of the file, and of its unpacked twin where the loader writes one."""
    if subject.size is None or subject.file is None:
        return subject.size
    twin = rec.run.catalogue.file(subject.file).decoded_size if any(n.form == "decoded" for n in place.names) else 0
    return subject.size + (twin or 0)


def _room(folder: Path) -> dict[str, object]:
    """Free bytes and files, as this user may use them. Raises `OSError`."""
    if not hasattr(os, "statvfs"):
        import shutil

        return {"free": shutil.disk_usage(folder).free}
    state = os.statvfs(folder)
    if not state.f_blocks:
        return {}  # /proc and its kin have no size that means anything
    return {
        "free": state.f_bavail * state.f_frsize,
        "free_files": state.f_favail if state.f_files else None,  # 0 of 0: a file system without such a limit
        "read_only": bool(state.f_flag & os.ST_RDONLY),
    }


def _files(place: Place) -> Iterator[tuple[Path, ev.FileForm]]:
    """Every file that is there, with its form; what wins over the others first."""
    seen: set[Path] = set()
    # One of the old pair alone is not looked at: torchvision takes them only where both are there.
    wins = all(os.path.isfile(place.root / name) for name in place.shadowed_by)  # noqa: PTH113 - as in `_is_folder`
    names: list[tuple[str, ev.FileForm]] = [(name, "shadow") for name in place.shadowed_by if wins]
    commit = revision(place) or "*"
    for one in place.names:
        names.append((one.path if one.form == "prepared" else one.path.replace("*", commit), one.form))
    for name, form in names:
        if "*" in name and form == "file":
            for path in _matching(place.root, f"{name}.*"):
                if (left := _unfinished(path)) and (true := _true(path)) not in seen:
                    seen.add(true)
                    yield path, left
        for path in _matching(place.root, name):
            if (true := _true(path)) not in seen:
                seen.add(true)
                yield path, form
            for other, unfinished in _beside(path):
                if (true := _true(other)) not in seen:
                    seen.add(true)
                    yield other, unfinished


def _true(path: Path) -> Path:
    """The path without symbolic links, as the Hub's snapshots are; as it is where they lead in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def _matching(root: Path, name: str) -> list[Path]:
    """Files of that name; where there is none, the name itself, so that what lies beside it is found."""
    while name.startswith("../"):  # the root itself need not be there
        root, name = root.parent, name[3:]
    if "*" not in name:
        return [root / name]
    above, _, last = name.rpartition("/")
    try:
        if "*" in last:
            return sorted(root.glob(name))[:MOST_FILES]
        # `glob` passes over a link that leads nowhere
        return sorted(one / last for one in root.glob(above) if os.path.lexists(one / last))[:MOST_FILES]
    except OSError:
        return []


def _beside(path: Path) -> list[tuple[Path, ev.FileForm]]:
    """Locks and unfinished downloads that belong to this file."""
    try:
        target = path.resolve()
        folders = [folder for folder in {path.parent, target.parent} if folder.is_dir()]
        near = [one for folder in folders for one in islice(folder.iterdir(), MOST_NEAR)]
    except (OSError, RuntimeError):
        return []
    found: list[tuple[Path, ev.FileForm]] = []
    for one in sorted(near):
        if one.name.startswith((path.name + ".", target.name + ".")):
            unfinished = _unfinished(one)
            if unfinished:
                found.append((one, unfinished))
    return found[:4]


def _unfinished(path: Path) -> Literal["lock", "partial"] | None:
    """What the name says of a download that is going on, or was broken off."""
    if path.suffix == ".lock":
        return "lock"
    return "partial" if any(mark in path.name for mark in _UNFINISHED) else None


def _file(
    rec: Recorder, path: Path, form: ev.FileForm, place: Place, subject: ev.Subject, role: dict[str, bool]
) -> None:
    started = rec.run.clock()
    trusted = place.trusts or form in ("decoded", "shadow")
    values: dict[str, object] = {"path": str(path), "form": form, "trusted": trusted, **role}
    try:
        if not path.is_file():
            if not path.exists() and not path.is_symlink():
                return
            if form == "prepared" and path.is_dir():
                values |= {"size": path.stat().st_size, "modified": path.stat().st_mtime}
            else:
                values["failure"], values["detail"] = _no_file(path)
        else:
            if path.is_symlink():
                values["links_to"] = str(path.resolve())
            state = path.stat()
            values |= {"size": state.st_size, "modified": state.st_mtime}
            if form == "prepared":
                pass  # in a format of the loader's own, that it alone can judge
            elif form in ("lock", "partial"):
                values["holder"] = holder(state) if sys.platform == "linux" else None
            else:
                values |= _content(path, form, state.st_size, subject, _known(rec, subject))
                values["stated"] = stated_digests(place) if form == "file" else ()
    except OSError as error:
        denied = isinstance(error, PermissionError)
        values["failure"] = Failure.PERMISSION if denied else Failure.FILE_UNREADABLE
        values["detail"] = error.strerror or str(error)
    rec.add(ev.CachedFile, None, started, **values)


def _no_file(path: Path) -> tuple[Failure, str]:
    """What lies there in a file's place; it is never opened, for a pipe or a device may block whoever does."""
    if path.is_dir():
        return Failure.FILE_FOLDER, "a folder"
    if path.exists():
        return Failure.FILE_SPECIAL, "a pipe, a socket or a device"
    try:
        path.resolve(strict=True)
    except RuntimeError:  # Python before 3.13
        return Failure.LINK_CIRCLE, "a link in a circle"
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Failure.LINK_CIRCLE, "a link in a circle"
    return Failure.FILE_UNREADABLE, "a broken link"


def _known(rec: Recorder, subject: ev.Subject) -> File | None:
    return rec.run.catalogue.file(subject.file) if subject.file is not None else None


def _content(path: Path, form: ev.FileForm, size: int, subject: ev.Subject, known: File | None) -> dict[str, object]:
    """Digests and structure. Raises `OSError`."""
    whole = size <= LARGEST
    values: dict[str, object] = {}
    with path.open("rb") as file:
        if form == "file" and whole:
            if subject.digest_of == "decoded":
                values["digests"] = digests.decoded(file, subject)
            else:
                own = digests.pairs(digests.of_file(file, digests.algorithms(subject)))
                right = not set(own).isdisjoint(subject.digests)
                values["digests"] = own
                # what the unpacked twin should be: said by the packed file where nobody else does
                stated = known is not None and known.content_digests
                values["decoded_digests"] = () if right and stated else digests.unpacked(file, subject)
                if known is not None and known.md5_first_mib:
                    values["digests"] = (*own, *digests.first_mib(file))
        elif form == "decoded" and whole:
            values["digests"] = digests.pairs(digests.of_file(file, digests.algorithms(subject)))
            values["blank"] = _is_blank(file)
        expected = subject.content if form in ("file", "reply") else None
        seen = what_it_is(file, limited=not whole, expected=expected)
    return values | seen.of(ev.CachedFile)


def _is_blank(file: BinaryIO) -> bool:
    """Whether nothing but zeros follows an IDX header, as a file system leaves a file whose data it lost."""
    file.seek(0)
    head = file.read(4)
    if len(head) < 4 or not head.startswith(b"\0\0"):
        return False
    file.seek(4 + 4 * head[3])
    pieces = iter(lambda: file.read(digests.PIECE), b"")
    return not any(map(any, pieces))
