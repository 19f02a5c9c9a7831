"""Sites that many data sets lie on: their pages about a file, and what their refusals mean. See ``sites.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode

from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url


@dataclass(frozen=True, slots=True)
class Page:
    """A page about a file, and the way to the file itself."""

    site: str
    answers: tuple[str, ...]
    """The hosts that show it, or below which those are that do."""
    direct: str | None = None
    """The URL of the data, where it follows from the page's."""
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a site's answer says of the file, and what to do."""

    site: str
    means: str
    """A whole sentence."""
    advice: str
    """Without a full stop."""


def page(url: str) -> Page | None:
    """What page this URL is by the pattern that its site documents, or None where it may well be data."""
    for row, groups, parts in _rows("page", url):
        host = (parts.hostname or "").removeprefix("www.")
        return Page(row["site"], tuple(row.get("answers", (host,))), _direct(row, groups, parts), _command(row, groups))
    return None


def address_for_programs(url: str) -> str | None:
    """Where the site serves the same file to programs, which it turns away or tests at this address."""
    return next((_direct(row, groups, parts) for row, groups, parts in _rows("program", url)), None)


def meaning(case: Case) -> Meaning | None:
    """What the site that was asked, or the one that it led to, means by the status of the last answer."""
    urls = (case.subject.url, case.exchange.url if case.exchange else "")
    rows = (row for url in urls for row, _, _ in _rows("refusal", url) if case.status in row["status"])
    return next((Meaning(row["site"], row["means"], row["advice"]) for row in rows), None)


_Row = tuple[dict[str, Any], tuple[str, ...], SplitResult]


def _rows(kind: str, url: str) -> list[_Row]:
    """The rows of a kind that fit the URL, each with the groups that it found."""
    parts = split_url(url)
    host = (parts.hostname or "").lower()
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    pairs = {*given, *(f"{name}={value}" for name, value in given.items())}
    found: list[_Row] = []
    for row in table("sites")[kind]:
        path = re.fullmatch(row["path"], parts.path)
        query = re.fullmatch(row["query"], parts.query) if "query" in row else None
        if not path or ("query" in row and not query) or not re.fullmatch(row["host"], host):
            continue
        if pairs.isdisjoint(row.get("unless", ())):
            found.append((row, (*path.groups(), *(query.groups() if query else ())), parts))
    return found


def _direct(row: dict[str, Any], groups: tuple[str, ...], parts: SplitResult) -> str | None:
    if "set" in row:
        name, value = row["set"]
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
        return parts._replace(query=urlencode([*kept, (name, value)]), fragment="").geturl()
    if "direct" not in row:
        return None
    query = f"?{parts.query}" if parts.query else ""
    filled: str = row["direct"].format("", *groups, host=parts.netloc.rpartition("@")[2], query=query)
    return filled


def _command(row: dict[str, Any], groups: tuple[str, ...]) -> str | None:
    return row["command"].format("", *groups) if "command" in row else None
