"""SOCKS proxies, honest and not: version 5 (RFC 1928, RFC 1929), and 4 with 4a (openssh.com/txt/socks4a.protocol)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from mnistdoctor.demo.log import Destination
from mnistdoctor.demo.relay import Backends, backend_of, connect_backend, relay

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault

SUCCEEDED, GENERAL_FAILURE, NOT_ALLOWED, NET_UNREACHABLE, HOST_UNREACHABLE, REFUSED, TTL_EXPIRED = range(7)
COMMAND_UNSUPPORTED, ADDRESS_UNSUPPORTED = 7, 8
GRANTED_4, FAILED_4 = 0x5A, 0x5B
NO_AUTH, USER_PASSWORD, NO_METHOD = 0, 2, 0xFF


def socks5(
    backends: Backends,
    credentials: tuple[str, str] | None = None,
    *,
    reply: int | None = None,
    method: int | None = None,
) -> Fault:
    """Speak SOCKS5 and connect to `backends`, with user and password if given.

    `reply` (1-8) answers every CONNECT with that failure; `method` (`NO_METHOD`) answers the greeting. The log's
    `destinations` hold `host:port` as asked: a name came unresolved (`socks5h`), an address was resolved here.
    """

    def fault(connection: Connection) -> None:
        offered = _greeting(connection)
        wanted = USER_PASSWORD if credentials else NO_AUTH
        chosen = method if method is not None else (wanted if wanted in offered else NO_METHOD)
        connection.send(bytes([5, chosen]))
        if chosen == NO_METHOD or (chosen == USER_PASSWORD and not _sign_in(connection, credentials)):
            return
        host, port = _destination(connection)
        authority = f"{host}:{port}".lower()
        connection.log.add(Destination(connection.number, authority))
        if reply is not None:
            _reply(connection, reply)
            return
        address = backend_of(backends, authority)
        upstream = connect_backend(address)
        if upstream is None:
            _reply(connection, HOST_UNREACHABLE if address == "unknown" else REFUSED)
            return
        with upstream:
            _reply(connection, SUCCEEDED)
            relay(connection, upstream)

    return fault


def socks4(backends: Backends, *, reply: int | None = None) -> Fault:
    """Speak SOCKS4 and 4a; `reply` (91 to 93) answers every request so."""

    def fault(connection: Connection) -> None:
        head = connection.recv_exactly(8)
        port, address = int.from_bytes(head[2:4], "big"), head[4:]
        _text(connection)  # who asks
        host = _text(connection) if address[:3] == bytes(3) else socket.inet_ntoa(address)
        authority = f"{host}:{port}".lower()
        connection.log.add(Destination(connection.number, authority))
        upstream = None if reply else connect_backend(backend_of(backends, authority))
        if upstream is None:
            connection.send(bytes([0, reply or FAILED_4]) + bytes(6))
            return
        with upstream:
            connection.send(bytes([0, GRANTED_4]) + bytes(6))
            relay(connection, upstream)

    return fault


def any_version(backends: Backends, credentials: tuple[str, str] | None = None, *, reply: int | None = None) -> Fault:
    """Speak the version that the client begins with; what is no SOCKS is told, as some do, that no method fits."""
    versions = {b"\4": socks4(backends, reply=reply), b"\5": socks5(backends, credentials, reply=reply)}
    return lambda connection: versions.get(connection.sock_peek(), _no_method)(connection)


def _no_method(connection: Connection) -> None:
    connection.send(bytes([5, NO_METHOD]))


def _text(connection: Connection) -> str:
    """Return what comes before the next NUL."""
    found = b""
    while (piece := connection.recv_exactly(1)) != b"\0":
        found += piece
    return found.decode()


def _greeting(connection: Connection) -> bytes:
    """Return the methods offered; a client that speaks no SOCKS5 is left with a FIN, as real servers do."""
    from mnistdoctor.demo.connection import Gone

    version, count = connection.recv_exactly(2)
    if version != 5:
        connection.finish()
        raise Gone
    return connection.recv_exactly(count)


def _sign_in(connection: Connection, credentials: tuple[str, str] | None) -> bool:
    _, length = connection.recv_exactly(2)
    user = connection.recv_exactly(length).decode("utf-8", "replace")
    password = connection.recv_exactly(connection.recv_exactly(1)[0]).decode("utf-8", "replace")
    good = (user, password) == credentials
    connection.send(bytes([1, 0 if good else 1]))
    return good


def _destination(connection: Connection) -> tuple[str, int]:
    _, _, _, kind = connection.recv_exactly(4)
    if kind == 3:
        host = connection.recv_exactly(connection.recv_exactly(1)[0]).decode("latin-1")
    else:
        family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
        host = socket.inet_ntop(family, connection.recv_exactly(size))
    return host, int.from_bytes(connection.recv_exactly(2), "big")


def _reply(connection: Connection, code: int) -> None:
    connection.send(bytes([5, code, 0, 1, 127, 0, 0, 1, 0, 0]))
