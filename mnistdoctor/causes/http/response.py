"""Answers that are no answers: nothing at all, another protocol, or an interim response taken for the last."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, marks
from mnistdoctor.causes.facts.user_agents import refused_agent
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, over_https, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import duration, exact_bytes, period, shortened

_LONGEST_S = 60.0
"""How long a trial waits for an answer that is late."""

_BROKEN = ("BrokenHead: ", "LineTooLong: got more than 65536 bytes when reading header", "HTTPException: got more than")
"""How the record begins of a head that the client refused after the status line."""


def http_not_http(case: Case) -> Finding | None:
    """Holds when the peer took the request and sent something that is no HTTP response, or nothing."""
    match case.stopped_by:
        case ev.Exchange(failure=Failure.EOF, first_bytes="") as exchange:
            return None if refused_agent(case) else _empty(case, exchange)
        case ev.Exchange(via="proxy", status=None, failure=Failure.RESET | Failure.ABORTED) as exchange:
            return _empty(case, exchange)
        case ev.Exchange(status=None, failure=Failure.TIMEOUT | Failure.STALLED) as exchange:
            return _silent(case, exchange)
        case ev.Exchange(failure=Failure.EOF | Failure.HTTP_RESPONSE) as exchange:
            return _broken_head(case, exchange) if exchange.detail.startswith(_BROKEN) else _strange(case, exchange)
    match case.exchange:
        case ev.Exchange(status=101) as exchange:
            return _switched(case, exchange)
        case ev.Exchange(status=int(status)) as exchange if 100 <= status < 200:
            return _interim(case, exchange)
    return None


def _empty(case: Case, exchange: ev.Exchange) -> Finding:
    """The connection was closed without a byte, or reset by the proxy itself."""
    closed = exchange.failure == Failure.EOF
    by_proxy, who = exchange.via == "proxy", _peer(case, exchange)
    tries = len([one for one in case.all(ev.Exchange, hop=case.hop) if one.failure == Failure.EOF])
    odd_port = case.address is not None and case.address.port not in (80, 8080)
    clear = odd_port and exchange.url.startswith("http://") and not by_proxy
    other_agents = any(one.control == Control.AGENTS for one in case.observations)
    return finding(
        f"{who} {'closed' if closed else 'reset'} the connection without an answer",
        f"The request went out, and the connection ended {'in order' if closed else 'by a reset'}, without one byte "
        "of a response. An overloaded server, one that does not know the name it was asked for, or a filter does that. "
        "One more try is worth while.",
        f"{http.request(exchange)} was sent to {who}, and {exact_bytes(exchange.received)} came back",
        tries > 1 and f"that happened {tries} times",
        fixes=(
            fixes.once_more(),
            clear and over_https(case, exchange.url, "Use https at that port"),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike={
            "tcp-reset": closed and "the connection was closed in order, not reset",
            "http-403-user-agent": other_agents and "another honest agent got no answer either",
        },
        perhaps=by_proxy and "proxy-upstream-failed",
        side="proxy" if by_proxy else None,
    )


def _silent(case: Case, exchange: ev.Exchange) -> Finding:
    """The request was taken, and no whole head of an answer came in time."""
    by_proxy, who, patience = exchange.via == "proxy", _peer(case, exchange), duration(exchange.duration_s)
    longer = min(_LONGEST_S, max(30.0, 6 * exchange.duration_s))
    came = (
        f"{who} begins an answer and does not get to the end of its head"
        if exchange.received
        else (f"{who} takes the request and does not answer")
    )
    waits = case.client.timeout_s is None
    return finding(
        f"{came} within {patience}",
        "The connection stands, and what was asked for does not come. A server with too much to do or one that hangs "
        "does that, one that prepares the file first, or a box on the way that holds it back. "
        + (f"{case.client.name} has no time-out of its own, and would wait on." if waits else ""),
        f"{http.request(exchange)} was sent to {who}, and {exact_bytes(exchange.received)} came in {patience}",
        _stood(case),
        fixes=(
            Fix(title=f"Wait longer: up to {period(longer)}", change=Change(timeout_s=longer)),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike={"tls-handshake-timeout": _stood(case), "tcp-filtered": "the connection stands"},
        perhaps="proxy-upstream-failed" if by_proxy else "http-503-overload",
        side="proxy" if by_proxy else None,
    )


def _stood(case: Case) -> str:
    """That TLS was agreed on before, where it was."""
    shaken = any(one.peer == "origin" and not one.failure for one in case.all(ev.Handshake, hop=case.hop))
    return f"the TLS handshake with {case.host} went well" if shaken else ""


def _strange(case: Case, exchange: ev.Exchange) -> Finding:
    """Bytes came which are no HTTP."""
    who, by_proxy, protocol = _peer(case, exchange), exchange.via == "proxy", marks.protocol(exchange.first_bytes)
    title = f"what {who} answers is not HTTP" + (f", but {protocol}" if protocol else "")
    if protocol in ("TLS", "SSH"):
        title = f"{who} answers in {protocol}, not in HTTP"
    if tls := protocol == "TLS" and exchange.url.startswith("http://"):
        reason = "The port wants https, and it was spoken to in clear."
    else:
        reason = "A wrong port, or a faulty server or box on the way, does that."
    begins = shortened(exchange.first_bytes, 80)
    return finding(
        title,
        "Something listens at that address and speaks another protocol, or breaks this one, so that no download "
        f"program can read the answer. {reason}",
        f"the answer to {http.request(exchange)} {f'begins `{begins}`' if begins else 'could not be read'}",
        exchange.detail and f"the client's word: {shortened(exchange.detail)}",
        fixes=(
            tls and over_https(case, exchange.url, "Use https at that port"),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike=tls and {"tls-plaintext-port": "the request was made in clear, and TLS was never begun"},
        perhaps=by_proxy and "proxy-upstream-failed",
        side="you" if tls else "proxy" if by_proxy else None,
        retry="no",
    )


def _broken_head(case: Case, exchange: ev.Exchange) -> Finding:
    """A status line came, and after it a head that this client does not take."""
    by_proxy, program, why = exchange.via == "proxy", case.client.name, exchange.detail.partition(": ")[2]
    return finding(
        f"{program} refuses the head of the answer of {_peer(case, exchange)}: {shortened(why, 100)}",
        f"The answer begins as HTTP does, but its fields break the protocol or the limits of {program}, "
        "which gives up before the body. Programs differ in what they put up with, so another one may get the file. "
        "The fault is the server's, or that of a box on the way which writes fields of its own.",
        f"the answer to {http.request(exchange)} had a status line, and then: {shortened(why)}",
        fixes=(other_places(case), tell_owner(exchange)),
        perhaps=by_proxy and "proxy-upstream-failed",
        side="proxy" if by_proxy else None,
        retry="no",
    )


def _interim(case: Case, exchange: ev.Exchange) -> Finding:
    """A 1xx status in the place of the final one.

    `http.client` skips only 100 and takes every other 1xx for the answer (CPython, Lib/http/client.py, `begin`).
    """
    status, name = exchange.status, "Early Hints" if exchange.status == 103 else "an interim answer"
    return finding(
        f"{http.host(exchange)} sends {status} ({name}) first, and Python's http.client takes it for the answer",
        "An interim response announces that the real one follows. Python's own HTTP client knows only 100 and gives "
        "up at any other. Nobody asked for it: a server should not send it to clients that did not say they "
        "understand it.",
        f"{http.request(exchange)} was answered {status} before any other status",
        fixes=(
            Fix(
                title="Fetch it with curl, which reads on to the real answer",
                commands=fixes.download(case, case.subject.url),
                untried="the trial would go out as the same client",
            ),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike={"http-4xx-other": "a 1xx status is no refusal"},
        retry="no",
    )


def _switched(case: Case, exchange: ev.Exchange) -> Finding:
    return finding(
        f"{http.host(exchange)} answers 101, a change to another protocol that nobody asked for",
        "After 101 the connection speaks another protocol, and no answer in HTTP follows. A server must not do that to "
        "a request that did not offer it (RFC 9110 section 15.2.2).",
        f"{http.request(exchange)} was answered 101",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-4xx-other": "a 1xx status is no refusal"},
        retry="no",
    )


def _peer(case: Case, exchange: ev.Exchange) -> str:
    if exchange.via == "proxy" and case.route and case.route.proxy_host:
        return f"the proxy {case.route.proxy_host}"
    return http.host(exchange)


CAUSES: tuple[Cause, ...] = (cause(http_not_http, needs=(Control.AGENTS, Control.AGAIN)),)
