"""Servers that no real product will play: they reset, fall silent, or say the wrong thing at a chosen moment.

Faults as the demo has them, on the sockets of a namespace. The firewall of the origins' machine turns one host's port
to such a server, so the address, the certificate and the name are real.
"""

from __future__ import annotations

import socket
import ssl
from functools import partial
from pathlib import Path

from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.servers import Server
from tests.faults.tcp import banner
from tests.faults.tcp import hang as silent
from tests.faults.tls import alert

from .namespace import inside

__all__ = [
    "Fault",
    "LabServer",
    "after_hello",
    "alert",
    "banner",
    "finish",
    "late",
    "reply",
    "reset",
    "response",
    "silent",
]


def reset(connection: Connection) -> None:
    """Ends with RST at once."""
    connection.reset(settle=0)


def finish(connection: Connection) -> None:
    """Ends with FIN at once, unread input or not; inside TLS without a close_notify."""
    connection.finish(notify=False)


def after_hello(end: Fault) -> Fault:
    """Takes the ClientHello, then `end`s."""

    def fault(connection: Connection) -> None:
        connection.recv()
        end(connection)

    return fault


def reply(text: bytes, end: Fault | None = None) -> Fault:
    """Reads a request, sends `text` as it stands, then `end`s (by default with a clean close)."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(text)
        if end:
            # The bytes shall arrive before the reset does, which would make the receiver drop them.
            connection.pause(0.3)
            end(connection)

    return fault


def late(seconds: float, then: Fault) -> Fault:
    """Waits, then plays."""

    def fault(connection: Connection) -> None:
        connection.pause(seconds)
        then(connection)

    return fault


def response(body: bytes, *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An HTTP/1.1 answer; `length` is what it claims, by default the truth, and -1 leaves the field out."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close"]
    if claimed >= 0:
        lines.append(f"Content-Length: {claimed}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class LabServer(Server):
    """Listens in a namespace, on every address of it or on a certain one. What its handlers connect to is there too."""

    def __init__(
        self, name: str, fault: Fault, certificate: Path | None = None, at: tuple[str, int] = ("::", 0)
    ) -> None:
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        self._at = at
        inside(name, partial(super().__init__, fault, context))  # threads inherit the namespace of their maker

    def bound(self, family: socket.AddressFamily) -> socket.socket:
        """Makes the socket."""
        if ":" in self._at[0]:
            return socket.create_server(self._at, family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server(self._at)
