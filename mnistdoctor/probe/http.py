"""Stage `http`: one request, written by requests on the connection that the probes made, and the head of its answer."""

from __future__ import annotations

import base64
import email.utils
import http.client
import time
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
from mnistdoctor.redact import cookie_values
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings import Proxy, Python, RequestForm, Settings, rules_of
from mnistdoctor.settings.secrets import netrc_problem

MOST_FIELDS, LONGEST_VALUE = 64, 2048
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class OneConnection(requests.adapters.HTTPAdapter):
    """Sends one request over a stream that is connected already, to one origin and no other."""

    def __init__(self, stream: Stream, scheme: str, host: str, port: int, client: Client, target: str) -> None:
        super().__init__(max_retries=0)
        self._origin = (scheme, host, port)
        self._pool = _pool(stream, scheme, host, port, client, target)

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


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _pool(stream: Stream, scheme: str, host: str, port: int, client: Client, target: str) -> urllib3.HTTPConnectionPool:
    base: Any = urllib3.connection.HTTPSConnection if scheme == "https" else urllib3.connection.HTTPConnection

    class Connected(base):  # type: ignore[misc]
        response_class = head.response_class(client)

        def connect(self) -> None:
            self.sock = stream
            self.is_verified = True

        def putrequest(self, method: str, _url: str, **named: bool) -> None:
            """With the target as the examined client writes it: requests and urllib3 would write it their way."""
            super().putrequest(method, target, **named)

    kind = urllib3.HTTPSConnectionPool if scheme == "https" else urllib3.HTTPConnectionPool
    pool = kind(f"[{host}]" if ":" in host else host, port, maxsize=1, retries=False)
    pool.ConnectionCls = Connected
    return pool


def login_of(client: Client, settings: Settings, url: str) -> tuple[str, tuple[str, str]] | None:
    """Where this client's credentials for the URL come from (``url``, ``netrc``), and what they are."""
    if urlsplit(url).username is not None and client.url_login != "never":
        return "url", requests.utils.get_auth_from_url(url)
    if client.netrc and settings.netrc:
        if problem := netrc_problem():
            raise NoLogin(problem)
        if found := requests.utils.get_netrc_auth(url):
            return "netrc", (str(found[0]), str(found[1]))
    return None


def has_login(client: Client, settings: Settings, url: str) -> bool:
    """Whether this client has credentials for the URL that it can send."""
    try:
        return login_of(client, settings, url) is not None
    except NoLogin:
        return False


class NoLogin(Exception):  # noqa: N818 - an outcome: the client does not get as far as its request
    """Why this client cannot write the login that it was given."""


def basic(client: Client, login: tuple[str, str]) -> str:
    """The value of Authorization. Raises `NoLogin` where this client cannot encode it.

    requests encodes in Latin-1 (`requests.auth`), as urllib's callers do; programs send the bytes that they were given.
    """
    try:
        pair = ":".join(login).encode("utf-8" if client.is_program else "latin-1", "surrogateescape")
    except UnicodeEncodeError:
        raise NoLogin("user name or password hold characters beyond Latin-1, which this client cannot send") from None
    return f"Basic {base64.b64encode(pair).decode()}"


def challenges(record: ev.Exchange) -> bool:
    """Whether the answer asks for a name and a password in clear (RFC 7617)."""
    return record.status == http.client.UNAUTHORIZED and "basic" in (record.field("www-authenticate") or "").lower()


def request_fields(
    client: Client, python: Python, settings: Settings, url: str, origin: str, *, challenged: bool = False
) -> tuple[list[tuple[str, str]], str | None]:
    """The fields this client sends with a GET, and where its credentials for the origin came from, if it sends any."""
    fields = list(client_fields(client, python))
    if settings.accept_encoding_identity:
        fields = [(name, value) for name, value in fields if name.lower() != "accept-encoding"]
        fields.append(("Accept-Encoding", "identity"))
    if settings.user_agent is not None:
        fields = [(name, value) for name, value in fields if name.lower() != "user-agent"]
        fields.append(("User-Agent", settings.user_agent))
    credentials = None
    parts = urlsplit(url)
    if (client.url_login == "sent" or challenged) and (login := login_of(client, settings, url)):
        credentials, found = login
        fields.append(("Authorization", basic(client, found)))
    if f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower() == origin:
        # What a control or a trial changes, it changes against a field that the user gave as well.
        kept = {"user-agent"} if settings.user_agent is not None else set()
        kept |= {"accept-encoding"} if settings.accept_encoding_identity else set()
        for name, value in (field for field in settings.headers if field[0].lower() not in kept):
            fields = [(other, given) for other, given in fields if other.lower() != name.lower()]
            fields.append((name, value))
            if name.lower() in ("authorization", "cookie"):
                credentials = "header"
    if settings.resume is not None:  # says nothing of the user: it goes to whichever host a redirect names
        have, validator = settings.resume
        fields = [(name, value) for name, value in fields if name.lower() not in ("range", "if-range")]
        fields += [("Range", f"bytes={have}-"), ("If-Range", validator)]
    return fields, credentials


