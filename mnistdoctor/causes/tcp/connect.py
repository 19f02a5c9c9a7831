"""Causes of a connection to the data's own host that is ignored or undeliverable."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import network, remedies
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.tcp.attempts import UNREACHABLE, Attempts, Others, attempts, others_of, survived
from mnistdoctor.causes.tcp.six import six_only
from mnistdoctor.failure import Failure


def sources(case: Case, others: Others, *, closed: bool) -> tuple[Fix, ...]:
    """Other sources; where the network closes a port, only those behind another one that is open."""
    if not closed:
        return remedies.other_sources(case)
    open_ports = {one.port for one in others.stood}
    return tuple(
        fix for fix in remedies.other_sources(case) if fix.change and _port(fix.change.url or "") in open_ports
    )


def _port(url: str) -> int:
    parts = remedies.parts(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def open_ports(case: Case, tried: Attempts) -> tuple[int, ...]:
    """The other port of the same host, where it is open. May raise `OpenQuestion`."""
    found = case.control("other-port", ev.Connect)
    return tuple(dict.fromkeys(one.port for one in found if not one.failure and one.port != tried.port))


def _filtered(case: Case) -> Finding | None:
    tried = attempts(case)
    if tried is None or Failure.TIMEOUT not in tried.failures:
        return None
    if not tried.failures <= {Failure.TIMEOUT, *UNREACHABLE} or six_only(case, tried):
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
    return Finding(
        title=title,
        explanation=_why_silent(closed=closed, certain=certain, up=bool(others.stood)),
        evidence=(
            *tried.seen(),
            *others.seen(),
            *(f"the same host accepts connections on port {n}" for n in ports),
        ),
        certain=certain,
        also_possible=() if certain else runners if closed else ("tcp-server-down",),
        fixes=(
            *sources(case, others, closed=closed),
            ask_owner(tried, closed=closed),
        ),
        ruled_out=(
            ("tcp-refused", "nothing came back, not even a refusal"),
            *((("tcp-server-down", f"the host answers on port {ports[0]}"),) if ports else ()),
            *((("env-no-network-link", "an unrelated host connects"),) if others.stood else ()),
        ),
    )


def ask_owner(tried: Attempts, *, closed: bool) -> Fix:
    """The network's owner is the one to ask."""
    if closed:
        title = "Ask the network's owner which proxy programs have to use here"
        return Fix(title=title, untried="only the network's owner can tell")
    title = f"Ask the network's owner to allow {tried.host} port {tried.port}"
    return Fix(title=title, untried="only the network's owner can do that")


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


def _unreachable(case: Case) -> Finding | None:
    tried = attempts(case)
    if tried is None or not tried.failures <= set(UNREACHABLE) or six_only(case, tried) or network.no_route(case):
        return None
    others = others_of(case, tried.port)
    quick = all(one.duration_s < 1 for one in tried.deciding)
    policy = quick and Failure.HOST_UNREACHABLE in tried.failures
    return Finding(
        title=f"there is no way to {tried.where}: " + ("host" if policy else "network or host") + " unreachable",
        explanation=(
            "A router on the way, or this machine itself, reported that it cannot deliver. "
            + (
                "The report came at once, which is how firewalls say no; a host that is switched off takes seconds. "
                if policy
                else "A VPN route or a container network that overlaps the address can lead it astray. "
            )
            + "The data's server was not asked."
        ),
        evidence=(*tried.seen(), *others.seen()),
        certain=bool(others.stood) and not others.shut(tried.port),
        also_possible=_instead_of_unreachable(tried, others),
        fixes=(
            Fix(
                title="See which way the address takes, and whether a VPN or container network claims it",
                commands=(remedies.command(case, _route_to(case, tried.deciding[-1].address)),),
                untried="it shows the route and changes nothing",
            ),
            *remedies.other_sources(case),
        ),
        ruled_out=((("env-no-network-link", "an unrelated host connects"),) if others.stood else ()),
    )


def _instead_of_unreachable(tried: Attempts, others: Others) -> tuple[str, ...]:
    if not others.stood:
        return ("env-no-network-link",)
    return ("tcp-filtered",) if others.shut(tried.port) else ()


def _route_to(case: Case, address: str) -> str:
    if remedies.on_windows(case):
        return f"Find-NetRoute -RemoteIPAddress {address}"
    return f"ip route get {address}" if case.machine.platform.startswith("Linux") else f"route -n get {address}"


def _never_from_one_place(_case: Case) -> Finding | None:
    """Silence is seen here, its reason is not: from one place this is only ever the runner-up of `tcp-filtered`."""
    return None


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="tcp-filtered",
        side="network",
        retry="no",
        summary="Connections to the data's host stay without any answer",
        story=(
            "The connection's first packet is answered by nothing at all, neither acceptance nor refusal. "
            "Firewalls that drop behave so, and so does a host that is off.\n\n"
            "Unrelated hosts that connect show that the network is up. If the same host answers on another "
            "port, it is a filter for certain; if not, `tcp-server-down` looks just the same from one place. "
            "If no outside host answers, think of `proxy-not-configured` and, on a compute node, "
            "`cluster-node-no-egress`.\n\n"
            "Ask for the host and port to be allowed, use the network's proxy, or take another source. Do "
            "not lengthen the connect time-out: it only makes the failure slower."
        ),
        holds=_filtered,
        warns=lambda case: survived(case, Failure.TIMEOUT),
    ),
    Cause(
        id="tcp-server-down",
        side="server",
        retry="later",
        summary="The data's host is down (named only next to tcp-filtered: one place cannot tell them apart)",
        story=(
            "The host is switched off or cut from the internet, so that nothing answers at any of its "
            "addresses.\n\n"
            "One machine alone cannot know that: a filter on its own way out produces the same silence. The "
            "doctor therefore says `tcp-filtered` and names this as the other possibility. A second network "
            "decides, such as a phone's or a CI job's; so do reports of this run from "
            "both. A refusal would be `tcp-refused`.\n\n"
            "Take another source or wait, and look at the service's status page. Do not report a host as "
            "down on the word of one machine."
        ),
        holds=_never_from_one_place,
    ),
    Cause(
        id="tcp-unreachable",
        side="network",
        retry="no",
        summary="A router or this machine reports that the address cannot be reached",
        story=(
            "Instead of silence there is a report: no route to that network, or the host cannot be found "
            "there. It comes from a router, a firewall that rejects politely, or this machine's own table of "
            "routes.\n\n"
            "Without any route for any host it is `env-no-network-link`; for IPv6 addresses only, "
            "`tcp-ipv6-broken`; with no report at all, `tcp-filtered`. A report within milliseconds is "
            "mostly a policy, one after seconds a machine that is gone.\n\n"
            "Look at the route: VPNs and container bridges often claim private ranges that the company uses "
            "as well. Do not delete routes that you do not know."
        ),
        holds=_unreachable,
        warns=lambda case: survived(case, *UNREACHABLE),
    ),
)
