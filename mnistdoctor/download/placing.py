"""A file that arrived: verified, brought into the form in which its loader keeps it, and renamed to where it belongs.

Whenever the run is killed, each place holds what it held, or what is verified. What was there and was not known keeps a
name of its own beside it.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.content import digests
from mnistdoctor.content.unpack import Unpacking
from mnistdoctor.download import openml
from mnistdoctor.download.wanted import Wanted, draft

PlaceState = Literal["missing", "right", "incomplete", "wrong", "unknown"]
"""What lies in a place: nothing; the file proven by its digest, with all that its loader wants beside it or without
some of that; another one; one whose right digest nobody knows."""

_PIECE = 2**20


class NoRoom(Exception):  # noqa: N818 - a state of the disk
    """The folder cannot take the file; the message says why."""


def state(one: Wanted) -> PlaceState:
    """What lies there now. A folder, a device, or what cannot be read is `wrong`."""
    if not os.path.lexists(one.path):
        return "missing"
    if not one.path.is_file():
        return "wrong"
    if not one.target.digests and not one.reply:
        return "unknown"
    try:
        with one.path.open("rb") as file:
            if not is_right(one, file):
                return "wrong"
        return "right" if _is_complete(one) else "incomplete"
    except OSError:
        return "wrong"


def is_right(one: Wanted, file: BinaryIO) -> bool:
    """Whether these bytes are proven: by a digest that is known of the file, or as the answer that they should be."""
    if one.reply:
        return not openml.problem(urlsplit(one.target.urls[0]).path, file, one.content_digests)
    names = tuple(name for name, _ in one.target.digests)
    if one.target.digest_of == "decoded":
        found = digests.of_content(file)
    else:
        found = digests.pairs(digests.of_file(file, names))
    return not set(found).isdisjoint(one.target.digests)


def is_proven(one: Wanted, transfer: ev.Transfer | None) -> bool:
    """Whether the digests that were taken while it streamed prove the whole part, so that it need not be read again."""
    if transfer is None or transfer.failure or transfer.limited or one.part.stat().st_size != transfer.written:
        return False
    found = transfer.decoded_digests if one.target.digest_of == "decoded" else transfer.digests
    return not set(found).isdisjoint(one.target.digests)


def _is_complete(one: Wanted) -> bool:
    """Whether what the loader wants beside the file is there as well. Raises `OSError`."""
    if one.content is not None:
        if not one.content.is_file():
            return False
        with one.path.open("rb") as packed, one.content.open("rb") as plain:
            if any(plain.read(len(piece)) != piece for piece in Unpacking(packed, "gzip")) or plain.read(1):
                return False
    if one.link is not None and not (one.link.exists() and one.link.samefile(one.path)):
        return False
    return all(note.path.is_file() and note.path.read_text() == note.text(one.path) for note in one.notes)


def make_room(one: Wanted) -> None:
    """Make the folder, and see that the file fits. Raises `NoRoom`."""
    folder = one.path.parent
    try:
        _make_folder(folder)
    except OSError as error:
        raise NoRoom(f"the folder {folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NoRoom(f"nothing can be written in {folder}")
    free = shutil.disk_usage(folder).free
    if one.room > free:
        raise NoRoom(f"{folder} has {free} bytes free, and the file needs {one.room}")


def finish(one: Wanted, part: Path) -> Path | None:
    """Put the verified part where it belongs; what lay there and was not known keeps the name that is returned.

    Content is unpacked first: the packed file arrives last, so that a loader which finds it finds all. Raises
    `OSError`.
    """
    if one.content is not None:
        _unpack(part, one.content)
    if one.packed and not _is_gzip(part):
        packing = draft(part)
        try:
            with part.open("rb") as plain, gzip.open(packing, "wb", compresslevel=6) as packed:
                shutil.copyfileobj(plain, packed, _PIECE)
            packing.replace(part)
        finally:
            packing.unlink(missing_ok=True)
    aside = _put(part, one.path)
    _beside(one)
    return aside


def complete(one: Wanted) -> None:
    """Make anew, from the file in its place, what its loader wants beside it. Raises `OSError`."""
    if one.content is not None:
        _unpack(one.path, one.content)
    _beside(one)


def place_content(one: Wanted, part: Path) -> Path | None:
    """Put a verified part of unpacked content there. Raises `OSError`."""
    assert one.content is not None
    _make_folder(one.content.parent)
    return _put(part, one.content)


def _beside(one: Wanted) -> None:
    """The other name first: what is written last is what says that all is there."""
    if one.link is not None:
        _link(one.link, one.path)
    for note in one.notes:
        _make_folder(note.path.parent)
        text = note.text(one.path)
        if not (note.path.is_file() and note.path.read_text() == text):
            _write(note.path, (text.encode(),))


def _link(link: Path, to: Path) -> None:
    """A relative symbolic link as the Hub makes it; where there is no such thing, a copy."""
    _make_folder(link.parent)
    made = draft(link)
    made.unlink(missing_ok=True)
    try:
        try:
            made.symlink_to(os.path.relpath(to, link.parent))
        except OSError:
            shutil.copyfile(to, made)
        if link.is_symlink():
            made.replace(link)
        else:
            _put(made, link)
    finally:
        made.unlink(missing_ok=True)


def _unpack(packed: Path, to: Path) -> None:
    with packed.open("rb") as file:
        _write(to, _whole(Unpacking(file, "gzip")))


def _whole(content: Unpacking) -> Iterator[bytes]:
    yield from content
    if content.damage:
        raise OSError(errno.EINVAL, f"what is packed {content.damage}")


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    made = draft(path)
    try:
        with made.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        _put(made, path)
    finally:
        made.unlink(missing_ok=True)


def _put(made: Path, path: Path) -> Path | None:
    """Rename it to its place; what lay there keeps another name, and no moment passes in which nothing is there."""
    if not made.is_symlink():
        _as_its_folder(made)
        _flush(made)
    aside = _kept(path)
    os.replace(made, path)  # noqa: PTH105
    _flush(path.parent)
    return aside


def _kept(path: Path) -> Path | None:
    """Give what lies there a second name. A folder, or what can have but one, is moved there."""
    if not os.path.lexists(path):
        return None
    for aside in _names_beside(path):
        if os.path.lexists(aside):
            if path.is_file() and aside.is_file() and aside.samefile(path):
                return aside  # a run that was killed here had come so far
            continue
        try:
            os.link(path, aside, follow_symlinks=False)
        except (OSError, NotImplementedError):
            os.replace(path, aside)  # noqa: PTH105
        return aside
    raise FileExistsError(f"{path} has too many names beside it")


def _names_beside(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.aside{number or ''}") for number in range(10_000))


def free_name(path: Path) -> Path:
    """A name beside that path under which nothing lies yet."""
    return next(name for name in _names_beside(path) if not os.path.lexists(name))


def _make_folder(folder: Path) -> None:
    """The folder and those above it, of the same owner as the one that is there. Raises `OSError`."""
    missing = [one for one in (folder, *folder.parents) if not os.path.lexists(one)]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        _own(one, one.parent.stat())


def _as_its_folder(file: Path) -> None:
    """Owner, and who may read and write, as the folder says; nobody but owner and group may ever write."""
    about = file.parent.stat()
    file.chmod(0o600 | about.st_mode & 0o064)
    _own(file, about)


def _own(path: Path, about: os.stat_result) -> None:
    """Root works for whoever owns the folder; others can change nothing."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(path, about.st_uid, about.st_gid)


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _flush(path: Path) -> None:
    """Ask the system to write it down now (https://lwn.net/Articles/457667/)."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # a file system that cannot; nothing more can be done
    finally:
        os.close(descriptor)


Fit = Literal["file", "content"]
"""What a brought file is: the file itself, or its unpacked content."""


def copied(source: Path, one: Wanted) -> Fit | None:
    """Copy a file that the user brought into the part; None where it is not the wanted one. Raises `OSError`."""
    with source.open("rb") as file:
        known = cast(BinaryIO, file)
        fit: Fit | None = "file" if is_right(one, known) else "content" if _is_content(one, known) else None
        if fit is None:
            return None
        file.seek(0)
        with one.part.open("wb") as part:
            shutil.copyfileobj(file, part, _PIECE)
    return fit


def _is_content(one: Wanted, file: BinaryIO) -> bool:
    names = tuple(name for name, _ in one.content_digests)
    return bool(names) and not set(digests.pairs(digests.of_file(file, names))).isdisjoint(one.content_digests)
