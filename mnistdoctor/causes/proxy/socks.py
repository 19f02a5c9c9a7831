"""SOCKS proxies that this client cannot speak to, or asks in the wrong way (RFC 1928)."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, none_of
from mnistdoctor.causes.proxy import words
from mnistdoctor.causes.remedies import command, set_variable, shortened
from mnistdoctor.failure import Failure


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
    Cause(
        id="proxy-socks-support-missing",
        side="you",
        retry="no",
        summary="The proxy setting names a SOCKS proxy, which this client cannot speak",
        story="""\
A `socks5://` proxy needs a client that speaks SOCKS (RFC 1928). requests learns it from PySocks, httpx from
socksio; urllib, and with it keras, torchvision and scikit-learn, never does, and sends HTTP to the SOCKS
port.

`proxy-unreachable` fails at the connection itself; here nothing was tried, or the proxy hung up on HTTP.
With support present a SOCKS proxy may still refuse: that is `proxy-connect-denied` or
`proxy-upstream-failed`.

Install the package for the client that can use it, or use the HTTP port that most SOCKS programs offer
too. Do not set `all_proxy=socks5://...` for a whole machine on which urllib programs are used.""",
        holds=_socks_support,
    ),
    Cause(
        id="proxy-socks-dns-local",
        side="you",
        retry="no",
        summary="Socks5:// resolves names on this machine; socks5h:// lets the proxy do it",
        story="""\
`socks5://` and `socks5h://` differ in who resolves names: this machine, or the proxy. Where outside names
resolve only beyond the proxy, the first fails before the proxy is asked for anything.

`dns-nxdomain` is a name that does not exist anywhere. Here other outside names fail on this machine as
well, while the proxy itself can be reached.

Write `socks5h://`. Do not repair the local resolver for it, and do not add a public one: it may be
walled off on purpose.""",
        holds=_socks_dns,
    ),
)
