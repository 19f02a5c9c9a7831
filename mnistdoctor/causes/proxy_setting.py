"""Proxy settings that cannot work as they are written: the value, its scheme, its password, and SOCKS."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import proxy_words as words
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, none_of
from mnistdoctor.causes.remedies import command, set_variable, shortened
from mnistdoctor.failure import Failure

_CREDENTIALS = ("reserved", "backslash")
_SPOILT = ("quotes", "newline", "blank", "unsupported-scheme")
_MEANING = {
    "quotes": "the value begins or ends with a quote mark, which became part of it",
    "newline": "the value holds a line break (CR or LF)",
    "blank": "the value begins or ends with a blank",
    "unsupported-scheme": "its scheme is none that this client knows",
    "no-scheme": "it has no scheme such as `http://`",
    "no-port": "it names no port",
    "reserved": "the user name or password holds one of `@ : / # ? [ ] %` or a blank as it is",
    "backslash": "the user name or password holds a backslash",
}
_NO_TLS = (Failure.NOT_TLS, Failure.HANDSHAKE, Failure.EOF, Failure.RESET, Failure.TIMEOUT)
_NO_TLS_REASONS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
)


def _oddities(case: Case) -> tuple[str, ...]:
    return case.route.oddities if case.route else ()


def _unusable(case: Case) -> ev.Observation | None:
    """The record which shows that the value could not be used: it did not parse, or named a host that is not there."""
    route = case.stopped(ev.Route, Failure.PROXY_SETTING)
    lookup = case.stopped(ev.Lookup)
    return route or (lookup if lookup and lookup.peer == "proxy" else None)


def _seen(case: Case, names: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(f"{words.setting(case)}: {_MEANING[name]}" for name in names if name in _MEANING)
    detail = case.stopped_by.detail if case.stopped_by else ""
    return (*found, f"the client's own words: {shortened(detail)}") if detail else found


def _malformed(case: Case) -> Finding | None:
    record, oddities = _unusable(case), _oddities(case)
    if record is None:
        return _no_proxy_there(case)
    if any(name in oddities for name in _CREDENTIALS):
        return None
    spoilt = tuple(name for name in oddities if name in _SPOILT)
    if isinstance(record, ev.Lookup) and not spoilt:
        return None
    setting = words.setting(case)
    return Finding(
        title=f"{setting} cannot be read as a proxy's address",
        explanation=(
            "The setting names a proxy, but not in a form that this client can use, so nothing was sent at all. "
            "Quote marks on Windows, line ends from a `.env` file and a forgotten `http://` are the usual reasons. "
            "Some programs tolerate what others refuse: that it works elsewhere does not show that it is right."
        ),
        evidence=_seen(case, oddities) or (f"{setting} could not be parsed",),
        fixes=(
            Fix(
                title="Write the value anew: scheme, host and port, without quotes, blanks or line ends in it",
                commands=(set_variable(case, words.variable(case), _example(case)),),
                untried="fill in the proxy's host and port",
            ),
        ),
        ruled_out=(("url-malformed", "it is the proxy's setting that was refused, not the URL of the file"),),
    )


def _example(case: Case) -> str:
    scheme = case.route.proxy_scheme if case.route else None
    return f"{'socks5h' if scheme and scheme.startswith('socks') else 'http'}://PROXY:PORT"


def _no_proxy_there(case: Case) -> Finding | None:
    """Something listens at the proxy's address, but it speaks another language."""
    tunnel = case.stopped(ev.Tunnel, Failure.PROXY_RESPONSE)
    if tunnel is None:
        return None
    asked, other, scheme = ("HTTP", "a SOCKS", "socks5h") if tunnel.protocol == "http" else ("SOCKS", "an HTTP", "http")
    return Finding(
        title=f"what answers at {words.proxy(case)}, set by {words.setting(case)}, does not speak {asked}",
        explanation=(
            f"The address in the setting takes connections, but what came back to a request is not {asked}. It may be "
            f"the port of another service, or of {other} proxy, which needs `{scheme}://` in the setting."
        ),
        evidence=(f'the answer to the request began "{shortened(tunnel.text or tunnel.detail)}"',),
        certain=False,
        also_possible=("proxy-unreachable",),
        fixes=(
            words.with_scheme(case, scheme, f"If it is {other} proxy, say so in the setting"),
            Fix(
                title="Or find out the right port of the proxy and set it",
                commands=(set_variable(case, words.variable(case), "http://PROXY:PORT"),),
                untried="fill in the proxy's host and port",
            ),
        ),
    )


