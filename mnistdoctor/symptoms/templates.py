"""In which words programs say what a probe would have recorded: the rows of ``templates.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from mnistdoctor.catalogue.reader import read_toml

# What every template has at least one of: lines without any of it are passed over at once.
_HINT = re.compile(
    r"(?i)err|fail|except|refus|denied|time|certif|ssl|tls|proxy|socks|resolv|resolution|[45]\d\d|expired|reach|route"
    r"|not (?:a|in|found|available|known)|unknown|unavailable|corrupt|checksum|hash|md5|truncat|incomplete|end of|ended"
    r"|lfs|html|quota|limit|space|permission|url|gate|offline|bytes|json|reset|closed|too many|drive|cafile|scheme"
    r"|hostname|such file|valid|spelled|no builder|pretrained|keyword|reshape|pickle|2746|revocation"
    r"|拒绝|超时|名|不可达|没有到|ist nicht|inconnu|refus|interrompu|zurück|abgelehnt|invalid"
)


@dataclass(frozen=True)
class Template:
    """One wording."""

    says: re.Pattern[str]
    where: frozenset[str]
    """Traits of the text without which it does not count."""
    record: str
    """Which record it makes; empty where the words alone are what there is."""
    fields: Mapping[str, Any]
    """Of the record, beside the groups of the pattern."""
    causes: tuple[str, ...]
    """What the words alone show, the likeliest first."""
    vague: bool
    """Whether the words say that a download failed and not why: whatever else the text says counts before them."""


@cache
def templates() -> tuple[Template, ...]:
    """All of them, in the order in which they are tried."""
    rows = cast("list[dict[str, Any]]", read_toml(Path(__file__).with_name("templates.toml"))["template"])
    return tuple(
        Template(
            says=re.compile(row["says"]),
            where=frozenset(row.get("where", ())),
            record=row.get("record", ""),
            fields=row.get("with", {}),
            causes=tuple(row.get("causes", ())),
            vague=row.get("vague", False),
        )
        for row in rows
    )


def first_match(text: str, traits: frozenset[str]) -> tuple[Template, re.Match[str]] | None:
    """The first template that the text has, and where; None for none."""
    if not _HINT.search(text):
        return None
    fitting = (one for one in templates() if one.where <= traits)
    return next(((one, match) for one in fitting if (match := one.says.search(text))), None)
