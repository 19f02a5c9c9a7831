"""401 and its disguises: no token, a token nobody meant to send, a repository that is hidden."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http, marks
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, sign_in
from mnistdoctor.wording import shortened


def http_401_netrc(case: Case) -> Finding | None:
    """Holds when the origin refuses credentials from ~/.netrc that nobody asked to be sent."""
    exchange = http.answer(case, 401, 403)
    if exchange is None or exchange.credentials != "netrc":
        return None
    entry = case.catalogue.by_url(case.subject.url)
    public = entry is not None and entry[0].current
    usual = "%USERPROFILE%\\_netrc" if fixes.on_windows(case) else "~/.netrc"
    file = dict(case.machine.variables).get("NETRC") or usual
    certain = exchange.status == 401 and public
    revoked = "The file is public, and the server refuses it only because those credentials are no longer good. "
    return finding(
        f"{http.says(exchange)} to credentials from {file} that were sent unasked",
        f"{case.client.name} sends what {file} holds for a host, or its `default` entry, with every request there. "
        + (revoked if public else "")
        + "An old password or a revoked token in that file is the usual reason.",
        http.exchange_evidence(case, exchange),
        f"the request carried credentials which {case.client.name} took from {file}",
        fixes=(
            _without_netrc(case),
            Fix(
                title=f"Remove or mend the entry for {http.host(exchange)}, or the `default` one, in {file}",
                untried="that file is yours",
            ),
        ),
        unlike=certain and {"http-401-token-missing": "credentials were sent, from netrc"},
        perhaps=not certain and ("http-401-token-missing" if exchange.status == 401 else "http-403-unexplained"),
    )


def _without_netrc(case: Case) -> Fix:
    if fixes.on_windows(case):
        lines = "New-Item -ItemType File -Force no-netrc | Out-Null", "$env:NETRC = (Resolve-Path no-netrc).Path"
        commands = tuple(fixes.command(case, line) for line in lines)
    else:
        commands = (fixes.set_variable(case, "NETRC", "/dev/null"),)
    return Fix(
        title="Leave netrc out, then run the download again in this shell",
        commands=commands,
        change=Change(netrc=False),
    )


def http_401_repo_hidden(case: Case) -> Finding | None:
    """Holds when a hub denies a repository in the way in which missing and private ones look the same."""
    exchange = http.answer(case, 401, 403, 404)
    hub = marks.hub_reason(exchange)
    if exchange is None or hub is None or hub.meaning != "hidden":
        return None
    return finding(
        f"{http.says(exchange)}: no such repository, or one that you may not see",
        "The hub gives the same answer for a repository that does not exist and for one that is private. A slip in "
        "the name, a renamed owner, a data set asked for as a model, or a missing token all end here.",
        http.exchange_evidence(case, exchange),
        f"the hub's own word: `{hub.quote}`",
        fixes=(
            Fix(
                title="Compare owner and name with the page of the data set, letter by letter",
                untried="the right name is not known",
            ),
            sign_in(case, exchange),
            other_places(case),
        ),
        unlike={"http-403-gated": f"a gated repository is not answered with `{hub.quote}`"},
    )


def http_401_token_missing(case: Case) -> Finding | None:
    """Holds when the origin answers 401, or a store or hub rejects the credentials that were sent."""
    exchange = http.answer(case, 400, 401, 403)
    if exchange is None or exchange.credentials == "netrc":
        return None
    hub, store = marks.hub_reason(exchange), http.store_error(case)
    rejected = bool((hub and hub.meaning == "token") or (store and store.meaning == "token"))
    other_reason = (hub and not rejected) or (store and store.meaning == "signature")
    if (exchange.status == 401 and other_reason) or (exchange.status != 401 and not rejected):
        return None
    challenge = exchange.field("www-authenticate") or ""
    scheme = shortened(challenge.split(" ")[0].rstrip(","), 20)
    if exchange.credentials or rejected:
        what = "it does not accept the credentials that were sent"
        why = "The server knows the kind of credentials and refuses these: expired, revoked, or for another account."
        sent = f"credentials were sent ({exchange.credentials or 'in the address'})"
    else:
        what = f"it wants {http.credentials(exchange).get('wants', 'a token or a password')}"
        why = "The file is not for anonymous readers: the server wants to know who asks."
        sent = "no credentials were sent"
    return finding(
        f"{http.says(exchange)}: {what}",
        f"{why} This is the server itself, not a proxy, which would have said 407.",
        http.exchange_evidence(case, exchange),
        challenge and f"it asks for credentials: `WWW-Authenticate: {shortened(challenge, 80)}`",
        sent,
        fixes=(sign_in(case, exchange), other_places(case)),
        unlike=scheme and {"proxy-auth-required": f"the origin asks, with 401 and the scheme {scheme}"},
        perhaps=not (challenge or rejected) and "http-403-gated",
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_401_netrc),
    cause(http_401_repo_hidden),
    cause(http_401_token_missing),
)
