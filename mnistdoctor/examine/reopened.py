"""Controls that open the target's own connection again, and ask it otherwise: another store, another name, no TLS."""

from __future__ import annotations

import contextlib
import dataclasses
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.examine.question import Question
from mnistdoctor.probe import hop, http, proxy, tcp, tls
from mnistdoctor.run import Stopped
from mnistdoctor.settings import choose_route, choose_trust, other_stores


def trust(question: Question) -> None:
    """One verified handshake for each other trust store; no request is sent."""
    case, rec = question.case, question.rec
    used = choose_trust(case.client, question.run.settings, question.run.environment)
    for choice in other_stores(used, question.run.environment):
        with contextlib.suppress(Stopped):
            made = tls.trust(rec, choice, case.client, in_use=False)
            stream = _reopen(question)
            _shake(question, stream, made, case.host, choice.label)


def _reopen(question: Question) -> Any:
    """Another connection to the address at which the target stopped, by the same way. Raises `Stopped`."""
    case, rec = question.case, question.rec
    connect = question.connect()
    assert connect is not None
    stream, record = tcp.attempt(rec, connect.address, connect.port, connect.peer, connect.name)
    if stream is None:
        raise Stopped(record)
    choice = choose_route(case.client, question.url, question.run.settings, question.run.environment)
    if choice.proxy is None or case.address is None:
        return stream
    return hop.through_proxy(rec, stream, choice, case.address, case.client)


@contextlib.contextmanager
def _ending(stream: Any) -> Iterator[None]:
    try:
        yield
    finally:
        stream.end()


def _port(case: Case) -> int:
    return case.address.port if case.address else 443


def server_name(question: Question) -> None:
    """The same address asked for an unrelated host: a filter that reads names lets it pass."""
    case = question.case
    host = next((urlsplit(url).hostname for url in question.run.settings.tls_controls), None) or "example.com"
    choice = choose_trust(case.client, question.run.settings, question.run.environment)
    made = tls.trust(question.rec, choice, case.client)
    stream = _reopen(question)
    _shake(question, stream, made, host, "server-name")


def _shake(question: Question, stream: Any, made: ssl.SSLContext, name: str, label: str) -> None:
    case = question.case
    connect = case.last(ev.Connect)
    with _ending(stream):
        address = connect.address if connect else ""
        sent = tls.server_name_of(name, case.client)
        tls.handshake(question.rec, stream, made, sent, label, address=address, port=_port(case), peer="origin")


def plain_text(question: Question) -> None:
    """A request in clear to the port where TLS was expected: its answer shows what listens there."""

    case = question.case
    stream = _reopen(question)
    url = f"http://{case.host}:{_port(case)}/"
    with _ending(stream):
        http.exchange(question.rec, stream, url, case.client, origin=url)


def proxy_plain(question: Question) -> None:
    """CONNECT in clear to a proxy that was given as https://, without credentials."""
    case = question.case
    choice = choose_route(case.client, question.url, question.run.settings, question.run.environment)
    connect = question.connect()
    if choice.proxy is None or connect is None:
        return
    stream, _ = tcp.attempt(question.rec, connect.address, connect.port, "proxy", connect.name)
    if stream is not None:
        bare = dataclasses.replace(choice.proxy, username=None, password=None)
        with _ending(stream):
            proxy.tunnel(question.rec, stream, bare, case.host, _port(case), case.client)
