"""Servers that no real product will play: they reset, fall silent, or say the wrong thing at a chosen moment.

A `Play` is a function over a connected socket. The firewall of the origins' machine turns one host's port to it, so
the address, the certificate and the name are those of the real thing.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.servers import Server

from .namespace import inside

Play = Callable[[socket.socket], None]


def reset(link: socket.socket) -> None:
    """Ends with RST: https://man7.org/linux/man-pages/man7/socket.7.html (SO_LINGER with time 0)."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def finish(link: socket.socket) -> None:
    """Ends with FIN at once, unread input or not."""
    with contextlib.suppress(OSError):
        link.setblocking(False)
        while link.recv(65536):
            pass
    link.close()


def silent(link: socket.socket) -> None:
    """Reads, and never answers."""
    link.settimeout(60)
    with contextlib.suppress(OSError):
        while link.recv(65536):
            pass


def banner(text: bytes) -> Play:
    """Speaks first, as SSH and SMTP do."""

    def play(link: socket.socket) -> None:
        link.sendall(text)
        _read_head(link)

    return play


def after_hello(end: Play) -> Play:
    """Takes the ClientHello, then `end`s."""

    def play(link: socket.socket) -> None:
        link.settimeout(10)
        link.recv(65536)
        end(link)

    return play


def alert(number: int) -> Play:
    """Answers the ClientHello with a fatal TLS alert (RFC 8446, 6.2)."""

    def play(link: socket.socket) -> None:
        link.settimeout(10)
        link.recv(65536)
        link.sendall(struct.pack(">BHHBB", 21, 0x0303, 2, 2, number))
        link.shutdown(socket.SHUT_WR)
        silent(link)

    return play


def _read_head(link: socket.socket) -> bytes:
    link.settimeout(15)
    head = b""
    with contextlib.suppress(OSError):
        while b"\r\n\r\n" not in head and (more := link.recv(65536)):
            head += more
    return head


def reply(text: bytes, end: Play | None = None) -> Play:
    """Reads a request's head, sends `text` as it stands, then `end`s (by default with a clean close)."""

    def play(link: socket.socket) -> None:
        _read_head(link)
        link.sendall(text)
        if end:
            # The bytes shall arrive before the reset does, which would make the receiver drop them.
            time.sleep(0.3)
            end(link)
        elif isinstance(link, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                link.unwrap()

    return play


def late(seconds: float, play: Play) -> Play:
    """Waits, then plays."""

    def waits(link: socket.socket) -> None:
        time.sleep(seconds)
        play(link)

    return waits


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


def over_socket(play: Play) -> Fault:
    """A fault of the demo's kind that gives the play its socket."""

    def fault(connection: Connection) -> None:
        connection.sock.settimeout(15)
        play(connection.sock)

    return fault
