"""The last cause of all: something failed, and no rule says why. It shows what was seen and claims nothing."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import expected, pages
from mnistdoctor.causes.finding import Sentences, finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.failure import Failure, in_words
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


def unexplained(case: Case) -> Finding | None:
    """Holds when something that the client needs failed, and no other rule holds."""
    return _stopped(case, case.stopped_by) if case.stopped_by else _not_the_file(case)


def _stopped(case: Case, stopped: ev.Observation) -> Finding | None:
    if stopped.failure in _NO_ANSWER:
        return None
    failure = (stopped.failure or "").replace("_", " ")
    if isinstance(stopped, ev.Exchange) and (stopped.status or 0) >= 400:
        failure = f"{case.host} answered {stopped.status}"
    refused = isinstance(stopped, ev.Handshake) and stopped.failure == Failure.INVALID_CERTIFICATE
    doing = _DOING.get(type(stopped), stopped.kind)
    return _unknown(case, f"{doing} failed ({failure})", _story(stopped), again=not refused)


def _not_the_file(case: Case) -> Finding | None:
    """What came is wrong by length or digest; or, where neither is known, it cannot be data."""
    transfer, content = expected.mismatch(case), case.content
    if transfer is None and not pages.cannot_be_data(case):
        return None
    return _unknown(
        case,
        f"what {case.host} sends is not the file that was due",
        transfer and expected.comparison(case, transfer),
        content and content.what and f"the content looks like {content.what}",
        content and content.damage and f"the {content.what} content {content.damage}",
    )


def _unknown(case: Case, what: str, *evidence: Sentences, again: bool | None = None) -> Finding:
    """`again`: whether another try may help; None where nothing failed as an operation."""
    return finding(
        f"{what}, and no known cause fits",
        "The examination saw the failure, but nothing that tells it from its look-alikes. What was seen is "
        "listed below as it was; guessing would only send you the wrong way.",
        evidence,
        fixes=(
            other_sources(case),
            again and fetch_again(case),
            Fix(
                title="Report it to mnistdoctor's issue tracker: `--format markdown` writes the message",
                untried="a report is yours to send",
            ),
        ),
        certain=False,
        retry="no" if again is False else None,
    )


def _story(stopped: ev.Observation) -> Sentences:
    """What ended the examination, field by field."""
    failed = in_words(stopped.failure or Failure.UNKNOWN)
    return (
        f"{stopped.stage or 'before the wire'}: {failed} after {stopped.duration_s:.2f} s",
        isinstance(stopped, ev.Exchange) and stopped.location and f"Location: {shortened(stopped.location, 200)}",
        shortened(stopped.detail, 200),
        _record(stopped),
    )


def _record(stopped: ev.Observation) -> Sentences:
    match stopped:
        case ev.Exchange(status=int()) | ev.Tunnel(status=int()):
            fields = ((name, ev.field(stopped.fields, name)) for name in ("Server", "Via", "Content-Type"))
            status = f"status {stopped.status} {shortened(stopped.reason, 60)}".rstrip()
            return (status, *(f"{name}: {shortened(value, 80)}" for name, value in fields if value))
        case ev.Connect():
            return f"{stopped.address} port {stopped.port}: {stopped.errno or 'no errno'}"
        case ev.Handshake(verify_code=code):
            came = f"{stopped.received} bytes had come, OpenSSL says {stopped.reason or 'nothing'}"
            return (came, code is not None and f"verify code {code}: {stopped.verify_message}")
        case ev.Transfer():
            return f"{stopped.received} bytes had come, {stopped.declared or 'no length'} declared"
    return ()


CAUSES: tuple[Cause, ...] = (cause(unexplained),)
