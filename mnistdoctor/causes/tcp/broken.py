"""Connections that stand and bring nothing: cut before any answer, or stalled by packets too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import proxy, tcp, tls
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.facts.user_agents import refused_agent
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed


def tcp_reset(case: Case) -> Finding | None:
    """Holds when the connection stood and was cut before anything of the answer came."""
    cut = _cut_at_connect(case) or _cut_in_handshake(case) or _cut_in_request(case)
    if cut is None or (isinstance(case.stopped_by, ev.Exchange) and refused_agent(case)):
        return None
    others = () if cut.by_request else tls.unrelated(case)
    if others and all(one.failure in tcp.CUT and one.received == 0 for one in others):
        return _all_cut(case, cut, listed(tuple(dict.fromkeys(one.server_name for one in others))))
    return finding(
        f"the connection to {cut.where} is cut {cut.when}",
        f"{cut.course} A filter on the way that does not want this host does that, and so does a server that sheds "
        "load or limits how often you may come. A pause and another try tell them apart.",
        cut.evidence,
        case.proxied and f"all of it went through {proxy.the_proxy(case)}",
        fixes=(fixes.other_sources(case), Fix(title="Wait a minute, then try again", change=Change(wait_s=60.0))),
        unlike={"tls-sni-blocked": cut.not_by_name, "body-reset": cut.no_body},
        perhaps=cut.perhaps or "http-503-overload",
    )


def _all_cut(case: Case, cut: _Cut, others: str) -> Finding:
    """Connections to unrelated hosts are cut in the same way."""
    proxied = case.proxied
    return finding(
        f"every connection is cut before anything is answered: {cut.where} and unrelated hosts alike",
        f"{cut.course} Unrelated hosts are cut off in the same way"
        + (
            " behind the proxy: the proxy opens the way and then does not let it be used, or its own way out is cut."
            if proxied
            else ", so a filter of this network does it: such networks mostly want a proxy to be used."
        ),
        cut.evidence,
        f"unrelated hosts are cut off as well: {others}",
        proxied and f"all of it went through {proxy.the_proxy(case)}",
        fixes=fixes.ask(f"whoever runs {proxy.name(case)}", "why its tunnels are cut")
        if proxied
        else fixes.ask_network_owner("how programs reach the internet here", why="only the network's owner can tell"),
        unlike={"body-reset": cut.no_body},
        perhaps="proxy-upstream-failed" if proxied else "proxy-not-configured",
        side="proxy" if proxied else None,
    )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """Where and when a connection was cut."""

    where: str
    evidence: tuple[str, ...]
    perhaps: str
    """What else it may be; empty where that is excluded."""
    when: str = "before anything is answered"
    course: str = "The connection stood, and was broken off before the first byte came back."
    not_by_name: str = ""
    """What shows that no filter on the name did it."""
    no_body: str = "no answer had begun"
    by_request: bool = False
    """Whether TLS stood, and the request was what was not answered."""


def _cut_at_connect(case: Case) -> _Cut | None:
    attempts = tcp.attempts(case)
    if attempts is None or not attempts.failures <= {Failure.RESET, Failure.ABORTED}:
        return None
    return _Cut(where=attempts.where, evidence=attempts.evidence, perhaps="tcp-refused" if case.proxied else "")


def _cut_in_handshake(case: Case) -> _Cut | None:
    """The handshake was cut, and not for the right name alone. May raise `OpenQuestion`."""
    handshake = case.stopped(ev.Handshake, *tcp.CUT)
    if handshake is None or handshake.peer != "origin":
        return None
    name, closed = handshake.server_name, handshake.failure == Failure.EOF
    where = f"{name} port {handshake.port}" if handshake.port else name
    if handshake.received:
        if closed or handshake.alert is not None:
            return None
        return _Cut(
            where=where,
            evidence=(f"the TLS handshake with {name} was reset after {handshake.received} bytes had come",),
            perhaps="tls-sni-blocked",
            when="in the middle of the TLS handshake",
            course="The peer's answer to the first message of TLS had begun to arrive when the connection was broken "
            "off.",
            no_body="no request had been sent",
        )
    again = tls.under_other_names(case, handshake)
    if any(one.received or not one.failure for one in again):
        return None  # only the right name is cut off
    alike = [one for one in again if one.failure in tcp.CUT]
    unconnected = any(one.failure in tcp.CUT for one in case.ask(Control.SERVER_NAME, ev.Connect))
    certain = bool(alike or unconnected) and not case.proxied
    return _Cut(
        where=where,
        evidence=(
            f"the TLS handshake with {name} was {'closed' if closed else 'reset'} with no byte received",
            *(f"a handshake with the same address under the name {one.server_name} ended likewise" for one in alike),
        ),
        perhaps="" if certain else "tls-sni-blocked",
        not_by_name="another server name is cut off too" if certain else "",
    )


def _cut_in_request(case: Case) -> _Cut | None:
    """The request was answered by a reset.

    A TLS server that is spoken to in clear may hang up as well, but not where plain http is at home. Inside TLS it is
    mostly the server, and whether it ends with a reset or without one hangs on what it had left unread.
    """
    exchange = case.stopped(ev.Exchange, Failure.RESET, Failure.ABORTED)
    if exchange is None or exchange.status is not None or exchange.first_bytes or exchange.via != "origin":
        return None
    parts = split_url(exchange.url)
    secured = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if secured else 80)
    perhaps = "proxy-upstream-failed" if case.proxied else "" if port == 80 else "http-not-http"
    reset = f"the request to {host} was answered by a reset after {exchange.duration_s:.1f} s"
    if not secured:
        return _Cut(where=f"{host} port {port}", evidence=(reset,), perhaps=perhaps)
    return _Cut(
        where=f"{host} port {port}",
        evidence=(f"the TLS handshake with {host} went well", reset),
        perhaps=perhaps,
        when="before the request is answered",
        course="TLS was agreed on, the request went out, and the connection was broken off in place of an answer.",
        not_by_name="the handshake under that name went well",
        by_request=True,
    )


def tcp_mtu_blackhole(case: Case) -> Finding | None:
    """Holds when small answers arrive and no TLS handshake gets its first, large one, whatever the name."""
    handshake = case.stopped(ev.Handshake, Failure.TIMEOUT)
    if handshake is None or handshake.peer != "origin" or handshake.received or case.proxied:
        return None
    others = tls.unrelated(case)
    if not others or any(one.failure != Failure.TIMEOUT or one.received for one in others):
        return None  # an unrelated host's large answer arrives: the way out is wide enough
    small = next((one for one in case.ask(Control.PORTAL, ev.Exchange) if one.status is not None), None)
    if small is None:
        return None
    return finding(
        "large packets get lost on this network: connections stand, and every TLS handshake stalls",
        "A server's first TLS answer fills whole packets, and none of those arrive, while small plain "
        "answers do. A VPN, PPPoE line or overlay network carries less than it promises, and the message "
        "that would say so is dropped by a firewall.",
        f"the handshake with {handshake.server_name} stalled for {handshake.duration_s:.1f} s with no byte received",
        f"handshakes with unrelated hosts stall too: {listed([one.server_name for one in others])}",
        f"a small plain answer arrives: {split_url(small.url).hostname}, status {small.status}",
        fixes=(_lower_mtu(case), fixes.ask_network_owner("to pass ICMP 'fragmentation needed', or to clamp the MSS")),
        unlike={"tls-sni-blocked": "unrelated names stall as well", "tcp-filtered": "the connections stand"},
        perhaps="tls-handshake-timeout",
    )


def _lower_mtu(case: Case) -> Fix:
    linux = case.machine.platform.startswith("Linux")
    return Fix(
        title="Lower the MTU of the tunnel or container network (the device's name is an example)",
        commands=(fixes.command(case, "sudo ip link set dev tun0 mtu 1350"),) if linux else (),
        untried="fill in the device of your VPN or container network",
    )


CAUSES: tuple[Cause, ...] = (
    cause(tcp_reset, needs=(Control.SERVER_NAME, Control.UNRELATED_TLS, Control.AGENTS, Control.AGAIN)),
    cause(tcp_mtu_blackhole, needs=(Control.UNRELATED_TLS, Control.PORTAL)),
)
