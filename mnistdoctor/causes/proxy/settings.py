"""Proxy settings that cannot work as they are written: the value, its scheme, its password."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import no_proxy, proxy, proxy_answers
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import set_variable, unset_variables
from mnistdoctor.causes.proxy.fixes import (
    WRAPPING,
    fill_in,
    read_by_all,
    unset_needless,
    unwrapped,
    with_password,
    with_scheme,
)
from mnistdoctor.failure import Failure
from mnistdoctor.redact import HIDDEN
from mnistdoctor.wording import shortened

_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_NO_TLS = (Failure.NOT_TLS, Failure.HANDSHAKE, Failure.EOF, Failure.RESET, Failure.TIMEOUT)
_NO_TLS_REASONS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
)


def _unusable(case: Case) -> ev.Route | ev.Lookup | None:
    """The record which shows that the value could not be used: it did not parse, or named a host that is not there."""
    match case.stopped_by:
        case ev.Route(failure=Failure.PROXY_SETTING) | ev.Lookup(peer="proxy") as record:
            return record
    return case.route if proxy.names_no_host(case) else None


def proxy_env_malformed(case: Case) -> Finding | None:
    """Holds when the setting's value names no proxy that could be asked, or what answers there is none."""
    record = _unusable(case)
    if record is None:
        return _no_proxy_there(case)
    spoilt = proxy.oddities(case, *proxy.WRAPPED, "unsupported-scheme")
    if proxy.oddities(case, *proxy.UNENCODED) or (isinstance(record, ev.Lookup) and not spoilt):
        return None
    setting, needless = proxy.setting(case), proxy.read_at_start(case)
    if needless and needless.lower() == "no_proxy":
        return _list_unreadable(case, needless)
    scheme = "socks5h" if proxy.is_socks(case) else "http"
    return finding(
        f"{setting} cannot be read as a proxy's address",
        "The setting names a proxy, but not in a form that this client can use, so nothing was sent at all. Quote "
        "marks on Windows, line ends from a `.env` file and a forgotten `http://` are the usual reasons. Some programs "
        "tolerate what others refuse: that it works elsewhere does not show that it is right.",
        proxy.described_oddities(case) or f"{setting} could not be parsed",
        needless and read_by_all(case),
        fixes=(
            needless and unset_needless(case, needless),
            _unwrapped(case),
            fill_in(
                case,
                "Write the value anew: scheme, host and port, without quotes, blanks or line ends in it",
                f"{scheme}://PROXY:PORT",
            ),
        ),
        unlike={"url-malformed": "it is the proxy's setting that was refused, not the URL of the file"},
    )


def _list_unreadable(case: Case, name: str) -> Finding:
    """An entry of NO_PROXY of which httpx can make no pattern; it raises InvalidURL before it is asked for anything."""
    value, client = dict(case.machine.variables).get(name, ""), case.client.name
    readable = ",".join(entry for entry in value.split(",") if not set("[]:") & set(entry))
    portable = no_proxy.portable(readable, case.host or "localhost")
    return finding(
        f"`{name}` holds an entry that {client} cannot read, and so it does not start",
        f"{client} downloads with httpx, which makes a pattern of every entry when it starts. An address of IPv6 in "
        "brackets, a block of such addresses, or a port that is no number makes none: the error is InvalidURL, and "
        "speaks of a port. Other clients pass over such an entry.",
        f"`{name}` is `{shortened(value, 160)}`",
        f"the client's own words: {shortened(case.stopped_by.detail)}" if case.stopped_by else None,
        "nothing was sent",
        fixes=(
            Fix(
                title="Unset it for this program",
                commands=(unset_variables(case, *dict.fromkeys((name, name.swapcase()))),),
                change=Change(unset=(name, name.swapcase())),
            ),
            Fix(
                title="Or leave out the entries that it cannot read",
                commands=tuple(set_variable(case, one, portable) for one in ("NO_PROXY", "no_proxy")),
                untried="only you know which hosts have to be freed",
            ),
        ),
        unlike={"url-malformed": "it is the variable that was refused, not the URL of the file"},
    )


def _unwrapped(case: Case) -> Fix | None:
    """The value without the quotes, blanks and line ends around it, where an address is left."""
    name = proxy.deciding_variable(case)
    value = dict(case.machine.variables).get(name or "", "")
    meant = re.sub(r"\\x[0-9a-f]{2}", "", value).strip(WRAPPING)
    address = split_url(meant)
    try:
        whole = address.scheme in _SCHEMES and bool(address.hostname) and address.port is not None
    except ValueError:
        whole = False
    if name is None or meant == value or not whole or re.search(r"[\s\x00-\x1f]", meant):
        return None
    if HIDDEN in meant:
        return unwrapped(case, name)
    return Fix(
        title="Write the value without what stands around it",
        commands=(set_variable(case, name, meant),),
        change=Change(proxy=meant),
    )


