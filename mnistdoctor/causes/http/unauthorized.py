"""401 and its disguises: no token, a token nobody meant to send, a repository that is hidden."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import NEEDS_TOKEN, answer, body, exchange_evidence, host, says, sign_in
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places
from mnistdoctor.wording import shortened


def http_401_netrc(case: Case) -> Finding | None:
    """Holds when the origin refuses credentials from ~/.netrc that nobody asked to be sent."""
    exchange = answer(case, 401, 403)
    if exchange is None or exchange.credentials != "netrc":
        return None
    entry = case.catalogue.by_url(case.subject.url)
    public = entry is not None and entry[0].current
    usual = "%USERPROFILE%\\_netrc" if fixes.on_windows(case) else "~/.netrc"
    file = dict(case.machine.variables).get("NETRC") or usual
    certain = exchange.status == 401 and public
    return finding(
        f"{says(exchange)} to credentials from {file} that were sent unasked",
        f"{case.client.name} sends what {file} holds for a host, or its `default` entry, with "
        "every request there. "
        + (
            "The file is public, and the server refuses it only because those credentials are no longer good. "
            if public
            else ""
        )
        + "An old password or a revoked token in that file is the usual reason.",
        exchange_evidence(case, exchange),
        f"the request carried credentials which {case.client.name} took from {file}",
        fixes=(
            _without_netrc(case),
            Fix(
                title=f"Remove or mend the entry for {host(exchange)}, or the `default` one, in {file}",
                untried="that file is yours",
            ),
        ),
        unlike=certain and {"http-401-token-missing": "credentials were sent, from netrc"},
        perhaps=not certain and ("http-401-token-missing" if exchange.status == 401 else "http-403-unexplained"),
    )


def _without_netrc(case: Case) -> Fix:
    commands: tuple[Command, ...]
    if fixes.on_windows(case):
        commands = (
            fixes.command(case, "New-Item -ItemType File -Force no-netrc | Out-Null"),
            fixes.command(case, "$env:NETRC = (Resolve-Path no-netrc).Path"),
        )
    else:
        commands = (fixes.set_variable(case, "NETRC", "/dev/null"),)
    return Fix(
        title="Leave netrc out, then run the download again in this shell",
        commands=commands,
        untried="a trial sends no credentials, and none were tried in place of these",
    )


def http_401_repo_hidden(case: Case) -> Finding | None:
    """Holds when a hub denies a repository in the way in which missing and private ones look the same."""
    exchange = answer(case, 401, 403, 404)
    hub = marks.hub_meaning(exchange) if exchange else None
    if exchange is None or hub is None or hub[0] != "hidden":
        return None
    return finding(
        f"{says(exchange)}: no such repository, or one that you may not see",
        "The hub gives the same answer for a repository that does not exist and for one that "
        "is private. A slip in the name, a renamed owner, a data set asked for as a model, or a missing "
        "token all end here.",
        exchange_evidence(case, exchange),
        f"the hub's own word: `{hub[1]}`",
        fixes=(
            Fix(
                title="Compare owner and name with the page of the data set, letter by letter",
                untried="the right name is not known",
            ),
            sign_in(case, exchange),
            other_places(case),
        ),
        unlike={"http-403-gated": f"a gated repository is not answered with `{hub[1]}`"},
    )


def http_401_token_missing(case: Case) -> Finding | None:
    """Holds when the origin answers 401, or a store or hub rejects the credentials that were sent."""
    exchange = answer(case, 400, 401, 403)
    if exchange is None or exchange.credentials == "netrc":
        return None
    hub, store = marks.hub_meaning(exchange), marks.store_error(exchange, body(case))
    rejected = (hub and hub[0] == "token") or (store and store.meaning == "token")
    if exchange.status != 401 and not rejected:
        return None
    if exchange.status == 401 and ((hub and not rejected) or (store and store.meaning == "signature")):
        return None
    challenge = exchange.field("www-authenticate")
    sent = bool(exchange.credentials) or bool(rejected)
    scheme = shortened(challenge.split(" ")[0].rstrip(","), 20) if challenge else ""
    wants = f"it wants {NEEDS_TOKEN.get(host(exchange), 'a token or a password')}"
    asks = f"it asks for credentials: `WWW-Authenticate: {shortened(challenge or '', 80)}`"
    source = exchange.credentials or "in the address"
    given = f"credentials were sent ({source})" if sent else "no credentials were sent"
    return finding(
        f"{says(exchange)}: " + ("it does not accept the credentials that were sent" if sent else wants),
        (
            "The server knows the kind of credentials and refuses these: expired, revoked, or for another account. "
            if sent
            else "The file is not for anonymous readers: the server wants to know who asks. "
        )
        + "This is the server itself, not a proxy, which would have said 407.",
        exchange_evidence(case, exchange),
        challenge and asks,
        given,
        fixes=(sign_in(case, exchange), other_places(case)),
        unlike=scheme and {"proxy-auth-required": f"the origin asks, with 401 and the scheme {scheme}"},
        perhaps=not (challenge or rejected) and "http-403-gated",
        certain=bool(challenge) or bool(rejected),
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_401_netrc),
    cause(http_401_repo_hidden),
    cause(http_401_token_missing),
)
