"""Names that are answered otherwise elsewhere: inside and outside a VPN, on the host and in its container."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.dns import Reply, failed_lookup, hosts_line
from mnistdoctor.causes.facts.network import cut_off, no_route
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

_NO_PEER = (Failure.REFUSED, Failure.TIMEOUT, Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE)


def _private(one: Reply) -> bool:
    return bool(one.addresses) and all(map(dns.is_private, one.addresses))


def dns_split_horizon(case: Case) -> Finding | None:
    """Holds when the name means one thing inside a network and another outside, and the wrong side was asked."""
    stop = failed_lookup(case)
    if stop is not None:
        return _known_inside_only(case, stop)
    return _collision(case) or _led_inside(case)


def _known_inside_only(case: Case, stop: ev.Lookup) -> Finding | None:
    """One name server denies the name, and another one has an address of an inner network for it."""
    if cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    denying = [one for one in heard if one.said in ("nxdomain", "nodata", "refused")]
    knowing = [one for one in heard if _private(one)]
    if not denying or not knowing or any(one.withheld for one in heard):
        return None
    return _finding(
        stop.name,
        f"{stop.name} is known to one name server and not to the other that this machine asks",
        (
            *(f"name server {one.server} answered {one.rcode or one.said}" for one in denying),
            *(f"name server {one.server} has an inner address for it: {listed(one.addresses)}" for one in knowing),
        ),
    )


def _unanswered(case: Case) -> tuple[ev.Connect | None, ev.Lookup | None]:
    """The direct connection to which nobody answered, and the lookup that led there."""
    connect = case.stopped(ev.Connect, *_NO_PEER)
    direct = connect is not None and connect.peer == "origin" and not case.proxied
    return (connect, case.last(ev.Lookup)) if direct else (None, None)


def _led_inside(case: Case) -> Finding | None:
    """The name led to an inner address that does not answer, and another name server has a public one."""
    connect, lookup = _unanswered(case)
    if connect is None or lookup is None:
        return None
    inner = lookup.addresses and all(map(dns.is_private, lookup.addresses))
    if not inner or dns.known_public(case, lookup.name) or not dns.public_name(lookup.name):
        return None
    if hosts_line(case) is not None:
        return None  # a file of this machine said so, and no name server
    outside = [one for one in dns.replies(case, lookup.name) if any(map(dns.is_public, one.addresses))]
    if not outside:
        return None
    return _finding(
        lookup.name,
        f"{lookup.name} leads to an inner address here, {listed(lookup.addresses)}, which does not answer",
        (
            f"{lookup.name} resolves to {listed(lookup.addresses)}, an address of an inner network",
            f"{connect.address} port {connect.port}: {connect.errno or connect.failure}",
            *(f"name server {one.server} has public addresses for it: {listed(one.addresses)}" for one in outside),
        ),
    )


def _collision(case: Case) -> Finding | None:
    """An inner name was asked for outside, where a new top-level domain took it over: ICANN's mark came back."""
    connect, lookup = _unanswered(case)
    if connect is None or lookup is None:
        return None
    if dns.COLLISION not in lookup.addresses or dns.ip(lookup.name) is not None:
        return None
    if dns.known_public(case, lookup.name):
        return None  # no inner name: whoever gives that answer for it withholds the right one, `dns-filtered`
    if case.ask(Control.HOSTS_FILE, ev.HostsFile) and hosts_line(case) is not None:
        return None
    return _finding(
        lookup.name,
        f"{lookup.name} was looked up outside the network that it belongs to: the answer is {dns.COLLISION}",
        (
            f"{lookup.name} resolves to {dns.COLLISION}, ICANN's mark for a private name that collides with a "
            "public top-level domain",
            f"{connect.address} port {connect.port}: {connect.errno or connect.failure}",
        ),
    )


def _finding(host: str, title: str, seen: tuple[str, ...]) -> Finding:
    return finding(
        title,
        f"{host} has two answers, one for inside an organisation's network or VPN and one for outside, and this "
        "machine got the one that is of no use where it is. A VPN that is half up, or name servers of two networks "
        "side by side, are the usual reasons.",
        seen,
        fixes=(
            Fix(title="Connect the VPN to which the inner address belongs, or disconnect it", untried="only you can"),
            Fix(
                title="Or give that domain to the right name server (split DNS) in the VPN's settings",
                untried="it is a setting of the VPN",
            ),
        ),
        perhaps="dns-filtered",
    )


# --- containers -------------------------------------------------------------------------------------------------


_STUBS = ("127.0.0.53", "127.0.0.54")
"""Where systemd-resolved listens on a host's own loopback: in a container nothing can be there."""


def _contained(case: Case) -> str | None:
    if case.machine.container:  # first, since a container on Windows shows WSL's kernel as well
        return "this container"
    return "WSL" if "microsoft" in case.machine.platform.lower() else None


def dns_container_resolver(case: Case) -> Finding | None:
    """Holds when the container's own name server fails, or one that the container cannot reach was handed to it."""
    inside, stop = _contained(case), failed_lookup(case)
    if inside is None or stop is None or cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    if not heard or any(one.answered for one in heard):
        return None
    if no_route(case) is not False:
        return None
    stub = next((one for one in heard if one.server.startswith(_STUBS)), None)
    if stub is None and inside != "WSL":
        return None  # any other server that is down is down for the host as well, as far as can be seen from here
    server = (stub or heard[0]).server
    sure = stub is not None and stub.closed and inside == "this container"
    why = (
        f"{server} is a stub on the host's own loopback, which is another one than that of {inside}"
        if stub
        else f"{server} does not answer from here"
    )
    return finding(
        f"{inside} asks a name server that does not answer from inside it: {server}",
        f"The list of name servers usually comes from the host, and {why}. There is a route out of "
        f"{inside}, and only names are known to be missing. On the host the same download may well work.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (f"name server {one.server}: {'nothing listens there' if one.closed else 'no answer'}" for one in heard),
        "the system has a route to the internet",
        fixes=_fixes(case, inside),
        unlike={"env-no-network-link": "there is a route out"},
        perhaps=not sure and "dns-temporary-failure",
    )


def _fixes(case: Case, inside: str) -> tuple[Fix, ...]:
    if inside == "WSL":
        return (
            Fix(
                title="In `%UserProfile%\\.wslconfig`, below `[wsl2]`, set `dnsTunneling=true`, and start WSL anew",
                commands=(command(case, "wsl.exe --shutdown"),),
                untried="it is a file of Windows",
            ),
        )
    return (
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


CAUSES: tuple[Cause, ...] = (
    cause(
        dns_split_horizon,
        needs=(Control.HOSTS_FILE, Control.REACH, Control.RESOLVER),
    ),
    cause(
        dns_container_resolver,
        needs=(Control.REACH, Control.RESOLVER),
        machine_wide=True,
    ),
)
