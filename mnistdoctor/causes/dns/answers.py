"""Causes of an answer that misleads: withheld or bent by a filter, or overridden on this machine."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.dns import FILTERED, failed_lookup, hosts_line
from mnistdoctor.causes.facts.network import cut_off
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed, shortened

_VERIFICATION = (Failure.UNKNOWN_AUTHORITY, Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE)
_NO_PEER = (
    Failure.REFUSED,
    Failure.TIMEOUT,
    Failure.RESET,
    Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE,
)


def dns_filtered(case: Case) -> Finding | None:
    """Holds when a name server withholds the name, or answers with an address at which no public host can be."""
    stop = failed_lookup(case)
    if stop is not None:
        return _withheld(case, stop)
    return _bent(case) if _ended_there(case) and not case.proxied else None


def _withheld(case: Case, stop: ev.Lookup) -> Finding | None:
    """The lookup failed, and a name server admits that it filters or another one knows the name."""
    if cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    admitted = next(((one, one.withheld) for one in heard if one.withheld), None)
    if admitted is not None:
        server, (code, text) = admitted
        words = f', "{shortened(text, 100)}"' if text else ""
        said = f"{FILTERED[code]} (RFC 8914 code {code}{words})"
        answer = f"name server {server.server} answered {server.rcode} and gives the reason: {said}"
        return _finding(case, stop.name, seen=(answer,), certain=True)
    denying = [one for one in heard if one.said == "nxdomain"]
    knowing = [one for one in heard if one.said == "addresses" and any(map(dns.is_public, one.addresses))]
    if denying and knowing:
        seen = (
            *(f"name server {one.server} answered {one.rcode}" for one in denying),
            *(f"name server {one.server} has public addresses for it: {listed(one.addresses)}" for one in knowing),
        )
        return _finding(case, stop.name, seen=seen, certain=False, runner_up="dns-split-horizon")
    return None


def _bent(case: Case) -> Finding | None:
    """The lookup brought an address at which no public host can be, and there the examination ended."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.peer != "origin" or not lookup.addresses:
        return None
    if dns.COLLISION in lookup.addresses and not dns.known_public(case, lookup.name):
        return None  # an inner name that was asked for outside, see `dns-split-horizon`
    nowhere = _nowhere(lookup.addresses) and dns.ip(lookup.name) is None
    sunk = all(map(dns.is_sink, lookup.addresses))
    if not nowhere and not (dns.public_name(lookup.name) and (sunk or all(map(dns.is_private, lookup.addresses)))):
        return None
    if case.ask(Control.HOSTS_FILE, ev.HostsFile) and hosts_line(case):
        return None
    heard = dns.replies(case, lookup.name)
    bent = [one for one in heard if set(one.addresses) & set(lookup.addresses)]
    if any(one.answered for one in heard) and not bent:
        return None  # the name service does not say so: something on this machine does
    well, _ = dns.other_names(case, lookup.name)
    elsewhere = [one for one in heard if any(map(dns.is_public, one.addresses))]
    plain = [one for one in well if any(map(dns.is_public, one.addresses))]
    if not plain and not elsewhere and not nowhere:
        return None  # a laboratory or a closed network gives such addresses to everybody
    admitted = any(one.withheld for one in bent)
    if not (sunk or nowhere or admitted or dns.known_public(case, lookup.name)):
        return None  # nobody says that this host was ever meant to be found from outside
    where = listed(lookup.addresses)
    seen = [f"{lookup.name} resolves to {where}, {'which is no host at all' if sunk else 'a private address'}"]
    seen += [f"name server {one.server} said so" for one in bent if one not in elsewhere]
    seen += [f"name server {one.server} has public addresses for it: {listed(one.addresses)}" for one in elsewhere]
    seen += [f"{one.name} resolves to a public address, {one.addresses[0]}" for one in plain[:1]]
    certain = admitted or (bool(bent) and (bool(sunk and elsewhere) or bool(nowhere and plain)))
    return _finding(case, lookup.name, seen=tuple(seen), certain=certain, runner_up="dns-split-horizon", address=where)


def _nowhere(addresses: tuple[str, ...]) -> bool:
    """Whether they are 0.0.0.0 or ::, which nobody publishes for a host that is meant to be found."""
    return all(number is not None and number.is_unspecified for number in map(dns.ip, addresses))


def _ended_there(case: Case) -> bool:
    """Whether the connection failed or the peer could not prove its name; a verified one clears the address."""
    stop = case.stopped_by
    if isinstance(stop, ev.Connect):
        return stop.peer == "origin" and stop.failure in _NO_PEER
    return (
        isinstance(stop, ev.Handshake) and stop.peer == "origin" and stop.failure in (*_VERIFICATION, Failure.NOT_TLS)
    )


def _finding(
    case: Case, host: str, *, seen: tuple[str, ...], certain: bool, runner_up: str = "", address: str = ""
) -> Finding:
    how = f"it answers {address} for it" if address else "it withholds the answer"
    return finding(
        f"your network's name server blocks {host}: {how}",
        "A filter in the name service (a company's or school's policy, a family filter, Pi-hole, a "
        "provider's block list) keeps this host from being found. The host itself is probably well. Only "
        "who runs the filter can let it through.",
        seen,
        fixes=(
            fixes.other_sources(case),
            Fix(
                title=f"Ask who runs the filter to allow {host}, and give them the lines above",
                untried="only the filter's owner can do that",
            ),
        ),
        unlike=address and {"dns-hosts-override": "the hosts file has no line for it"},
        perhaps=not (certain or not runner_up) and runner_up,
        certain=certain,
    )


