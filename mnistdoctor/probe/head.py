"""The head of a response, read as the client reads it that is being examined.

requests and urllib read with `http.client`, and so does the probe; some loaders then make a number of the length for
themselves. curl and httpx (which reads with h11) skip every
interim response, take longer heads, and refuse some that `http.client` puts up with. For these two the head is read
here by their rules, and then handed to `http.client`, which decides the framing.
"""

from __future__ import annotations

import http.client
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from mnistdoctor.catalogue import Client

_BLOCK = 60_000
"""Bytes that are handed to `http.client` at once: it counts "lines", and takes none above 65536 bytes."""
_MOST_INTERIM = 64
"""Interim responses after which reading stops; no server sends more than a few."""
_TOKEN = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+[ \t]*")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")


class BrokenHead(http.client.HTTPException):
    """A head that this client refuses, although `http.client` would not."""

    def __init__(self, why: str, line: bytes) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Rules:
    """What a client takes for the head of a response."""

    most: int
    """Bytes of all fields of one head."""
    longest: int
    """Bytes of one line."""
    strict: bool
    """Whether a field's name must be a token and a length must be digits only (RFC 9110 sections 5.1 and 8.6)."""


RULES = {
    "curl": Rules(most=300 * 1024, longest=100 * 1024, strict=False),
    **dict.fromkeys(("httpx", "httpx2"), Rules(most=100 * 1024, longest=100 * 1024, strict=True)),
}
"""By a client's family: curl's ``lib/http.h`` (MAX_HTTP_RESP_HEADER_SIZE, CURL_MAX_HTTP_HEADER) and ``verify_header``
of ``lib/http.c``; the size that httpcore gives h11, and h11's ``_readers.py`` and ``_headers.py``."""


class Response(http.client.HTTPResponse):
    """A response as `http.client` reads it, with a count of the interim ones before it."""

    skipped = 0
    """Interim responses that were read past."""

    def _read_status(self) -> tuple[str, int, str]:
        found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        self.skipped += found[1] == http.client.CONTINUE
        return found


def response_class(client: Client) -> type[Response]:
    """The class that reads responses as this client does."""
    rules = RULES.get(client.family)
    if rules is None:
        return _counting(client) if client.parses_length else Response

    known = rules

    class Patient(Response):
        def begin(self, **named: object) -> None:
            connection = self.fp
            head, self.skipped = _final(connection, known)
            self.fp = _Handed(head, connection)  # type: ignore[assignment]
            try:
                super().begin(**named)
            finally:
                self.fp = connection

    return Patient


def _counting(client: Client) -> type[Response]:
    class Counting(Response):
        def begin(self, **named: object) -> None:
            super().begin(**named)
            lengths = self.headers.get_all("Content-Length", [])
            # urllib3's `HTTPHeaderDict` joins what comes twice; `http.client` has the first.
            length = ", ".join(lengths) if client.family == "requests" else "".join(lengths[:1])
            if 200 <= self.status < 300 and lengths and not _is_number(length):
                shown = f"Content-Length: {length}"[:60]
                raise BrokenHead(f"the length is no number: {shown}", shown.encode("latin-1", "replace"))

    return Counting


class _Handed(io.RawIOBase):
    """A head that was read already: its first line, then the rest in large blocks."""

    def __init__(self, head: list[bytes], connection: BinaryIO) -> None:
        fields = b"".join(head[1:-1])
        cuts = range(0, len(fields), _BLOCK)
        self._parts = [head[0], *(fields[at : at + _BLOCK] for at in cuts), *head[1:][-1:]]
        self._connection = connection

    def readline(self, limit: int | None = -1) -> bytes:
        return self._parts.pop(0) if self._parts else self._connection.readline(-1 if limit is None else limit)


def _final(connection: BinaryIO, rules: Rules) -> tuple[list[bytes], int]:
    """The lines of the first head that is not interim, and how many interim ones came before it."""
    for skipped in range(_MOST_INTERIM):
        head = _lines(connection, rules)
        status = _STATUS.match(head[0])
        if status is None:
            return head, skipped
        for line in head[1:-1]:
            _check(line, rules)
        code = int(status[1])
        if not 100 <= code < 200 or code == http.client.SWITCHING_PROTOCOLS:
            return head, skipped
    raise BrokenHead(f"more than {_MOST_INTERIM} interim responses", head[0])


def _lines(connection: BinaryIO, rules: Rules) -> list[bytes]:
    """The lines of one head with the empty one that ends it; fewer where the connection ends first."""
    lines: list[bytes] = []
    size = 0
    while True:
        line = connection.readline(rules.longest + 1)
        size += len(line)
        if len(line) > rules.longest or size > rules.most:
            raise BrokenHead("the head is longer than this client takes", lines[0] if lines else line[:64])
        lines.append(line)
        if len(lines) == 1 and _STATUS.match(line) is None:
            return lines  # no head at all: `http.client` says so
        if line in (b"\r\n", b"\n", b""):
            return lines


def _check(line: bytes, rules: Rules) -> None:
    """Raises `BrokenHead` for a field that this client refuses."""
    if line.startswith((b" ", b"\t")):
        return  # the old way to go on with the field of the line before
    name, colon, value = line.partition(b":")
    shown = line[:60].decode("latin-1").strip()
    if not colon:
        raise BrokenHead(f"a line of the head has no colon: {shown}", line)
    if b"\0" in line or (rules.strict and not _TOKEN.fullmatch(name)):
        raise BrokenHead(f"a line of the head is no field: {shown}", line)
    if name.strip().lower() == b"content-length" and not _is_length(value.strip(), rules):
        raise BrokenHead(f"the length is no number: {shown}", line)


def _is_number(value: str) -> bool:
    try:
        int(value)
    except ValueError:
        return False
    return True


def _is_length(value: bytes, rules: Rules) -> bool:
    """curl reads the digits that a value begins with; h11 wants nothing else, but takes the same length twice."""
    if rules.strict:
        return len({one.strip() for one in value.split(b",")}) == 1 and value.split(b",")[0].strip().isdigit()
    return re.match(rb"[+-]?\d", value) is not None
