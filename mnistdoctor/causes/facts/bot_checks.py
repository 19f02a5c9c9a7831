"""Marks of what stands before a site or before the reader: bot checks, application firewalls, filters."""

from __future__ import annotations

from typing import Literal

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http, marks
from mnistdoctor.wording import shortened

Refusal = Literal["challenge", "firewall", "address"]
"""What the mark of a CDN or firewall may say: show that you are a browser, no, or not from where you are."""


def blocking_mark(case: Case, exchange: ev.Exchange, meaning: Refusal) -> marks.Mark | None:
    """The mark of a CDN or firewall with this meaning that may decide."""
    found = _marks(case, exchange, meaning)
    by_its_fields = bool(found) and found[0].vendor == "Cloudflare" and marks.by_cloudflare(exchange)
    return marks.convincing(found, witness=by_its_fields)


def weak_mark(case: Case, exchange: ev.Exchange, meaning: Refusal) -> str | None:
    """A mark with this meaning that is too weak to decide, as evidence."""
    found = _marks(case, exchange, meaning)
    return f"a weak mark of {found[0].vendor}: `{shortened(found[0].quote, 100)}`" if found else None


def _marks(case: Case, exchange: ev.Exchange, meaning: Refusal) -> tuple[marks.Mark, ...]:
    return tuple(one for one in marks.matching(exchange, http.body(case), "wall") if one.meaning == meaning)


def filter_mark(case: Case, exchange: ev.Exchange) -> marks.Mark | None:
    """The mark of a filter on the reader's side that may decide."""
    text = http.body(case)
    if marks.matching(exchange, text, "harmless"):
        return None
    filters = marks.matching(exchange, text, "filter")
    mark = marks.convincing(marks.matching(exchange, text, "filter", "proxy"))
    named = mark is not None and (mark.group == "filter" or any(one.vendor == mark.vendor for one in filters))
    return mark if named else None
