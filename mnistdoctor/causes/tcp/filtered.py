"""Connections to the data's own host that are ignored, or that cannot be delivered."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import tcp
from mnistdoctor.causes.facts.network import UNREACHABLE, no_route
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.tcp.fixes import ask_for_proxy, open_sources
from mnistdoctor.failure import Failure

_SILENT = (Failure.TIMEOUT, *UNREACHABLE)


def tcp_filtered(case: Case) -> Finding | None:
    """Holds when packets to the port are dropped: neither a connection nor a refusal comes back."""
    attempts = tcp.attempts(case)
    if attempts is None or Failure.TIMEOUT not in attempts.failures or not attempts.failures <= {*_SILENT}:
        return None
    if tcp.only_ipv6_is_broken(case, attempts):
        return None
    others = tcp.other_hosts(case, attempts.port)
    if others.closed(attempts.port, *_SILENT):
        return _closed_to_all(case, attempts, others)
    ports = tcp.open_ports(case, attempts)
    silent = (
        "The network is up and other hosts answer; this one is silent" if others.connected else "The host stays silent"
    )
    return finding(
        f"no answer from {attempts.where}" + (f", though port {ports[0]} of the same host answers" if ports else ""),
        "The host is up, since it answers on another port, and this port stays silent. A firewall, on the way or at "
        "the host, drops connections to it. Waiting longer will not open it."
        if ports
        else f"{silent}. Either something on the way drops connections to it, or it is down. From one place the two "
        "look the same: try it from another network, such as a phone's.",
        attempts.evidence,
        others.evidence,
        (f"the same host accepts connections on port {port}" for port in ports),
        fixes=(
            fixes.other_sources(case),
            fixes.ask_network_owner(f"to allow {attempts.host} port {attempts.port}"),
        ),
        unlike={
            "tcp-refused": "nothing came back, not even a refusal",
            "tcp-server-down": bool(ports) and f"the host answers on port {ports[0]}",
            "env-no-network-link": bool(others.connected) and "an unrelated host connects",
        },
        perhaps=not ports and "tcp-server-down",
    )


def _closed_to_all(case: Case, attempts: tcp.Attempts, others: tcp.OtherHosts) -> Finding:
    """No unrelated host answers either: on this port, or on any."""
    one_port = bool(others.connected)
    what = f"port {attempts.port} is closed to every host" if one_port else "nothing outside answers"
    return finding(
        f"{what}: {attempts.where} and unrelated hosts all stay silent",
        "Other ports of the network are open, and on this one no host answers, unrelated ones included. A firewall "
        "drops what leaves here by it, as in a network that wants a proxy to be used. The data's server is not the "
        "reason."
        if one_port
        else "Names resolve and there is a route, but every connection to the outside stays without an "
        "answer, to unrelated hosts too. A firewall drops what leaves here: a network with a proxy for "
        "the way out, or a compute node without one. The data's server is not the reason.",
        attempts.evidence,
        others.evidence,
        fixes=(open_sources(case, others), ask_for_proxy()),
        unlike={
            "tcp-refused": "nothing came back, not even a refusal",
            "env-no-network-link": one_port and "an unrelated host connects",
        },
        perhaps=("proxy-not-configured", not one_port and "cluster-node-no-egress"),
    )


def tcp_unreachable(case: Case) -> Finding | None:
    """Holds when a router, or this machine, reports that it cannot deliver to the address."""
    attempts = tcp.attempts(case)
    if attempts is None or not attempts.failures <= {*UNREACHABLE}:
        return None
    if tcp.only_ipv6_is_broken(case, attempts) or no_route(case):
        return None
    others = tcp.other_hosts(case, attempts.port)
    connected, ports = bool(others.connected), tcp.open_ports(case, attempts)
    policy = Failure.HOST_UNREACHABLE in attempts.failures and all(one.duration_s < 1 for one in attempts.deciding)
    return finding(
        f"there is no way to {attempts.where}: {'host' if policy else 'network or host'} unreachable",
        "A router on the way, or this machine itself, reported that it cannot deliver. "
        + (
            "The report came at once, which is how firewalls say no; so does the last router before a host that has "
            "been off for a while. "
            if policy
            else "A VPN route or a container network that overlaps the address can lead it astray. "
        )
        + "The data's server was not asked.",
        attempts.evidence,
        others.evidence,
        (f"the same host accepts connections on port {port}" for port in ports),
        fixes=(_show_route(case, attempts.deciding[-1].address), fixes.other_sources(case)),
        unlike=connected and {"env-no-network-link": "an unrelated host connects"},
        perhaps=(
            not connected and "env-no-network-link",
            connected and ("tcp-filtered" if ports or others.failed_on(attempts.port) else "tcp-server-down"),
        ),
    )


def _show_route(case: Case, address: str) -> Fix:
    line = fixes.platform_command(
        case,
        windows=f"Find-NetRoute -RemoteIPAddress {address}",
        linux=f"ip route get {address}",
        macos=f"route -n get {address}",
    )
    return Fix(
        title="See which way the address takes, and whether a VPN or container network claims it",
        commands=(line,),
        untried="it shows the route and changes nothing",
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_filtered,
        needs=(Control.REACH, Control.UNRELATED_TLS, Control.PORTAL, Control.OTHER_PORT),
        warns=lambda case: tcp.survived(case, Failure.TIMEOUT),
    ),
    Cause("tcp-server-down", holds=None),  # silence is seen here, its reason is not: a runner-up of `tcp-filtered`
    cause(
        tcp_unreachable,
        needs=(Control.REACH, Control.UNRELATED_TLS, Control.PORTAL, Control.OTHER_PORT),
        warns=lambda case: tcp.survived(case, *UNREACHABLE),
    ),
)
