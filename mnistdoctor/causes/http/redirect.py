"""Redirects that lead round in a circle, to a sign-in page, or into a private network."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.http import body, first_host, host, sign_in
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_SIGN_IN_HOSTS = re.compile(
    r"^(accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|.+\.okta\.com|.+\.auth0\.com|.+\.onelogin\.com)$"
)
_SIGN_IN_NAMES = re.compile(r"^(login|signin|sign-in|sso|idp|auth|accounts?|adfs|cas|shibboleth)\d*\.")
_SIGN_IN_PATHS = re.compile(
    r"/(log-?in|log-?on|sign-?in|sso|saml2?|adfs|oauth2?|authorize|authenticate)(/|\.|$)", re.IGNORECASE
)
_SIGN_IN_FORM = re.compile(r"<input[^>]{0,200}type\s*=\s*[\"']?password", re.IGNORECASE)
_SIGN_IN_TITLE = re.compile(r"\b(sign[ -]?in|log[ -]?in|log[ -]?on|single sign-on|authentication)\b", re.IGNORECASE)


def chain(case: Case, most: int = 6) -> tuple[str, ...]:
    """Each hop with its status, one sentence each."""
    hops = [one for one in case.all(ev.Exchange) if one.status is not None]
    told = [f"hop {at}: {shortened(one.url, 140)} answered {one.status}" for at, one in enumerate(hops, 1)]
    return (*told[: most - 1], f"and {len(told) - most} more", told[-1]) if len(told) > most else tuple(told)


def http_redirect_loop(case: Case) -> Finding | None:
    """Holds when the hops repeat, or there are more of them than the client follows."""
    refused = case.stopped(ev.Exchange, Failure.REDIRECT_LOOP)
    if refused is None:
        return None
    hops = [one for one in case.all(ev.Exchange) if one.status is not None]
    if not hops:
        return None
    asked = [one.url for one in hops]
    returns = refused.url in asked
    size = asked[::-1].index(refused.url) + 1 if returns else 0
    schemes = {split_url(url).scheme for url in asked[-size:]} if returns else set()
    cookies = case.client.family in ("urllib", "curl") and any(one.field("set-cookie") for one in hops)
    notes = [f"{shortened(refused.url, 140)} came up again"] if returns else []
    notes += ["it goes to and fro between http and https"] if len(schemes) > 1 else []
    notes += [f"a hop sets a cookie, and {case.client.name} does not send it back"] if cookies else []
    circle = "to itself" if size == 1 else f"in a circle of {size} addresses"
    more = "It meets an address that it has been to, so more patience would not help. "
    limit = f"{case.client.name} follows at most {case.client.max_redirects} redirects, and the chain goes on. "
    return finding(
        f"{first_host(case)} redirects "
        + (circle if returns else f"more than {max(len(asked) - 1, 0)} times in a row"),
        "Each answer sends the program on, and the file never comes. "
        + (more if returns else limit)
        + "The server's own rules are at fault, or a proxy that rewrites https to http.",
        (*chain(case), *notes) or (refused.detail or "the redirects did not end",),
        fixes=(other_places(case), tell_owner(hops[-1] if hops else refused)),
        unlike=returns and {"http-redirect-to-login": "no hop ends at a page"},
        perhaps=not returns and "http-redirect-to-login",
    )


def private(case: Case) -> str | None:
    """A redirect from a public address to a private one, which was not followed."""
    seen = case.all(ev.Exchange)
    last = next((one for one in seen if one.failure == Failure.REDIRECT_PRIVATE), None)
    if last is None:
        return None
    where = f"{host(last)} ({last.detail})" if last.detail and last.detail != host(last) else host(last)
    option = "`--allow-private-redirect` would"
    return f"{host(seen[0])} redirects to a private address, {shortened(where, 80)}: not followed ({option})"


def http_redirect_to_login(case: Case) -> Finding | None:
    """Holds when the redirects end at a sign-in page."""
    exchange = case.exchange
    hops = len({one.hop for one in case.all(ev.Exchange)})
    if exchange is None or hops < 2:
        return None
    named = bool(_SIGN_IN_HOSTS.match(host(exchange)))
    # A host for nothing but signing in was never a place of data, whatever it answers to a program.
    if not (exchange.status == 200 and _html(case, exchange)) and not (named and exchange.status):
        return None
    signs = _signs(case, exchange)
    if not signs or (len(signs) == 1 and not named) or _is_sign_in(split_url(case.subject.url).path):
        return None
    first = case.all(ev.Exchange)[0]
    sure = _proved(case)
    controls = () if sure else case.ask(Control.PORTAL, ev.Exchange)
    open_ = any(one.status == 204 for one in controls)
    verified = "the redirect came over verified TLS from the host itself"
    how = verified if sure else "a control with a known answer was not diverted"
    return finding(
        f"{host(first)} sends you on to "
        + ("its sign-in page" if host(first) == host(exchange) else f"a sign-in page at {host(exchange)}"),
        "The address wants a signed-in person and answers everybody else with a form to sign "
        "in. The program got that page, under status 200, in place of the file. Saved under the file's "
        "name it will look like a corrupt download.",
        chain(case),
        signs,
        fixes=(
            sign_in(case, first),
            other_places(case),
            Fix(
                title="Where your company's proxy asks you to sign in: do so in a browser, then try again",
                untried="only you can sign in",
            ),
        ),
        unlike=(sure or open_) and {"captive-portal": how},
        perhaps=not (sure or open_) and "captive-portal",
    )


def _html(case: Case, exchange: ev.Exchange) -> bool:
    kind = (exchange.field("content-type") or "").lower()
    return case.content.what == "html" if case.content else kind.startswith("text/html")


def _is_sign_in(path: str) -> bool:
    return bool(_SIGN_IN_PATHS.search(path))


def _signs(case: Case, exchange: ev.Exchange) -> tuple[str, ...]:
    """What shows that the last page is one to sign in at."""
    name, path = host(exchange), split_url(exchange.url).path
    title = case.content.title if case.content else ""
    told = []
    if _SIGN_IN_HOSTS.match(name) or _SIGN_IN_NAMES.match(name):
        told.append(f"{name} is a host to sign in at")
    if _is_sign_in(path):
        told.append(f"its path, {shortened(path, 60)}, is that of a sign-in page")
    if _SIGN_IN_TITLE.search(title):
        told.append(f"the page is titled “{shortened(title, 80)}”")
    if _SIGN_IN_FORM.search(body(case)):
        told.append("the page has a field for a password")
    return tuple(told)


def _proved(case: Case) -> bool:
    """Whether the first redirect came over TLS that was verified, so that nobody on the way can have made it."""
    made = case.all(ev.Handshake, hop=0)
    return bool(made) and made[-1].failure is None and made[-1].verify_code == 0 and made[-1].peer == "origin"


def _never(_case: Case) -> Finding | None:
    return None


CAUSES: tuple[Cause, ...] = (
    cause(http_redirect_loop),
    cause(http_redirect_to_login, needs=(Control.PORTAL,)),
    Cause("http-redirect-private", holds=None, warns=private),
)
