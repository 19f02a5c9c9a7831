"""Causes on the way: a cut before any answer, packets too large, a machine that forbids."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import proxy
from mnistdoctor.causes.facts.tcp import attempts
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

_CUT = (Failure.RESET, Failure.ABORTED, Failure.EOF)


def tcp_reset(case: Case) -> Finding | None:
    """Holds when the connection stood and was cut before anything of the answer came."""
    met = _cut(case)
    if met is None:
        return None
    where, evidence, certain, runner_up = met
    stop = case.stopped(ev.Exchange)
    secured = stop is not None and split_url(stop.url).scheme == "https"
    shake = case.stopped(ev.Handshake)
    begun = shake is not None and shake.received > 0
    others = () if secured else case.ask(Control.UNRELATED_TLS, ev.Handshake)
    every = bool(others) and all(one.failure in _CUT and one.received == 0 for one in others)
    certain = certain and not every and not case.proxied
    told = tuple(dict.fromkeys(one.server_name for one in others))
    when = f"before {'the request' if secured else 'anything'} is answered"
    title = f"the connection to {where} is cut {'in the middle of the TLS handshake' if begun else when}"
    if every:
        title = f"every connection is cut before anything is answered: {where} and unrelated hosts alike"
    proxied = case.proxied
    behind = "proxy-upstream-failed" if proxied else "proxy-not-configured"
    return finding(
        title,
        _why_cut(case, every=every, secured=secured),
        evidence,
        every and f"unrelated hosts are cut off as well: {listed(told)}",
        proxied and f"all of it went through {proxy.the_proxy(case)}",
        fixes=(not every and fixes.other_sources(case), _pause_or_ask(case, every=every)),
        unlike={
            "tls-sni-blocked": "the handshake under that name went well"
            if secured
            else certain and shake is not None and "another server name is cut off too",
            "body-reset": "no request had been sent" if begun else "no answer had begun",
        },
        perhaps=not certain and (behind if every else runner_up),
        side="proxy" if every and proxied else None,
    )


def _pause_or_ask(case: Case, *, every: bool) -> Fix:
    if every and case.proxied:
        return fixes.ask(f"whoever runs {proxy.name(case)}", "why its tunnels are cut")
    if every:
        title = "Ask the network's owner how programs reach the internet here"
        return Fix(title=title, untried="only the network's owner can tell")
    return Fix(title="Wait a minute, then try again", change=Change(wait_s=60.0))


def _why_cut(case: Case, *, every: bool, secured: bool) -> str:
    first = "The connection stood, and was broken off before the first byte came back. "
    shake = case.stopped(ev.Handshake)
    if shake is not None and shake.received:
        first = "The peer's answer to the first message of TLS had begun to arrive when the connection was broken off. "
    if secured:
        first = "TLS was agreed on, the request went out, and the connection was broken off in place of an answer. "
    if every and case.proxied:
        return first + (
            "Unrelated hosts are cut off in the same way behind the proxy: the proxy opens the way and then does not "
            "let it be used, or its own way out is cut."
        )
    if every:
        return first + (
            "Unrelated hosts are cut off in the same way, so a filter of this network does it: such networks mostly "
            "want a proxy to be used."
        )
    return first + (
        "A filter on the way that does not want this host does that, and so does a server that sheds load or limits "
        "how often you may come. A pause and another try tell them apart."
    )


def _cut(case: Case) -> tuple[str, tuple[str, ...], bool, str] | None:
    """Where it was cut, what was seen, whether that is certain, and the runner-up."""
    tried = attempts(case)
    if tried is not None and tried.failures <= {Failure.RESET, Failure.ABORTED}:
        return tried.where, tried.sentences(), True, "tcp-refused"
    shake = case.stopped(ev.Handshake, *_CUT)
    if shake is not None:
        return _cut_in_handshake(case, shake)
    stop = case.stopped(ev.Exchange, Failure.RESET, Failure.ABORTED)
    if stop is None or stop.status is not None or stop.first_bytes or stop.via != "origin":
        return None
    parts = split_url(stop.url)
    secured = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secured else 80)
    seen = f"the request to {host} was answered by a reset after {stop.duration_s:.1f} s"
    runner_up = "proxy-upstream-failed" if case.proxied else "http-not-http"
    # A TLS server that is spoken to in clear may hang up as well, but not where plain http is at home. Inside TLS it is
    # mostly the server, and whether it ends with a reset or without one hangs on what it had left unread.
    return (
        f"{host} port {port}",
        (f"the TLS handshake with {host} went well", seen)[not secured :],
        port == 80,
        runner_up,
    )


def _cut_in_handshake(case: Case, shake: ev.Handshake) -> tuple[str, tuple[str, ...], bool, str] | None:
    where = f"{shake.server_name} port {shake.port}" if shake.port else shake.server_name
    if shake.peer != "origin" or (shake.received and (shake.failure == Failure.EOF or shake.alert is not None)):
        return None
    if shake.received:
        seen = f"the TLS handshake with {shake.server_name} was reset after {shake.received} bytes had come"
        return where, (seen,), False, "tls-sni-blocked"
    again = [one for one in case.ask(Control.SERVER_NAME, ev.Handshake) if one.server_name != shake.server_name]
    gone = [one for one in case.ask(Control.SERVER_NAME, ev.Connect) if one.failure in _CUT]
    if any(one.received or not one.failure for one in again):
        return None  # only the right name is cut off
    same = [one for one in again if one.failure in _CUT]
    how = "closed" if shake.failure == Failure.EOF else "reset"
    told = (
        f"the TLS handshake with {shake.server_name} was {how} with no byte received",
        *(f"a handshake with the same address under the name {one.server_name} ended likewise" for one in same),
    )
    return where, told, bool(same or gone), "tls-sni-blocked"


def tcp_mtu_blackhole(case: Case) -> Finding | None:
    """Holds when small answers arrive and no TLS handshake gets its first, large one, whatever the name."""
    stop = case.stopped(ev.Handshake, Failure.TIMEOUT)
    if stop is None or stop.peer != "origin" or stop.received or case.proxied:
        return None
    others = case.ask(Control.UNRELATED_TLS, ev.Handshake)
    stalled = [one for one in others if one.failure == Failure.TIMEOUT and one.received == 0]
    if not stalled or len(stalled) != len(others):
        return None  # an unrelated host's large answer arrives: the way out is wide enough
    small = [one for one in case.ask(Control.PORTAL, ev.Exchange) if one.status is not None]
    if not small:
        return None
    return finding(
        "large packets get lost on this network: connections stand, and every TLS handshake stalls",
        "A server's first TLS answer fills whole packets, and none of those arrive, while small plain "
        "answers do. A VPN, PPPoE line or overlay network carries less than it promises, and the message "
        "that would say so is dropped by a firewall.",
        f"the handshake with {stop.server_name} stalled for {stop.duration_s:.1f} s with no byte received",
        f"handshakes with unrelated hosts stall too: {listed(tuple(one.server_name for one in stalled))}",
        f"a small plain answer arrives: {split_url(small[0].url).hostname}, status {small[0].status}",
        fixes=_lower_mtu(case),
        unlike={"tls-sni-blocked": "unrelated names stall as well", "tcp-filtered": "the connections stand"},
        perhaps="tls-handshake-timeout",
    )


def _lower_mtu(case: Case) -> tuple[Fix, ...]:
    linux = case.machine.platform.startswith("Linux")
    return (
        Fix(
            title="Lower the MTU of the tunnel or container network (the device's name is an example)",
            commands=(fixes.command(case, "sudo ip link set dev tun0 mtu 1350"),) if linux else (),
            untried="fill in the device of your VPN or container network",
        ),
        Fix(
            title="Ask the network's owner to pass ICMP 'fragmentation needed', or to clamp the MSS",
            untried="only the network's owner can do that",
        ),
    )


def tcp_permission_denied(case: Case) -> Finding | None:
    """Holds when this machine itself forbids the connection."""
    tried = attempts(case)
    if tried is None or tried.failures != {Failure.PERMISSION}:
        return None
    code = tried.deciding[-1].errno or "EACCES"
    return finding(
        f"this machine does not let Python connect to {tried.where}",
        "The operating system forbade the connection before a packet left. A local firewall, a sandbox, "
        "SELinux or a routing rule of this machine does that; no server and no distant firewall can.",
        tried.sentences(),
        f"connect() failed with {code}",
        fixes=Fix(
            title="Allow this Python in the local firewall or sandbox, or run the download outside the sandbox",
            commands=(fixes.command(case, 'python -c "import sys; print(sys.executable)"'),),
            untried="only this machine's owner can allow it",
        ),
        unlike={"tcp-filtered": "a distant firewall cannot forbid a system call"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_reset,
        needs=(Control.UNRELATED_TLS, Control.SERVER_NAME),
    ),
    cause(
        tcp_mtu_blackhole,
        needs=(Control.PORTAL, Control.UNRELATED_TLS),
    ),
    cause(tcp_permission_denied),
)
