"""``[tool.mnistdoctor]`` in a ``pyproject.toml``."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mnistdoctor.examine.manifest.entry import (
    DIGITS,
    BadManifest,
    Line,
    ManifestEntry,
    Named,
    entry,
    merged,
    strongest_first,
)
from mnistdoctor.examine.manifest.forms import is_url

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = "pyproject.toml"
TABLE = "[tool.mnistdoctor]"


def of_project(text: str, path: Path) -> tuple[ManifestEntry, ...] | None:
    """``targets`` of the project's table: texts, or tables with ``url`` and what is known of it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+)", str(error))
        place = f"{path}, line {where[1] if where else len(text.splitlines())}"  # else: at its end
        raise BadManifest(f"{place}: this is no TOML: {str(error).partition(' (at ')[0]}") from None
    tool = document.get("tool")
    table = tool.get("mnistdoctor") if isinstance(tool, dict) else None
    if table is None:
        if path.name != PROJECT:
            return None
        raise BadManifest(f"{path} has no table `{TABLE}`", 'such as `targets = ["keras:mnist"]` in it')
    top = _line_with(text, path, "tool.mnistdoctor")
    if not isinstance(table, dict):
        raise top.wrong("`tool.mnistdoctor` is no table")
    for key in table:
        if key != "targets":
            hint = "settings are given on the command line or as `MNISTDOCTOR_<OPTION>`, never by a project's file"
            raise _line_with(text, path, key, top.number).wrong(f"`{key}` is not read from `{TABLE}`", hint)
    targets = table.get("targets")
    if not isinstance(targets, list) or not targets:
        hint = '`targets = ["keras:mnist", {url = "https://host/file.gz", sha256 = "..."}]`'
        raise top.wrong(f"`targets` of `{TABLE}` is no list of targets", hint)
    return merged(_of_value(one, _line_of(one, text, path, top.number)) for one in targets)


def _line_of(value: Any, text: str, path: Path, first: int) -> Line:
    said = value.get("url", "") if isinstance(value, dict) else value
    return _line_with(text, path, str(said), first)


def _line_with(text: str, path: Path, words: str, first: int = 1) -> Line:
    """The first line from there on that holds the words: a reader of TOML keeps no numbers of lines."""
    lines = text.split("\n")
    for number in range(first, len(lines) + 1):
        if words and words in lines[number - 1]:
            return Line(lines[number - 1], str(path), number)
    return Line(lines[first - 1], str(path), first)


def _of_value(value: Any, line: Line) -> ManifestEntry:
    hint = '`"keras:mnist"`, `"https://host/file.gz"` or `{url = "https://host/file.gz", sha256 = "..."}`'
    if isinstance(value, str):
        if not value.strip():
            raise line.wrong("a target is empty", hint)
        return entry(line, Named(value, is_url=True), None)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str) or not is_url(value["url"]):
        raise line.wrong("a target is neither a text nor a table with `url`", hint)
    length = value.get("length")
    if length is not None and (isinstance(length, bool) or not isinstance(length, int) or length < 0):
        raise line.wrong(f"`length` is a number of bytes, not {length!r}")
    digests: dict[str, str] = {}
    for key, one in value.items():
        if key in ("url", "length"):
            continue
        if key not in DIGITS:
            raise line.wrong(f"`{key}` is nothing that is known of a target", f"`url`, `length`, {', '.join(DIGITS)}")
        digests[key] = str(one)
    return entry(line, Named(value["url"], strongest_first(digests), length, is_url=True), None)
