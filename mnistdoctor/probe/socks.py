"""Stage `proxy` with a SOCKS proxy: version 5 (RFC 1928, RFC 1929), and 4 and 4a as their memos describe them."""

from __future__ import annotations

import dataclasses
import ipaddress
from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure, Late, classify
from mnistdoctor.probe.proxy import credentials_once, note_answer
from mnistdoctor.probe.stream import Stream
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings import Proxy

_NO_AUTH, _PASSWORD, NONE_ACCEPTABLE = 0, 2, 255
_CONNECT = 1
_GRANTED = 0x5A
REMOTE = ("socks5h", "socks4a")
"""Schemes with which the proxy resolves the name; with the others the client does it."""


@dataclass(slots=True)
class _Outcome:
    """What came of a request."""

    reply: int | None = None
    failure: Failure | None = None
    credentials_sent: bool = False
    """Whether the user name and password went out."""
    text: str = ""
    detail: str = ""


def is_old(proxy: Proxy) -> bool:
    """Whether the setting asks for version 4 or 4a."""
    return proxy.scheme in ("socks4", "socks4a")


def connect(rec: Recorder, stream: Stream, proxy: Proxy, host: str, port: int) -> ev.Tunnel:
    """Asks the proxy for a connection; the host is a name where the proxy shall resolve it.

    Raises `Stopped` with the record where it gives none.
    """
    if is_old(proxy):  # version 4 has a user name and no password: nothing that could lock an account
        record = _request(rec, stream, proxy, host, port)
    else:
        with credentials_once(rec.run, proxy, f"{host}:{port}") as refusal:
            if refusal is not None:
                raise Stopped(rec.record_reuse(refusal))
            record = _request(rec, stream, proxy, host, port)
            refused = record.reply == NONE_ACCEPTABLE and record.credentials_sent
            status = 407 if refused else (200 if record.failure is None else None)
            note_answer(rec.run, proxy, f"{host}:{port}", record, status)
    if record.failure:
        raise Stopped(record)
    return record


def _request(rec: Recorder, stream: Stream, proxy: Proxy, host: str, port: int) -> ev.Tunnel:
    started = rec.run.clock()
    outcome = _Outcome()
    stream.expect(rec.run.settings.timeout_s)
    try:
        (_version_4 if is_old(proxy) else _version_5)(stream, proxy, host, port, outcome)
    except EOFError:
        outcome.failure = Failure.EOF
    except (OSError, Late) as error:
        outcome.failure, outcome.detail = classify(error), str(error)
    return rec.add(
        ev.Tunnel,
        "proxy",
        started,
        protocol=proxy.scheme,
        target=f"{host}:{port}",
        proxy=f"{proxy.host}:{proxy.port}",
        **dataclasses.asdict(outcome),
    )


def _version_5(stream: Stream, proxy: Proxy, host: str, port: int, outcome: _Outcome) -> None:
    methods = (_NO_AUTH, _PASSWORD) if proxy.username is not None else (_NO_AUTH,)
    stream.sendall(bytes((5, len(methods), *methods)))
    version, method = _exactly(stream, 2)
    if version != 5:
        outcome.failure, outcome.text = Failure.PROXY_RESPONSE, bytes((version, method)).decode("latin-1")
        return
    if method == _PASSWORD and proxy.username is not None:
        outcome.credentials_sent = True
        if not _login(stream, proxy):
            method = NONE_ACCEPTABLE
    if method == NONE_ACCEPTABLE:
        outcome.failure, outcome.reply = Failure.SOCKS, NONE_ACCEPTABLE
        return
    stream.sendall(bytes((5, _CONNECT, 0)) + _destination(host, port))
    _, outcome.reply, _, kind = _exactly(stream, 4)
    outcome.failure = Failure.SOCKS if outcome.reply else None
    length = {1: 4, 4: 16}.get(kind) or _exactly(stream, 1)[0]
    _exactly(stream, length + 2)


def _version_4(stream: Stream, proxy: Proxy, host: str, port: int, outcome: _Outcome) -> None:
    """The reply is recorded as it was sent, 0x5A to 0x5D; only failures are, for 0 means granted in version 5."""
    user = (proxy.username or "").encode("utf-8", "surrogateescape").replace(b"\0", b"")
    name = b""
    try:
        address = ipaddress.IPv4Address(host).packed
    except ValueError:  # 4a: an address that cannot be, and the name after the user
        address, name = bytes((0, 0, 0, 1)), host.encode("ascii", "replace") + b"\0"
    outcome.credentials_sent = bool(user)
    stream.sendall(bytes((4, _CONNECT)) + port.to_bytes(2, "big") + address + user + b"\0" + name)
    version, reply = _exactly(stream, 2)
    # The memo says 0; some proxies repeat the 4 of the request.
    if version not in (0, 4) or not _GRANTED <= reply <= 0x5D:
        outcome.failure, outcome.text = Failure.PROXY_RESPONSE, bytes((version, reply)).decode("latin-1")
        return
    if reply != _GRANTED:
        outcome.failure, outcome.reply = Failure.SOCKS, reply
    _exactly(stream, 6)


def _login(stream: Stream, proxy: Proxy) -> bool:
    parts = (proxy.username or "", proxy.password or "")
    name, password = (part.encode("utf-8", "surrogateescape")[:255] for part in parts)
    stream.sendall(bytes((1, len(name))) + name + bytes((len(password),)) + password)
    return _exactly(stream, 2)[1] == 0


def _destination(host: str, port: int) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii", "replace")[:255]
        return bytes((3, len(name))) + name + port.to_bytes(2, "big")
    return bytes((1 if address.version == 4 else 4,)) + address.packed + port.to_bytes(2, "big")


def _exactly(stream: Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = stream.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
