"""Answers that are no answers: nothing at all, another protocol, or an interim response taken for the last."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.http import host
from mnistdoctor.causes.facts.user_agents import refused_agent
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import once_more
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_TLS = ("\\x15\\x03", "\x15\x03", "\\x16\\x03", "\x16\x03")
"""TLS alert and handshake records (RFC 8446 section 5.1), as redaction writes them and raw."""
_KINDS = (
    (_TLS, "TLS"),
    (("SSH-",), "SSH"),
    (("PRI * HTTP/2", "\\x00\\x00", "\x00\x00"), "HTTP/2, which was not agreed on"),
    (("\\x1f\x8b", "\\x1f\\x8b", "PK\\x03\\x04"), "a bare file without a head"),
    (("220 ", "220-"), "FTP or mail"),
    (("<", "\\xef\\xbb\\xbf<"), "a page without a head"),
    (("HTTP/",), "a broken HTTP head"),
    (("ICY ",), "an old streaming protocol"),
)


_BROKEN = ("BrokenHead: ", "LineTooLong: got more than 65536 bytes when reading header", "HTTPException: got more than")
"""How the record begins of a head that the client refused after the status line."""


def http_not_http(case: Case) -> Finding | None:
    """Holds when the peer took the request and sent something that is no HTTP response, or nothing."""
    exchange = case.stopped(ev.Exchange, Failure.HTTP_RESPONSE, Failure.EOF)
    if exchange is not None and exchange.failure == Failure.EOF and not exchange.first_bytes:
        return None if refused_agent(case) else _empty(case, exchange)
    return _strange(case, exchange) if exchange is not None else interim(case)


def _empty(case: Case, exchange: ev.Exchange) -> Finding:
    """The connection was closed without a byte."""
    by_proxy = exchange.via == "proxy"
    who = _peer(case, exchange)
    tries = len([one for one in case.all(ev.Exchange, hop=case.hop) if one.failure == Failure.EOF])
    clear = exchange.url.startswith("http://") and not by_proxy
    named = any(one.control == Control.AGENTS for one in case.observations)
    return finding(
        f"{who} closed the connection without an answer",
        "The request went out, and the connection ended in order, without one byte of a "
        "response. An overloaded server, one that does not know the name it was asked for, or a filter "
        "does that. One more try is worth while.",
        f"{exchange.method} {shortened(exchange.url, 200)} was sent to {who}, and 0 bytes came back",
        tries > 1 and f"that happened {tries} times",
        fixes=(
            once_more(),
            clear and case.address and case.address.port not in (80, 8080) and _over_tls(case, exchange),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike={
            "tcp-reset": "the connection was closed in order, not reset",
            "http-403-user-agent": named and "another honest agent got no answer either",
        },
        perhaps=by_proxy and "proxy-upstream-failed",
        side="proxy" if by_proxy else None,
    )


def _strange(case: Case, exchange: ev.Exchange) -> Finding:
    """Bytes came which are no HTTP."""
    first = exchange.first_bytes
    if exchange.detail.startswith(_BROKEN):
        return _broken(case, exchange)
    kind = next((name for starts, name in _KINDS if first.startswith(starts)), None)
    who = _peer(case, exchange)
    tls = kind == "TLS" and exchange.url.startswith("http://")
    shown = shortened(first, 80)
    return finding(
        f"{who} answers in {kind}, not in HTTP"
        if kind in ("TLS", "SSH")
        else f"what {who} answers is not HTTP" + (f", but {kind}" if kind else ""),
        "Something listens at that address and speaks another protocol, or breaks this one, "
        "so that no download program can read the answer. "
        + (
            "The port wants https, and it was spoken to in clear."
            if tls
            else "A wrong port, or a faulty server or box on the way, does that."
        ),
        f"the answer to {exchange.method} {shortened(exchange.url, 200)} begins `{shown}`"
        if shown
        else f"the answer to {exchange.method} {shortened(exchange.url, 200)} could not be read",
        exchange.detail and f"the client's word: {shortened(exchange.detail)}",
        fixes=(tls and _over_tls(case, exchange), other_places(case), tell_owner(exchange)),
        unlike=tls and {"tls-plaintext-port": "the request was made in clear, and TLS was never begun"},
        perhaps=exchange.via == "proxy" and "proxy-upstream-failed",
        side="you" if tls else "proxy" if exchange.via == "proxy" else None,
        retry="no",
    )


def _broken(case: Case, exchange: ev.Exchange) -> Finding:
    """A status line came, and after it a head that this client does not take."""
    who, program, why = _peer(case, exchange), case.client.name, exchange.detail.partition(": ")[2]
    return finding(
        f"{program} refuses the head of the answer of {who}: {shortened(why, 100)}",
        f"The answer begins as HTTP does, but its fields break the protocol or the limits of {program}, "
        "which gives up before the body. Programs differ in what they put up with, so another one may get the file. "
        "The fault is the server's, or that of a box on the way which writes fields of its own.",
        f"the answer to {exchange.method} {shortened(exchange.url, 200)} had a status line, and then: "
        + shortened(why),
        fixes=(other_places(case), tell_owner(exchange)),
        perhaps=exchange.via == "proxy" and "proxy-upstream-failed",
        side="proxy" if exchange.via == "proxy" else None,
        retry="no",
    )


def interim(case: Case) -> Finding | None:
    """A 1xx status in the place of the final one.

    `http.client` skips only 100 and takes every other 1xx for the answer (CPython, Lib/http/client.py, `begin`).
    """
    exchange = case.exchange
    if exchange is None or exchange.status is None or not 100 <= exchange.status < 200:
        return None
    name = "Early Hints" if exchange.status == 103 else "an interim answer"
    if exchange.status == 101:
        return _switched(case, exchange)
    return finding(
        f"{host(exchange)} sends {exchange.status} ({name}) first, and Python's http.client takes it for the answer",
        "An interim response announces that the real one follows. Python's own HTTP client "
        "knows only 100 and gives up at any other. Nobody asked for it: a server should not send it to "
        "clients that did not say they understand it.",
        f"{exchange.method} {shortened(exchange.url, 200)} was answered {exchange.status} before any other status",
        fixes=(
            Fix(
                title="Fetch it with curl, which reads on to the real answer",
                commands=(fixes.download(case, case.subject.url),),
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
        f"{host(exchange)} answers 101, a change to another protocol that nobody asked for",
        "After 101 the connection speaks another protocol, and no answer in HTTP follows. A server must "
        "not do that to a request that did not offer it (RFC 9110 section 15.2.2).",
        f"{exchange.method} {shortened(exchange.url, 200)} was answered 101",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-4xx-other": "a 1xx status is no refusal"},
        retry="no",
    )


def _peer(case: Case, exchange: ev.Exchange) -> str:
    if exchange.via == "proxy" and case.route and case.route.proxy_host:
        return f"the proxy {case.route.proxy_host}"
    return host(exchange)


def _over_tls(case: Case, exchange: ev.Exchange) -> Fix:
    url = "https" + exchange.url[4:]
    return Fix(title="Use https at that port", commands=(fixes.download(case, url),), change=Change(url=url))


CAUSES: tuple[Cause, ...] = (
    cause(
        http_not_http,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
)
