"""Too many requests, and servers with too much to do."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import bot_checks, http, marks, user_agents, waits
from mnistdoctor.causes.facts.statuses import status
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, pause
from mnistdoctor.causes.http.fixes import other_places
from mnistdoctor.wording import period

_SHARED = {
    "COLAB_": "Google Colab",
    "KAGGLE_": "Kaggle",
    "GITHUB_ACTIONS": "GitHub Actions",
    "GITLAB_CI": "GitLab CI",
    "CIRCLECI": "CircleCI",
    "BUILDKITE": "Buildkite",
    "CI": "a CI runner",
}
"""Variables, or how they begin, of places where many people share one address, the most telling first."""


def limited(case: Case) -> ev.Exchange | None:
    """The answer, where it is a rate limit: 429, or 403 with a spent allowance, a spent quota or Cloudflare's 1015."""
    exchange = http.answer(case, 403, 429)
    if exchange is None or bot_checks.blocking_mark(case, exchange, "challenge"):
        return None
    if exchange.status == 429:
        return None if user_agents.refused_agent(case) else exchange
    hub, stand_ins = marks.hub_reason(exchange), marks.matching(exchange, http.body(case), "interstitial")
    meanings = (hub and hub.meaning, http.cloudflare_meaning(case), *(one.meaning for one in stand_ins))
    return exchange if "rate" in meanings or _names_a_pause(case, exchange) else None


def _names_a_pause(case: Case, exchange: ev.Exchange) -> bool:
    """Whether a refusal without another reason says when to come back: what is refused for good has no such time."""
    reasons = http.store_error(case) or marks.hub_reason(exchange) or bot_checks.filter_mark(case, exchange)
    return not reasons and exchange.field("retry-after") is not None and http.cloudflare_meaning(case) is None


def _said(case: Case, exchange: ev.Exchange) -> bool:
    """Whether the body says in words that it is a limit."""
    return any(one.meaning == "rate" for one in marks.matching(exchange, http.body(case), "interstitial"))


def shared_place(case: Case) -> str | None:
    """The platform whose address many people share, by its variables."""
    names = {name for name, value in case.machine.variables if value and value.lower() not in ("0", "false", "no")}
    for mark, place in _SHARED.items():
        if mark in names or (mark.endswith("_") and any(name.startswith(mark) for name in names)):
            return place
    return None


def _quota_spent(case: Case) -> bool:
    found = marks.matching(case.exchange, http.body(case), "interstitial")
    return any(one.id == "git-lfs-quota" for one in found)


def http_429_shared_address(case: Case) -> Finding | None:
    """Holds when the server says that it was asked too often, and this machine shares its address with many."""
    exchange = limited(case)
    place = shared_place(case) if exchange else None
    if exchange is None or place is None or exchange.credentials or _quota_spent(case):
        return None
    wait_s = waits.wait_s(case, exchange)
    return finding(
        f"{http.says(exchange)} to the first request: {place} shares its address with many others",
        f"This run had asked nothing before, so the limit was used up by others. {place} sends the requests of many "
        "people out by a few addresses, and the server counts them together. A program of yours that ran just before "
        "counts too.",
        http.exchange_evidence(case, exchange),
        waits.allowance(exchange),
        f"this machine's variables say {place}",
        fixes=(_sign_in(exchange), other_places(case), pause(wait_s)),
        perhaps="http-429-rate-limited",
        retry_after_s=wait_s,
    )


def http_429_rate_limited(case: Case) -> Finding | None:
    """Holds when the server says that it was asked too often."""
    exchange = limited(case)
    if exchange is None:
        return None
    wait_s, quota = waits.wait_s(case, exchange), _quota_spent(case)
    when = f"; it asks for a pause of {period(wait_s)}" if wait_s else ""
    others = tuple(one for one in case.recorded(Control.AGENTS, ev.Exchange) if one.status == 429)
    counted = user_agents.counts_requests(exchange) or http.cloudflare_code(case)
    only_a_pause = exchange.status == 403 and not counted and _names_a_pause(case, exchange)
    stated = exchange.status != 429 or counted or others or user_agents.served_again(case)
    check = bot_checks.weak_mark(case, exchange, "challenge")
    owner_pays = ask("the repository's owner: the quota is theirs, for a month", why="a person has to act")
    return finding(
        f"{http.says(exchange)}: " + ("the repository has used up its quota" if quota else f"too many requests{when}"),
        "The server counts requests by address or account and has had enough for now. Everybody behind your address "
        "counts together. Asking again at once, or in parallel, makes the pause longer.",
        http.exchange_evidence(case, exchange),
        waits.allowance(exchange),
        (user_agents.comparison(one) for one in others),
        check,
        fixes=(owner_pays if quota else pause(wait_s), other_places(case), _sign_in(exchange)),
        unlike=not check and {"http-403-challenge": "the answer bears no mark of a challenge"},
        perhaps=(
            not stated and "http-403-user-agent",
            check and "http-403-challenge",
            only_a_pause and not _said(case, exchange) and "http-403-unexplained",
        ),
        retry="later" if quota else None,
        retry_after_s=wait_s,
    )


def _sign_in(exchange: ev.Exchange) -> Fix | None:
    """A token for a higher limit, where the service is known to grant one."""
    variable = http.token_for_higher_limit(exchange)
    return (
        Fix(title=f"Sign in for a higher limit (`{variable}`)", untried="only you have the token") if variable else None
    )


def http_503_overload(case: Case) -> Finding | None:
    """Holds when the server says that it has too much to do for now."""
    exchange, store = http.answer(case, *range(500, 600)), http.store_error(case)
    if exchange is None or bot_checks.blocking_mark(case, exchange, "challenge"):
        return None
    stated = exchange.status == 500 and store is not None and store.meaning == "overload"
    if not stated and status(exchange.status).kind != "overload":
        return None
    wait_s = waits.wait_s(case, exchange)
    when = f", and asks for a pause of {period(wait_s)}" if wait_s else ""
    slow = store is not None and store.code == "SlowDown"
    check = bot_checks.weak_mark(case, exchange, "challenge")
    return finding(
        f"{http.says(exchange)}: "
        + ("it is asked for too much at once" if slow else f"it cannot serve just now{when}"),
        "The server is there and says that it cannot serve for the moment: too much load, or maintenance. It is not "
        "your settings, and it passes. Many parallel downloads make it last longer.",
        http.exchange_evidence(case, exchange),
        waits.allowance(exchange),
        fixes=(other_places(case), pause(wait_s)) if wait_s is None else (pause(wait_s), other_places(case)),
        unlike=not check and {"http-403-challenge": "the answer bears no mark of a challenge"},
        perhaps=exchange.via == "proxy" and "proxy-upstream-failed",
        retry_after_s=wait_s,
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_429_shared_address, needs=(Control.AGENTS, Control.AGAIN)),
    cause(http_429_rate_limited, needs=(Control.AGENTS, Control.AGAIN)),
    cause(http_503_overload),
)
