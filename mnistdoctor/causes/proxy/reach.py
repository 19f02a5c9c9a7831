"""Proxies that cannot be reached: nothing listens on this machine, the name is unknown, the address is silent."""

from __future__ import annotations

import ipaddress

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause, none_of
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.fixes import set_variable
from mnistdoctor.failure import Failure

_MUTE = (Failure.TIMEOUT, Failure.EOF, Failure.RESET)
_SPOILT = ("quotes", "newline", "blank", "backslash", "reserved")
_CLOSED = (
    Failure.REFUSED, Failure.TIMEOUT, Failure.RESET, Failure.ABORTED, Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE,
)  # fmt: skip


def _attempts(case: Case) -> tuple[ev.Connect, ...]:
    """The attempts on the proxy that ended the examination; empty where something else did."""
    last = case.stopped(ev.Connect)
    if last is None or last.peer != "proxy":
        return ()
    return tuple(one for one in case.all(ev.Connect, hop=case.hop) if one.peer == "proxy" and one.failure)


def _here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _where(attempts: tuple[ev.Connect, ...]) -> tuple[str, ...]:
    return tuple(
        f"{one.address} port {one.port}: {one.errno or one.failure} after {one.duration_s:.1f} s" for one in attempts
    )


def proxy_env_stale(case: Case) -> Finding | None:
    attempts = _attempts(case)
    if not attempts or any(one.failure != Failure.REFUSED or not _here(one.address) for one in attempts):
        return None
    proxy, setting = words.proxy(case), words.setting(case)
    return Finding(
        title=f"{setting} points to a proxy on this machine, {proxy}, and nothing listens there",
        explanation=(
            "A program on this machine once offered a proxy at that port: a VPN, Clash, an SSH tunnel. "
            "It is not running now, but the setting is still there, so every download knocks at a closed "
            f"door. {case.host or 'The server'} was never asked for anything and may be well."
        ),
        evidence=(f"{setting} chose {proxy}", *_where(attempts)),
        fixes=(
            words.without_proxy(case, "Remove the proxy setting from this shell"),
            Fix(title="Or start the program again that offers the proxy", untried="only you know which program it was"),
        ),
        ruled_out=(
            ("tcp-refused", f"the address that refused is the proxy's, not that of {case.host or 'the server'}"),
            ("proxy-unreachable", "the proxy's address is this machine itself"),
        ),
    )


def proxy_dns_failure(case: Case) -> Finding | None:
    lookup = case.stopped(ev.Lookup)
    if lookup is None or lookup.peer != "proxy":
        return None
    if case.route and any(one in _SPOILT for one in case.route.oddities):
        return None  # the name was cut out of a value that is wrong in itself: `proxy-env-malformed` and its kin
    others = case.ask(Control.NAMES, ev.Lookup)
    resolved = tuple(one.name for one in others if not one.failure)
    temporary = lookup.failure != Failure.NXDOMAIN and lookup.failure != Failure.NO_ANSWER
    if temporary and none_of(others):
        return None  # the resolver answers nothing at all: not the proxy's name, but the resolver or the network
    setting = words.setting(case)
    certain = bool(resolved) or (not temporary and case.machine.platform.startswith("Linux"))
    seen = [f"the lookup of {lookup.name}: {lookup.code or lookup.failure}"]
    seen += [f"{name}, an unrelated name, resolves" for name in resolved[:1]]
    return Finding(
        title=f"the proxy's own name, {lookup.name}, does not resolve ({setting} sets it)",
        explanation=(
            "Before anything can be asked of the proxy its name must resolve, and it does not. Inside "
            "names of an organisation resolve only on its own network or VPN; off-site the setting is a "
            f"leftover. The name of {case.host or 'the server'} was not even looked at."
        ),
        evidence=tuple(seen),
        certain=certain,
        fixes=(
            words.without_proxy(case, "If this network needs no proxy, remove the setting from this shell"),
            Fix(title="Or connect the VPN on which that proxy lives", untried="it is outside this program"),
            Fix(
                title="Or correct the proxy's name",
                commands=(set_variable(case, words.variable(case), "http://PROXY:PORT"),),
                untried="fill in the proxy's right name",
            ),
        ),
        ruled_out=(("dns-nxdomain", "the name that failed is the proxy's, not the server's"),),
        also_possible=() if certain else ("dns-temporary-failure", "env-no-network-link"),
    )


