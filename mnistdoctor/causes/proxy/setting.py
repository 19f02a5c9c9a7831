"""Proxy settings that cannot work as they are written: the value, its scheme, its password."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause, none_of
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.fixes import parts, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.redact import HIDDEN
from mnistdoctor.wording import shortened

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
_AROUND = " \t\r\n\"'"
_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
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


def proxy_env_malformed(case: Case) -> Finding | None:
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
            "The setting names a proxy, but not in a form that this client can use, so nothing was sent "
            "at all. Quote marks on Windows, line ends from a `.env` file and a forgotten `http://` are "
            "the usual reasons. Some programs tolerate what others refuse: that it works elsewhere does "
            "not show that it is right."
        ),
        evidence=_seen(case, oddities) or (f"{setting} could not be parsed",),
        fixes=(
            *_trimmed(case),
            Fix(
                title="Write the value anew: scheme, host and port, without quotes, blanks or line ends in it",
                commands=(set_variable(case, words.variable(case), _example(case)),),
                untried="fill in the proxy's host and port",
            ),
        ),
        ruled_out=(("url-malformed", "it is the proxy's setting that was refused, not the URL of the file"),),
    )


def _trimmed(case: Case) -> tuple[Fix, ...]:
    """The value without the quotes, blanks and line ends around it, where an address without a password is left."""
    name = words.decided_by(case)
    value = dict(case.machine.variables).get(name or "", "")
    meant = re.sub(r"\\x[0-9a-f]{2}", "", value).strip(_AROUND)
    found = parts(meant)
    try:
        whole = found.scheme in _SCHEMES and bool(found.hostname) and found.port is not None
    except ValueError:
        whole = False
    if name is None or meant == value or not whole or HIDDEN in meant or re.search(r"[\s\x00-\x1f]", meant):
        return ()
    return (
        Fix(
            title="Write the value without what stands around it",
            commands=(set_variable(case, name, meant),),
            change=Change(proxy=meant),
        ),
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
            "The address in the setting takes connections, but what came back to a request is not "
            f"{asked}. It may be the port of another service, or of {other} proxy, which needs "
            f"`{scheme}://` in the setting."
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


def proxy_env_credentials_unencoded(case: Case) -> Finding | None:
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
            "In a proxy's URL the characters `@ : / # % ? \\` and blanks have a meaning of their own. "
            "Written as they are, they cut the value in the wrong place: the client reads another host, "
            "another password, or nothing."
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


def proxy_env_https_scheme(case: Case) -> Finding | None:
    shake = case.stopped(ev.Handshake, *_NO_TLS)
    if shake is None or shake.peer != "proxy" or not case.route or case.route.proxy_scheme != "https":
        return None
    clear = shake.failure == Failure.NOT_TLS or shake.reason in _NO_TLS_REASONS
    if shake.failure == Failure.HANDSHAKE and not clear:
        return None
    answers = case.ask(Control.PROXY_PLAIN, ev.Tunnel)
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
            "The name of the variable speaks of the URLs that it is for; the scheme in its value speaks "
            "of the way to the proxy itself. This client therefore tried TLS with the proxy, which does "
            "not speak it. The file still travels through TLS from end to end once the value begins with "
            "`http://`."
        ),
        evidence=tuple(seen),
        certain=answered is not None or shake.first_bytes.startswith("HTTP/"),
        fixes=(words.with_scheme(case, "http", "Keep the variable and give it a value that begins with `http://`"),),
        ruled_out=(("tls-plaintext-port", f"the peer of the failed handshake is the proxy {proxy}"),),
        also_possible=() if answered or shake.first_bytes.startswith("HTTP/") else ("tls-handshake-failure",),
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_env_credentials_unencoded, machine_wide=True),
    cause(proxy_env_malformed, machine_wide=True),
    cause(proxy_env_https_scheme, needs=(Control.PROXY_PLAIN,), machine_wide=True),
)
