"""Joins the stages on one connection, hop by hop: each redirect is probed from `dns` again."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.addresses import is_global
from mnistdoctor.catalogue import Client
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.failure import Failure
from mnistdoctor.probe import dns, proxy, socks, tcp, tls
from mnistdoctor.probe.stream import Stream
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings import Proxy, RequestForm, RouteChoice, choose_route, rules_of
from mnistdoctor.settings.trust import makes_context_early

if TYPE_CHECKING:
    from requests.cookies import RequestsCookieJar

SCHEMES = ("http", "https")


@dataclass(slots=True)
class Line:
    """A connection over which requests for one origin can be written."""

    stream: Stream
    choice: RouteChoice
    lookup: ev.Lookup
    connect: ev.Connect


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where to stop, by the number of the last stage that was asked for."""

    last: int

    def ends(self, stage: ev.Stage) -> bool:
        return ev.STAGES.index(stage) >= self.last


def examine_url(rec: Recorder, url: str, subject: ev.Subject, client: Client, home: str = "") -> None:
    """Walks the URL through the seven stages, over as many hops as it takes. Records everything, raises nothing.

    The URL is given beside the subject because the record of the subject holds it without its secrets. `home` is the
    target's own URL where another one is asked: fields that the user gave go to that origin and to no other.
    """
    with contextlib.suppress(Stopped):
        _walk(rec, url, subject, client, _origin(home or url))


def _origin(url: str) -> str:
    """Scheme, host and port, in lower case and without credentials; empty for what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def _walk(rec: Recorder, url: str, subject: ev.Subject, client: Client, origin: str) -> None:
    until = _Stage(ev.STAGES.index(subject.until) if subject.until else len(ev.STAGES))
    cookies = _jar(client)
    visited: dict[str, int] = {}
    came_from_public = challenged = False
    while True:
        address, form = take_apart(rec, url, client)
        guard = came_from_public and not rec.run.settings.allow_private_redirect
        line = open_line(rec, url, address, client, until, public_only=guard)
        if line is None:
            return
        came_from_public = line.choice.proxy is None and is_global(line.connect.address)
        try:
            location, again = _request(rec, subject, client, line, url, form, origin, cookies, until, challenged)
        finally:
            line.stream.end()
        challenged = again
        if again:
            rec.hop += 1
            continue
        if location is None:
            return
        visited[url] = visited.get(url, 0) + 1
        _check_redirect(rec, location, visited, client)
        url = location
        rec.hop += 1


def _jar(client: Client) -> RequestsCookieJar | None:
    """What keeps a redirect's cookies for the next request; None where this client throws them away."""
    if not client.cookies:
        return None
    import requests.cookies

    return requests.cookies.RequestsCookieJar()


def take_apart(rec: Recorder, url: str, client: Client) -> tuple[ev.Address, RequestForm]:
    """The URL's parts, and how this client sends it.

    Raises `Stopped` where it has none that can be used, where this client cannot send it, or for another scheme.
    """
    started = rec.run.clock()
    # Unlike `urlsplit` no client cuts line breaks out of a URL without a word; the scheme can be told all the same.
    scheme = url.strip().partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise Stopped(rec.add(ev.Address, "dns", started, url=url, scheme=scheme, failure=Failure.URL_SCHEME))
    try:
        forward = choose_route(client, url, rec.run.settings, rec.run.environment).way == "forward-proxy"
        form = rules_of(client).request_form(url, forward)
        host = _ascii_host(form.host)
    except (ValueError, UnicodeError) as error:
        raise Stopped(
            rec.add(ev.Address, "dns", started, url=url, scheme=scheme, failure=Failure.URL_INVALID, detail=str(error))
        ) from None
    path = form.target.partition("?")[0]
    return rec.add(ev.Address, None, started, url=url, scheme=scheme, host=host, port=form.port, path=path), form


