"""Redirects that lead round in a circle, to a sign-in page, into a private network, or to no address."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, object_stores, pages, portal, sign_in_pages
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import take
from mnistdoctor.causes.http.fixes import other_places, sign_in, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def _hops(case: Case) -> tuple[ev.Exchange, ...]:
    return tuple(one for one in case.all(ev.Exchange) if one.status is not None)


def _chain(case: Case, most: int = 6) -> tuple[str, ...]:
    """Each hop with its status, one sentence each."""
    hops = [f"hop {at}: {shortened(one.url, 140)} answered {one.status}" for at, one in enumerate(_hops(case), 1)]
    return (*hops[: most - 1], f"and {len(hops) - most} more", hops[-1]) if len(hops) > most else tuple(hops)


def http_redirect_loop(case: Case) -> Finding | None:
    """Holds when the hops repeat, or there are more of them than the client follows."""
    refused, hops = case.stopped(ev.Exchange, Failure.REDIRECT_LOOP), _hops(case)
    if refused is None or not hops:
        return None
    asked = [one.url for one in hops]
    size = asked[::-1].index(refused.url) + 1 if refused.url in asked else 0
    if size:
        way = "to itself" if size == 1 else f"in a circle of {size} addresses"
        patience = "It meets an address that it has been to, so more patience would not help."
    else:
        way = f"more than {len(asked) - 1} times in a row"
        patience = f"{case.client.name} follows at most {case.client.max_redirects} redirects, and the chain goes on."
    schemes = {split_url(url).scheme for url in asked[-size:]} if size else set()
    cookies = not case.client.cookies and any(one.field("set-cookie") for one in hops)
    return finding(
        f"{http.first_host(case)} redirects {way}",
        f"Each answer sends the program on, and the file never comes. {patience} The server's own rules are at fault, "
        "or a proxy that rewrites https to http.",
        _chain(case),
        size and f"{shortened(refused.url, 140)} came up again",
        len(schemes) > 1 and "it goes to and fro between http and https",
        cookies and f"a hop sets a cookie, and {case.client.name} does not send it back",
        fixes=(other_places(case), tell_owner(hops[-1])),
        unlike=size and {"http-redirect-to-login": "no hop ends at a page"},
        perhaps=not size and "http-redirect-to-login",
    )


def private_redirect(case: Case) -> str | None:
    """A redirect from a public address to a private one, which was not followed."""
    exchanges = case.all(ev.Exchange)
    last = next((one for one in exchanges if one.failure == Failure.REDIRECT_PRIVATE), None)
    if last is None:
        return None
    host = http.host(last)
    where = f"{host} ({last.detail})" if last.detail not in ("", host) else host
    option = "`--allow-private-redirect` would"
    return f"{http.host(exchanges[0])} redirects to a private address, {shortened(where, 80)}: not followed ({option})"


def http_redirect_to_login(case: Case) -> Finding | None:
    """Holds when the redirects end at a sign-in page."""
    exchange, exchanges = case.exchange, case.all(ev.Exchange)
    if exchange is None or len({one.hop for one in exchanges}) < 2:
        return None
    first, host, signs = http.host(exchanges[0]), http.host(exchange), sign_in_pages.signs(case)
    # A host for nothing but signing in was never a place of data, whatever it answers to a program.
    named = sign_in_pages.only_signs_in(host) and exchange.status
    if not (signs if named else exchange.status == 200 and pages.html_answered(case) and len(signs) > 1):
        return None
    if sign_in_pages.has_sign_in_path(case.subject.url):
        return None
    if _over_verified_tls(case):
        not_diverted = "the redirect came over verified TLS from the host itself"
    elif any(one.right for one in portal.checks(case)):
        not_diverted = "a control with a known answer was not diverted"
    else:
        not_diverted = ""
    return finding(
        f"{first} sends you on to " + ("its sign-in page" if first == host else f"a sign-in page at {host}"),
        "The address wants a signed-in person and answers everybody else with a form to sign in. The program got that "
        "page, under status 200, in place of the file. Saved under the file's name it will look like a corrupt "
        "download.",
        _chain(case),
        signs,
        fixes=(
            sign_in(case, exchanges[0]),
            other_places(case),
            Fix(
                title="Where your company's proxy asks you to sign in: do so in a browser, then try again",
                untried="only you can sign in",
            ),
        ),
        unlike={"captive-portal": not_diverted},
        perhaps=not not_diverted and "captive-portal",
    )


def _over_verified_tls(case: Case) -> bool:
    """Whether the first redirect came over TLS that was verified, so that nobody on the way can have made it."""
    match case.all(ev.Handshake, hop=0):
        case (*_, ev.Handshake(failure=None, verify_code=0, peer="origin")):
            return True
    return False


def http_301_region(case: Case) -> Finding | None:
    """Holds when an S3 bucket answers that it lives in another region, and does not say where to."""
    exchange, store = http.answer(case, 301, 307, 400), http.store_error(case)
    if exchange is None or exchange.location:
        return None
    region, endpoint = object_stores.region(exchange, http.body(case)), store.endpoint if store else None
    if not (store and store.meaning == "region") and not (region and exchange.status in (301, 307)):
        return None
    url, named = object_stores.own_address(exchange.url, endpoint, region), endpoint or region or ""
    name = f" ({named})" if re.fullmatch(r"[a-z0-9.-]{1,80}", named) else ""
    if url:
        fix = take(case, url, f"Use the bucket's own address, {split_url(url).hostname}")
    else:
        title = f"Use the address of the bucket's own region{name}"
        fix = Fix(title=title, untried="the store does not say the whole address")
    return finding(
        f"{http.says(exchange)}: the bucket lives in another region{name}",
        "S3 knows the bucket and says where it lives, but gives no Location that a download program could follow. The "
        "same key at the bucket's own address will do.",
        http.exchange_evidence(case, exchange),
        region and f"it names the region {region}",
        fixes=(fix, other_places(case)),
        unlike={"http-redirect-loop": "there was nowhere to go on to"},
    )


def http_redirect_nowhere(case: Case) -> Finding | None:
    """Holds when a 3xx names no address that a client could go to, or was not asked for (RFC 9110 section 15.4)."""
    exchange = case.exchange
    refused = case.stopped(ev.Exchange, Failure.REDIRECT_LOCATION)
    if refused is not None:
        exchange = next((one for one in reversed(case.all(ev.Exchange)) if one.status is not None), None)
    if exchange is None or not 300 <= (exchange.status or 0) < 400 or (exchange.location and not refused):
        return None
    if not refused and (exchange.field("x-amz-bucket-region") or http.store_error(case)):
        return None
    given = ev.field(exchange.fields, "location")
    redirects = exchange.status in (301, 302, 303, 307, 308)
    what = f"`Location: {shortened(given, 80)}` is no address" if given else "there is no Location field"
    return finding(
        f"{http.host(exchange)} answers {exchange.status}, "
        + ("a redirect, and does not say where to" if redirects else "and sends neither the file nor an address"),
        "The server points elsewhere and gives no address that a program could go to. That is "
        "a fault of the server, or of a cache before it: the file may be there, but it is not handed out.",
        f"{exchange.method} {shortened(exchange.url, 200)} was answered {exchange.status}",
        what,
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-redirect-loop": "there was nowhere to go on to"},
        perhaps=exchange.via == "proxy" and "proxy-upstream-failed",
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_redirect_loop),
    cause(http_redirect_to_login, needs=(Control.PORTAL,)),
    Cause("http-redirect-private", holds=None, warns=private_redirect),
    cause(http_301_region),
    cause(http_redirect_nowhere),
)