def _no_proxy_there(case: Case) -> Finding | None:
    """Something listens at the proxy's address, but it speaks another language."""
    tunnel = case.stopped(ev.Tunnel, Failure.PROXY_RESPONSE)
    if tunnel is None or proxy.oddities(case, "socks-spoken-as-http"):
        return None  # it may well speak what its setting says
    asked, other, scheme = ("HTTP", "a SOCKS", "socks5h") if tunnel.protocol == "http" else ("SOCKS", "an HTTP", "http")
    return finding(
        f"what answers at {proxy.name(case)}, set by {proxy.setting(case)}, does not speak {asked}",
        f"The address in the setting takes connections, but what came back to a request is not {asked}. It may be the "
        f"port of another service, or of {other} proxy, which needs `{scheme}://` in the setting.",
        f'the answer to the request began "{shortened(tunnel.text or tunnel.detail)}"',
        fixes=(
            with_scheme(case, scheme, f"If it is {other} proxy, say so in the setting"),
            fill_in(case, "Find out the right port of the proxy and set it"),
        ),
        perhaps="proxy-unreachable",
    )


def proxy_env_credentials_unencoded(case: Case) -> Finding | None:
    """Holds when the user name or password holds characters of a URL, and the value or the credentials are refused."""
    refused = proxy_answers.credentials_refused(case)
    if not proxy.oddities(case, *proxy.UNENCODED) or not (refused or _unusable(case)):
        return None
    return finding(
        f"the user name or password in {proxy.setting(case)} holds characters that must be percent-encoded",
        "In a proxy's URL the characters `@ : / # % ? \\` and blanks have a meaning of their own. Written as they are, "
        "they cut the value in the wrong place: the client reads another host, another password, or nothing.",
        proxy.described_oddities(case, *proxy.UNENCODED),
        refused and "the proxy answered 407 to the credentials as sent",
        fixes=(
            with_password(case, "Set it with the password encoded (it is asked for and not shown)"),
            Fix(
                title="Write `DOMAIN\\user` as `DOMAIN%5Cuser` and `user@corp` as `user%40corp`",
                untried="only you know it",
            ),
        ),
        unlike=refused and {"proxy-auth-wrong": "the setting itself holds unencoded characters"},
    )


def proxy_env_https_scheme(case: Case) -> Finding | None:
    """Holds when TLS with the proxy fails because its setting says `https://` and the proxy speaks plain HTTP."""
    handshake = case.stopped(ev.Handshake, *_NO_TLS)
    if handshake is None or handshake.peer != "proxy" or not case.route or case.route.proxy_scheme != "https":
        return None
    clear = handshake.failure == Failure.NOT_TLS or handshake.reason in _NO_TLS_REASONS
    if handshake.failure == Failure.HANDSHAKE and not clear:
        return None
    plain = case.ask(Control.PROXY_PLAIN, ev.Tunnel)
    answer = next((one for one in plain if one.status is not None), None)
    if answer is None and (not clear or none_of(plain)):
        return None
    setting, name, first = proxy.setting(case), proxy.name(case), handshake.first_bytes
    return finding(
        f"{setting} says `https://`, but the proxy at {name} speaks plain HTTP",
        "The name of the variable speaks of the URLs that it is for; the scheme in its value speaks of the way to the "
        "proxy itself. This client therefore tried TLS with the proxy, which does not speak it. The file still travels "
        "through TLS from end to end once the value begins with `http://`.",
        f"TLS with {name}: {handshake.reason or failure_of(handshake)}",
        first and f'it answered in clear: "{shortened(first, 60)}"',
        answer and f"CONNECT without TLS to {name} was answered with {answer.status} {answer.reason}".rstrip(),
        fixes=with_scheme(case, "http", "Keep the variable and give it a value that begins with `http://`"),
        unlike={"tls-plaintext-port": f"the peer of the failed handshake is the proxy {name}"},
        perhaps=not answer and not first.startswith("HTTP/") and "tls-handshake-failure",
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_env_credentials_unencoded, machine_wide=True),
    cause(proxy_env_malformed, machine_wide=True),
    cause(proxy_env_https_scheme, needs=(Control.PROXY_PLAIN,), machine_wide=True),
)
