"""Controls that open the target's own connection again, and ask it otherwise: another store, another name, no TLS."""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tcp import attempts
from mnistdoctor.examine.controls.base import ControlRequest
from mnistdoctor.probe import hop, proxy, tcp, tls
from mnistdoctor.probe.stream import Stream
from mnistdoctor.run import Stopped
from mnistdoctor.settings import choose_route, choose_trust, other_stores


def trust(request: ControlRequest) -> None:
    """One verified handshake for each other trust store; no request is sent."""
    case, rec = request.case, request.rec
    used = choose_trust(case.client, request.run.settings, request.run.environment)
    for choice in other_stores(used, request.run.environment):
        with contextlib.suppress(Stopped):
            context = tls.trust(rec, choice, case.client, in_use=False)
            stream = _reopen(request)
            _handshake(request, stream, context, case.host, choice.label)


def _reopen(request: ControlRequest) -> Stream:
    """Another connection to the address at which the target stopped, by the same way. Raises `Stopped`."""
    case, rec = request.case, request.rec
    connect = request.connect()
    assert connect is not None
    stream, record = tcp.attempt(rec, connect.address, connect.port, connect.peer, connect.name)
    if stream is None:
        raise Stopped(record)
    choice = choose_route(case.client, request.url, request.run.settings, request.run.environment)
    if choice.proxy is None or case.address is None:
        return stream
    try:
        return hop.through_proxy(rec, stream, choice, case.address, case.client)
    except Stopped:
        stream.end()
        raise


@contextlib.contextmanager
def _ending(stream: Stream) -> Iterator[None]:
    try:
        yield
    finally:
        stream.end()


def _port(case: Case) -> int:
    return case.address.port if case.address else 443


def server_name(request: ControlRequest) -> None:
    """The same address asked for an unrelated host: a filter that reads names lets it pass."""
    case = request.case
    host = next((urlsplit(url).hostname for url in request.run.settings.tls_controls), None) or "example.com"
    choice = choose_trust(case.client, request.run.settings, request.run.environment)
    context = tls.trust(request.rec, choice, case.client)
    stream = _reopen(request)
    _handshake(request, stream, context, host, "server-name")


def _handshake(request: ControlRequest, stream: Stream, context: ssl.SSLContext, name: str, label: str) -> None:
    case = request.case
    connect = case.last(ev.Connect)
    with _ending(stream):
        address = connect.address if connect else ""
        sent = tls.server_name_of(name, case.client)
        tls.handshake(request.rec, stream, context, sent, label, address=address, port=_port(case), peer="origin")


def proxy_plain(request: ControlRequest) -> None:
    """CONNECT in clear to a proxy that was given as https://, without credentials."""
    case = request.case
    choice = choose_route(case.client, request.url, request.run.settings, request.run.environment)
    connect = request.connect()
    if choice.proxy is None or connect is None:
        return
    stream, _ = tcp.attempt(request.rec, connect.address, connect.port, "proxy", connect.name)
    if stream is not None:
        bare = dataclasses.replace(choice.proxy, username=None, password=None)
        with _ending(stream):
            proxy.tunnel(request.rec, stream, bare, case.host, _port(case), case.client)


def other_port(request: ControlRequest) -> None:
    """The addresses whose failure decided, two at most: the last one tried may be of a family that has no way out."""
    tried = attempts(request.case)
    for connect in tried.deciding[:2] if tried else ():
        other = 80 if connect.port != 80 else 443
        stream, _ = tcp.attempt(request.rec, connect.address, other, connect.peer, connect.name)
        if stream is not None:
            stream.end()
            return
