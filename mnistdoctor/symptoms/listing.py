"""A folder as ``ls -l`` or ``dir`` prints it: a file that is far too small for what its name says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mnistdoctor.catalogue import Catalogue

# `-rw-r--r-- 1 root root 727 Nov 30 22:13 NAME` (POSIX ls), `30/11/2025  22:13    727 NAME` (Windows dir).
_ROW = re.compile(
    r"^-[rwxsStT-]{9}[.+@]?\s+\d+\s+\S+\s+\S+\s+(?P<ls>\d+)\s.{5,40}\s(?P<ls_name>\S+)$"
    r"|^\d\d[/.-]\d\d[/.-]\d{4}\s.{4,40}\s(?P<dir>\d[\d.,]*) (?P<dir_name>\S+)$"
)
_TIMES = 10
"""How many times too small a file is before it cannot be another release of the same data."""


def too_small(lines: Sequence[str], catalogue: Catalogue) -> str | None:
    """The first row with a file of the catalogue that is far smaller than each one of its name; None for none."""
    lengths: dict[str, list[int]] = {}
    for file in catalogue.files:
        if file.size:
            lengths.setdefault(file.name, []).append(file.size)
    for line in lines:
        row = _ROW.match(line.strip()) if len(line) < 300 else None
        if row is None:
            continue
        known = lengths.get(row["ls_name"] or row["dir_name"])
        size = int(re.sub(r"\D", "", row["ls"] or row["dir"]))
        if known and size * _TIMES < min(known):
            return line.strip()
    return None
