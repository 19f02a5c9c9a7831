"""Refusals by what stands before a site or before the reader: bot checks, application firewalls, filters."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, resigned
from mnistdoctor.causes.facts.bot_checks import blocking_mark, filter_mark
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, ask_network_owner, by_browser, for_programs
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.wording import shortened

_CHALLENGED = (202, 403, 405, 429, 503)
"""Statuses that a bot check is known to wear."""
_BY_A_BOX = tuple(status for status in range(400, 500) if status not in (401, 407, 416, 429))
"""With what a filter turns everybody away."""


def http_403_challenge(case: Case) -> Finding | None:
    """Holds when the refusal is a bot check that wants a browser with JavaScript."""
    exchange = http.answer(case, *_CHALLENGED)
    mark = exchange and blocking_mark(case, exchange, "challenge")
    if not exchange or not mark or (exchange.status == 202 and mark.id != "aws-waf-challenge"):
        return None
    return finding(
        f"{http.says(exchange)}: {mark.vendor} wants proof that a browser with a person is asking",
        "The answer is a check for robots, and no download program can pass it, whatever name it gives. It is the "
        f"site's own choice, made by {mark.vendor}, and often switched on for a time or for some networks only.",
        http.exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.quote, 100)}`",
        fixes=(
            for_programs(case),
            other_places(case),
            by_browser(case),
            tell_owner(exchange, "ask for the file's path to be exempt from the check"),
        ),
        unlike={
            "http-403-user-agent": "a check of this kind is shown to every program",
            "http-429-rate-limited": "the answer bears a challenge, not a limit",
        },
    )


def http_403_corporate_filter(case: Case) -> Finding | None:
    """Holds when the refusal bears the marks of a filter on the reader's own side, or comes in every host's name."""
    exchange = http.answer(case, 403)
    mark = exchange and filter_mark(case, exchange)
    if not exchange or not mark:
        return _refused_by_box(case)
    host, local = http.host(exchange), mark.meaning == "local"
    wish = f"to allow {host}, and quote the category that the page names"
    return finding(
        f"a web filter ({mark.vendor}) on your side blocks {host}",
        f"This 403 was not written by {host}. The page bears the marks of {mark.vendor}, which stands "
        f"{'on this machine' if local else 'between you and the internet'} and decides by address or category what "
        "may pass.",
        http.exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.quote, 100)}`",
        fixes=(ask("whoever runs the filter", wish, why="a person has to act"),),
        unlike={"http-403-waf-block": "the page is a filter's, not one of the site's own firewall"},
        side="you" if local else None,
    )


def _refused_by_box(case: Case) -> Finding | None:
    """A box signs in every server's name, and refuses unrelated hosts with the same status."""
    exchange = http.answer(case, *_BY_A_BOX)
    shown = resigned.boxs_own(case) if exchange else ()
    if not exchange or not shown:
        return None
    host = http.host(exchange)
    return finding(
        f"a box on your network answers {exchange.status} in the name of {host}, and of other hosts",
        f"This {exchange.status} was not written by {host}. Somebody on the way signs certificates in every server's "
        "name, and gives unrelated hosts the same answer. Its root is trusted here, so nothing failed before.",
        http.exchange_evidence(case, exchange),
        shown,
        fixes=ask_network_owner(f"to allow {host}, and send them the evidence above", why="a person has to act"),
        unlike={"http-403-unexplained" if exchange.status == 403 else "http-4xx-other": "unrelated hosts answer alike"},
    )


_NETWORK, _COUNTRY = "the network (AS) that your address belongs to", "the country that your address belongs to"


def http_403_ip_or_geo(case: Case) -> Finding | None:
    """Holds when the refusal says that it is for where the request comes from."""
    exchange = http.answer(case, 403)
    mark = exchange and blocking_mark(case, exchange, "address")
    if exchange and http.cloudflare_meaning(case) == "address":
        code = http.cloudflare_code(case)
        what = _NETWORK if code == 1005 else _COUNTRY if code == 1009 else "your address"
        quote = f"Cloudflare's error {code}"
    elif exchange and mark:
        what, quote = _COUNTRY, f"`{shortened(mark.quote, 100)}`"
    else:
        return None
    return finding(
        f"{http.says(exchange)}: it does not serve {what}",
        f"The site's front refuses {what}, and nothing in the request itself will change that. Cloud and CI networks "
        "are shut out in this way more often than homes. Another lawful source of the same bytes is the way round.",
        http.exchange_evidence(case, exchange),
        f"the page says so: {quote}",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-403-user-agent": "the refusal names the address, not the program"},
    )


def http_403_waf_block(case: Case) -> Finding | None:
    """Holds when the refusal bears the marks of the site's application firewall."""
    exchange = http.answer(case, 403, 406) or _dressed_as_success(case)
    if exchange is None or http.store_error(case) or filter_mark(case, exchange):
        return None
    mark = blocking_mark(case, exchange, "firewall")
    by_address = http.cloudflare_meaning(case) not in (None, "firewall") or blocking_mark(case, exchange, "address")
    if mark is None or by_address:
        return None
    code = http.cloudflare_code(case)
    number = f" (error {code})" if code else ""
    return finding(
        f"{http.says(exchange)}: the site's firewall, {mark.vendor}{number}, blocks the request",
        f"The answer is a block page of {mark.vendor}, which the site's owner put before it. It offers no way to pass. "
        "Only the owner can see which rule was hit, by the number on the page.",
        http.exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.quote, 100)}`",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-403-corporate-filter": f"the page is that of {mark.vendor}, which works for the site"},
    )


def _dressed_as_success(case: Case) -> ev.Exchange | None:
    """An answer with status 200 whose body is a refusal: F5's is sent so unless its owner chose otherwise."""
    exchange = http.answer(case, 200)
    mark = exchange and blocking_mark(case, exchange, "firewall")
    return exchange if mark and mark.id == "f5-asm" else None


CAUSES: tuple[Cause, ...] = (
    cause(http_403_challenge),
    cause(http_403_corporate_filter, needs=(Control.UNRELATED_TLS, Control.TRUST, Control.NEUTRAL_ANSWER)),
    cause(http_403_ip_or_geo),
    cause(http_403_waf_block),
)
