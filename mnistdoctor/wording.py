"""Numbers, times and lists in words, for sentences: the rules' and the reports'."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence

from mnistdoctor.redact import visible

_BEYOND = 10**15
"""Bytes that no file has: a number of any length can be declared."""


def nbytes(number: int) -> str:
    """A number of bytes as people read it: ``4542 bytes``, ``11.5 MB`` (powers of ten, as curl and browsers count)."""
    if number < 10_000:
        return f"{number} byte{'' if number == 1 else 's'}"
    if number >= _BEYOND:
        return "over 1000 TB"
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"


def rounded_bytes(number: int) -> str:
    """Bytes in decimal units from 1000 on: ``999 bytes``, ``4.5 kB``, as download pages and browsers state them."""
    if number >= _BEYOND:
        return "over 1000 TB"
    if number < 1000:
        return f"{number} byte{'' if number == 1 else 's'}"
    value, units = number / 1000, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 999.95:
        value, unit = value / 1000, next(units)
    return f"{value:.1f} {unit}"


def exact_bytes(number: int) -> str:
    """A number of bytes with every digit, and in readable units where it is long."""
    return nbytes(number) if number < 10_000 or number >= _BEYOND else f"{number} bytes ({nbytes(number)})"


def shortened(text: str, most: int = 120) -> str:
    """The text on one line, cut in the middle of nowhere rather than flooding the screen."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def listed(words: Sequence[str], most: int = 3) -> str:
    """``a, b and c``; what is beyond `most` is counted."""
    shown, rest = list(words[:most]), len(words) - most
    if rest > 0:
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1] if shown else "none"


def day(seconds: float) -> str:
    """Seconds since 1970 as ``2026-11-18`` (UTC)."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return "a date beyond the calendar"


def minute(seconds: float) -> str:
    """Seconds since 1970 as ``2026-11-18 13:05 UTC``."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return "at a date beyond the calendar"


_YEAR_S = 31_556_952
"""The mean year of the calendar."""


def span(seconds: float) -> str:
    """A length of time as people say it, in its largest whole unit: ``3 days``, ``2 hours``; years from two on."""
    seconds = abs(seconds)
    if seconds >= 2 * _YEAR_S:
        return f"{seconds // _YEAR_S:.0f} years"
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{int(seconds)} second{'' if int(seconds) == 1 else 's'}"


def period(seconds: float) -> str:
    """A wait that is asked for: ``9 s``, ``5 min``, ``2 h``, ``2 years``; rather too long than too short."""
    if seconds < 120 or (seconds < 300 and seconds % 60):
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{math.ceil(seconds / 60)} min"
    if seconds < 172_800:
        return f"{math.ceil(seconds / 3600 - 0.05)} h"
    return f"{math.ceil(seconds / 86_400 - 0.05)} days" if seconds < 2 * _YEAR_S else span(seconds)


def duration(seconds: float) -> str:
    """A time that was measured: ``3 ms``, ``1.8 s``, ``75 s``, ``5 min``."""
    if seconds < 0.0005:
        return "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95 and abs(seconds - round(seconds)) >= 0.05:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else period(seconds)


def joined(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``: all of them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def first_few(names: Iterable[str], most: int = 6) -> str:
    """``a, b, c``, and of many ``a, b and 9 more``."""
    every = list(names)
    if len(every) <= most:
        return ", ".join(every)
    return f"{', '.join(every[: most - 1])} and {len(every) - most + 1} more"


def one_line(text: str) -> str:
    """The text without line breaks or other control characters: what is one line in a report stays one."""
    return visible(re.sub(r"(?<![\t ])[\t ]*(?:[\r\n\v\f\x1c-\x1e\x85\u2028\u2029][\t ]*)+", " ", text).strip())