def _ascii_host(host: str) -> str:
    """The host as it goes into a lookup (RFC 5891). Raises `ValueError` for none, and for one that cannot."""
    if not host:
        raise ValueError("no host")
    if not host.isascii():
        import idna

        host = idna.encode(host, uts46=True).decode()
    # RFC 1035 section 2.3.4. A proxy may be asked for such a name, and TLS then raises what it likes.
    if not all(0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
        raise ValueError("no host can be called so")
    return host


def open_line(
    rec: Recorder,
    url: str,
    address: ev.Address,
    client: Client,
    until: _Stage | None = None,
    *,
    public_only: bool = False,
) -> Line | None:
    """Stages `dns`, `tcp`, `proxy` and `tls`; None where a later stage was not asked for. Raises `Stopped`.

    With `public_only` a host of which one address is private is not connected to: a redirect must not lead into the
    user's own network, and which of its addresses answers is the host's owner's choice.
    """
    until = until or _Stage(len(ev.STAGES))
    choice = route(rec, url, client)
    if makes_context_early(client, address.scheme, rec.run.environment.python):
        tls.check(rec, client)
    first: ev.Address | Proxy = choice.proxy or address
    lookup = dns.resolve(rec, first.host, first.port, "proxy" if choice.proxy else "origin")
    if until.ends("dns"):
        return None
    if public_only and choice.proxy is None and not all(map(is_global, lookup.addresses)):
        raise _refused(rec, Failure.REDIRECT_PRIVATE, url=url, detail=", ".join(lookup.addresses))
    stream: Stream
    stream, connect = tcp.connect(rec, lookup, first.port)
    try:
        if until.ends("tcp"):
            stream.end()
            return None
        stream = through_proxy(rec, stream, choice, address, client)
        if until.ends("proxy"):
            stream.end()
            return None
        if address.scheme == "https":
            stream, _ = tls.secure(rec, stream, address.host, client, address=connect.address, port=address.port)
        if until.ends("tls"):
            stream.end()
            return None
    except Stopped:
        stream.end()
        raise
    return Line(stream, choice, lookup, connect)


def route(rec: Recorder, url: str, client: Client) -> RouteChoice:
    """Which way this client goes. Raises `Stopped` where its proxy setting is of no use to it."""
    started = rec.run.clock()
    choice = choose_route(client, url, rec.run.settings, rec.run.environment)
    about: dict[str, object] = {}
    if choice.proxy is not None:
        about["proxy"], about["proxy_scheme"] = choice.proxy.url, choice.proxy.scheme
        about["proxy_host"], about["proxy_port"] = choice.proxy.host, choice.proxy.port
        about["has_credentials"] = choice.proxy.username is not None
    record = rec.add(
        ev.Route,
        "proxy" if choice.failure else None,
        started,
        way=choice.way,
        decided_by=choice.decided_by,
        oddities=choice.oddities,
        failure=choice.failure,
        detail=choice.detail,
        **about,
    )
    if choice.failure:
        raise Stopped(record)
    return choice


def through_proxy(rec: Recorder, stream: Stream, choice: RouteChoice, address: ev.Address, client: Client) -> Stream:
    """Stage `proxy` on a connection to the proxy: TLS with it, a tunnel, a SOCKS request. Raises `Stopped`."""
    if choice.proxy is None:
        return stream
    if choice.proxy.scheme == "https":
        name = choice.proxy.host
        stream, _ = tls.secure(rec, stream, name, client, address=name, port=choice.proxy.port, peer="proxy")
    match choice.way:
        case "tunnel":
            proxy.tunnel(rec, stream, choice.proxy, address.host, address.port, client)
        case "socks":
            remote = choice.proxy.scheme in socks.REMOTE
            host = address.host if remote else _address_for(rec, choice.proxy, address)
            socks.connect(rec, stream, choice.proxy, host, address.port)
        case "direct" | "forward-proxy":
            pass
        case other:
            assert_never(other)
    return stream


def _address_for(rec: Recorder, proxied: Proxy, address: ev.Address) -> str:
    """The address that the SOCKS proxy is asked for: version 4 knows IPv4 alone. Raises `Stopped` for none."""
    lookup = dns.resolve(rec, address.host, address.port)
    fit = [one for one in lookup.addresses if not (socks.is_old(proxied) and ":" in one)]
    if not fit:
        detail = "no IPv4 address, and SOCKS4 takes no other"
        failed = {"name": address.host, "failure": Failure.NO_ANSWER, "detail": detail}
        raise Stopped(rec.add(ev.Lookup, "dns", rec.run.clock(), **failed))
    return fit[0]


def _request(
    rec: Recorder,
    subject: ev.Subject,
    client: Client,
    line: Line,
    url: str,
    form: RequestForm,
    origin: str,
    cookies: RequestsCookieJar | None,
    until: _Stage,
    challenged: bool,
) -> tuple[str | None, bool]:
    """Stages `http`, `length` and `checksum`: the redirect's target where there is one, and whether the same is asked
    once more with the login that this client keeps back until it is asked for it."""
    from mnistdoctor.probe import body, http

    forward = line.choice.proxy if line.choice.way == "forward-proxy" else None
    tunnelled = line.choice.way == "tunnel"
    response, record = http.exchange(
        rec,
        line.stream,
        url,
        form,
        client,
        origin=origin,
        forward=forward,
        cookies=cookies,
        tunnelled=tunnelled,
        challenged=challenged,
    )
    if record.status in http.REDIRECTS and record.location is not None:
        return http.location_of(response, url, client), False
    if (
        client.url_login == "on-challenge"
        and not challenged
        and http.challenges(record)
        and http.has_login(client, rec.run.settings, url)
    ):
        return None, True
    if not (until.ends("http") and record.failure is None):
        body.transfer(rec, line.stream, response, client, subject)
    return None, False


def _check_redirect(rec: Recorder, location: str, visited: dict[str, int], client: Client) -> None:
    """Raises `Stopped` where this client would not follow: a loop, too many hops, another scheme, no URL at all."""
    failure = None
    try:
        parts = urlsplit(location)
        if parts.scheme.lower() not in SCHEMES:
            failure = Failure.REDIRECT_SCHEME
        elif not parts.hostname or parts.port == 0:
            failure = Failure.REDIRECT_LOCATION
    except ValueError:
        failure = Failure.REDIRECT_LOCATION
    # urllib gives up on the fourth visit of one address (HTTPRedirectHandler.max_repeats); others only count.
    repeats = client.family == "urllib" and visited.get(location, 0) >= 4
    if failure is None and (repeats or rec.hop + 1 > client.max_redirects):
        failure = Failure.REDIRECT_LOOP
    if failure is not None:
        # A target that is no URL is told of by the record of the redirect itself: a record's own URL can be parsed.
        shown = _last_url(rec) if failure is Failure.REDIRECT_LOCATION else location
        detail = f"after {rec.hop + 1} redirects"
        raise _refused(rec, failure, url=shown, location=location[:2048], detail=detail)


def _refused(rec: Recorder, failure: Failure, **fields: object) -> Stopped:
    """A redirect that is not followed, as a request that was not sent."""
    return Stopped(rec.add(ev.Exchange, "http", rec.run.clock(), method="GET", failure=failure, **fields))


def _last_url(rec: Recorder) -> str:
    """The URL of the redirect that is being followed."""
    return next(one.url for one in reversed(rec.records) if isinstance(one, ev.Exchange))
