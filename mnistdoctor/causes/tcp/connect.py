"""Causes of a connection to the data's own host that is refused, ignored or undeliverable."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import network, remedies
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.dns.replies import listed
from mnistdoctor.causes.tcp.attempts import UNREACHABLE, Attempts, Others, attempts, others_of, six_only
from mnistdoctor.failure import Failure

_WEB_PORTS = (80, 443)


def _refused(case: Case) -> Finding | None:
    tried = attempts(case)
    if tried is None or Failure.REFUSED not in tried.failures or tried.failures & {Failure.PERMISSION, Failure.RESET}:
        return None
    others = Others((), ()) if tried.here else others_of(case)
    mixed = Failure.TIMEOUT in tried.failures
    closed = others.all_failed(Failure.REFUSED)
    ports = () if tried.here or closed else _open_ports(case, tried)
    certain = tried.here or bool(others.stood and not mixed)
    title = f"nothing outside can be reached: {tried.where} and unrelated hosts all refuse the connection"
    return Finding(
        title=title if closed else f"the server refuses the connection: {tried.where}",
        explanation=_why_refused(tried, closed=closed),
        evidence=(
            *tried.seen(),
            *others.seen(),
            *(f"the same host accepts connections on port {n}" for n in ports),
        ),
        certain=certain,
        also_possible=() if certain else ("proxy-not-configured" if closed else "tcp-filtered",),
        side="you" if tried.here else "network" if closed else None,
        retry="no" if tried.here else None,
        fixes=(
            *_start_it(tried),
            *(() if closed else remedies.other_sources(case)),
            *_check_port(tried, ports),
        ),
        ruled_out=(
            ("proxy-unreachable", "the address that refused is the data host's own, not a proxy's"),
            *((("tcp-filtered", "the refusal came at once; a filter that drops stays silent"),) if certain else ()),
        ),
    )


def _why_refused(tried: Attempts, *, closed: bool) -> str:
    if tried.here:
        return (
            "The address is this machine itself, and no program listens on that port. The server that should "
            "run here has not been started, has ended, or listens on another port."
        )
    if closed:
        return (
            "Unrelated hosts refuse in the same way, so the refusal comes from a firewall of your network "
            "and not from the data's server. Such networks mostly let programs out through a proxy only."
        )
    return (
        "The host was reached and turned the connection away at once: no program listens on that port, or a "
        "firewall says no in its name. Nothing can be changed from here except the port and the source."
    )


def _open_ports(case: Case, tried: Attempts) -> tuple[int, ...]:
    found = case.control("other-port", ev.Connect)
    return tuple(dict.fromkeys(one.port for one in found if not one.failure and one.port != tried.port))


def _start_it(tried: Attempts) -> tuple[Fix, ...]:
    if not tried.here:
        return ()
    return (
        Fix(
            title=f"Start the server that should listen on port {tried.port}",
            untried="only you know which one",
        ),
    )


def _check_port(tried: Attempts, ports: tuple[int, ...]) -> tuple[Fix, ...]:
    if tried.here:
        return ()
    if tried.port not in _WEB_PORTS or ports:
        known = f"; it does answer on {listed(tuple(map(str, ports)))}" if ports else ""
        return (
            Fix(
                title=f"Check that port {tried.port} is right{known}",
                untried="only you know which port was meant",
            ),
        )
    return (Fix(title=f"Wait, and look at the status page of {tried.host}", untried="only its owner can mend it"),)


def _filtered(case: Case) -> Finding | None:
    tried = attempts(case)
    if tried is None or Failure.TIMEOUT not in tried.failures:
        return None
    if not tried.failures <= {Failure.TIMEOUT, *UNREACHABLE} or six_only(case, tried):
        return None
    others = others_of(case)
    closed = others.all_failed(Failure.TIMEOUT, *UNREACHABLE)
    ports = () if closed else _open_ports(case, tried)
    certain = bool(ports)
    host = tried.where
    runners = ("proxy-not-configured", "cluster-node-no-egress") if closed else ("tcp-server-down",)
    title = f"nothing outside answers: {host} and unrelated hosts all stay silent"
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
        also_possible=() if certain else runners,
        fixes=(
            *(() if closed else remedies.other_sources(case)),
            _ask_owner(tried, closed=closed),
        ),
        ruled_out=(
            ("tcp-refused", "nothing came back, not even a refusal"),
            *((("tcp-server-down", f"the host answers on port {ports[0]}"),) if ports else ()),
            *((("env-no-network-link", "an unrelated host connects"),) if others.stood else ()),
        ),
    )


def _ask_owner(tried: Attempts, *, closed: bool) -> Fix:
    if closed:
        title = "Ask the network's owner which proxy programs have to use here"
        return Fix(title=title, untried="only the network's owner can tell")
    title = f"Ask the network's owner to allow {tried.host} port {tried.port}"
    return Fix(title=title, untried="only the network's owner can do that")


def _why_silent(*, closed: bool, certain: bool, up: bool) -> str:
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
    others = others_of(case)
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
        certain=bool(others.stood),
        also_possible=() if others.stood else ("env-no-network-link",),
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


def _route_to(case: Case, address: str) -> str:
    if remedies.on_windows(case):
        return f"Find-NetRoute -RemoteIPAddress {address}"
    return f"ip route get {address}" if case.machine.platform.startswith("Linux") else f"route -n get {address}"


def _never_from_one_place(_case: Case) -> Finding | None:
    """Silence is seen here, its reason is not: from one place this is only ever the runner-up of `tcp-filtered`."""
    return None


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="tcp-refused",
        side="server",
        retry="later",
        summary="The data's host turns the connection away",
        story=(
            "The packet arrived and a refusal came back at once: nobody listens on that port, or a firewall "
            "answers no in the host's place.\n\n"
            "The address must be the data host's own. A refusal by the proxy's address is "
            "`proxy-unreachable`, or `proxy-env-stale` where it is this machine, and some libraries print "
            "the same words for all three. Silence is `tcp-filtered`; a connection that stands and is then "
            "cut is `tcp-reset`.\n\n"
            "Check the port, take another source, or come back later. Do not try other ports one after the "
            "other: that is a port scan, and firewalls treat it as one."
        ),
        holds=_refused,
    ),
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
    ),
)
