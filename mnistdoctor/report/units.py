"""Numbers and lists as people read them: durations, sizes, enumerations, one line out of many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mnistdoctor.redact import visible


def duration(seconds: float) -> str:
    """``3 ms``, ``1.8 s``, ``75 s``, ``5 min``."""
    if seconds < 0.0005:
        return "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95 and abs(seconds - round(seconds)) >= 0.05:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def nbytes(count: int) -> str:
    """Bytes in decimal units, as download pages and browsers state them."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    value, units = count / 1000, iter(("kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 999.95:
        value, unit = value / 1000, next(units)
    return f"{value:.1f} {unit}"


def join(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def one_line(text: str) -> str:
    """The text without line breaks or other control characters: what is one line in a report stays one."""
    return visible(re.sub(r"[\t ]*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+[\t ]*", " ", text).strip())


def listed(names: Iterable[str], most: int = 6) -> str:
    """The names, the last of many as a count."""
    every = list(names)
    return (
        ", ".join(every) if len(every) <= most else f"{', '.join(every[: most - 1])} and {len(every) - most + 1} more"
    )
