"""HTTP answers that go wrong on the wire: cut, reset, stalled, dripped, endless, mislabelled, or not HTTP."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import GZIP, Fields, chunks, head, respond, serve

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault


def promise(body: bytes, framing: str, content_type: str, fields: Fields = ()) -> bytes:
    """Return the head that promises the whole body."""
    frame: Fields = {
        "length": (("Content-Length", str(len(body))),),
        "chunked": (("Transfer-Encoding", "chunked"),),
        "close": (("Connection", "close"),),
    }[framing]
    return head(200, (("Content-Type", content_type), *frame, *fields))


def cut(
    body: bytes, after: int, how: str = "fin", framing: str = "length", *, content_type: str = GZIP, pause: float = 0.0
) -> Fault:
    """Promise `body`, send its first `after` bytes, then end: `fin`, `reset`, `stall`, or `pause` and finish it.

    `framing` is `length`, `chunked` or `close`. In TLS, `fin` comes without close_notify: a truncation.
    `how="pause"` waits `pause` seconds and sends the rest: slow but healthy.
    """

    def fault(connection: Connection) -> None:
        start, chunked = promise(body, framing, content_type), framing == "chunked"
        if connection.request.method == "HEAD":
            connection.send(start)
            return
        first, rest = body[:after], body[after:]
        connection.send(start + (chunks(first, last=False) if chunked else first))
        if how == "reset":
            connection.reset()
        elif how == "stall":
            connection.hang()
        elif how == "pause":
            connection.pause(pause)
            connection.send(chunks(rest) if chunked else rest)
            connection.finish()
        else:
            connection.finish(notify=False)

    return fault


def coded(body: bytes, coding: str = "gzip", *, honest: bool = True, content_type: str = GZIP) -> Fault:
    """Send `Content-Encoding: coding`; an honest body is packed once more (gzip or deflate), else left as it is."""
    data = body
    if honest:
        data = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
    return respond(200, data, (("Content-Encoding", coding),), content_type=content_type)


def flipped(body: bytes, at: int | None = None, bit: int = 0) -> bytes:
    """Return the body with one bit changed, in the middle unless `at` says where."""
    at = len(body) // 2 if at is None else at
    return body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :]


def bit_flip(body: bytes, at: int | None = None) -> Fault:
    """Serve the body with one bit changed."""
    return serve(flipped(body, at))
