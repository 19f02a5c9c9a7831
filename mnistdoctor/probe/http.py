"""Stage `http`: one request, written by requests on the connection that the probes made, and the head of its answer."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import requests.adapters
import requests.cookies
import requests.exceptions
import urllib3
import urllib3.connection
from urllib3.exceptions import LocationParseError

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.failure import Failure, classify
from mnistdoctor.probe import head
from mnistdoctor.probe.proxy import authorization, credentials_once, note_answer
from mnistdoctor.probe.request_fields import client_fields
from mnistdoctor.probe.stream import Stream
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings import Proxy, Settings

MOST_FIELDS, LONGEST_VALUE = 64, 2048
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OneConnection(requests.adapters.HTTPAdapter):
    """Sends one request over a stream that is connected already, to one origin and no other."""

    def __init__(self, stream: Stream, scheme: str, host: str, port: int, family: str, *, absolute: bool) -> None:
        super().__init__(max_retries=0)
        self._origin = (scheme, host, port)
        self._absolute = absolute
        self._pool = _pool(stream, scheme, host, port, family)

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_arguments: object, **_named: object
    ) -> urllib3.HTTPConnectionPool:
        """The pool that holds the stream; a request for another origin must not get it."""
        parts = urllib3.util.parse_url(str(request.url))
        asked = (parts.scheme, (parts.host or "").strip("[]"), parts.port or _usual(parts.scheme or ""))
        if asked != self._origin:
            raise requests.exceptions.ConnectionError(f"this connection serves {self._origin}, not {asked}")
        return self._pool

    def cert_verify(self, *_arguments: object, **_named: object) -> None:
        """Nothing: the stream was verified when it was made."""

    def request_url(self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> str:
        """The absolute form for a forward proxy (RFC 9112 section 3.2.2), the origin form otherwise."""
        if self._absolute:
            return urllib3.util.parse_url(str(request.url))._replace(auth=None, fragment=None).url
        return str(super().request_url(request, proxies))


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _pool(stream: Stream, scheme: str, host: str, port: int, family: str) -> urllib3.HTTPConnectionPool:
    base: Any = urllib3.connection.HTTPSConnection if scheme == "https" else urllib3.connection.HTTPConnection

    class Connected(base):  # type: ignore[misc]
        response_class = head.response_class(family)

        def connect(self) -> None:
            self.sock = stream
            self.is_verified = True

    kind = urllib3.HTTPSConnectionPool if scheme == "https" else urllib3.HTTPConnectionPool
    pool = kind(f"[{host}]" if ":" in host else host, port, maxsize=1, retries=False)
    pool.ConnectionCls = Connected
    return pool


def request_fields(
    client: Client, settings: Settings, url: str, origin: str
) -> tuple[list[tuple[str, str]], str | None]:
    """The fields this client sends with a GET, and where its credentials for the origin came from, if it sends any."""
    fields = list(client_fields(client))
    if settings.accept_encoding_identity:
        fields = [(name, value) for name, value in fields if name.lower() != "accept-encoding"]
        fields.append(("Accept-Encoding", "identity"))
    if settings.user_agent is not None:
        fields = [(name, value) for name, value in fields if name.lower() != "user-agent"]
        fields.append(("User-Agent", settings.user_agent))
    credentials = None
    parts = urlsplit(url)
    if parts.username is not None:
        credentials = "url"
        fields.append(("Authorization", requests.auth._basic_auth_str(*requests.utils.get_auth_from_url(url))))
    elif client.netrc and (found := requests.utils.get_netrc_auth(url)):
        credentials = "netrc"
        fields.append(("Authorization", requests.auth._basic_auth_str(*found)))
    if f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower() == origin:
        for name, value in settings.headers:
            fields = [(other, given) for other, given in fields if other.lower() != name.lower()]
            fields.append((name, value))
            if name.lower() in ("authorization", "cookie"):
                credentials = "header"
    return fields, credentials


def exchange(
    rec: Recorder,
    stream: Stream,
    url: str,
    client: Client,
    *,
    origin: str,
    forward: Proxy | None = None,
    cookies: requests.cookies.RequestsCookieJar | None = None,
    tunnelled: bool = False,
) -> tuple[requests.Response, ev.Exchange]:
    """Sends the GET and reads the head of the response, which may be of any status.

    ``forward`` is the proxy that is spoken to in clear; ``tunnelled`` is the way through a CONNECT. Raises `Stopped`
    with the record where no response came.
    """
    if forward is None:
        return _send(rec, stream, url, client, origin, None, cookies, tunnelled=tunnelled)
    target = urlsplit(url).netloc.rpartition("@")[2]
    with credentials_once(rec.run, forward, target) as refusal:
        if refusal is not None:
            raise Stopped(rec.record_reuse(refusal))
        response, record = _send(rec, stream, url, client, origin, forward, cookies)
        note_answer(rec.run, forward, target, record, record.status)
    return response, record


def _send(
    rec: Recorder,
    stream: Stream,
    url: str,
    client: Client,
    origin: str,
    forward: Proxy | None,
    cookies: requests.cookies.RequestsCookieJar | None,
    *,
    tunnelled: bool = False,
) -> tuple[requests.Response, ev.Exchange]:
    started = rec.run.clock()
    fields, credentials = request_fields(client, rec.run.settings, url, origin)
    fields += _dotted_host(client, url, tunnelled=tunnelled)
    secret = authorization(forward) if forward else None
    if secret:
        fields.append(("Proxy-Authorization", secret))
    try:
        prepared = requests.Request("GET", url, headers=dict(fields), cookies=cookies).prepare()
    except ValueError as error:  # `InvalidURL` is one: requests reads some URLs more strictly than `urlsplit`
        unusable = {"failure": Failure.URL_INVALID, "detail": str(error)[:300]}
        raise Stopped(rec.add(ev.Exchange, "http", started, method="GET", url=url, **unusable)) from None
    parts = urllib3.util.parse_url(str(prepared.url))
    host = (parts.host or "").strip("[]")
    about: dict[str, object] = {"method": "GET", "url": url, "request_fields": tuple(prepared.headers.items())}
    about |= {"via": "proxy" if forward else "origin", "proxy_credentials": secret is not None}
    about["credentials"] = credentials
    port = parts.port or _usual(parts.scheme or "")
    adapter = OneConnection(stream, parts.scheme or "", host, port, client.family, absolute=forward is not None)
    stream.expect(rec.run.settings.timeout_s)
    try:
        # HTTPAdapter.send, not Session.send: that one drains a redirect's body and parses its Location even when it is
        # told not to follow, and raises on a broken one.
        response = adapter.send(prepared, stream=True, timeout=None, verify=True)
    except Exception as error:
        raise Stopped(rec.add(ev.Exchange, "http", started, **_no_response(stream, error), **about)) from None
    if cookies is not None:
        requests.cookies.extract_cookies_to_jar(cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
    return response, rec.add(ev.Exchange, "http", started, **_head(response, url), **about)


def _dotted_host(client: Client, url: str, *, tunnelled: bool) -> list[tuple[str, str]]:
    """The Host field of a URL whose host ends in a dot: urllib3 drops the dot, except in a tunnel; others send it."""
    authority = urlsplit(url).netloc.rpartition("@")[2]
    dotted = (urlsplit(url).hostname or "").endswith(".")
    return [("Host", authority)] if dotted and (tunnelled or client.family != "requests") else []


def _no_response(stream: Stream, error: BaseException) -> dict[str, object]:
    """What came instead of a response, told by the deepest error that says it."""
    if stream.error is not None:
        return {"failure": classify(stream.error), "detail": str(stream.error)[:300]}
    for one in _causes(error):
        if isinstance(one, http.client.RemoteDisconnected):
            return {"failure": Failure.EOF, "detail": str(one)}
        if isinstance(one, http.client.BadStatusLine):
            line = str(one).strip("'\"")
            return {"failure": Failure.HTTP_RESPONSE, "detail": "no HTTP status line", "first_bytes": line[:64]}
        if isinstance(one, http.client.HTTPException):
            first = one.line[:64].decode("latin-1") if isinstance(one, head.BrokenHead) else ""
            detail = f"{type(one).__name__}: {one}"[:300]
            return {"failure": Failure.HTTP_RESPONSE, "detail": detail, "first_bytes": first}
        if isinstance(one, (LocationParseError, requests.exceptions.InvalidHeader, UnicodeError)):
            return {"failure": Failure.HTTP_RESPONSE, "detail": str(one)[:300]}
    return {"failure": Failure.UNKNOWN, "detail": f"{type(error).__name__}: {error}"[:300]}


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error, what it wraps and what came before it, outermost first."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting and len(found) < 20:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None)]
            waiting += [part for part in one.args if isinstance(part, BaseException)]
    return found


def _head(response: requests.Response, url: str) -> dict[str, object]:
    raw = response.raw
    fields = tuple((name, value[:LONGEST_VALUE]) for name, value in list(raw.headers.items())[:MOST_FIELDS])
    about: dict[str, object] = {
        "status": response.status_code,
        "reason": (response.reason or "")[:200],
        "version": f"HTTP/{raw.version / 10:.1f}",
        "fields": fields,
        "date_skew_s": _skew(ev.field(fields, "date")),
        "interim": getattr(getattr(raw, "_original_response", None), "skipped", 0),
    }
    if response.status_code in REDIRECTS:
        about["location"] = location_of(response, url)
    if response.status_code >= 400 or response.status_code < 200:
        about["failure"] = Failure.STATUS
    return about


def location_of(response: requests.Response, url: str) -> str | None:
    """The redirect's target, made absolute; None where there is no Location field."""
    location: str | None = response.raw.headers.get("location")
    if location is None:
        return None
    # http.client reads fields as latin-1, and servers send UTF-8: taken as requests takes them.
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip())
    except ValueError:
        return location


def _skew(date: str | None) -> float | None:
    """The Date field minus the local clock, in seconds (RFC 9110 section 6.6.1)."""
    if date is None:
        return None
    try:
        parsed = email.utils.parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return round(parsed.timestamp() - time.time(), 1)
