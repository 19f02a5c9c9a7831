"""The files into which a run writes its reports: checked before it, written whole after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mnistdoctor import paths
from mnistdoctor.cli.group import Wrong
from mnistdoctor.report import Format

if TYPE_CHECKING:
    from mnistdoctor.examine.target import Target

LONGEST_NAME = 240
"""Bytes of a file's name: file systems take 255, and the file is first written beside its place under a longer one."""
FORMATS = tuple(one.value for one in Format)
"""What `--format` and `--report` may name."""


def report_files(reports: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The further reports as (format, file); checked before the run, so that none is lost after it."""
    found: list[tuple[str, Path]] = []
    for given in reports:
        name, equals, file = given.partition("=")
        if not equals or not file or name not in FORMATS:
            raise Wrong(f"`--report` takes NAME=FILE, not {given!r}", f"names: {', '.join(FORMATS)}")
        path = Path(file)
        if len(os.fsencode(path.name)) > LONGEST_NAME:
            raise Wrong(f"the report's name has {len(path.name)} characters: {file[:40]!r}...", "give it a shorter one")
        if not paths.is_folder(path.parent):
            raise Wrong(f"the folder of {file!r} does not exist", "make it first, or write elsewhere")
        if not _can_be_written(path):
            raise Wrong(f"{file!r} cannot be written", "name a file in a folder of yours")
        if any(_same(path, other) for _, other in found) and not paths.is_special(path):
            raise Wrong(f"{file!r} is named by two `--report` options", "give each report a file of its own")
        found.append((name, path))
    return tuple(found)


def _can_be_written(path: Path) -> bool:
    """A link to itself, a folder, a place in which nothing may be made: none of them can."""
    true = paths.true_path(path)
    if paths.is_folder(path) or (true.is_symlink() and not paths.is_special(path)):
        return False
    return os.access(path if paths.is_special(path) else true.parent, os.W_OK)


def _same(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, by another spelling or by a link."""
    try:
        return paths.true_path(one) == paths.true_path(other) or os.path.samefile(one, other)  # noqa: PTH121
    except OSError:  # one of them is not there yet
        return False


def spare(
    targets: tuple[Target, ...], reports: tuple[tuple[str, Path], ...], used: Iterable[tuple[str, Path | str | None]]
) -> None:
    """A report that would overwrite what is examined, or what else is read (in which words, where), is wrong usage."""
    examined = [("to be examined", target.path) for target in targets if target.path]
    examined += [
        ("the loader's own", place.root / name.path) for target in targets for place in target.places
        for name in place.names if "*" not in name.path
    ]  # fmt: skip
    read = [(why, Path(path)) for why, path in used if path]
    for _, path in reports:
        why = next((why for why, other in (*examined, *read) if _same(path, other)), None)
        if why is not None and not paths.is_special(path):
            raise Wrong(f"`--report` would overwrite {str(path)!r}, which is {why}", "give it another name")


def write_all(files: tuple[tuple[str, Path], ...], text_of: Callable[[str], str]) -> Wrong | None:
    """Writes the further reports; one that cannot be written costs neither the others nor what stdout gets."""
    first: Wrong | None = None
    for name, path in files:
        try:
            write(path, text_of(name))
        except Wrong as error:
            first = first or error
    return first


def write(path: Path, text: str) -> None:
    """The whole file or none of it: written beside it, then moved into its place; a device or a pipe is written to."""
    try:
        if paths.is_special(path):
            _write_through(path, text)
        else:
            _replace(paths.true_path(path), text)
    except OSError as error:
        raise Wrong(f"{str(path)!r} cannot be written: {error.strerror}") from None


def _write_through(path: Path, text: str) -> None:
    """Into a device or a pipe. Raises `OSError` (ENXIO) for a pipe that nobody reads: to open it would be to wait."""
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    if hasattr(os, "set_blocking"):
        os.set_blocking(descriptor, True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _replace(path: Path, text: str) -> None:
    # A symbolic link keeps its place, and the file the permissions that it has or would have got.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".mnistdoctor-")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        beside.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
