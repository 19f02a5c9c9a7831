"""The cause of an address that is overridden on this machine."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses, dns, other_address, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.wording import listed, shortened


def dns_hosts_override(case: Case) -> Finding | None:
    """Holds when a line of the hosts file sends the name elsewhere than the name servers do, and there it failed."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.failure or lookup.peer != "origin" or case.proxied or not pages.file_missed(case):
        return None
    line = dns.hosts_line(case)
    if line is None:
        return None
    replies = dns.replies(case, lookup.name)
    known = {addresses.ip(address) for one in replies for address in one.addresses}
    if known & set(map(addresses.ip, line.addresses)):
        return None  # the line says what the name service says
    if not known and any(one.answered for one in replies) and not all(map(addresses.is_sink, line.addresses)):
        return None  # a name that only this file knows is overridden by nobody
    right = other_address.serving(case) if known else None
    stranger = _met_a_stranger(case)
    if not right and not stranger:
        return None  # whoever answers there proved the name, and nobody is seen to do better
    where, tried = listed(line.addresses), other_address.failing(case)
    certain = bool(right) or (bool(known) and not tried and not isinstance(case.stopped_by, ev.Exchange))
    return finding(
        f"{line.path} on this machine sends {lookup.name} to {where}",
        "The hosts file comes before the name service, so every program here goes to the address written "
        "in it, whatever the name service says. Such lines are left over from an old outage, from a "
        "blocker or from a test, and outlive the server they point at.",
        f"{line.path}{f' line {line.line}' if line.line else ''} names {lookup.name} with {where}",
        (f"name server {one.server} says {listed(one.addresses)}" for one in replies if one.addresses),
        f"there it ended: {_end(case)}",
        right.evidence if right else tried and f"asked at {tried} it came to nothing either",
        fixes=(_remove(case, line, replies), case.machine.container and _START_ANEW),
        unlike=bool(known) and {"dns-filtered": "the name server gives another answer than this machine"},
        perhaps=not certain and _perhaps(case, asked=bool(replies)),
    )


_START_ANEW = Fix(
    title="If the container was started with `--add-host` or `extra_hosts`, take the line out there as well",
    untried="only whoever starts the container can do that",
)


def _met_a_stranger(case: Case) -> bool:
    """Whether it ended at a peer that did not prove the name: then the address alone may be to blame."""
    match case.stopped_by:
        case ev.Connect(peer="origin") | ev.Handshake(peer="origin"):
            return True
        case ev.Exchange():
            return not case.all(ev.Handshake, hop=case.hop)
    return False


def _perhaps(case: Case, *, asked: bool) -> str:
    if isinstance(case.stopped_by, ev.Exchange):
        family = {403: "http-403-unexplained", 404: "http-404-unexplained"}
        return family.get(case.status or 0, "http-500-server-error")
    if asked:
        return "dns-nxdomain"
    return "tls-hostname-mismatch" if isinstance(case.stopped_by, ev.Handshake) else "tcp-server-down"


def _end(case: Case) -> str:
    stop = case.stopped_by
    if isinstance(stop, ev.Exchange) and stop.status:
        return f"status {stop.status}"
    return shortened(stop.detail or str(stop.failure)) if stop else "what came is not what was asked for"


def _remove(case: Case, line: ev.HostsFile, replies: tuple[dns.Reply, ...]) -> Fix:
    """Tried by going to where the name servers send whoever asks them; the file itself is left alone."""
    told = next((address for one in replies for address in sorted(one.addresses, key=lambda each: ":" in each)), None)
    path = fixes.quoted(case, line.path)
    if fixes.on_windows(case):
        steps = [f"Start-Process notepad {path} -Verb RunAs"]
    elif line.line and len(line.addresses) == 1:
        # Written in place: a container's file is a mount of its own, where `sed -i` cannot put another one.
        sudo = "" if case.machine.container else "sudo "
        steps = [f"{sudo}cp {path} {path}.bak", f"sed '{line.line}s/^/# /' {path}.bak | {sudo}tee {path} > /dev/null"]
    else:
        steps = [f"grep -n -F {fixes.quoted(case, line.name)} {path}"]
    many = len(line.addresses) > 1
    return Fix(
        title=f"Delete the lines for {line.name} from {line.path}" if many else f"Switch that line of {line.path} off",
        commands=tuple(fixes.command(case, step) for step in steps),
        change=Change(address=told) if told else None,
        untried="no name server gives another address",
    )


def _decides(case: Case) -> str | None:
    """A warning where a line decides the address, and all is well."""
    line = dns.recorded_hosts_line(case)
    return line and f"{line.path} decides the address of {line.name}: {listed(line.addresses)}"


CAUSES: tuple[Cause, ...] = (
    cause(dns_hosts_override, needs=(Control.HOSTS_FILE, Control.RESOLVER, Control.OTHER_ADDRESS), warns=_decides),
)
