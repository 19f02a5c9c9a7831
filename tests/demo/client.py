"""Plain clients for the demo servers: they report what arrived and how it ended."""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnistdoctor.demo.pki import Authority
    from mnistdoctor.demo.servers import Endpoint

Result = TypeVar("Result")
Fields = tuple[tuple[str, str], ...]


def trusting(authority: Authority) -> ssl.SSLContext:
    """A client's context that trusts this root and no other."""
    return ssl.create_default_context(cadata=authority.pem.decode())


@dataclass(frozen=True)
class Seen:
    data: bytes
    end: str
    """`fin`, or the name of the exception."""

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def head(self) -> str:
        return self.data.partition(b"\r\n\r\n")[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    def field(self, name: str) -> str | None:
        rows = (row.partition(": ") for row in self.head.split("\r\n")[1:])
        return next((value for key, _, value in rows if key.lower() == name.lower()), None)


def request_bytes(method: str, target: str, fields: Fields = (), *, close: bool = True) -> bytes:
    rows = [f"{method} {target} HTTP/1.1", "Host: demo.test", *(f"{n}: {v}" for n, v in fields)]
    rows += ["Connection: close"] if close else []
    return "\r\n".join([*rows, "", ""]).encode()


def drain(sock: socket.socket, limit: int = 1 << 26) -> Seen:
    data = bytearray()
    try:
        while len(data) < limit:
            more = sock.recv(65536)
            if not more:
                return Seen(bytes(data), "fin")
            data += more
    except OSError as error:
        return Seen(bytes(data), type(error).__name__)
    return Seen(bytes(data), "limit")


def ask(
    server: Endpoint,
    target: str = "/",
    fields: Fields = (),
    method: str = "GET",
    *,
    tls: ssl.SSLContext | None = None,
    name: str = "localhost",
    timeout: float = 30.0,
    limit: int = 1 << 26,
) -> Seen:
    """One request on a connection of its own, read to the end."""
    with socket.create_connection(server.address, timeout=timeout) as plain:
        sock = plain
        if tls is not None:
            # Without ragged ends, so that a truncation is told from a close_notify
            sock = tls.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False)
        with sock:
            try:
                sock.sendall(request_bytes(method, target, fields))
            except OSError as error:
                return Seen(b"", type(error).__name__)
            return drain(sock, limit)


def pump(sock: socket.socket, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, step: Callable[[], Result]) -> Result:
    """Repeat a step of a TLS client in memory until it has the bytes it needs."""
    while True:
        with contextlib.suppress(ssl.SSLWantReadError):
            result = step()
            sock.sendall(outgoing.read())
            return result
        sock.sendall(outgoing.read())
        incoming.write(sock.recv(65536))
