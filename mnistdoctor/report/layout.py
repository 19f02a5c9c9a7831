"""Laying out text in columns: widths of characters, wrapping, signs, bars. Pure, and without rich."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from mnistdoctor.report.stages import StageResult
from mnistdoctor.wording import duration

# A word, for wrapping: a number keeps its unit, and a short piece in backticks stays whole.
_WORD = re.compile(r"(?:`[^`]{0,60}`|\d{1,20}(?:\.\d{1,20})? (?:ms|s|min|bytes?|kB|MB|GB|TB)\b|\S)+")

_EIGHTHS = "▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Signs:
    """The ornaments of a report."""

    ok: str
    failed: str
    warning: str
    unknown: str
    none: str
    """For a stage that this way to this URL does not have."""
    after: str
    """For a stage that was never reached."""
    dot: str


UNICODE = Signs("✓", "✗", "!", "?", "–", "·", "·")
ASCII = Signs("ok", "x", "!", "?", "-", ".", "|")


def signs_for(encoding: str) -> Signs:
    """The ornaments that this encoding can write."""
    try:
        f"✓✗–·{_EIGHTHS}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def writable(text: str, encoding: str) -> str:
    """The text with what this encoding cannot write made visible instead of raising."""
    for fine, plain in (("–", "-"), ("·", "|"), ("…", "..."), ("’", "'"), ("“", '"'), ("”", '"')):
        if not _can(fine, encoding):
            text = text.replace(fine, plain)
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return text.encode("ascii", "backslashreplace").decode("ascii")


def _can(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def cells(text: str) -> int:
    """How many columns of a terminal the text takes (Unicode TR 11)."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def wrap(text: str, width: int) -> list[str]:
    """The text broken at blanks. A word wider than a line stays whole: URLs and digests can still be copied.

    Runs of blanks are columns and stay where the line has room for them.
    """
    if "  " in text and cells(text) <= width:
        return [text]  # columns: two lines that are meant to stand under each other
    lines: list[str] = []
    current = ""
    found = _WORD.findall(text)
    for word in (part for one in found for part in (one.split() if cells(one) > width else (one,))):
        joined = f"{current} {word}" if current else word
        if current and cells(joined) > width:
            lines.append(current)
            current = word
        else:
            current = joined
    return [*lines, current] if current else lines


def end_of(text: str, width: int, signs: Signs) -> str:
    """The text, or where it is too wide its end: of a path or a URL that tells more than its beginning."""
    if cells(text) <= width:
        return text
    dots = "…" if signs is UNICODE else "..."
    while text and cells(text) > width - len(dots):
        text = text[1:]
    return dots + text


def flow(parts: list[str], gap: str, width: int) -> list[list[int]]:
    """The parts' numbers in lines: broken between parts, never inside one."""
    rows: list[list[int]] = [[]]
    used = 0
    for number, part in enumerate(parts):
        need = cells(part) + (len(gap) if rows[-1] else 0)
        if rows[-1] and used + need > width:
            rows.append([])
            used, need = 0, cells(part)
        rows[-1].append(number)
        used += need
    return rows


def stage_marks(stages: tuple[StageResult, ...], signs: Signs, width: int) -> list[tuple[str, str, str]]:
    """For each stage its name, its sign, and its time; the word `none` only where all then still fits in one line."""
    marks = _stage_marks(stages, signs)
    if len(flow([" ".join(filter(None, mark)) for mark in marks], "  ", width)) > 1:
        marks = [(name, sign, "" if note == "none" else note) for name, sign, note in marks]
    return marks


def _stage_marks(stages: tuple[StageResult, ...], signs: Signs) -> list[tuple[str, str, str]]:
    failed = next((n for n, stage in enumerate(stages) if stage.outcome == "failed"), len(stages))
    marks: list[tuple[str, str, str]] = []
    for number, stage in enumerate(stages):
        # The checksum is taken while the bytes arrive: its time is that of `length`.
        took = duration(stage.duration_s) if stage.duration_s and stage.stage != "checksum" else ""
        if stage.outcome == "skipped":
            needless = stage.needless and number < failed
            none = "none" if needless and stage.stage == "proxy" else ""
            marks.append((stage.stage, signs.none if needless else signs.after, none))
        else:
            sign = {"ok": signs.ok, "warning": signs.warning, "failed": signs.failed}[stage.outcome]
            marks.append((stage.stage, sign, took))
    return marks


def bar(share: float, width: int, signs: Signs) -> str:
    """A bar for a share of 0 to 1, in eighths of a column; the smallest is still seen."""
    if signs is ASCII:
        return "#" * max(1, round(share * width))
    eighths = max(1, round(share * width * 8))
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")
