"""What a demo server saw: connections, requests, destinations, questions. The clients' side of every story."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted TCP connection."""

    number: int
    """1 for the server's first connection."""
    peer: tuple[str, int]
    """The client's address and port."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request head, as it came, and its body if it declared a length."""

    connection: int
    """The number of the connection it came on."""
    method: str
    target: str
    """As in the request line: `/path?query`, `http://host/path`, `host:port`."""
    version: str
    fields: tuple[tuple[str, str], ...]
    """Names in the client's own case, values as latin-1 text."""
    body: bytes = b""

    def field(self, name: str) -> str | None:
        """Return the first field of that name in any letter case, None when it was not sent."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def path(self) -> str:
        """The target's path, without scheme, authority and query."""
        from urllib.parse import urlsplit

        return self.target if self.method == "CONNECT" else urlsplit(self.target).path

    @property
    def line(self) -> str:
        """The request line without its end."""
        return f"{self.method} {self.target} {self.version}"


@dataclass(frozen=True, slots=True)
class Destination:
    """What a proxy of either kind was asked to connect to."""

    connection: int
    authority: str
    """`host:port` in lower case, the host as the client sent it: a name, or an address resolved on its side."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One DNS question."""

    name: str
    """Lower case, without the final dot."""
    type: str
    """`A`, `AAAA`, ..."""
    transport: str
    """`udp` or `tcp`."""
    number: int
    """1 for the server's first question."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """One TLS handshake that a server took part in."""

    connection: int
    server_name: str | None
    """The SNI of the ClientHello."""
    version: str | None
    """As `ssl.SSLSocket.version()`; None when the handshake failed."""
    error: str | None
    """OpenSSL's reason, or the exception's name; None when it went well."""


class Log:
    """A thread-safe, growing record; each property is a snapshot in order of arrival."""

    def __init__(self) -> None:
        self._entries: list[object] = []
        self._grown = threading.Condition()

    def add(self, entry: object) -> None:
        """Append one record."""
        with self._grown:
            self._entries.append(entry)
            self._grown.notify_all()

    def number(self, make: Callable[[int], Entry], kind: type[Entry]) -> Entry:
        """Append the record `make(n)`, where n counts the records of its kind from 1, and return it."""
        with self._grown:
            entry = make(1 + sum(isinstance(known, kind) for known in self._entries))
            self._entries.append(entry)
            self._grown.notify_all()
            return entry

    def of(self, kind: type[Entry]) -> tuple[Entry, ...]:
        """Return the records of one kind."""
        with self._grown:
            return tuple(entry for entry in self._entries if isinstance(entry, kind))

    @property
    def connections(self) -> tuple[Accepted, ...]:
        """Every connection accepted. A client may see its connect succeed a moment earlier: see `wait`."""
        return self.of(Accepted)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request head read; it stands here before its answer is sent."""
        return self.of(Request)

    @property
    def connects(self) -> tuple[Request, ...]:
        """The requests whose method is CONNECT."""
        return tuple(request for request in self.requests if request.method == "CONNECT")

    @property
    def handshakes(self) -> tuple[Handshake, ...]:
        """Every TLS handshake, good or bad."""
        return self.of(Handshake)

    @property
    def questions(self) -> tuple[Asked, ...]:
        """Every DNS question."""
        return self.of(Asked)

    @property
    def destinations(self) -> tuple[str, ...]:
        """The `host:port` of every `Destination`."""
        return tuple(destination.authority for destination in self.of(Destination))

    @property
    def errors(self) -> tuple[Exception, ...]:
        """What went wrong in a fault itself: a bug in the scene, never the client's doing."""
        return self.of(Exception)

    def sent(self, name: str) -> tuple[str, ...]:
        """Return every value of that field over all requests, e.g. `sent("Proxy-Authorization")`."""
        return tuple(v for request in self.requests if (v := request.field(name)) is not None)

    def wait(self, kind: type[object], count: int, timeout: float = 60.0) -> bool:
        """Wait at most `timeout` seconds until `count` records of that kind are there."""
        until = time.monotonic() + timeout
        with self._grown:
            while sum(isinstance(entry, kind) for entry in self._entries) < count:
                if not self._grown.wait(until - time.monotonic()) and time.monotonic() >= until:
                    return False
        return True