def _credentials(case: Case) -> Finding | None:
    names = tuple(name for name in _oddities(case) if name in _CREDENTIALS)
    if not names:
        return None
    refused = _refused_407(case)
    if _unusable(case) is None and not refused:
        return None
    setting = words.setting(case)
    return Finding(
        title=f"the user name or password in {setting} holds characters that must be percent-encoded",
        explanation=(
            "In a proxy's URL the characters `@ : / # % ? \\` and blanks have a meaning of their own. Written as they "
            "are, they cut the value in the wrong place: the client reads another host, another password, or nothing."
        ),
        evidence=(*_seen(case, names), *(("the proxy answered 407 to the credentials as sent",) if refused else ())),
        fixes=(
            words.with_password(case, "Set it with the password encoded (it is asked for and not shown)"),
            Fix(
                title="Write `DOMAIN\\user` as `DOMAIN%5Cuser` and `user@corp` as `user%40corp`",
                untried="only you know it",
            ),
        ),
        ruled_out=(("proxy-auth-wrong", "the setting itself holds unencoded characters"),) if refused else (),
    )


def _refused_407(case: Case) -> bool:
    tunnel, exchange = case.stopped(ev.Tunnel), words.refused(case)
    if tunnel:
        return tunnel.credentials_sent and tunnel.status == 407
    return exchange is not None and exchange.status == 407 and exchange.proxy_credentials


def _https_scheme(case: Case) -> Finding | None:
    shake = case.stopped(ev.Handshake, *_NO_TLS)
    if shake is None or shake.peer != "proxy" or not case.route or case.route.proxy_scheme != "https":
        return None
    clear = shake.failure == Failure.NOT_TLS or shake.reason in _NO_TLS_REASONS
    if shake.failure == Failure.HANDSHAKE and not clear:
        return None
    answers = case.control("proxy-plain", ev.Tunnel)
    answered = next((one for one in answers if one.status is not None), None)
    if answered is None and (not clear or none_of(answers)):
        return None
    setting, proxy = words.setting(case), words.proxy(case)
    seen = [f"TLS with {proxy}: {shake.reason or shake.failure}"]
    if shake.first_bytes:
        seen.append(f'it answered in clear: "{shortened(shake.first_bytes, 60)}"')
    if answered:
        seen.append(f"CONNECT without TLS to {proxy} was answered with {answered.status} {answered.reason}".rstrip())
    return Finding(
        title=f"{setting} says `https://`, but the proxy at {proxy} speaks plain HTTP",
        explanation=(
            "The name of the variable speaks of the URLs that it is for; the scheme in its value speaks of the way to "
            "the proxy itself. This client therefore tried TLS with the proxy, which does not speak it. The file still "
            "travels through TLS from end to end once the value begins with `http://`."
        ),
        evidence=tuple(seen),
        certain=answered is not None or shake.first_bytes.startswith("HTTP/"),
        fixes=(words.with_scheme(case, "http", "Keep the variable and give it a value that begins with `http://`"),),
        ruled_out=(("tls-plaintext-port", f"the peer of the failed handshake is the proxy {proxy}"),),
        also_possible=() if answered or shake.first_bytes.startswith("HTTP/") else ("tls-handshake-failure",),
    )


def _socks_support(case: Case) -> Finding | None:
    route = case.route
    if route is None or not (route.proxy_scheme or "").startswith("socks"):
        return None
    refused = case.stopped(ev.Route, Failure.PROXY_SUPPORT)
    tunnel = case.stopped(ev.Tunnel, Failure.RESET, Failure.EOF, Failure.PROXY_RESPONSE)
    if refused is None and (tunnel is None or tunnel.protocol != "http"):
        return None
    client, scheme, never = case.client, route.proxy_scheme, case.client.reads_socks == "never"
    http = Fix(
        title="Use the proxy's HTTP port instead, if it has one: most SOCKS programs offer both",
        commands=(set_variable(case, words.variable(case), f"http://{route.proxy_host}:HTTP_PORT"),),
        untried="fill in the HTTP port of your proxy",
    )
    package = "requests[socks]" if client.reads_socks == "PySocks" else "httpx[socks]"
    install = Fix(
        title=f"Install {client.reads_socks} into this Python",
        commands=(command(case, f'python3 -m pip install "{package}"'),),
        untried="it would change this Python",
    )
    return Finding(
        title=f"{words.setting(case)} names a {scheme}:// proxy, and {client.name} cannot speak SOCKS here",
        explanation=(
            "SOCKS is another language than the HTTP that clients speak to proxies. "
            + ("This client downloads with urllib, which has no SOCKS at all: no package adds it. " if never
               else f"This client can learn it from the package {client.reads_socks}, which is missing here. ")
            + "Nothing was asked of the proxy in its own language."
        ),
        evidence=(shortened(refused.detail) if refused and refused.detail else f"the proxy's scheme is {scheme}://",),
        fixes=(http,) if never else (install, http),
        ruled_out=(("proxy-unreachable", "the setting was refused before any connection"),) if refused else (),
    )  # fmt: skip


