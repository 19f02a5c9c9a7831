"""SOCKS proxies that this client cannot speak to, or asks in the wrong way (RFC 1928)."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import proxy
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import pip
from mnistdoctor.causes.proxy.fixes import fill_in, read_by_all, unset_needless, with_scheme
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def proxy_socks_support_missing(case: Case) -> Finding | None:
    """Holds when the setting names a SOCKS proxy, and this client refuses it or speaks HTTP to it."""
    route, reads = case.route, case.client.reads_socks
    refused = case.stopped(ev.Route, Failure.PROXY_SUPPORT)
    tunnel = _asked_in_http(case)
    if route is None or not (refused or tunnel):
        return None
    scheme = f"{route.proxy_scheme}://" if proxy.is_socks(case) else "SOCKS"
    needless = proxy.read_at_start(case)
    package = "requests[socks]" if reads == "PySocks" else f"{case.client.family}[socks]"
    install = Fix(
        title=f"Install {reads} into this Python",
        commands=(pip(case, package),),
        untried="it would change this Python",
    )
    http_port = fill_in(
        case,
        "Use the proxy's HTTP port instead, if it has one: most SOCKS programs offer both",
        f"http://{route.proxy_host}:HTTP_PORT",
        "the HTTP port of your proxy",
    )
    return finding(
        f"{proxy.setting(case)} names a {scheme} proxy, and {case.client.name} cannot speak SOCKS here",
        "SOCKS is another language than the HTTP that clients speak to proxies. "
        + (
            "This client downloads with urllib, which has no SOCKS at all: no package adds it. "
            if reads == "never"
            else f"This client can learn it from the package {reads}, which is missing here. "
        )
        + "Nothing was asked of the proxy in its own language.",
        (refused and shortened(refused.detail)) or f"the proxy's scheme is {scheme}",
        needless and read_by_all(case),
        fixes=(needless and unset_needless(case, needless), reads != "never" and install, http_port),
        unlike=refused and {"proxy-unreachable": "the setting was refused before any connection"},
    )


def _asked_in_http(case: Case) -> ev.Tunnel | None:
    """The tunnel that urllib asked of a SOCKS proxy in HTTP, where the answer is none of a proxy for HTTP."""
    silent = (Failure.RESET, Failure.EOF, Failure.PROXY_RESPONSE, Failure.TIMEOUT)
    tunnel = case.stopped(ev.Tunnel, *silent, Failure.TUNNEL)
    if tunnel is None or tunnel.protocol != "http":
        return None
    if not proxy.is_socks(case) and not proxy.oddities(case, "socks-spoken-as-http"):
        return None
    return tunnel if (tunnel.failure in silent or tunnel.status in (400, 405, 501)) else None


def proxy_socks_dns_local(case: Case) -> Finding | None:
    """Holds when a scheme by which the client looks names up itself is what ends at the lookup, or at its address."""
    route, lookup, tunnel = case.route, case.stopped(ev.Lookup), case.stopped(ev.Tunnel, Failure.SOCKS)
    if route is None or route.way != "socks" or route.proxy_scheme not in ("socks5", "socks4"):
        return None
    if not (lookup and lookup.peer == "origin") and not (tunnel and tunnel.reply == 8):
        return None
    walled = none_of(case.ask(Control.NAMES, ev.Lookup)) if lookup else False
    connected = any(one.peer == "proxy" and not one.failure for one in case.all(ev.Connect))
    remote = "socks5h" if route.proxy_scheme == "socks5" else "socks4a"
    return finding(
        f"{proxy.setting(case)} says `{route.proxy_scheme}://`: {case.host} is looked up here, not by the proxy",
        f"With `{route.proxy_scheme}://` the client resolves names itself and hands the proxy an address. Behind such "
        f"a proxy names often resolve only on the far side. `{remote}://` hands over the name.",
        lookup and f"this machine's lookup of {case.host}: {failure_of(lookup)}",
        walled and "unrelated names do not resolve on this machine either",
        tunnel and "the proxy answered reply 8: it does not take this kind of address",
        fixes=with_scheme(case, remote, f"Write `{remote}://`: the proxy then resolves the name"),
        unlike=walled and {"dns-nxdomain": "no outside name resolves here, and the proxy can be reached"},
        perhaps=not (walled and connected) and ("dns-nxdomain" if lookup else "tcp-ipv6-broken"),
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_socks_support_missing),
    cause(proxy_socks_dns_local, needs=(Control.NAMES,)),
)
