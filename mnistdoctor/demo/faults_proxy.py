"""HTTP proxies, honest and not. A proxy is a fault too: `Server(http_proxy(...))`."""

from __future__ import annotations

import base64
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mnistdoctor.demo.faults_http import HTML, Fields, by_method, head, respond
from mnistdoctor.demo.log import Destination
from mnistdoctor.demo.relay import Backends, backend_of, connect_backend, recv_upstream, relay

if TYPE_CHECKING:
    from collections.abc import Callable

    from mnistdoctor.demo.connection import Connection, Fault
    from mnistdoctor.demo.log import Request

HOP_BY_HOP = {"connection", "proxy-connection", "keep-alive", "proxy-authorization", "te", "upgrade"}
"""Fields that end at a proxy (RFC 9110 section 7.6.1)."""
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
SQUID: Fields = (("Server", "squid/6.6"), ("Via", "1.1 proxy.demo (squid/6.6)"))


def http_proxy(backends: Backends, *, via: str | None = "1.1 proxy.demo", limit: int | None = None) -> Fault:
    """Forward absolute-form requests and tunnel CONNECT.

    `backends` maps `host:port` or `host` in lower case to a loopback port or an address, None to a refused one;
    what it does not hold cannot be resolved (503). `via` is added to forwarded requests and their answers;
    `limit` resets a transfer after that many bytes to the client.
    """

    def fault(connection: Connection) -> None:
        request = connection.request
        authority = authority_of(request)
        if authority is None:
            respond(400, b"a proxy wants the absolute form\n", SQUID, content_type="text/plain")(connection)
            return
        connection.log.add(Destination(connection.number, authority))
        address = backend_of(backends, authority)
        if address == "unknown":
            squid_error("ERR_DNS_FAIL", 503)(connection)
            return
        upstream = connect_backend(address)
        if upstream is None:
            squid_error("ERR_CONNECT_FAIL", 503, 111)(connection)
            return
        with upstream:
            if request.method == "CONNECT":
                connection.send(ESTABLISHED)
                relay(connection, upstream, limit)
            else:
                _forward(connection, request, upstream, via, limit)

    return fault


def authority_of(request: Request) -> str | None:
    """Return `host:port` in lower case."""
    if request.method == "CONNECT":
        return request.target.lower()
    parts = urlsplit(request.target)
    return f"{parts.hostname}:{parts.port or 80}" if parts.scheme == "http" and parts.hostname else None


def _forward(
    connection: Connection, request: Request, upstream: socket.socket, via: str | None, limit: int | None
) -> None:
    parts = urlsplit(request.target)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fields = [field for field in request.fields if field[0].lower() not in HOP_BY_HOP]
    fields += [("Via", via)] if via else []
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in fields), "Connection: close", "", ""]
    answer = b""
    try:
        upstream.sendall("\r\n".join(lines).encode("latin-1") + request.body)
        while b"\r\n\r\n" not in answer and (more := recv_upstream(connection, upstream)):
            answer += more
    except OSError as error:
        squid_error("ERR_READ_ERROR", 502, error.errno or 0)(connection)
        return
    if not answer:
        squid_error("ERR_ZERO_SIZE_OBJECT", 502)(connection)
        return
    if via:
        line, separator, rest = answer.partition(b"\r\n")
        answer = line + separator + b"Via: " + via.encode("latin-1") + b"\r\n" + rest if separator else answer
    connection.send(answer[:limit])
    if limit is not None and len(answer) >= limit:
        connection.reset()
    else:
        relay(connection, upstream, None if limit is None else limit - len(answer))


# credentials


def basic_auth(user: str, password: str, inner: Fault, realm: str = "proxy.demo") -> Fault:
    """Demand these Basic credentials in Proxy-Authorization, then play `inner`."""
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    denied = auth_required(f'Basic realm="{realm}"')

    def fault(connection: Connection) -> None:
        (inner if connection.request.field("Proxy-Authorization") == wanted else denied)(connection)

    return fault


def auth_required(*challenges: str, fields: Fields = SQUID) -> Fault:
    """Answer every request with 407 and these challenges; with none the field is missing.

    For example `'Digest realm="corp", nonce="...", qop="auth"'`, or `"Negotiate", "NTLM"`.
    """
    offers: Fields = tuple(("Proxy-Authenticate", challenge) for challenge in challenges)
    error: Fields = (("X-Squid-Error", "ERR_CACHE_ACCESS_DENIED 0"),) if fields is SQUID else ()
    return respond(407, b"authenticate\n", (*fields, *error, *offers), content_type="text/plain", close=True)


# answers of a proxy that will not


def squid_error(name: str, status: int, errno: int = 0, fields: Fields = ()) -> Fault:
    """Answer as Squid: ERR_ACCESS_DENIED 403, ERR_DNS_FAIL 503, ERR_CONNECT_FAIL 503, ERR_READ_TIMEOUT 504."""
    body = f"<!DOCTYPE html>\n<title>ERROR: The requested URL could not be retrieved</title><p>{name}".encode()
    return respond(status, body, (*SQUID, ("X-Squid-Error", f"{name} {errno}"), *fields), content_type=HTML, close=True)


def deny(predicate: Callable[[str], bool], otherwise: Fault, denied: Fault | None = None) -> Fault:
    """Refuse the hosts that the predicate picks (`host:port`), by Squid's 403 unless `denied` is given."""
    page = denied or squid_error("ERR_ACCESS_DENIED", 403)

    def fault(connection: Connection) -> None:
        (page if predicate(authority_of(connection.request) or "") else otherwise)(connection)

    return fault


def speaks_no_connect(status: int = 405) -> Fault:
    """Refuse CONNECT as a plain web server does."""
    return by_method({"CONNECT": respond(status, head(status), content_type=None, close=True)}, respond(200))