def proxy_unreachable(case: Case) -> Finding | None:
    attempts = _attempts(case)
    if not attempts:
        return _mute(case)
    if any(one.failure not in _CLOSED for one in attempts):
        return None
    if all(one.failure == Failure.REFUSED and _here(one.address) for one in attempts):
        return None
    if all(one.failure == Failure.NETWORK_UNREACHABLE for one in attempts):
        ways = case.ask(Control.REACH, ev.Reach)
        families = {one.family for one in attempts}
        if not any(one.family in families and not one.failure for one in ways):
            return None  # there is no way to anywhere
    proxy, setting = words.proxy(case), words.setting(case)
    refused = all(one.failure == Failure.REFUSED for one in attempts)
    guessed = case.route is not None and "no-port" in case.route.oddities
    seen = [f"{setting} chose {proxy}", *_where(attempts)]
    if guessed:
        seen.append(f"{setting} names no port; this client takes {case.route.proxy_port if case.route else 'its own'}")
    return Finding(
        title=f"the proxy {proxy}, set by {setting}, {'refuses connections' if refused else 'does not answer'}",
        explanation=(
            "The proxy's name is known, but no connection to it comes about. Either the proxy is down, "
            "or this machine is not on the network (or VPN) from which it can be reached"
            + (", or the port is wrong: with none in the setting each client guesses another one." if guessed else ".")
            + f" {case.host or 'The server'} was never asked for anything."
        ),
        evidence=tuple(seen),
        fixes=_reach_fixes(case, guessed),
        ruled_out=(
            ("tcp-refused" if refused else "tcp-filtered", f"the address is the proxy's, not that of {case.host}"),
            ("proxy-env-stale", "the proxy is not on this machine"),
        ),
    )


def _reach_fixes(case: Case, guessed: bool) -> tuple[Fix, ...]:
    host = case.route.proxy_host if case.route and case.route.proxy_host else "PROXY"
    port = Fix(
        title="Write the proxy's port into the setting",
        commands=(set_variable(case, words.variable(case), f"http://{host}:PORT"),),
        untried="fill in the port",
    )
    ask = (
        Fix(title="Connect the VPN, or join the network of that proxy", untried="it is outside this program"),
        words.ask_owner(f"Tell whoever runs the proxy that {words.proxy(case)} does not answer"),
    )
    return (port, *ask) if guessed else ask


def _mute(case: Case) -> Finding | None:
    """The proxy takes connections and then answers no CONNECT, whatever host is asked for."""
    tunnel = case.stopped(ev.Tunnel, *_MUTE)
    if tunnel is None or tunnel.status is not None or tunnel.reply is not None:
        return None
    if tunnel.protocol == "http" and case.route and (case.route.proxy_scheme or "").startswith("socks"):
        return None  # `proxy-socks-support-missing`
    others = case.ask(Control.UNRELATED_TLS, ev.Tunnel)
    if any(one.status is not None or one.reply is not None or not one.failure for one in others):
        return None
    proxy, known = words.proxy(case), bool(others)
    how = {Failure.TIMEOUT.value: "stays silent", Failure.EOF.value: "hangs up"}.get(tunnel.failure or "", "resets")
    seen = [f"{proxy} took the connection and then: {tunnel.failure}"]
    seen += [f"the same for {one.target}, an unrelated host: {one.failure}" for one in others[:1]]
    return Finding(
        title=f"the proxy {proxy} takes connections but {how} when asked for {tunnel.target}",
        explanation=(
            "Something accepts connections at the proxy's address and gives no answer to a request. The "
            "proxy is overloaded or broken, or what listens there is no proxy of the kind that the "
            "setting says."
        ),
        evidence=tuple(seen),
        certain=False,
        fixes=(
            words.ask_owner(f"Tell whoever runs the proxy that {proxy} does not answer CONNECT requests"),
            Fix(
                title="Or check the port in the setting",
                commands=(set_variable(case, words.variable(case), "http://PROXY:PORT"),),
                untried="fill in the proxy's host and port",
            ),
        ),
        also_possible=("proxy-env-malformed",) if known else ("proxy-upstream-failed", "proxy-connect-denied"),
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_env_stale, machine_wide=True),
    cause(proxy_dns_failure, needs=(Control.NAMES,), machine_wide=True),
    cause(
        proxy_unreachable,
        needs=(Control.REACH, Control.UNRELATED_TLS),
        machine_wide=True,
    ),
)
