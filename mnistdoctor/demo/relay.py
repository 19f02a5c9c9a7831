"""Passing bytes between a proxy's client and the server behind it."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import Gone

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection

TICK_S = 0.05
"""Seconds between two looks at whether the server is closing."""

Backends = Mapping[str, "int | tuple[str, int] | None"]
"""`host:port` or `host`, in lower case, to a loopback port, an address, or None for one that refuses."""


def backend_of(backends: Backends, authority: str) -> tuple[str, int] | str | None:
    """Return where `host:port` really lives, None if it refuses, "unknown" if there is no such host."""
    host = authority.rpartition(":")[0]
    found = backends.get(authority, backends.get(host, backends.get(host.strip("[]"), "unknown")))
    return ("127.0.0.1", found) if isinstance(found, int) else found


def connect_backend(address: tuple[str, int] | str | None) -> socket.socket | None:
    """Connect within a second; None if that fails."""
    if address is None or isinstance(address, str):
        return None
    try:
        upstream = socket.create_connection(address, timeout=1)
    except OSError:
        return None
    upstream.settimeout(None)
    return upstream


def recv_upstream(connection: Connection, upstream: socket.socket) -> bytes:
    """Return what the backend says next; raises `Gone` when the client leaves first or the server closes."""
    while not select.select([upstream], [], [], TICK_S)[0]:
        left = select.select([connection.sock], [], [], 0)[0] and not connection.sock_peek()
        if left or connection.stopping.is_set():
            raise Gone
    return upstream.recv(65536)


def relay(connection: Connection, upstream: socket.socket, limit: int | None = None) -> None:
    """Pass bytes both ways until both sides have finished, or RST to the client after `limit` bytes to it.

    One thread and `select`: an SSL object must not be used by two threads at once.
    """
    open_sides = {connection.sock, upstream}
    while open_sides and not connection.stopping.is_set():
        waiting = select.select(list(open_sides), [], [], TICK_S)[0] if not connection.pending else ()
        ready = waiting or ([connection.sock] if connection.pending else [])
        for side in ready:
            try:
                data = connection.recv() if side is connection.sock else side.recv(65536)
            except OSError:
                return _pass_reset(connection, upstream, to_client=side is upstream)
            if side is upstream and limit is not None:
                data, limit = data[:limit], limit - len(data[:limit])
            if not data and limit != 0:
                open_sides.discard(side)
                _half_close(connection, upstream, to_client=side is upstream)
            elif side is upstream:
                connection.send(data)
            else:
                upstream.sendall(data)
            if limit == 0:
                connection.reset()
            if connection.closed:
                return None
    return None


def _half_close(connection: Connection, upstream: socket.socket, *, to_client: bool) -> None:
    """Pass a FIN on; TLS towards the client has no half-closed state, so there the whole relay ends."""
    if not to_client:
        upstream.shutdown(socket.SHUT_WR)
    elif isinstance(connection.sock, ssl.SSLSocket):
        connection.finish()
    else:
        connection.sock.shutdown(socket.SHUT_WR)


def _pass_reset(connection: Connection, upstream: socket.socket, *, to_client: bool) -> None:
    if to_client:
        connection.reset()
    else:
        upstream.close()
