"""Causes of a lookup that nobody answered properly: silent name servers, and those that answer with an error."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.addresses import is_near
from mnistdoctor.causes.finding import finding
from mnistdoctor.wording import listed, shortened


def dns_temporary_failure(case: Case) -> Finding | None:
    """Holds when no name server gave an answer, good or bad."""
    unresolved = dns.unresolved(case)
    if unresolved is None or unresolved.withheld:
        return None
    replies, denied = unresolved.replies, unresolved.denied
    if any(one.is_error for one in replies) or (denied and (not replies or any(one.answered for one in replies))):
        return None
    working = [one for one in unresolved.of("addresses") if not one.by_tcp_only]
    if not working and any(not one.by_tcp_only for one in unresolved.of("nxdomain", "nodata")):
        return None
    quiet = [one for one in replies if not one.answered or one.by_tcp_only or one.cut]
    half = [one for one in working if one.unanswered]
    sure = bool(quiet or half) and half == working and not denied and not unresolved.of("garbled")
    return finding(
        _what_failed(unresolved.name, quiet, working, half),
        "Looking up a name needs an answer from a name server, and none came in time. The name server's "
        "machine, the VPN it belongs to, or a firewall between here and there is at fault; the dataset's "
        "host was not asked.",
        unresolved.evidence,
        (one.evidence for one in replies),
        fixes=(_let_dns_through([one for one in quiet if one.by_tcp_only or one.cut]), _mend_resolver(case)),
        unlike=sure and {"dns-servfail": "no name server sent an error code"},
        perhaps=not sure and ("dns-nxdomain" if denied else "dns-servfail"),
    )


def _what_failed(name: str, quiet: list[dns.Reply], working: list[dns.Reply], half: list[dns.Reply]) -> str:
    servers = listed([one.server for one in quiet or half])
    if quiet and all(one.cut for one in quiet):
        return f"name server {servers} has a reply too large for UDP, and does not answer over TCP"
    if half and half == working:
        kinds = listed(half[0].unanswered)
        return f"name server {servers} does not answer {kinds} queries, so the lookup of {name} does not end"
    silent = [one.server for one in quiet if not one.answered]
    if working and silent:
        others = listed([one.server for one in working])
        return f"name server {listed(silent)} does not answer for {name}, and {others} does"
    if working:
        return f"the lookup of {name} failed for a moment, and the name server has the answer now"
    if quiet and all(one.by_tcp_only for one in quiet):
        return f"name server {servers} does not answer over UDP, only over TCP"
    return f"the name server does not answer: {servers}" if quiet else f"no name server could be asked for {name}"


def _let_dns_through(half_open: list[dns.Reply]) -> Fix | None:
    """For name servers that answer over one of UDP and TCP alone."""
    way = "TCP" if any(one.cut for one in half_open) else "UDP"
    what = f"to let DNS over {way} port 53 through, large replies as well"
    return fixes.ask_network_owner(what) if half_open else None


def _mend_resolver(case: Case) -> tuple[Fix, Fix]:
    if fixes.on_windows(case):
        lines = ["ipconfig /flushdns", "Get-DnsClientServerAddress"]
    elif case.machine.platform.startswith("Linux"):
        lines = ["cat /etc/resolv.conf"]
    else:
        lines = ["sudo dscacheutil -flushcache", "sudo killall -HUP mDNSResponder", "scutil --dns"]
    return (
        Fix(
            title="Reconnect the VPN or the network, then see that the name servers belong to the network you are on",
            commands=tuple(fixes.command(case, line) for line in lines),
            untried="it changes this machine's network",
        ),
        Fix(
            title='In Docker: name a reachable server with `--dns`, or with "dns" in daemon.json',
            untried="fill in your network's own name server",
        ),
    )


def dns_servfail(case: Case) -> Finding | None:
    """Holds when the name servers answered that they cannot resolve this name (SERVFAIL, REFUSED and their kin)."""
    unresolved = dns.unresolved(case)  # glibc folds these into EAI_AGAIN, and FORMERR into EAI_NONAME
    errors = unresolved.of("servfail", "refused", "rcode") if unresolved else ()
    if unresolved is None or not errors or unresolved.withheld or unresolved.of("nxdomain", "nodata"):
        return None
    others, code = dns.other_names(case, unresolved.name), errors[0].rcode
    for_all, refused = others.all_failed, code == "REFUSED"
    # A stub on this machine says SERVFAIL in the name of servers beyond it that stayed silent.
    stub = for_all and all(is_near(one.server) for one in errors)
    known = refused or code == "SERVFAIL"
    certain = known and len(errors) == len(unresolved.replies) and not stub and (for_all or not refused)
    return finding(
        _what_is_ill(unresolved.name, errors, for_all=for_all),
        _why(for_all, code),
        unresolved.evidence,
        (one.evidence for one in unresolved.replies),
        (f"its reason: {shortened(reason)}" for one in errors for reason in one.reasons),
        others.evidence,
        fixes=(
            not for_all and fixes.other_sources(case),
            _mend_resolver(case) if for_all or refused else _tell_owner(unresolved.name),
        ),
        unlike={
            "dns-nxdomain": f"the reply was {code}: the name is neither known nor denied",
            "dns-temporary-failure": certain and "the name server answered at once, with an error code",
        },
        perhaps=not certain and ("dns-filtered" if refused and not for_all else "dns-temporary-failure"),
        side="network" if for_all or refused else None,
    )


def _what_is_ill(name: str, errors: tuple[dns.Reply, ...], *, for_all: bool) -> str:
    code, reason = errors[0].rcode, next(filter(None, (one.known_reason for one in errors)), "")
    if for_all:
        return f"the name server answers {code} for every name" + (f": {reason}" if reason else "")
    return f"the name server cannot resolve {name}" + (f": {reason}" if reason else f" and says {code}")


def _why(for_all: bool, code: str) -> str:
    if code not in ("SERVFAIL", "REFUSED"):
        return (
            f"The name server was reached, and {code} means that it does not understand or does not support the query. "
            "It is broken or very old, or something on the way bends what is sent; the dataset's host was not asked."
        )
    if code == "REFUSED":
        return (
            "This name server was reached and declines to work for you. It belongs to another network, such "
            "as a VPN that is down or the one at home, or it may not answer outside names at all."
        )
    if for_all:
        return (
            "The name server was reached, yet it fails for every name, so the servers it asks in turn are "
            "out of its reach or it is broken itself. The dataset's host has nothing to do with it."
        )
    return (
        "Your name server works for other names and fails for this one. The host's own name servers are out "
        "of order, or their signatures (DNSSEC) do not verify. The latter also happens where this network's "
        "clock is wrong."
    )


def _tell_owner(host: str) -> Fix:
    return Fix(title=f"Wait and repeat, and tell the owner of {host}", untried="only the zone's owner can mend it")


CAUSES: tuple[Cause, ...] = (
    cause(dns_temporary_failure, needs=(Control.REACH, Control.RESOLVER), machine_wide=True),
    cause(dns_servfail, needs=(Control.REACH, Control.RESOLVER, Control.NAMES)),
)
