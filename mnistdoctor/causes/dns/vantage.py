"""Names that are answered otherwise elsewhere: outside a VPN, on the container's host, at the proxy."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import addresses, dns
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.network import no_route
from mnistdoctor.causes.finding import Sentences, finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

_NO_PEER = (Failure.REFUSED, Failure.TIMEOUT, Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE)


def dns_split_horizon(case: Case) -> Finding | None:
    """Holds when the name means one thing inside a network and another outside, and the wrong side was asked."""
    unresolved = dns.unresolved(case)
    if unresolved:
        return _known_inside_only(unresolved)
    connect, lookup = case.stopped(ev.Connect, *_NO_PEER), case.last(ev.Lookup)
    if connect is None or connect.peer != "origin" or lookup is None or case.proxied:
        return None
    return _collision(case, lookup, connect) or _led_inside(case, lookup, connect)


def _known_inside_only(unresolved: dns.Unresolved) -> Finding | None:
    """One name server denies the name, and another one has an address of an inner network for it."""
    denying = unresolved.of("nxdomain", "nodata", "refused")
    knowing = [one for one in unresolved.of("addresses") if all(map(addresses.is_private, one.addresses))]
    if not denying or not knowing or any(one.withheld for one in unresolved.replies):
        return None
    return _finding(
        unresolved.name,
        f"{unresolved.name} is known to one name server and not to the other that this machine asks",
        [one.code for one in denying],
        [f"name server {one.server} has an inner address for it: {listed(one.addresses)}" for one in knowing],
    )


def _led_inside(case: Case, lookup: ev.Lookup, connect: ev.Connect) -> Finding | None:
    """The name led to an inner address that does not answer, and another name server has a public one."""
    inner = lookup.addresses and all(map(addresses.is_private, lookup.addresses))
    if not inner or addresses.known_public(case, lookup.name) or not addresses.public_name(lookup.name):
        return None
    if dns.recorded_hosts_line(case):
        return None  # a file of this machine said so, and no name server
    public = dns.public_answers(dns.replies(case, lookup.name))
    if not public:
        return None
    return _finding(
        lookup.name,
        f"{lookup.name} leads to an inner address here, {listed(lookup.addresses)}, which does not answer",
        f"{lookup.name} resolves to {listed(lookup.addresses)}, an address of an inner network",
        f"{connect.address} port {connect.port}: {failure_of(connect)}",
        public,
    )


def _collision(case: Case, lookup: ev.Lookup, connect: ev.Connect) -> Finding | None:
    """An inner name was asked for outside, where a new top-level domain took it over: ICANN's mark came back."""
    mark = addresses.COLLISION
    if mark not in lookup.addresses or addresses.ip(lookup.name) is not None:
        return None
    if addresses.known_public(case, lookup.name):
        return None  # no inner name: whoever gives that answer for it withholds the right one, `dns-filtered`
    if dns.hosts_line(case):
        return None
    return _finding(
        lookup.name,
        f"{lookup.name} was looked up outside the network that it belongs to: the answer is {mark}",
        f"{lookup.name} resolves to {mark}, ICANN's mark for a private name that collides with a "
        "public top-level domain",
        f"{connect.address} port {connect.port}: {failure_of(connect)}",
    )


def _finding(host: str, title: str, *evidence: Sentences) -> Finding:
    return finding(
        title,
        f"{host} has two answers, one for inside an organisation's network or VPN and one for outside, and this "
        "machine got the one that is of no use where it is. A VPN that is half up, or name servers of two networks "
        "side by side, are the usual reasons.",
        *evidence,
        fixes=(
            Fix(title="Connect the VPN to which the inner address belongs, or disconnect it", untried="only you can"),
            Fix(
                title="Give that domain to the right name server (split DNS) in the VPN's settings",
                untried="it is a setting of the VPN",
            ),
        ),
        perhaps="dns-filtered",
    )


_STUBS = ("127.0.0.53", "127.0.0.54")
"""Where systemd-resolved listens on a host's own loopback: in a container nothing can be there."""


def dns_container_resolver(case: Case) -> Finding | None:
    """Holds when the container's own name server fails, or one that the container cannot reach was handed to it."""
    wsl = not case.machine.container and "microsoft" in case.machine.platform.lower()
    if not case.machine.container and not wsl:
        return None
    unresolved = dns.unresolved(case)
    if unresolved is None or not unresolved.replies or any(one.answered for one in unresolved.replies):
        return None
    if no_route(case) is not False:
        return None
    stub = next((one for one in unresolved.replies if one.server.startswith(_STUBS)), None)
    if stub is None and not wsl:
        return None  # any other server that is down is down for the host as well, as far as can be seen from here
    inside = "WSL" if wsl else "this container"
    server = (stub or unresolved.replies[0]).server
    why = (
        f"{server} is a stub on the host's own loopback, which is another one than that of {inside}"
        if stub
        else f"{server} does not answer from here"
    )
    return finding(
        f"{inside} asks a name server that does not answer from inside it: {server}",
        f"The list of name servers usually comes from the host, and {why}. There is a route out of "
        f"{inside}, and only names are known to be missing. On the host the same download may well work.",
        unresolved.evidence,
        (
            f"name server {one.server}: {'nothing listens there' if one.closed else 'no answer'}"
            for one in unresolved.replies
        ),
        "the system has a route to the internet",
        fixes=_resolver_of_wsl(case) if wsl else _RESOLVER_OF_CONTAINER,
        unlike={"env-no-network-link": "there is a route out"},
        perhaps=(wsl or not (stub and stub.closed)) and "dns-temporary-failure",
    )


def _resolver_of_wsl(case: Case) -> Fix:
    return Fix(
        title="In `%UserProfile%\\.wslconfig`, below `[wsl2]`, set `dnsTunneling=true`, and start WSL anew",
        commands=(fixes.command(case, "wsl.exe --shutdown"),),
        untried="it is a file of Windows",
    )


_RESOLVER_OF_CONTAINER = (
    Fix(
        title="Start the container with a name server that it can reach: `docker run --dns ADDRESS`, or `dns:` in "
        "Compose",
        untried="only the host can start it anew; take the address from the host's own resolver",
    ),
    Fix(
        title='Or once for all containers: `{"dns": ["ADDRESS"]}` in /etc/docker/daemon.json on the host',
        untried="it is the host's file",
    ),
)


def _proxy_resolves(case: Case) -> str | None:
    """No cause of a failure, but a warning: a proxy that works needs no name service on this machine."""
    lookups = case.recorded(Control.TARGET_NAME, ev.Lookup)
    passed = any(not one.failure for one in case.all(ev.Tunnel, hop=case.hop)) or case.status is not None
    if not case.proxied or not passed or not none_of(lookups):
        return None
    return f"{lookups[0].name} does not resolve on this machine; the proxy resolves it, so nothing needs mending"


CAUSES: tuple[Cause, ...] = (
    cause(dns_split_horizon, needs=(Control.HOSTS_FILE, Control.REACH, Control.RESOLVER)),
    cause(dns_container_resolver, needs=(Control.REACH, Control.RESOLVER), machine_wide=True),
    Cause("dns-proxy-only-network", holds=None, warns=_proxy_resolves),
)
