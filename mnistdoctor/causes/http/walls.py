"""Refusals by what stands before a site or before the reader: bot checks, application firewalls, filters."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import marks, remedies
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.http.replies import answer, body, elsewhere, host, says, seen, told_owner

CHALLENGED = (202, 403, 405, 429, 503)
"""Statuses that a bot check is known to wear."""


def wall(case: Case, exchange: ev.Exchange, cause: str) -> marks.Mark | None:
    """The mark of a CDN or firewall that may decide for this cause."""
    text = body(case)
    found = tuple(one for one in marks.matching(exchange, text, "wall") if one.cause == cause)
    theirs = bool(found) and found[0].vendor == "Cloudflare" and marks.by_cloudflare(exchange)
    return marks.convincing(found, witness=theirs)


def faint(case: Case, exchange: ev.Exchange, cause: str) -> tuple[str, ...]:
    """Marks for this cause that are too weak to decide, ready to be shown."""
    found = [one for one in marks.matching(exchange, body(case), "wall") if one.cause == cause]
    return tuple(f"a weak mark of {one.vendor}: `{remedies.shortened(one.seen, 100)}`" for one in found[:1])


def filtered(case: Case, exchange: ev.Exchange) -> marks.Mark | None:
    """The mark of a filter on the reader's side that may decide."""
    text = body(case)
    if marks.matching(exchange, text, "harmless"):
        return None
    decisive = marks.convincing(marks.matching(exchange, text, "filter", "proxy"))
    return decisive if decisive and (decisive.group == "filter" or _of(decisive, exchange, text)) else None


def _of(mark: marks.Mark, exchange: ev.Exchange, text: str) -> bool:
    return any(one.vendor == mark.vendor for one in marks.matching(exchange, text, "filter"))


def challenge(case: Case) -> Finding | None:
    """A bot check that wants a browser with JavaScript."""
    exchange = answer(case, *CHALLENGED)
    mark = wall(case, exchange, "http-403-challenge") if exchange else None
    if exchange is None or mark is None or (exchange.status == 202 and mark.id != "aws-waf-challenge"):
        return None
    return Finding(
        title=f"{says(exchange)}: {mark.vendor} wants proof that a browser with a person is asking",
        explanation="The answer is a check for robots, and no download program can pass it, whatever name "
        f"it gives. It is the site's own choice, made by {mark.vendor}, and often switched on for a time "
        "or for some networks only.",
        evidence=(*seen(case, exchange), f"the mark of it: `{remedies.shortened(mark.seen, 100)}`"),
        fixes=(*elsewhere(case), told_owner(exchange, "ask for the file's path to be exempt from the check")),
        ruled_out=(
            ("http-403-user-agent", "a check of this kind is shown to every program"),
            ("http-429-rate-limited", "the answer bears a challenge, not a limit"),
        ),
    )


def corporate_filter(case: Case) -> Finding | None:
    """A filter on the reader's own side."""
    exchange = answer(case, 403)
    mark = filtered(case, exchange) if exchange else None
    if exchange is None or mark is None:
        return None
    local = "on this machine" in mark.vendor
    return Finding(
        title=f"a web filter ({mark.vendor}) on your side blocks {host(exchange)}",
        explanation=f"This 403 was not written by {host(exchange)}. The page bears the marks of "
        f"{mark.vendor}, which stands {'on this machine' if local else 'between you and the internet'} and "
        "decides by address or category what may pass.",
        evidence=(*seen(case, exchange), f"the mark of it: `{remedies.shortened(mark.seen, 100)}`"),
        fixes=(
            Fix(
                title=f"Ask whoever runs the filter to allow {host(exchange)}, and quote the category that "
                "the page names",
                untried="a person has to act",
            ),
            *elsewhere(case),
        ),
        ruled_out=(("http-403-waf-block", "the page is a filter's, not one of the site's own firewall"),),
        side="you" if local else None,
    )


def ip_or_geo(case: Case) -> Finding | None:
    """Refused for where the request comes from."""
    exchange = answer(case, 403)
    if exchange is None:
        return None
    code = marks.cloudflare_code(exchange, body(case))
    coded = marks.cloudflare_cause(code) == "http-403-ip-or-geo"
    mark = wall(case, exchange, "http-403-ip-or-geo")
    if not coded and mark is None:
        return None
    meanings = {1005: "the network (AS) that your address belongs to", 1009: "the country that your address belongs to"}
    what = meanings.get(code or 0, "your address") if coded else "the country that your address belongs to"
    shown = f"Cloudflare's error {code}" if coded or mark is None else f"`{remedies.shortened(mark.seen, 100)}`"
    return Finding(
        title=f"{says(exchange)}: it does not serve {what}",
        explanation=f"The site's front refuses {what}, and nothing in the request itself will change that. "
        "Cloud and CI networks are shut out in this way more often than homes. Another lawful source of "
        "the same bytes is the way round.",
        evidence=(*seen(case, exchange), f"the page says so: {shown}"),
        fixes=(*elsewhere(case), told_owner(exchange)),
        ruled_out=(("http-403-user-agent", "the refusal names the address, not the program"),),
    )


