"""Causes of a connection to the data's own host that is ignored or undeliverable."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.network import no_route
from mnistdoctor.causes.facts.tcp import (
    UNREACHABLE,
    Attempts,
    Others,
    attempts,
    only_ipv6,
    open_ports,
    others_of,
    survived,
)
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.tcp.fixes import ask_owner, sources
from mnistdoctor.failure import Failure


def tcp_filtered(case: Case) -> Finding | None:
    """Holds when packets to the port are dropped: neither a connection nor a refusal comes back."""
    tried = attempts(case)
    if tried is None or Failure.TIMEOUT not in tried.failures:
        return None
    if not tried.failures <= {Failure.TIMEOUT, *UNREACHABLE} or only_ipv6(case, tried):
        return None
    others = others_of(case, tried.port)
    silent = (Failure.TIMEOUT, *UNREACHABLE)
    walled = others.walled(tried.port, *silent)
    closed = walled or others.all_failed(*silent)
    ports = () if closed else open_ports(case, tried)
    certain = bool(ports)
    host = tried.where
    runners = ("proxy-not-configured", *(() if walled else ("cluster-node-no-egress",)))
    what = f"port {tried.port} is closed to every host" if others.stood else "nothing outside answers"
    title = f"{what}: {host} and unrelated hosts all stay silent"
    if not closed:
        title = f"no answer from {host}" + (f", though port {ports[0]} of the same host answers" if ports else "")
    return finding(
        title,
        _why_silent(closed=closed, certain=certain, up=bool(others.stood)),
        tried.sentences(),
        others.sentences(),
        (f"the same host accepts connections on port {n}" for n in ports),
        fixes=(sources(case, others, closed=closed), ask_owner(tried, closed=closed)),
        unlike={
            "tcp-refused": "nothing came back, not even a refusal",
            "tcp-server-down": certain and f"the host answers on port {ports[0]}",
            "env-no-network-link": bool(others.stood) and "an unrelated host connects",
        },
        perhaps=not certain and (runners if closed else ("tcp-server-down",)),
        certain=certain,
    )


def _why_silent(*, closed: bool, certain: bool, up: bool) -> str:
    if closed and up:
        return (
            "Other ports of the network are open, and on this one no host answers, unrelated ones included. A firewall "
            "drops what leaves here by it, as in a network that wants a proxy to be used. The data's server is not the "
            "reason."
        )
    if closed:
        return (
            "Names resolve and there is a route, but every connection to the outside stays without an "
            "answer, to unrelated hosts too. A firewall drops what leaves here: a network with a proxy for "
            "the way out, or a compute node without one. The data's server is not the reason."
        )
    if certain:
        return (
            "The host is up, since it answers on another port, and this port stays silent. A firewall, on "
            "the way or at the host, drops connections to it. Waiting longer will not open it."
        )
    first = "The network is up and other hosts answer; this one is silent. " if up else "The host stays silent. "
    return first + (
        "Either something on the way drops connections to it, or it is down. From one place the two look the "
        "same: try it from another network, such as a phone's."
    )


def tcp_unreachable(case: Case) -> Finding | None:
    """Holds when a router, or this machine, reports that it cannot deliver to the address."""
    tried = attempts(case)
    if tried is None or not tried.failures <= set(UNREACHABLE) or only_ipv6(case, tried) or no_route(case):
        return None
    others = others_of(case, tried.port)
    quick = all(one.duration_s < 1 for one in tried.deciding)
    policy = quick and Failure.HOST_UNREACHABLE in tried.failures
    return finding(
        f"there is no way to {tried.where}: " + ("host" if policy else "network or host") + " unreachable",
        "A router on the way, or this machine itself, reported that it cannot deliver. "
        + (
            "The report came at once, which is how firewalls say no; a host that is switched off takes seconds. "
            if policy
            else "A VPN route or a container network that overlaps the address can lead it astray. "
        )
        + "The data's server was not asked.",
        tried.sentences(),
        others.sentences(),
        fixes=(
            Fix(
                title="See which way the address takes, and whether a VPN or container network claims it",
                commands=(fixes.command(case, _route_to(case, tried.deciding[-1].address)),),
                untried="it shows the route and changes nothing",
            ),
            fixes.other_sources(case),
        ),
        unlike=bool(others.stood) and {"env-no-network-link": "an unrelated host connects"},
        perhaps=_instead_of_unreachable(tried, others),
        certain=bool(others.stood) and not others.shut(tried.port),
    )


def _instead_of_unreachable(tried: Attempts, others: Others) -> tuple[str, ...]:
    if not others.stood:
        return ("env-no-network-link",)
    return ("tcp-filtered",) if others.shut(tried.port) else ()


def _route_to(case: Case, address: str) -> str:
    if fixes.on_windows(case):
        return f"Find-NetRoute -RemoteIPAddress {address}"
    return f"ip route get {address}" if case.machine.platform.startswith("Linux") else f"route -n get {address}"


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_filtered,
        needs=(Control.REACH, Control.OTHER_PORT, Control.PORTAL, Control.UNRELATED_TLS),
        warns=lambda case: survived(case, Failure.TIMEOUT),
    ),
    Cause("tcp-server-down", holds=None),  # silence is seen here, its reason is not: a runner-up of `tcp-filtered`
    cause(
        tcp_unreachable,
        needs=(Control.REACH, Control.PORTAL, Control.UNRELATED_TLS),
        warns=lambda case: survived(case, *UNREACHABLE),
    ),
)
