"""Handshakes that end early, beside those that the demo plays; TLS as a wrapper round any other fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import play
from mnistdoctor.demo.faults_tls import PLAIN_HTTP, answer_hello, await_hello, plain_http

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from mnistdoctor.demo.connection import Connection, Fault

__all__ = [
    "CERTIFICATE_REQUIRED",
    "HANDSHAKE_FAILURE",
    "INTERNAL_ERROR",
    "PLAIN_HTTP",
    "PROTOCOL_VERSION",
    "UNRECOGNIZED_NAME",
    "alert",
    "answer_hello",
    "by_server_name",
    "finish_after_hello",
    "plain_http",
    "reset_after_hello",
    "stall_after_hello",
    "stall_after_server_hello",
    "tls",
]


# Alert descriptions, RFC 8446 section 6
HANDSHAKE_FAILURE = 40
PROTOCOL_VERSION = 70
INTERNAL_ERROR = 80
UNRECOGNIZED_NAME = 112
CERTIFICATE_REQUIRED = 116


def tls(context: ssl.SSLContext, inner: Fault) -> Fault:
    """Do the handshake, then play `inner` inside TLS. `Server(fault, tls=context)` does the same."""

    def fault(connection: Connection) -> None:
        connection.start_tls(context)
        play(inner, connection)
        connection.persistent = False

    return fault


def by_server_name(predicate: Callable[[str], bool], yes: Fault, no: Fault) -> Fault:
    """Choose by the SNI of the ClientHello, which stays unread; an absent one counts as empty."""

    def fault(connection: Connection) -> None:
        hello = connection.client_hello()
        name = (hello.server_name if hello else None) or ""
        (yes if predicate(name) else no)(connection)

    return fault


def reset_after_hello(connection: Connection) -> None:
    """RST once the ClientHello is there."""
    await_hello(connection)
    connection.reset(settle=0.0)


def finish_after_hello(connection: Connection) -> None:
    """FIN once the ClientHello is there: `UNEXPECTED_EOF_WHILE_READING` to OpenSSL 3."""
    await_hello(connection)
    connection.finish(notify=False)


def stall_after_hello(connection: Connection) -> None:
    """Read the ClientHello and stay silent."""
    await_hello(connection)
    connection.hang()


def alert(description: int) -> Fault:
    """Answer the ClientHello with a fatal alert of that number."""
    return answer_hello(bytes([0x15, 3, 3, 0, 2, 2, description]))


def stall_after_server_hello(context: ssl.SSLContext, keep: int = 64) -> Fault:
    """Send the first `keep` bytes of the true answer to the ClientHello, then stay silent."""

    def fault(connection: Connection) -> None:
        import ssl

        await_hello(connection)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = context.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(connection.recv())
        try:
            server.do_handshake()
        except ssl.SSLWantReadError:
            connection.send(outgoing.read()[:keep])
        connection.hang()

    return fault
