"""The one thing a demo server must know of TLS without speaking it: which name a ClientHello asks for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What a middlebox can read of a handshake."""

    server_name: str | None
    """The `server_name` extension (RFC 6066 section 3), None when absent."""


def parse_client_hello(data: bytes) -> ClientHello | None:
    """Return None while `data` is not, or not yet, a whole ClientHello (RFC 8446 sections 4.1.2 and 5.1)."""
    message = _handshake_bytes(data)
    if len(message) < 4 or message[0] != 1 or len(message) < 4 + int.from_bytes(message[1:4], "big"):
        return None
    try:
        return ClientHello(_server_name(message[4:]))
    except IndexError:
        return None


def _handshake_bytes(data: bytes) -> bytes:
    """Join the payloads of the leading handshake records."""
    message = b""
    while len(data) >= 5 and data[0] == 0x16:
        length = int.from_bytes(data[3:5], "big")
        message += data[5 : 5 + length]
        data = data[5 + length :]
    return message


def _server_name(body: bytes) -> str | None:
    at = 2 + 32
    at += 1 + body[at]  # session id
    at += 2 + int.from_bytes(body[at : at + 2], "big")  # cipher suites
    at += 1 + body[at]  # compression methods
    at += 2  # length of all extensions
    while at + 4 <= len(body):
        kind, length = int.from_bytes(body[at : at + 2], "big"), int.from_bytes(body[at + 2 : at + 4], "big")
        if kind == 0:
            name = body[at + 9 : at + 9 + int.from_bytes(body[at + 7 : at + 9], "big")]
            return name.decode("ascii", "replace")
        at += 4 + length
    return None
