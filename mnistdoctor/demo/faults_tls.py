"""Faults of the handshake, and TLS as a wrapper round any other fault. Certificates that are bad come from `pki`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import Gone
from mnistdoctor.demo.log import Handshake

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault

PLAIN_HTTP = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: 70\r\n\r\n"
    b"<html><title>400</title><p>This port speaks HTTP without TLS.</p></html>"[:70]
)
"""What a web server says on a port without TLS when a ClientHello comes."""


def await_hello(connection: Connection) -> None:
    """Take the ClientHello and log it; raises `Gone` where none comes."""
    hello = connection.client_hello()
    if hello is None:
        raise Gone
    connection.log.add(Handshake(connection.number, hello.server_name, None, "fault"))


def answer_hello(data: bytes) -> Fault:
    """Answer the ClientHello with these bytes, then FIN: `PLAIN_HTTP`, an SSH banner, garbage."""

    def fault(connection: Connection) -> None:
        await_hello(connection)
        connection.send(data)
        connection.finish(notify=False)

    return fault


def plain_http(connection: Connection) -> None:
    """Answer the ClientHello in plain HTTP."""
    answer_hello(PLAIN_HTTP)(connection)
