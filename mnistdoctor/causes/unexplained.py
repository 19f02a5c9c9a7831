"""The last cause of all: something failed, and no rule says why. It shows what was seen and claims nothing."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts import http
from mnistdoctor.causes.facts.body import CHECKED, compared, in_place_of_data, wrong
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_NO_ANSWER = (Failure.DEADLINE, Failure.INTERRUPTED, Failure.REDIRECT_PRIVATE)
"""What ends an examination before there is an answer: inconclusive, not unexplained."""

_DOING = {
    ev.Address: "reading the URL",
    ev.Route: "choosing the proxy",
    ev.Trust: "loading the trust store",
    ev.Lookup: "looking up the name",
    ev.Connect: "connecting",
    ev.Tunnel: "asking the proxy for a way through",
    ev.Handshake: "the TLS handshake",
    ev.Exchange: "the request",
    ev.Transfer: "the transfer of the body",
    ev.Content: "looking at the content",
}


_UNFIT = {
    26: "the certificate is not made for servers; the server may show that of a client",
    47: "an authority above it may sign for other names only, as the private one of an organisation may",
    48: "an authority above it may not sign for this name",
}
"""X509_V_ERR_* that no cause of the list has to itself."""


def unexplained(case: Case) -> Finding | None:
    """Holds when something that the client needs failed, and no other rule holds."""
    if (found := _led_nowhere(case)) is not None:
        return found
    stopped = case.stopped_by
    unfit = isinstance(stopped, ev.Handshake) and stopped.failure == Failure.INVALID_CERTIFICATE
    if stopped is not None:
        if stopped.failure in _NO_ANSWER:
            return None
        doing = _DOING.get(type(stopped), stopped.kind)
        title = f"{doing} failed ({_words(case, stopped)}), and no known cause fits"
        evidence = _story(stopped)
    else:
        bad = wrong(case)
        if bad is None and not _not_data(case):
            return None
        title = f"what {case.host} sends is not the file that was due, and no known cause fits"
        content = case.content
        what = f"the content looks like {content.what}" if content and content.what else ""
        damage = f"the {content.what} content {content.damage}" if content and content.damage else ""
        evidence = (*(compared(case, bad) if bad else ()), *(one for one in (what, damage) if one))
    return finding(
        title,
        "The examination saw the failure, but nothing that tells it from its look-alikes. What was seen is "
        "listed below as it was; guessing would only send you the wrong way.",
        evidence,
        fixes=(
            other_sources(case),
            stopped is not None and not unfit and fetch_again(case),
            Fix(
                title="Report it to mnistdoctor's issue tracker: `--format markdown` writes the message",
                untried="a report is yours to send",
            ),
        ),
        certain=False,
        retry="no" if unfit else None,
    )


def _not_data(case: Case) -> bool:
    """Whether the body cannot be the data that was due, although no length or digest is known."""
    content = case.content
    if in_place_of_data(case) is None or content is None:
        return False
    damaged = content.intact is False and content.what in CHECKED and "trailing" not in content.damage
    return damaged or content.what in ("html", "xml", "lfs-pointer", "empty")


def _words(case: Case, stopped: ev.Observation) -> str:
    if isinstance(stopped, ev.Exchange) and stopped.status is not None and stopped.status >= 400:
        return f"{case.host} answered {stopped.status}"
    return (stopped.failure or "").replace("_", " ")


def _story(stopped: ev.Observation) -> tuple[str, ...]:
    """What ended the examination, field by field."""
    said = [f"{stopped.stage or 'before the wire'}: {stopped.failure} after {stopped.duration_s:.2f} s"]
    if isinstance(stopped, ev.Exchange) and stopped.location:
        said.append(f"Location: {shortened(stopped.location, 200)}")
    if stopped.detail:
        said.append(shortened(stopped.detail, 200))
    if isinstance(stopped, (ev.Exchange, ev.Tunnel)) and stopped.status is not None:
        said.append(f"status {stopped.status} {shortened(stopped.reason, 60)}".rstrip())
        for name in ("Server", "Via", "Content-Type"):
            value = ev.field(stopped.fields, name)
            if value:
                said.append(f"{name}: {shortened(value, 80)}")
    if isinstance(stopped, ev.Connect):
        said.append(f"{stopped.address} port {stopped.port}: {stopped.errno or 'no errno'}")
    if isinstance(stopped, ev.Handshake):
        said.append(f"{stopped.received} bytes had come, OpenSSL says {stopped.reason or 'nothing'}")
        meaning = _UNFIT.get(stopped.verify_code or 0)
        said += [f"verify code {stopped.verify_code}: {meaning}"] if meaning else []
    if isinstance(stopped, ev.Transfer):
        said.append(f"{stopped.received} bytes had come, {stopped.declared or 'no length'} declared")
    return tuple(said)


def _led_nowhere(case: Case) -> Finding | None:
    """A 3xx that does not say where to go, or that nothing had asked for (RFC 9110 section 15.4)."""
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
        certain=False,
        side="server",
        retry="no",
    )


CAUSES: tuple[Cause, ...] = (cause(unexplained),)