# --- the hosts file ---------------------------------------------------------------------------------------------


def dns_hosts_override(case: Case) -> Finding | None:
    """Holds when a line of the hosts file sends the name elsewhere than the name servers do, and there it failed."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.failure or lookup.peer != "origin" or case.proxied or not _hosts_may_matter(case):
        return None
    if not case.ask(Control.HOSTS_FILE, ev.HostsFile):
        return None
    line = hosts_line(case)
    if line is None:
        return None
    heard = dns.replies(case, lookup.name)
    said = tuple(address for one in heard for address in one.addresses)
    if {dns.ip(one) for one in said} & {dns.ip(one) for one in line.addresses}:
        return None  # the line says what the name service says
    sunk = all(map(dns.is_sink, line.addresses))
    if not said and any(one.answered for one in heard) and not sunk:
        return None  # a name that only this file knows is overridden by nobody
    place = f"{line.path} line {line.line}" if line.line else line.path
    certain = bool(said) and not isinstance(case.stopped_by, ev.Exchange)
    return finding(
        f"{line.path} on this machine sends {lookup.name} to {listed(line.addresses)}",
        "The hosts file comes before the name service, so every program here goes to the address written "
        "in it, whatever the name service says. Such lines are left over from an old outage, from a "
        "blocker or from a test, and outlive the server they point at.",
        f"{place} names {lookup.name} with {listed(line.addresses)}",
        (f"name server {one.server} says {listed(one.addresses)}" for one in heard if one.addresses),
        f"there it ended: {_end(case)}",
        fixes=(_remove_line(case, line), case.machine.container and _START_ANEW),
        unlike=bool(said) and {"dns-filtered": "the name server gives another answer than this machine"},
        perhaps=not certain and _instead(case, bool(heard)),
    )


_START_ANEW = Fix(
    title="If the container was started with `--add-host` or `extra_hosts`, take the line out there as well",
    untried="only whoever starts the container can do that",
)


def _hosts_may_matter(case: Case) -> bool:
    stop = case.stopped_by
    if isinstance(stop, (ev.Connect, ev.Handshake)):
        return stop.peer == "origin"
    # A peer that has proved its name is the right one, whatever led there.
    return isinstance(stop, ev.Exchange) and not case.all(ev.Handshake, hop=case.hop)


def _instead(case: Case, denied: bool) -> str:
    if isinstance(case.stopped_by, ev.Exchange):
        family = {403: "http-403-unexplained", 404: "http-404-unexplained"}
        return family.get(case.status or 0, "http-500-server-error")
    if denied:
        return "dns-nxdomain"
    return "tls-hostname-mismatch" if isinstance(case.stopped_by, ev.Handshake) else "tcp-server-down"


def _end(case: Case) -> str:
    stop = case.stopped_by
    if isinstance(stop, ev.Exchange) and stop.status:
        return f"status {stop.status}"
    return shortened(stop.detail or str(stop.failure)) if stop else ""


def _remove_line(case: Case, line: ev.HostsFile) -> Fix:
    path = fixes.quoted(case, line.path)
    commands: tuple[Command, ...]
    if fixes.on_windows(case):
        commands = (fixes.command(case, f"Start-Process notepad {path} -Verb RunAs"),)
    elif line.line and len(line.addresses) == 1:
        # Written in place: a container's file is a mount of its own, where `sed -i` cannot put another one.
        sudo = "" if case.machine.container else "sudo "
        steps = (f"{sudo}cp {path} {path}.bak", f"sed '{line.line}s/^/# /' {path}.bak | {sudo}tee {path} > /dev/null")
        commands = tuple(fixes.command(case, step) for step in steps)
    else:
        commands = (fixes.command(case, f"grep -n -F {fixes.quoted(case, line.name)} {path}"),)
    many = len(line.addresses) > 1
    title = f"Delete the lines for {line.name} from {line.path}" if many else f"Switch that line of {line.path} off"
    return Fix(title=title, commands=commands, untried="it edits a file of the system")


def _override_survived(case: Case) -> str | None:
    line = hosts_line(case)
    return f"{line.path} decides the address of {line.name}: {listed(line.addresses)}" if line else None


# --- names that only the proxy resolves -------------------------------------------------------------------------


def _never(_case: Case) -> Finding | None:
    """No cause of a failure: a proxy that works needs no name service on this machine."""
    return None


def _proxy_resolves(case: Case) -> str | None:
    tried = [one for one in case.observations if isinstance(one, ev.Lookup) and one.control == Control.TARGET_NAME]
    passed = any(not one.failure for one in case.all(ev.Tunnel, hop=case.hop)) or case.status is not None
    if not case.proxied or not passed or not tried or not all(one.failure for one in tried):
        return None
    return f"{tried[0].name} does not resolve on this machine; the proxy resolves it, so nothing needs mending"


CAUSES: tuple[Cause, ...] = (
    cause(
        dns_filtered,
        needs=(Control.HOSTS_FILE, Control.REACH, Control.RESOLVER, Control.NAMES),
    ),
    cause(
        dns_hosts_override,
        needs=(Control.HOSTS_FILE, Control.RESOLVER),
        warns=_override_survived,
    ),
    Cause("dns-proxy-only-network", holds=None, warns=_proxy_resolves),
)
