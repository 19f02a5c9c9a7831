"""Whether a server turned this client away for the name that it gives itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, marks, pages
from mnistdoctor.causes.facts.bot_checks import blocking_mark, filter_mark
from mnistdoctor.failure import Failure

_NO_REASON = frozenset(range(400, 500)) - {401, 404, 407, 408, 410, 411, 413, 414, 416, 421, *range(423, 430), 431, 451}
"""Statuses that sites and their firewalls choose freely for clients they do not want; the others mean what they say."""
_BANNED_SIGNATURE = 1010
"""Cloudflare's error for a program that its owner shut out."""


def user_agent(exchange: ev.Exchange) -> str:
    """The User-Agent that was sent."""
    return ev.field(exchange.request_fields, "user-agent") or "no name at all"


def comparison(exchange: ev.Exchange) -> str:
    """How the same request under this other name was answered, as evidence."""
    return f"the same request as `{user_agent(exchange)}` was answered `{http.status_line(exchange)}`"


def served_again(case: Case) -> bool:
    """Whether the same request, under the same name, was served at its second asking: then no rule refused it."""
    return http.first_success(case.recorded(Control.AGAIN, ev.Exchange)) is not None


@final
@dataclass(frozen=True, slots=True)
class RefusedAgent:
    """A request that was refused, though one under another honest name was served, or the answer names the ban."""

    exchange: ev.Exchange
    served: ev.Exchange | None
    """The same request under the other name."""
    banned: bool
    """Whether Cloudflare says by number that the program itself is shut out."""


def refused_agent(case: Case) -> RefusedAgent | None:
    """The refusal: a 4xx of no meaning of its own, a bare 429, a hang-up or a page. May raise `OpenQuestion`."""
    exchange = http.answer(case, *_NO_REASON) or _bare_limit(case) or _hang_up(case) or _page(case)
    if exchange is None or _names_another_reason(case, exchange):
        return None
    served = _served(case, Control.AGENTS, exchange)
    if served and user_agent(served) == user_agent(exchange):
        served = None
    banned = http.cloudflare_code(case) == _BANNED_SIGNATURE
    if not banned and (served is None or _served(case, Control.AGAIN, exchange)):
        return None
    return RefusedAgent(exchange, served, banned)


def _served(case: Case, control: Control, refusal: ev.Exchange) -> ev.Exchange | None:
    """A success of that control; beside a page that was sent as a success, one that brought something else."""
    found = http.first_success(case.ask(control, ev.Exchange))
    if refusal.status != 200:
        return found
    transfers, contents = case.recorded(control, ev.Transfer), case.recorded(control, ev.Content)
    pages_too = any(one.what in ("html", "empty") for one in contents)  # what has the right digest is not looked into
    return found if transfers and transfers[-1].written and not pages_too else None


def _names_another_reason(case: Case, exchange: ev.Exchange) -> bool:
    return bool(
        exchange.credentials
        or marks.hub_reason(exchange)
        or http.store_error(case)
        or http.cloudflare_meaning(case) not in (None, "agent", "firewall")
        or blocking_mark(case, exchange, "challenge")
        or blocking_mark(case, exchange, "address")
        or filter_mark(case, exchange)
    )


def _hang_up(case: Case) -> ev.Exchange | None:
    """The request that the origin ended the connection over, in order or by a reset, without a byte."""
    exchange = case.stopped(ev.Exchange, Failure.EOF, Failure.RESET, Failure.ABORTED)
    return exchange if exchange and exchange.via != "proxy" and not exchange.first_bytes else None


def _page(case: Case) -> ev.Exchange | None:
    """The answer 200 whose body is a web page where data was due, and none of a site that is known to do so."""
    exchange = http.answer(case, 200)
    if exchange is None or pages.html_in_place_of_data(case) is None or len(case.all(ev.Exchange)) > 1:
        return None
    known = marks.matching(exchange, http.body(case), "interstitial", "wall", "filter", host=case.host)
    return exchange if all(one.meaning == "page" for one in known) else None


def _bare_limit(case: Case) -> ev.Exchange | None:
    """A 429 that counts no requests: some sites turn programs' names away with it, and name a pause all the same."""
    exchange = http.answer(case, 429)
    return None if exchange is None or counts_requests(exchange) else exchange


def counts_requests(exchange: ev.Exchange) -> bool:
    """Whether the answer says how many requests are allowed or left; a pause alone does not."""
    return any("limit" in name.lower() and "rate" in name.lower() for name, _ in exchange.fields)
