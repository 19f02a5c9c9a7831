"""HTTP answers and the ways to choose among them. Framing that breaks is in `faults_body`, known pages in `pages`."""

from __future__ import annotations

import re
import threading
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mnistdoctor.demo.connection import Connection, Fault
    from mnistdoctor.demo.log import Request

Fields = tuple[tuple[str, "str | bytes"], ...]
"""Field names and values; bytes go out as they are."""

GZIP = "application/gzip"
HTML = "text/html; charset=utf-8"


def head(status: int, fields: Fields = (), reason: str | bytes | None = None, version: str = "HTTP/1.1") -> bytes:
    """Return a response head. The reason is the registered one unless given; an empty one is left out."""
    if reason is None:
        reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"{version} {status} ".encode("latin-1") + _bytes(reason)]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def respond(
    status: int = 200,
    body: bytes = b"",
    fields: Fields = (),
    reason: str | bytes | None = None,
    *,
    content_type: str | None = "application/octet-stream",
    framing: str = "length",
    version: str = "HTTP/1.1",
    lower_case: bool = False,
    close: bool = False,
) -> Fault:
    """Answer every request alike.

    `framing` is `length`, `chunked` or `close` (the end of the connection ends the body). `fields` replace
    Date, Content-Type, Content-Length and Transfer-Encoding of the same name. `close` ends the connection
    after the answer; else it ends when the client asks for that, or with HTTP/1.0.
    """

    def fault(connection: Connection) -> None:
        request = connection.request
        ours: list[tuple[str, str | bytes]] = [("Date", formatdate(usegmt=True))]
        if content_type is not None and body:
            ours.append(("Content-Type", content_type))
        bodiless = status < 200 or status in (204, 304)
        if not bodiless and framing != "close":
            chunked = framing == "chunked"
            ours.append(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body))))
        leave = close or framing == "close" or version == "HTTP/1.0" or _asks_to_close(request)
        if leave and version == "HTTP/1.1":
            ours.append(("Connection", "close"))
        given = {name.lower() for name, _ in fields}
        whole = tuple(field for field in ours if field[0].lower() not in given) + tuple(fields)
        if lower_case:
            whole = tuple((name.lower(), value) for name, value in whole)
        connection.send(head(status, whole, reason, version))
        if request.method != "HEAD" and not bodiless:
            connection.send(chunks(body) if framing == "chunked" else body)
        connection.persistent = not leave

    return fault


def _asks_to_close(request: Request) -> bool:
    return request.version == "HTTP/1.0" or "close" in (request.field("Connection") or "").lower()


def chunks(body: bytes, size: int = 4096, *, last: bool = True) -> bytes:
    """Frame `body` as chunks of `size` bytes (RFC 9112 section 7.1), with the closing chunk unless `last` is false."""
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return framed + b"0\r\n\r\n" if last else framed


def serve(
    body: bytes,
    *,
    content_type: str = GZIP,
    etag: str = '"demo"',
    fields: Fields = (),
    ranges: bool = True,
    shift: int = 0,
) -> Fault:
    """Serve a file as a good server does: HEAD, one byte range with If-Range, 206 and 416 (RFC 9110 section 14).

    `ranges=False` ignores Range and answers 200; `shift` starts the bytes of a 206 that far from where it says.
    """

    def fault(connection: Connection) -> None:
        request = connection.request
        accepts: Fields = (("ETag", etag), *((("Accept-Ranges", "bytes"),) if ranges else ()), *fields)
        span = _span(request, len(body), etag) if ranges else None
        if span is None:
            respond(200, body, accepts, content_type=content_type)(connection)
        elif span[0] >= span[1]:
            respond(416, b"", (("Content-Range", f"bytes */{len(body)}"), *accepts))(connection)
        else:
            start, stop = span
            where = ("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
            part = (body * 2)[start + shift : stop + shift]
            respond(206, part, (where, *accepts), content_type=content_type)(connection)

    return fault


def _span(request: Request, length: int, etag: str) -> tuple[int, int] | None:
    """Return start and stop of the range asked for, an empty one if not satisfiable, None to send it all."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.field("Range") or "")
    if not match or not any(match.groups()) or request.field("If-Range") not in (None, etag):
        return None
    first, last = match.groups()
    if not first:
        return max(0, length - int(last)), length
    return int(first), min(length, int(last) + 1) if last else length


# redirects


def redirect(location: str | bytes | None, status: int = 302, fields: Fields = ()) -> Fault:
    """Redirect there, or nowhere: None sends no Location."""
    where: Fields = () if location is None else (("Location", location),)
    return respond(status, b"", (*where, *fields))


def redirect_loop(length: int = 2, status: int = 302) -> Fault:
    """Send the client round `length` addresses for ever; 1 redirects to itself."""

    def fault(connection: Connection) -> None:
        target = urlsplit(connection.request.target)
        at = int(parse_qs(target.query).get("round", ["0"])[0])
        redirect(f"{target.path}?round={(at + 1) % length}", status)(connection)

    return fault


# choosing


def route(paths: Mapping[str, Fault], otherwise: Fault | None = None) -> Fault:
    """Choose by the exact path without query; 404 for others unless `otherwise` is given."""
    missing = otherwise or respond(404, b"not found\n", content_type="text/plain")
    return lambda connection: paths.get(connection.request.path, missing)(connection)


def sequence(*faults: Fault) -> Fault:
    """Play one fault for each request, over all connections of the server; the last one stays."""
    lock = threading.Lock()
    served = 0

    def fault(connection: Connection) -> None:
        nonlocal served
        with lock:
            number, served = served, served + 1
        faults[min(number, len(faults) - 1)](connection)

    return fault


def by_request(predicate: Callable[[Request], bool], yes: Fault, no: Fault) -> Fault:
    """Choose by the request."""
    return lambda connection: (yes if predicate(connection.request) else no)(connection)


def by_user_agent(predicate: Callable[[str], bool], yes: Fault, no: Fault) -> Fault:
    """Choose by the User-Agent; an absent one counts as empty."""
    return by_request(lambda request: predicate(request.field("User-Agent") or ""), yes, no)


def by_method(methods: Mapping[str, Fault], otherwise: Fault) -> Fault:
    """Choose by the method, e.g. `{"HEAD": respond(405)}`."""
    return lambda connection: methods.get(connection.request.method, otherwise)(connection)
