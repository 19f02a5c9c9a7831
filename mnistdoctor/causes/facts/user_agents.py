"""Whether a server turned this client away for the name that it gives itself."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.bot_checks import blocking_mark, filter_mark
from mnistdoctor.causes.facts.http import allowance, answer, answered, body, served_again, user_agent
from mnistdoctor.failure import Failure

_BANNED_SIGNATURE = 1010
"""Cloudflare's error for a program that its owner shut out."""


@dataclass(frozen=True, slots=True)
class RefusedAgent:
    """A request that was refused, though one under another honest name was served, or the answer names the ban."""

    exchange: ev.Exchange
    served: ev.Exchange | None
    """The same request under the other name."""
    banned: bool
    """Whether Cloudflare says by number that the program itself is shut out."""


def refused_agent(case: Case) -> RefusedAgent | None:
    """The refusal: 403, 406, a bare 429 or a hang-up. May raise `OpenQuestion`."""
    exchange = answer(case, 403, 406) or _bare_limit(case) or hang_up(case)
    if exchange is None or _names_another_reason(case, exchange):
        return None
    tried = case.ask(Control.AGENTS, ev.Exchange)
    served = next((one for one in tried if answered((one,)) and user_agent(one) != user_agent(exchange)), None)
    banned = marks.cloudflare_code(exchange, body(case)) == _BANNED_SIGNATURE
    if not banned and (served is None or served_again(case, ask=True)):
        return None
    return RefusedAgent(exchange, served, banned)


def _names_another_reason(case: Case, exchange: ev.Exchange) -> bool:
    text = body(case)
    coded = marks.cloudflare_meaning(marks.cloudflare_code(exchange, text))
    return bool(
        exchange.credentials
        or marks.hub_meaning(exchange)
        or marks.store_error(exchange, text)
        or coded not in (None, "agent", "firewall")
        or blocking_mark(case, exchange, "challenge")
        or blocking_mark(case, exchange, "address")
        or filter_mark(case, exchange)
    )


def hang_up(case: Case) -> ev.Exchange | None:
    """The request that the origin ended the connection over, without a byte."""
    exchange = case.stopped(ev.Exchange, Failure.EOF)
    return exchange if exchange and exchange.via != "proxy" and not exchange.first_bytes else None


def _bare_limit(case: Case) -> ev.Exchange | None:
    """A 429 that says nothing of a limit or a pause: some sites turn programs' names away with it."""
    exchange = answer(case, 429)
    return None if exchange is None or allowance(exchange) else exchange
