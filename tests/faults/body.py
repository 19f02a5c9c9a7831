"""HTTP answers that go wrong on the wire, beside the demo's own: reset, silent, dripped, endless, or no HTTP at all."""

from __future__ import annotations

import itertools
import zlib
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_body import bit_flip, coded, cut, flipped, promise
from mnistdoctor.demo.faults_http import GZIP, Fields, head, respond

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault

__all__ = [
    "GARBAGE",
    "SSH_BANNER",
    "bit_flip",
    "coded",
    "cut",
    "delayed",
    "drip",
    "drip_head",
    "early_hints",
    "empty_reply",
    "endless_body",
    "endless_continue",
    "endless_head",
    "flipped",
    "gzip_bomb",
    "huge_field",
    "interim",
    "many_fields",
    "not_http",
    "raw",
    "reset_after_request",
    "stall",
    "two_lengths",
]


SSH_BANNER = b"SSH-2.0-OpenSSH_9.2p1\r\n"
GARBAGE = bytes(range(128, 256)) * 4


def raw(data: bytes, *, notify: bool = True) -> Fault:
    """Read the request, send these bytes, then FIN (in TLS after close_notify unless `notify` is false)."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(data)
        connection.finish(notify=notify)

    return fault


def empty_reply() -> Fault:
    """Read the request, then FIN."""
    return raw(b"")


def reset_after_request() -> Fault:
    """Read the request, then RST."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.reset()

    return fault


def stall(before: bytes = b"") -> Fault:
    """Read the request, send `before` (part of a head, say) and nothing more."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(before)
        connection.hang()

    return fault


def delayed(seconds: float, then: Fault) -> Fault:
    """Read the request, wait, then play `then`."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.pause(seconds)
        then(connection)

    return fault


def drip(body: bytes, size: int, seconds: float, *, content_type: str = GZIP) -> Fault:
    """Send the head at once and the body by `size` bytes each `seconds`."""

    def fault(connection: Connection) -> None:
        request = connection.request
        connection.send(promise(body, "length", content_type))
        for at in range(0, len(body) if request.method != "HEAD" else 0, size):
            connection.send(body[at : at + size])
            connection.pause(seconds)

    return fault


def drip_head(size: int = 1, seconds: float = 0.1, *, body: bytes = b"", fields: Fields = ()) -> Fault:
    """Send the head by `size` bytes each `seconds`, then the body."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        data = promise(body, "length", GZIP, fields)
        for at in range(0, len(data), size):
            connection.send(data[at : at + size])
            connection.pause(seconds)
        connection.send(body)

    return fault


def _endless(first: bytes, again: bytes, seconds: float) -> Fault:
    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(first)
        for _ in itertools.count():
            connection.send(again)
            if seconds:
                connection.pause(seconds)

    return fault


def endless_head(seconds: float = 0.001) -> Fault:
    """Send field lines for as long as the client stays."""
    return _endless(b"HTTP/1.1 200 OK\r\n", b"X-Padding: still not the last field\r\n", seconds)


def endless_continue(seconds: float = 0.001) -> Fault:
    """Send `100 Continue` for as long as the client stays: a socket time-out never fires."""
    return _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", seconds)


def endless_body(seconds: float = 0.0) -> Fault:
    """Send a body without length or end."""
    return _endless(head(200, (("Content-Type", GZIP), ("Connection", "close"))), b"\0" * 65536, seconds)


def huge_field(size: int = 1 << 20, body: bytes = b"") -> Fault:
    """Send one field line of `size` bytes."""
    return respond(200, body, (("X-Huge", "a" * size),), close=True)


def many_fields(count: int = 5000, body: bytes = b"") -> Fault:
    """Send `count` fields; http.client allows 100."""
    return respond(200, body, tuple((f"X-Field-{n}", "1") for n in range(count)), close=True)


def early_hints(then: Fault) -> Fault:
    """Send an unasked `103 Early Hints`, which http.client takes for the final answer, before `then`."""
    return interim(head(103, (("Link", "</style.css>; rel=preload"),)), then)


def interim(data: bytes, then: Fault) -> Fault:
    """Send these bytes (a 100, say) before the answer of `then`."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(data)
        then(connection)

    return fault


def two_lengths(body: bytes, first: str, second: str) -> Fault:
    """Send two Content-Length fields, equal or not (RFC 9112 section 6.3)."""
    return raw(head(200, (("Content-Length", first), ("Content-Length", second))) + body)


def not_http(data: bytes = SSH_BANNER) -> Fault:
    """Answer the request with something that is not HTTP: an SSH banner, `GARBAGE`, ..."""
    return raw(data)


def gzip_bomb(mebibytes: int = 256, *, as_coding: bool = False) -> Fault:
    """Serve zeros that unpack to so many MiB (a thousandth on the wire), made when first asked for."""

    def fault(connection: Connection) -> None:
        squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
        block = bytes(1 << 20)
        data = b"".join(squeeze.compress(block) for _ in range(mebibytes)) + squeeze.flush()
        respond(200, data, (("Content-Encoding", "gzip"),) if as_coding else (), content_type=GZIP)(connection)

    return fault
