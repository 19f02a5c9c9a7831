"""Harmful advice in a text, and code that guides hand around and that does not work: what it is, and what is right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from mnistdoctor.catalogue.reader import read_toml
from mnistdoctor.redact import for_this_user
from mnistdoctor.wording import shortened

DangerKind = Literal["disable-verification", "plain-http", "ignore-checksum", "chmod-777", "mistaken-code"]


@dataclass(frozen=True)
class Danger:
    """One piece of advice or code, and the answer to it."""

    kind: DangerKind
    quote: str
    """As the text has them, without secrets."""
    instead: str


@cache
def _table() -> tuple[tuple[re.Pattern[str], DangerKind, str], ...]:
    rows = cast("list[dict[str, Any]]", read_toml(Path(__file__).with_name("dangers.toml"))["danger"])
    return tuple((re.compile(row["says"]), row["kind"], row["instead"]) for row in rows)


_ENDS = 2000
"""Lines at either end in which advice and code are looked for: what is longer is a program's log, and holds neither."""


def dangers_in(lines: Sequence[str]) -> tuple[Danger, ...]:
    """What is dangerous or mistaken in these lines; each answer once."""
    found: dict[str, Danger] = {}
    lines = (*lines[:_ENDS], *lines[max(_ENDS, len(lines) - _ENDS) :])
    for pattern, kind, instead in _table():
        match = next(filter(None, map(pattern.search, lines)), None)
        if match:
            found.setdefault(instead, Danger(kind, for_this_user().text(shortened(match[0], 80)), instead))
    return tuple(found.values())
