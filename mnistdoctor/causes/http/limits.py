"""Too many requests, and servers with too much to do."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.bot_checks import blocking_mark, weak_mark
from mnistdoctor.causes.facts.http import (
    allowance,
    answer,
    body,
    exchange_evidence,
    host,
    reason,
    says,
    user_agent,
    wait_s,
)
from mnistdoctor.causes.facts.user_agents import refused_agent
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import pause
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
"""Variables of places where many people share one address, the most telling first."""


def limited(case: Case) -> ev.Exchange | None:
    """The answer, where it is a rate limit: 429, or 403 with a spent allowance or Cloudflare's 1015."""
    exchange = answer(case, 403, 429)
    if exchange is None or blocking_mark(case, exchange, "challenge"):
        return None
    if exchange.status == 429:
        return None if refused_agent(case) else exchange
    hub = marks.hub_meaning(exchange)
    coded = marks.cloudflare_meaning(marks.cloudflare_code(exchange, body(case)))
    quota = any(one.id == "git-lfs-quota" for one in marks.matching(exchange, body(case), "interstitial"))
    return exchange if (hub and hub[0] == "rate") or coded == "rate" or quota else None


def shared_place(case: Case) -> str | None:
    """The platform whose address many people share, by its variables."""
    names = {name for name, value in case.machine.variables if value and value.lower() not in ("0", "false", "no")}
    return next(
        (
            place
            for mark, place in _SHARED.items()
            for name in names
            if name == mark or (mark[-1] == "_" and name.startswith(mark))
        ),
        None,
    )


def http_429_rate_limited(case: Case) -> Finding | None:
    """Holds when the server says that it was asked too often."""
    exchange = limited(case)
    if exchange is None:
        return None
    wait = _reset(case, exchange) if wait_s(case, exchange) is None else wait_s(case, exchange)
    quota = "over its data quota" in body(case)
    when = f"; it asks for a pause of {period(wait)}" if wait else ""
    others = _refused_too(case)
    stated = exchange.status != 429 or allowance(exchange) or marks.cloudflare_code(exchange, body(case)) or others
    check = weak_mark(case, exchange, "challenge")
    doubts = (*(() if stated else ("http-403-user-agent",)), *(("http-403-challenge",) if check else ()))
    return finding(
        f"{says(exchange)}: " + ("the repository has used up its quota" if quota else f"too many requests{when}"),
        "The server counts requests by address or account and has had enough for now. "
        "Everybody behind your address counts together. Asking again at once, or in parallel, makes the "
        "pause longer.",
        exchange_evidence(case, exchange),
        allowance(exchange),
        others,
        check,
        fixes=(_owner_pays() if quota else pause(wait), other_places(case), _sign_in(exchange)),
        unlike=not check and {"http-403-challenge": "the answer bears no mark of a challenge"},
        perhaps=doubts,
        certain=not doubts,
        retry="later" if quota else None,
        retry_after_s=wait,
    )


def _refused_too(case: Case) -> tuple[str, ...]:
    """How other honest agents fared, where that was asked and they met the same limit."""
    tried = [one for one in case.observations if isinstance(one, ev.Exchange) and one.control == Control.AGENTS]
    return tuple(
        f"the same request as `{user_agent(one)}` was answered `{reason(one)}`" for one in tried if one.status == 429
    )


def _owner_pays() -> Fix:
    return Fix(title="Ask the repository's owner: the quota is theirs, for a month", untried="a person has to act")


def _reset(case: Case, exchange: ev.Exchange) -> float | None:
    """Seconds until GitHub's x-ratelimit-reset, a time in seconds since 1970."""
    value = exchange.field("x-ratelimit-reset") or ""
    if not value.isdecimal() or not 1e9 < float(value) < 1e10:
        return None
    return max(0.0, round(float(value) - case.machine.unix_time - (exchange.date_skew_s or 0.0)))


def _sign_in(exchange: ev.Exchange) -> tuple[Fix, ...]:
    name = host(exchange)
    variable = (
        "HF_TOKEN" if name.endswith("huggingface.co") else "GITHUB_TOKEN" if name.endswith("github.com") else None
    )
    title = f"Sign in for a higher limit (`{variable}`)"
    return (Fix(title=title, untried="only you have the token"),) if variable else ()


def http_429_shared_address(case: Case) -> Finding | None:
    """Holds when the server says that it was asked too often, and this machine shares its address with many."""
    exchange = limited(case)
    place = shared_place(case) if exchange else None
    if exchange is None or place is None or exchange.credentials or "over its data quota" in body(case):
        return None
    wait = wait_s(case, exchange)
    return finding(
        f"{says(exchange)} to the first request: {place} shares its address with many others",
        f"This run had asked nothing before, so the limit was used up by others. {place} sends "
        "the requests of many people out by a few addresses, and the server counts them together. A "
        "program of yours that ran just before counts too.",
        exchange_evidence(case, exchange),
        allowance(exchange),
        f"this machine's variables say {place}",
        fixes=(_sign_in(exchange), other_places(case), pause(wait)),
        perhaps="http-429-rate-limited",
        retry_after_s=wait,
    )


def http_503_overload(case: Case) -> Finding | None:
    """Holds when the server says that it has too much to do for now."""
    exchange = answer(case, 500, 503, 509, 529)
    if exchange is None or blocking_mark(case, exchange, "challenge"):
        return None
    store = marks.store_error(exchange, body(case))
    if exchange.status == 500 and not (store and store.meaning == "overload"):
        return None
    wait = wait_s(case, exchange)
    slow = store is not None and store.code == "SlowDown"
    when = f", and asks for a pause of {period(wait)}" if wait else ""
    return finding(
        f"{says(exchange)}: " + ("it is asked for too much at once" if slow else f"it cannot serve just now{when}"),
        "The server is there and says that it cannot serve for the moment: too much load, or "
        "maintenance. It is not your settings, and it passes. Many parallel downloads make it last longer.",
        exchange_evidence(case, exchange),
        allowance(exchange),
        fixes=(other_places(case), pause(wait)) if wait is None else (pause(wait), other_places(case)),
        unlike=not weak_mark(case, exchange, "challenge")
        and {"http-403-challenge": "the answer bears no mark of a challenge"},
        perhaps=exchange.via == "proxy" and "proxy-upstream-failed",
        retry_after_s=wait,
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        http_429_shared_address,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
    cause(
        http_429_rate_limited,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
    cause(http_503_overload),
)
