"""SOCKS proxies that this client cannot speak to, or asks in the wrong way (RFC 1928)."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause, none_of
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.fixes import command, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def proxy_socks_support_missing(case: Case) -> Finding | None:
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


def proxy_socks_dns_local(case: Case) -> Finding | None:
    route = case.route
    if route is None or route.way != "socks" or route.proxy_scheme not in ("socks5", "socks4"):
        return None
    lookup = case.stopped(ev.Lookup)
    tunnel = case.stopped(ev.Tunnel, Failure.SOCKS)
    if not (lookup and lookup.peer == "origin") and not (tunnel and tunnel.reply == 8):
        return None
    connected = any(one.peer == "proxy" and not one.failure for one in case.all(ev.Connect))
    walled = none_of(case.ask(Control.NAMES, ev.Lookup)) if lookup else False
    remote = "socks5h" if route.proxy_scheme == "socks5" else "socks4a"
    seen = [f"this machine's lookup of {case.host}: {lookup.code or lookup.failure}"] if lookup else []
    if walled:
        seen.append("unrelated names do not resolve on this machine either")
    if tunnel:
        seen.append("the proxy answered reply 8: it does not take this kind of address")
    return Finding(
        title=f"{words.setting(case)} says `{route.proxy_scheme}://`: {case.host} is looked up here, not by the proxy",
        explanation=(
            f"With `{route.proxy_scheme}://` the client resolves names itself and hands the proxy an "
            f"address. Behind such a proxy names often resolve only on the far side. `{remote}://` hands "
            "over the name."
        ),
        evidence=tuple(seen),
        certain=walled and connected,
        fixes=(words.with_scheme(case, remote, f"Write `{remote}://`: the proxy then resolves the name"),),
        also_possible=() if walled and connected else (("dns-nxdomain",) if lookup else ("tcp-ipv6-broken",)),
        ruled_out=(("dns-nxdomain", "no outside name resolves here, and the proxy can be reached"),) if walled else (),
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_socks_support_missing),
    cause(proxy_socks_dns_local, needs=(Control.NAMES,)),
)