def exchange(
    rec: Recorder,
    stream: Stream,
    url: str,
    form: RequestForm,
    client: Client,
    *,
    origin: str,
    forward: Proxy | None = None,
    cookies: requests.cookies.RequestsCookieJar | None = None,
    tunnelled: bool = False,
    challenged: bool = False,
) -> tuple[requests.Response, ev.Exchange]:
    """Sends the GET and reads the head of the response, which may be of any status.

    ``forward`` is the proxy that is spoken to in clear; ``tunnelled`` is the way through a CONNECT; ``challenged``:
    the server has asked for a login. Raises `Stopped` with the record where no response came.
    """
    try:
        fields, credentials = request_fields(
            client, rec.run.environment.python, rec.run.settings, url, origin, challenged=challenged
        )
    except NoLogin as problem:
        unsent = {"failure": Failure.UNKNOWN, "detail": str(problem)}
        raise Stopped(rec.add(ev.Exchange, "http", rec.run.clock(), method="GET", url=url, **unsent)) from None
    fields += host_field(client, form, urlsplit(url).scheme.lower(), tunnelled=tunnelled)
    if forward is None:
        return _send(rec, stream, url, form, client, fields, credentials, None, cookies)
    target = urlsplit(url).netloc.rpartition("@")[2]
    with credentials_once(rec.run, forward, target) as refusal:
        if refusal is not None:
            raise Stopped(rec.record_reuse(refusal))
        response, record = _send(rec, stream, url, form, client, fields, credentials, forward, cookies)
        note_answer(rec.run, forward, target, record, record.status)
    return response, record


def _send(
    rec: Recorder,
    stream: Stream,
    url: str,
    form: RequestForm,
    client: Client,
    fields: list[tuple[str, str]],
    credentials: str | None,
    forward: Proxy | None,
    cookies: requests.cookies.RequestsCookieJar | None,
) -> tuple[requests.Response, ev.Exchange]:
    started = rec.run.clock()
    secret = authorization(forward) if forward else None
    if secret:
        fields.append(("Proxy-Authorization", secret))
    scheme = urlsplit(url).scheme.lower()
    plain = f"{scheme}://{f'[{form.host}]' if ':' in form.host else form.host}:{form.port}{form.target}"
    try:
        prepared = requests.Request("GET", plain, headers=dict(fields), cookies=cookies).prepare()
    except ValueError as error:  # `InvalidURL` is one: requests reads some URLs more strictly than `urlsplit`
        unusable = {"failure": Failure.URL_INVALID, "detail": str(error)[:300]}
        raise Stopped(rec.add(ev.Exchange, "http", started, method="GET", url=url, **unusable)) from None
    parts = urllib3.util.parse_url(str(prepared.url))
    host = (parts.host or "").strip("[]")
    about: dict[str, object] = {"method": "GET", "url": url, "request_fields": tuple(prepared.headers.items())}
    about |= {"via": "proxy" if forward else "origin", "proxy_credentials": secret is not None}
    about["credentials"] = credentials
    port = parts.port or _usual(parts.scheme or "")
    target = form.absolute if forward is not None else form.target
    adapter = OneConnection(stream, parts.scheme or "", host, port, client, target)
    stream.expect(rec.run.settings.timeout_s)
    before = stream.received
    try:
        # HTTPAdapter.send, not Session.send: that one drains a redirect's body and parses its Location even when it is
        # told not to follow, and raises on a broken one.
        response = adapter.send(prepared, stream=True, timeout=None, verify=True)
    except Exception as error:
        about["received"] = stream.received - before
        raise Stopped(rec.add(ev.Exchange, "http", started, **_no_response(stream, error), **about)) from None
    rec.run.redactor.learn(cookie_values(response.raw.headers.items()))
    if cookies is not None:
        requests.cookies.extract_cookies_to_jar(cookies, prepared, response.raw)  # type: ignore[no-untyped-call]
    return response, rec.add(ev.Exchange, "http", started, **_head(response, url, client), **about)


def host_field(client: Client, form: RequestForm, scheme: str, *, tunnelled: bool) -> list[tuple[str, str]]:
    """The Host field, where this client writes another than `http.client` does by itself.

    urllib3 drops the dot at the end of a host, except in a tunnel; others send it.
    """
    if client.family == "requests":
        dotted = form.host + form.authority.removeprefix(form.host.rstrip("."))
        return [("Host", dotted)] if tunnelled and form.host.endswith(".") else []
    shown = f"[{form.host}]" if ":" in form.host else form.host
    usual = shown if form.port == _usual(scheme) else f"{shown}:{form.port}"
    return [("Host", form.authority)] if form.authority != usual else []


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


def _head(response: requests.Response, url: str, client: Client) -> dict[str, object]:
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
        about["location"] = location_of(response, url, client)
    if response.status_code >= 400 or response.status_code < 200:
        about["failure"] = Failure.STATUS
    return about


def location_of(response: requests.Response, url: str, client: Client) -> str | None:
    """The redirect's target, made absolute; None where there is no Location field."""
    location: str | None = response.raw.headers.get("location")
    if location is None:
        return None
    location = rules_of(client).location(location)
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