def _socks_dns(case: Case) -> Finding | None:
    route = case.route
    if route is None or route.way != "socks" or route.proxy_scheme not in ("socks5", "socks4"):
        return None
    lookup = case.stopped(ev.Lookup)
    tunnel = case.stopped(ev.Tunnel, Failure.SOCKS)
    if not (lookup and lookup.peer == "origin") and not (tunnel and tunnel.reply == 8):
        return None
    connected = any(one.peer == "proxy" and not one.failure for one in case.all(ev.Connect))
    walled = none_of(case.control("names", ev.Lookup)) if lookup else False
    remote = "socks5h" if route.proxy_scheme == "socks5" else "socks4a"
    seen = [f"this machine's lookup of {case.host}: {lookup.code or lookup.failure}"] if lookup else []
    if walled:
        seen.append("unrelated names do not resolve on this machine either")
    if tunnel:
        seen.append("the proxy answered reply 8: it does not take this kind of address")
    return Finding(
        title=f"{words.setting(case)} says `{route.proxy_scheme}://`, so {case.host} is looked up here and not by the proxy",
        explanation=(
            f"With `{route.proxy_scheme}://` the client resolves names itself and hands the proxy an address. "
            f"Behind such a proxy names often resolve only on the far side. `{remote}://` hands over the name."
        ),
        evidence=tuple(seen),
        certain=walled and connected,
        fixes=(words.with_scheme(case, remote, f"Write `{remote}://`: the proxy then resolves the name"),),
        also_possible=() if walled and connected else (("dns-nxdomain",) if lookup else ("tcp-ipv6-broken",)),
        ruled_out=(("dns-nxdomain", "no outside name resolves here, and the proxy can be reached"),) if walled else (),
    )


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="proxy-env-credentials-unencoded",
        side="you",
        retry="no",
        summary="The user name or password in the proxy setting holds characters that must be percent-encoded",
        story="""\
A proxy's URL carries user name and password before the `@`. Characters that have a meaning in URLs (`@ : / # % ?`,
a backslash, a blank) must be percent-encoded there, or each client cuts the value somewhere else.

It is told from `proxy-auth-wrong` by the setting itself: there the value is well formed and the proxy still says 407.
`proxy-env-malformed` is about quotes, blanks and line ends round the value, not about the password.

Encode user name and password once and set the variable again. Do not type the password into a command line that your
shell remembers, and do not try several spellings against the proxy: each wrong one counts towards a locked account.""",
        holds=_credentials,
        machine_wide=True,
    ),
    Cause(
        id="proxy-env-malformed",
        side="you",
        retry="no",
        summary="The proxy setting cannot be read as a proxy's address",
        story="""\
A proxy setting is a URL: scheme, host, port. Quote marks, blanks, a final line break or an unknown scheme become part of
the value, and then a client refuses it, or looks up a host that begins with a quote mark.

It is told from `url-malformed` by whose value was refused, and from `proxy-dns-failure` by the stray characters: a well
formed name that does not resolve belongs there. `proxy-env-credentials-unencoded` is about the part before the `@`.

Print the value with its quotes and line ends (`python3 -c "import os;print(repr(os.environ.get('HTTPS_PROXY')))"`), and set
it without them. Do not patch a library to strip them: the next program reads the same value.""",
        holds=_malformed,
        machine_wide=True,
    ),
    Cause(
        id="proxy-env-https-scheme",
        side="you",
        retry="no",
        summary="The proxy setting begins with https://, but the proxy speaks plain HTTP",
        story="""\
`HTTPS_PROXY` means: the proxy for https URLs. The scheme inside its value means how to speak to the proxy itself, and for
almost every proxy that is `http://`. With `https://` a client starts TLS with the proxy, which answers in clear.

OpenSSL says WRONG_VERSION_NUMBER here as in `tls-plaintext-port`; the peer's address tells them apart. A proxy that does
speak TLS with a certificate that is not trusted fails with a verify code instead. A CONNECT in clear decides.

Change the scheme of the value and nothing else. Do not change the https URL of the data to http: that is another thing.""",
        holds=_https_scheme,
        machine_wide=True,
    ),
    Cause(
        id="proxy-socks-support-missing",
        side="you",
        retry="no",
        summary="The proxy setting names a SOCKS proxy, which this client cannot speak",
        story="""\
A `socks5://` proxy needs a client that speaks SOCKS (RFC 1928). requests learns it from PySocks, httpx from socksio;
urllib, and with it keras, torchvision and scikit-learn, never does, and sends HTTP to the SOCKS port.

`proxy-unreachable` fails at the connection itself; here nothing was tried, or the proxy hung up on HTTP. With support
present a SOCKS proxy may still refuse: that is `proxy-connect-denied` or `proxy-upstream-failed`.

Install the package for the client that can use it, or use the HTTP port that most SOCKS programs offer too. Do not set
`all_proxy=socks5://...` for a whole machine on which urllib programs are used.""",
        holds=_socks_support,
    ),
    Cause(
        id="proxy-socks-dns-local",
        side="you",
        retry="no",
        summary="socks5:// resolves names on this machine; socks5h:// lets the proxy do it",
        story="""\
`socks5://` and `socks5h://` differ in who resolves names: this machine, or the proxy. Where outside names resolve only
beyond the proxy, the first fails before the proxy is asked for anything.

`dns-nxdomain` is a name that does not exist anywhere. Here other outside names fail on this machine as well, while the
proxy itself can be reached.

Write `socks5h://`. Do not repair the local resolver for it, and do not add a public one: it may be walled off on purpose.""",
        holds=_socks_dns,
    ),
)
