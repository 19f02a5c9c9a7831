"""Report files, one report at a time, so that ten thousand of them need the memory of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

READABLE = (1,)
"""Values of `format_version` that are read."""
MOST_BYTES = 64 * 2**20
"""Of one report; no run writes a larger one."""


class BadReports(Exception):  # noqa: N818 - shown to the user as a sentence
    """A file or folder that holds no report of ours; the message names it, and the line where there are lines."""


def reports(paths: Iterable[Path]) -> Iterator[tuple[str, dict[str, object]]]:
    """(name, document) of each report: of a file its stem, of a line of a ``.jsonl`` its stem and number.

    A folder stands for the ``.json`` and ``.jsonl`` files in it, in the order of their names. Raises `BadReports`.
    """
    for path in paths:
        yield from _in_folder(path) if path.is_dir() else _in_file(path)


def _in_folder(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix in (".json", ".jsonl") and one.is_file())
    except OSError as error:
        raise BadReports(f"{folder} cannot be read: {error.strerror or error}") from None
    if not files:
        raise BadReports(f"{folder} holds no `.json` or `.jsonl` file")
    for file in files:
        yield from _in_file(file)


def _in_file(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        with path.open("rb") as file:
            if path.suffix != ".jsonl":
                yield path.stem, _document(file.read(MOST_BYTES + 1), str(path))
                return
            number = 0
            while line := file.readline(MOST_BYTES + 1):
                number += 1
                if line.strip():
                    yield f"{path.stem}:{number}", _document(line, f"{path}, line {number}")
    except OSError as error:
        raise BadReports(f"{path} cannot be read: {error.strerror or error}") from None


def _document(body: bytes, name: str) -> dict[str, object]:
    if len(body) > MOST_BYTES:
        raise BadReports(f"{name} is larger than any report: more than {MOST_BYTES} bytes")
    try:
        values = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadReports(f"{name} is not a report: it is not text in UTF-8") from None
    except (ValueError, RecursionError):
        raise BadReports(f"{name} is not a report: it is no JSON") from None
    if not isinstance(values, dict) or "format_version" not in values:
        raise BadReports(f"{name} is not a report of mnistdoctor: it has no `format_version`")
    if values["format_version"] not in READABLE or isinstance(values["format_version"], bool):
        known = ", ".join(map(str, READABLE))
        raise BadReports(
            f"{name} has `format_version` {values['format_version']!r}, and this mnistdoctor reads {known}"
        )
    return values
