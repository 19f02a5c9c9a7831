"""A file that arrived: verified, unpacked where its loader wants that, and renamed to where it belongs."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, cast

from mnistdoctor.content import digests
from mnistdoctor.content.unpack import Unpacking
from mnistdoctor.download.plan import Wanted

State = Literal["missing", "right", "wrong", "unknown"]
"""What lies in a place: nothing, the file proven by its digest, another one, or one whose right digest nobody knows."""


class NoRoom(Exception):  # noqa: N818 - a state of the disk
    """The folder cannot take the file; the message says why."""


def state(wanted: Wanted) -> State:
    """What lies there now. A folder, a device, or what cannot be read is `wrong`."""
    if not os.path.lexists(wanted.path):
        return "missing"
    if not wanted.path.is_file():
        return "wrong"
    if not wanted.target.digests:
        return "unknown"
    try:
        with wanted.path.open("rb") as file:
            return "right" if is_right(wanted, file) else "wrong"
    except OSError:
        return "wrong"


def is_right(wanted: Wanted, file: BinaryIO) -> bool:
    """Whether these bytes have a digest that is known of the file."""
    names = tuple(name for name, _ in wanted.target.digests)
    if wanted.target.digest_of == "decoded":
        found = digests.of_content(file)
    else:
        found = digests.pairs(digests.of_file(file, names))
    return not set(found).isdisjoint(wanted.target.digests)


def make_room(wanted: Wanted) -> None:
    """Make the folder, and see that the file fits. Raises `NoRoom`."""
    folder = wanted.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoRoom(f"the folder {folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NoRoom(f"nothing can be written in {folder}")
    free, size = shutil.disk_usage(folder).free, wanted.target.size or 0
    if size > free:
        raise NoRoom(f"{folder} has {free} bytes free, and the file needs {size}")


def finish(wanted: Wanted, part: Path) -> Path | None:
    """Put the verified part where it belongs; what lay there and was not known is moved aside and returned.

    Content is unpacked first: the packed file arrives last, so that a loader which finds it finds all.
    """
    if wanted.content is not None:
        _unpack(part, wanted.content)
    _flush(part)
    aside = None
    if os.path.lexists(wanted.path):
        aside = free_name(wanted.path)
        os.replace(wanted.path, aside)  # noqa: PTH105
    os.replace(part, wanted.path)  # noqa: PTH105
    _flush(wanted.path.parent)
    return aside


def free_name(path: Path) -> Path:
    """A name beside that path under which nothing lies yet."""
    names = (path.with_name(f"{path.name}.aside{number or ''}") for number in range(10_000))
    return next(name for name in names if not os.path.lexists(name))


def _unpack(part: Path, to: Path) -> None:
    with (
        part.open("rb") as packed,
        tempfile.NamedTemporaryFile(dir=to.parent, prefix=f".{to.name}.", delete=False) as file,
    ):
        try:
            for piece in Unpacking(packed, "gzip"):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, part.stat().st_mode & 0o777)  # noqa: PTH101 - a temporary file is for its owner alone
            os.replace(file.name, to)  # noqa: PTH105
        except BaseException:
            os.unlink(file.name)  # noqa: PTH108
            raise


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


@contextmanager
def locked(wanted: Wanted) -> Iterator[None]:
    """Hold the place against another fetch; the system lets go where its owner was killed."""
    from filelock import FileLock

    above = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    folder = Path(above).expanduser() / "mnistdoctor" / "locks"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a home that cannot be written
        folder = wanted.path.parent
    name = hashlib.sha256(os.fsencode(wanted.path.absolute())).hexdigest()
    with FileLock(folder / f"{name}.lock"):
        yield


def copied(source: Path, wanted: Wanted) -> bool:
    """Copy a file that the user brought into the part; false where it is not the wanted one."""
    with source.open("rb") as file:
        if not is_right(wanted, cast(BinaryIO, file)):
            return False
        file.seek(0)
        with wanted.part.open("wb") as part:
            shutil.copyfileobj(file, part, 2**20)
    return True
