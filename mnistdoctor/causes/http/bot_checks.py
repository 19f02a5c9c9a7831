"""Refusals by what stands before a site or before the reader: bot checks, application firewalls, filters."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.bot_checks import blocking_mark, filter_mark
from mnistdoctor.causes.facts.http import answer, body, exchange_evidence, host, says
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.wording import shortened

CHALLENGED = (202, 403, 405, 429, 503)
"""Statuses that a bot check is known to wear."""


def http_403_challenge(case: Case) -> Finding | None:
    """Holds when the refusal is a bot check that wants a browser with JavaScript."""
    exchange = answer(case, *CHALLENGED)
    mark = blocking_mark(case, exchange, "challenge") if exchange else None
    if exchange is None or mark is None or (exchange.status == 202 and mark.id != "aws-waf-challenge"):
        return None
    return finding(
        f"{says(exchange)}: {mark.vendor} wants proof that a browser with a person is asking",
        "The answer is a check for robots, and no download program can pass it, whatever name "
        f"it gives. It is the site's own choice, made by {mark.vendor}, and often switched on for a time "
        "or for some networks only.",
        exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.seen, 100)}`",
        fixes=(other_places(case), tell_owner(exchange, "ask for the file's path to be exempt from the check")),
        unlike={
            "http-403-user-agent": "a check of this kind is shown to every program",
            "http-429-rate-limited": "the answer bears a challenge, not a limit",
        },
    )


def http_403_corporate_filter(case: Case) -> Finding | None:
    """Holds when the refusal bears the marks of a filter on the reader's own side."""
    exchange = answer(case, 403)
    mark = filter_mark(case, exchange) if exchange else None
    if exchange is None or mark is None:
        return None
    local = "on this machine" in mark.vendor
    return finding(
        f"a web filter ({mark.vendor}) on your side blocks {host(exchange)}",
        f"This 403 was not written by {host(exchange)}. The page bears the marks of "
        f"{mark.vendor}, which stands {'on this machine' if local else 'between you and the internet'} and "
        "decides by address or category what may pass.",
        exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.seen, 100)}`",
        fixes=(
            Fix(
                title=f"Ask whoever runs the filter to allow {host(exchange)}, and quote the category that "
                "the page names",
                untried="a person has to act",
            ),
            other_places(case),
        ),
        unlike={"http-403-waf-block": "the page is a filter's, not one of the site's own firewall"},
        side="you" if local else None,
    )


def http_403_ip_or_geo(case: Case) -> Finding | None:
    """Holds when the refusal says that it is for where the request comes from."""
    exchange = answer(case, 403)
    if exchange is None:
        return None
    code = marks.cloudflare_code(exchange, body(case))
    coded = marks.cloudflare_meaning(code) == "address"
    mark = blocking_mark(case, exchange, "address")
    if not coded and mark is None:
        return None
    meanings = {1005: "the network (AS) that your address belongs to", 1009: "the country that your address belongs to"}
    what = meanings.get(code or 0, "your address") if coded else "the country that your address belongs to"
    shown = f"Cloudflare's error {code}" if coded or mark is None else f"`{shortened(mark.seen, 100)}`"
    return finding(
        f"{says(exchange)}: it does not serve {what}",
        f"The site's front refuses {what}, and nothing in the request itself will change that. "
        "Cloud and CI networks are shut out in this way more often than homes. Another lawful source of "
        "the same bytes is the way round.",
        exchange_evidence(case, exchange),
        f"the page says so: {shown}",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-403-user-agent": "the refusal names the address, not the program"},
    )


def http_403_waf_block(case: Case) -> Finding | None:
    """Holds when the refusal bears the marks of the site's application firewall."""
    exchange = answer(case, 403, 406) or _dressed_as_success(case)
    if exchange is None or marks.store_error(exchange, body(case)) or filter_mark(case, exchange):
        return None
    code = marks.cloudflare_code(exchange, body(case))
    coded = marks.cloudflare_meaning(code)
    mark = blocking_mark(case, exchange, "firewall")
    if mark is None or coded not in (None, "firewall") or blocking_mark(case, exchange, "address"):
        return None
    number = f" (error {code})" if code else ""
    return finding(
        f"{says(exchange)}: the site's firewall, {mark.vendor}{number}, blocks the request",
        f"The answer is a block page of {mark.vendor}, which the site's owner put before it. "
        "It offers no way to pass. Only the owner can see which rule was hit, by the number on the page.",
        exchange_evidence(case, exchange),
        f"the mark of it: `{shortened(mark.seen, 100)}`",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-403-corporate-filter": f"the page is that of {mark.vendor}, which works for the site"},
    )


def _dressed_as_success(case: Case) -> ev.Exchange | None:
    """An answer with status 200 whose body is a refusal: F5's is sent so unless its owner chose otherwise."""
    exchange = answer(case, 200)
    mark = blocking_mark(case, exchange, "firewall") if exchange else None
    return exchange if mark and mark.id == "f5-asm" else None


CAUSES: tuple[Cause, ...] = (
    cause(http_403_challenge),
    cause(http_403_corporate_filter),
    cause(http_403_ip_or_geo),
    cause(http_403_waf_block),
)
