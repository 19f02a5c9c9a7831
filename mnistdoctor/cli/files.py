"""The files into which a run writes its reports: checked before it, written whole after it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistdoctor.cli.group import Wrong
from mnistdoctor.report import Format

if TYPE_CHECKING:
    from mnistdoctor.examine.target import Target

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
        if not path.parent.is_dir():
            raise Wrong(f"the folder of {file!r} does not exist", "make it first, or write elsewhere")
        if path.is_dir() or not os.access(path if _is_special(path) else path.resolve().parent, os.W_OK):
            raise Wrong(f"{file!r} cannot be written", "name a file in a folder of yours")
        if path in (other for _, other in found) and not _is_special(path):
            raise Wrong(f"{file!r} is named by two `--report` options", "give each report a file of its own")
        found.append((name, path))
    return tuple(found)


INPUTS = ("catalogue", "ca_bundle", "cert", "key", "pac", "stored")
"""Options that name a file that is read."""


def spare(names: Iterable[str], targets: Iterable[Target], options: Mapping[str, Any]) -> None:
    """A report that would overwrite what is examined, or read, is wrong usage.

    ``names`` are those of the command line, of which some may be manifests.
    """
    given = [str(options[name]) for name in INPUTS if options.get(name)]
    read = {target.path.resolve() for target in targets if target.path}
    read |= {path.resolve() for path in map(Path, (*names, *given)) if _is_there(path)}
    for _, path in report_files(options["reports"]):
        if path.resolve() in read:
            raise Wrong(f"`--report` would overwrite {str(path)!r}, which is read", "give it another name")


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a URL is no path, and may be longer than any
        return False


def _is_special(path: Path) -> bool:
    """Whether the path is there and is no file: `/dev/stderr`, a named pipe, a process substitution."""
    return path.exists() and not path.is_file()


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
        if _is_special(path):
            path.write_text(text, encoding="utf-8")
        else:
            _replace(path.resolve(), text)
    except OSError as error:
        raise Wrong(f"{str(path)!r} cannot be written: {error.strerror}") from None


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
