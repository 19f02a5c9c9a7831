"""Faults below HTTP: what a connection meets before the first byte. See also `servers.RefusingPort`, `SilentPort`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault


def reset_on_accept(connection: Connection) -> None:
    """RST, whatever the client sends, once its `connect` has had time to return: else that may already raise."""
    connection.reset(settle=0.02)


def finish_on_accept(connection: Connection) -> None:
    """FIN at once; what the client still sends is read."""
    connection.finish(notify=False)


def hang(connection: Connection) -> None:
    """Accept, read, never answer."""
    connection.hang()


def banner(data: bytes) -> Fault:
    """Speak first, as SSH, SMTP and FTP servers do, then ignore the client."""

    def fault(connection: Connection) -> None:
        connection.send(data)
        connection.hang()

    return fault
