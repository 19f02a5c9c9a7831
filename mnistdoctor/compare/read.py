"""Report files, one report at a time, so that ten thousand of them need the memory of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

READABLE = (1,)
"""Values of `format_version` that this release reads."""
MOST_BYTES = 64 * 2**20
"""Of one report; no run writes a larger one."""


class BadReport(Exception):  # noqa: N818 - shown to the user as a sentence
    """What holds no report of ours; the message is one sentence that names it, and the line where there are lines."""


def reports(paths: Iterable[Path]) -> Iterator[tuple[str, dict[str, object]]]:
    """(name, document) of each report: of a file its stem, of a line of a ``.jsonl`` its stem and number.

    A folder stands for the ``.json`` and ``.jsonl`` files in it, in the order of their names. Raises `BadReport`.
    """
    for path in paths:
        yield from _in_folder(path) if path.is_dir() else _in_file(path)


def report(path: Path) -> dict[str, object]:
    """The document of a file that holds one report. Raises `BadReport`."""
    try:
        with path.open("rb") as file:  # whose size says nothing where it is a device
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    return document(body, str(path))


def document(body: bytes, name: str) -> dict[str, object]:
    """The JSON values of one report; `name` is for messages. Raises `BadReport`."""
    if len(body) > MOST_BYTES:
        raise BadReport(f"{name} is larger than any report: more than {MOST_BYTES} bytes")
    try:
        values = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadReport(f"{name} is not a report: it is not text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadReport(f"{name} is not a report: no JSON, line {error.lineno}: {error.msg}") from None
    except ValueError:  # an integer with thousands of digits
        raise BadReport(f"{name} is not a report: it holds a number that is none") from None
    except RecursionError:
        raise BadReport(f"{name} is not a report: it is nested too deeply") from None
    if not isinstance(values, dict) or "format_version" not in values:
        raise BadReport(f"{name} is not a report of mnistdoctor: it has no `format_version`")
    version = values["format_version"]
    if isinstance(version, bool) or version not in READABLE:
        known = ", ".join(map(str, READABLE))
        raise BadReport(f"{name} has `format_version` {version!r}, and this mnistdoctor reads {known}")
    return values


def _in_folder(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix in (".json", ".jsonl") and one.is_file())
    except OSError as error:
        raise _unreadable(folder, error) from None
    if not files:
        raise BadReport(f"{folder} holds no `.json` or `.jsonl` file")
    for file in files:
        yield from _in_file(file)


def _in_file(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    if path.suffix != ".jsonl":
        yield path.stem, report(path)
        return
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(MOST_BYTES + 1):
                number += 1
                if line.strip():
                    yield f"{path.stem}:{number}", document(line, f"{path}, line {number}")
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> BadReport:
    return BadReport(f"{path} cannot be read: {error.strerror or error}")
