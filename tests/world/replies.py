"""What real stores, walls and services write: bodies for the independent scenes, and servers that send them.

Wordings follow the vendors' public pages; request ids and addresses are made up.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mnistdoctor.demo.connection import Connection, Fault
from tests.faults import pages

Chunks = bytes | Iterable[bytes | float]
"""What a server sends: bytes, or pieces with pauses (a float, in seconds) between them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a server reads it."""

    method: str
    target: str
    fields: Mapping[str, str]
    """By lower-case name."""
    number: int
    """Of this request at this server, from 0."""

    @property
    def agent(self) -> str:
        return self.fields.get("user-agent", "")


Answer = Callable[[Asked], Chunks]


def answers(answer: Answer | Chunks) -> Fault:
    """A server of one request a connection, with the bytes of an answer as they stand. No bytes: it hangs up."""
    count = itertools.count()

    def fault(connection: Connection) -> None:
        request = connection.request
        asked = Asked(request.method, request.target, {n.lower(): v for n, v in request.fields}, next(count))
        sent = answer(asked) if callable(answer) else answer
        for piece in (sent,) if isinstance(sent, bytes) else sent:
            if isinstance(piece, bytes):
                connection.send(piece)
            else:
                connection.pause(piece)

    return fault


def reply(status: str, body: bytes = b"", *fields: str, length: int | None = None) -> bytes:
    """An answer; `length` is the claim (-1: none). `status` may hold any reason phrase."""
    claimed = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", "Date: Sat, 21 Nov 2026 08:00:00 GMT", *fields, "Connection: close"]
    if claimed >= 0:
        lines.append(f"Content-Length: {claimed}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def ok(body: bytes, *fields: str, length: int | None = None) -> bytes:
    """A good answer, as a plain server gives it."""
    return reply("200 OK", body, *(fields or ("Content-Type: application/octet-stream",)), length=length)


def page(title: str, text: str) -> bytes:
    """A small HTML page."""
    return pages.page(title, f"<h1>{title}</h1>\n{text}\n")


def html(status: str, title: str, text: str, *fields: str) -> bytes:
    """An answer with such a page."""
    return reply(status, page(title, text), "Content-Type: text/html; charset=UTF-8", *fields)


def store(status: str, code: str, message: str, more: str = "", *fields: str) -> bytes:
    """The XML error of an object store."""
    fields = fields or ("x-amz-request-id: 4442587FB7D0A2F9",)
    return reply(status, pages.s3_body(code, message, more), "Content-Type: application/xml", *fields)


def gcs(status: str, code: str, message: str, details: str = "") -> bytes:
    """The XML error of Google Cloud Storage."""
    fields = (
        "Content-Type: application/xml; charset=UTF-8",
        "X-GUploader-UploadID: AJRbA5XexamA",
        "Server: UploadServer",
    )
    return reply(status, pages.gcs_body(code, message, details), *fields)


def azure(status: str, code: str, message: str, detail: str = "") -> bytes:
    """The XML error of Azure Blob Storage, with its byte order mark."""
    message += "\nRequestId:6f25c8a1-001e-0049-5a0b-5b1f9d000000\nTime:2026-11-21T08:00:00.0000000Z"
    fields = ("Content-Type: application/xml", "Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
    body = pages.azure_body(code, message, detail)
    return reply(status, body, *fields, f"x-ms-error-code: {code}", "x-ms-version: 2009-09-19")


def cloudflare(status: str, title: str, text: str, *fields: str) -> bytes:
    """A page that Cloudflare made."""
    about = f'<div id="cf-wrapper"><div id="cf-error-details">{text}</div></div><p>Ray ID: 8f1b2c3d4e5f6a7b</p>'
    return html(status, title, about, "Server: cloudflare", "CF-RAY: 8f1b2c3d4e5f6a7b-FRA", *fields)


def hub(status: str, code: str, message: str) -> bytes:
    """An error of the Hugging Face Hub."""
    fields = ("Content-Type: text/plain; charset=utf-8", f"X-Error-Code: {code}", f"X-Error-Message: {message}")
    return reply(status, message.encode(), *fields, "X-Request-Id: Root=1-673ef1a2-0aa", "Server: CloudFront")


def only_for(welcome: Callable[[str], bool], good: bytes, refusal: bytes) -> Answer:
    """A filter on the User-Agent."""
    return lambda asked: good if welcome(asked.agent) else refusal


def drip(head: bytes, body: bytes, size: int, pause: float) -> Iterable[bytes | float]:
    """A body in small pieces."""
    yield head
    for start in range(0, len(body), size):
        yield body[start : start + size]
        yield pause
