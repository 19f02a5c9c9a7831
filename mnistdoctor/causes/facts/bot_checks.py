"""Marks of what stands before a site or before the reader: bot checks, application firewalls, filters."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import body
from mnistdoctor.wording import shortened


def blocking_mark(case: Case, exchange: ev.Exchange, cause: str) -> marks.Mark | None:
    """The mark of a CDN or firewall that may decide for this cause."""
    text = body(case)
    found = tuple(one for one in marks.matching(exchange, text, "wall") if one.meaning == cause)
    theirs = bool(found) and found[0].vendor == "Cloudflare" and marks.by_cloudflare(exchange)
    return marks.convincing(found, witness=theirs)


def weak_mark(case: Case, exchange: ev.Exchange, cause: str) -> tuple[str, ...]:
    """Marks for this cause that are too weak to decide, ready to be shown."""
    found = [one for one in marks.matching(exchange, body(case), "wall") if one.meaning == cause]
    return tuple(f"a weak mark of {one.vendor}: `{shortened(one.seen, 100)}`" for one in found[:1])


def filter_mark(case: Case, exchange: ev.Exchange) -> marks.Mark | None:
    """The mark of a filter on the reader's side that may decide."""
    text = body(case)
    if marks.matching(exchange, text, "harmless"):
        return None
    decisive = marks.convincing(marks.matching(exchange, text, "filter", "proxy"))
    return decisive if decisive and (decisive.group == "filter" or _of(decisive, exchange, text)) else None


def _of(mark: marks.Mark, exchange: ev.Exchange, text: str) -> bool:
    return any(one.vendor == mark.vendor for one in marks.matching(exchange, text, "filter"))