def waf_block(case: Case) -> Finding | None:
    """The site's application firewall took the request for an attack, or its owner shut the path."""
    exchange = answer(case, 403, 406) or _dressed_as_success(case)
    if exchange is None or marks.store_error(exchange, body(case)) or filtered(case, exchange):
        return None
    code = marks.cloudflare_code(exchange, body(case))
    coded = marks.cloudflare_cause(code)
    mark = wall(case, exchange, "http-403-waf-block")
    if mark is None or coded not in (None, "http-403-waf-block") or wall(case, exchange, "http-403-ip-or-geo"):
        return None
    number = f" (error {code})" if code else ""
    return Finding(
        title=f"{says(exchange)}: the site's firewall, {mark.vendor}{number}, blocks the request",
        explanation=f"The answer is a block page of {mark.vendor}, which the site's owner put before it. "
        "It offers no way to pass. Only the owner can see which rule was hit, by the number on the page.",
        evidence=(*seen(case, exchange), f"the mark of it: `{remedies.shortened(mark.seen, 100)}`"),
        fixes=(*elsewhere(case), told_owner(exchange)),
        ruled_out=(("http-403-corporate-filter", f"the page is that of {mark.vendor}, which works for the site"),),
    )


def _dressed_as_success(case: Case) -> ev.Exchange | None:
    """An answer with status 200 whose body is a refusal: F5's is sent so unless its owner chose otherwise."""
    exchange = answer(case, 200)
    mark = wall(case, exchange, "http-403-waf-block") if exchange else None
    return exchange if mark and mark.id == "f5-asm" else None


CHALLENGE = Cause(
    id="http-403-challenge",
    side="server",
    retry="later",
    summary="A bot check that only a browser passes",
    story="""The site, or the CDN before it, answers with a page that runs a script or shows a puzzle. \
A download program gets that page instead of the file, under 403, 429, 503, 202 or 405.

It shows by a field (`cf-mitigated: challenge`, `x-amzn-waf-action`) or by marks in the page. A 429 with \
such a mark is no `http-429-rate-limited`, and a 503 no `http-503-overload`. A block page that offers no \
way to pass is `http-403-waf-block`; one from your own network is `http-403-corporate-filter`; the same \
page under status 200 is `body-challenge-page`.

Use a documented API, a bucket or a mirror, or ask the owner to exempt the file's path. Do not use \
services that solve challenges, and do not copy a browser's cookies into a script.""",
    holds=challenge,
)

CORPORATE_FILTER = Cause(
    id="http-403-corporate-filter",
    side="network",
    retry="no",
    summary="A web filter on your side wrote the 403",
    story="""A gateway, a filtering resolver or a security program on your side answered in the site's \
place. The site never saw the request, or its answer was thrown away.

The page or its fields bear a filter's marks, often together with `tls-intercepted`. A firewall that the \
site itself has hired is `http-403-waf-block`. A refusal before TLS, on CONNECT, is \
`proxy-connect-denied`; the same page under status 200 is `body-block-page`.

Ask the people who run the filter to allow the host, and quote the category and the number on the page. Do \
not rename or re-encode files to slip past it.""",
    holds=corporate_filter,
)

IP_OR_GEO = Cause(
    id="http-403-ip-or-geo",
    side="server",
    retry="no",
    summary="The site refuses your address, network or country",
    story="""Where the request comes from decides: the country, the operator's network, or the single \
address. Programs and headers make no difference.

Cloudflare numbers such refusals (1005 network, 1006 to 1008 and 1106 address, 1009 country); CloudFront \
says it in words. A refusal that depends on the program's name is `http-403-user-agent`; one that passes \
with time is `http-429-shared-address`; one by law is `http-451-legal`.

Use a mirror in your region or keep the file as an artifact of your own CI. Do not go round a limit that \
law or licence set.""",
    holds=ip_or_geo,
)

WAF_BLOCK = Cause(
    id="http-403-waf-block",
    side="server",
    retry="later",
    summary="The site's own firewall blocks the request",
    story="""An application firewall before the site (Cloudflare, CloudFront, Akamai, Imperva, F5, \
Sucuri) matched a rule and answers with a block page.

Its page has a number: a ray, a reference, an incident or a support ID. A page that could be passed by a \
browser is `http-403-challenge`; one of your own network's filter is `http-403-corporate-filter`; a \
store's XML is `http-403-object-not-public`. When an honest agent's name is let through it is \
`http-403-user-agent`.

Send the owner that number and the time, and use another source meanwhile. Do not change addresses to get \
through.""",
    holds=waf_block,
)
