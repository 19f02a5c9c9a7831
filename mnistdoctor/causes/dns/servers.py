"""Causes of a lookup that nobody answered properly: silent name servers, and those that answer with an error."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.dns import DENIED, Reply, any_withheld, failed_lookup, unrelated_resolved
from mnistdoctor.causes.facts.network import cut_off
from mnistdoctor.causes.finding import finding
from mnistdoctor.wording import listed, shortened

_REASONS = {
    "6": "its DNSSEC signatures are bogus",
    "7": "its DNSSEC signature has expired",
    "8": "its DNSSEC signature is not valid yet",
    "9": "its DNSSEC key is missing",
    "10": "its DNSSEC signatures are missing",
    "11": "its zone key is not marked as one",
    "12": "the proof that the name does not exist is missing",
    "18": "this name server does not serve you",
    "20": "this name server is not responsible for it",
    "21": "this kind of query is not supported",
    "22": "none of its name servers could be reached",
    "23": "a network error on the way to its name servers",
    "24": "its name servers gave invalid data",
}
"""Extended errors in words (RFC 8914 section 4)."""


def dns_temporary_failure(case: Case) -> Finding | None:
    """Holds when no name server gave an answer, good or bad."""
    stop = failed_lookup(case)
    if stop is None or cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    denied = stop.failure in DENIED  # macOS and Windows say so of silence as well
    if denied and (not heard or any(one.answered for one in heard)):
        return None
    quiet = [one for one in heard if not one.answered or one.by_tcp_only or one.cut]
    working = [one for one in heard if one.said == "addresses" and not one.by_tcp_only]
    if any_withheld(heard) or any(one.said in ("servfail", "refused", "rcode") for one in heard):
        return None
    if any(one.said in ("nxdomain", "nodata") and not one.by_tcp_only for one in heard) and not working:
        return None
    half = [one for one in working if one.unanswered]
    sure = (
        bool(quiet or half)
        and len(half) == len(working)
        and not denied
        and not any(one.said == "garbled" for one in quiet)
    )
    return finding(
        _what_failed(stop.name, quiet, working, half),
        "Looking up a name needs an answer from a name server, and none came in time. The name server's "
        "machine, the VPN it belongs to, or a firewall between here and there is at fault; the dataset's "
        "host was not asked.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (_heard(one) for one in heard),
        fixes=_mend_resolver(case, [one for one in quiet if one.by_tcp_only or one.cut]),
        unlike=sure and {"dns-servfail": "no name server sent an error code"},
        perhaps=not sure and ("dns-nxdomain" if denied else "dns-servfail"),
    )


def _what_failed(name: str, quiet: list[Reply], working: list[Reply], half: list[Reply]) -> str:
    servers = listed(tuple(one.server for one in quiet or half))
    if quiet and all(one.cut for one in quiet):
        return f"name server {servers} has a reply too large for UDP, and does not answer over TCP"
    if half and len(half) == len(working):
        kinds = listed(half[0].unanswered)
        return f"name server {servers} does not answer {kinds} queries, so the lookup of {name} does not end"
    if working:
        return f"the lookup of {name} failed for a moment, and the name server has the answer now"
    if quiet and all(one.by_tcp_only for one in quiet):
        return f"name server {servers} does not answer over UDP, only over TCP"
    return f"the name server does not answer: {servers}" if quiet else f"no name server could be asked for {name}"


def _heard(one: Reply) -> str:
    if one.cut:
        return f"what name server {one.server} sent over UDP was marked as cut short, and over TCP it did not answer"
    if one.by_tcp_only:
        return f"name server {one.server} was silent over UDP and answered over TCP"
    if one.said == "silent":
        return f"name server {one.server} " + (
            "refused the query: nothing listens there" if one.closed else "stayed silent"
        )
    if one.said == "garbled":
        return f"what name server {one.server} sent was no valid answer"
    if one.addresses and one.unanswered:
        return f"name server {one.server} answered {listed(one.addresses)}, and nothing to {listed(one.unanswered)}"
    if one.said == "addresses":
        return f"name server {one.server} answered {listed(one.addresses)} a moment later"
    return f"name server {one.server} answered {one.rcode}"


def _mend_resolver(case: Case, half_open: list[Reply]) -> tuple[Fix, ...]:
    if fixes.on_windows(case):
        lines: tuple[str, ...] = ("ipconfig /flushdns", "Get-DnsClientServerAddress")
    elif case.machine.platform.startswith("Linux"):
        lines = ("cat /etc/resolv.conf",)
    else:
        lines = ("sudo dscacheutil -flushcache", "sudo killall -HUP mDNSResponder", "scutil --dns")
    way = "TCP" if any(one.cut for one in half_open) else "UDP"
    passage = Fix(
        title=f"Ask the network's owner to let DNS over {way} port 53 through, large replies as well",
        untried="only the network's owner can do that",
    )
    return (
        *((passage,) if half_open else ()),
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
    stop = failed_lookup(case)  # glibc folds these into EAI_AGAIN, and FORMERR into EAI_NONAME
    if stop is None or cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    ill = [one for one in heard if one.said in ("servfail", "refused", "rcode")]
    if not ill or any_withheld(heard) or any(one.said in ("nxdomain", "nodata") for one in heard):
        return None
    well, failed = dns.other_names(case, stop.name)
    for_all = bool(failed) and not well
    code = ill[0].rcode
    reason = next((_REASONS[code] for one in ill for code, _ in one.extended if code in _REASONS), "")
    # A stub on this machine says SERVFAIL in the name of servers beyond it that stayed silent.
    stub = for_all and all(dns.is_near(one.server) for one in ill)
    known = all(one.answered and one.said != "addresses" for one in heard) and code in ("SERVFAIL", "REFUSED")
    refused_alone = code == "REFUSED" and not for_all
    certain = known and not stub and not refused_alone
    return finding(
        _what_is_ill(stop.name, code, reason, for_all=for_all),
        _why(for_all, code),
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (_heard(one) for one in heard),
        (f"its reason: {shortened(_reason(pair))}" for one in ill for pair in one.extended),
        unrelated_resolved(well),
        for_all and f"other names fail too: {listed(tuple(one.name for one in failed))}",
        fixes=(
            not for_all and fixes.other_sources(case),
            _mend_resolver(case, []) if for_all or code == "REFUSED" else (_tell_owner(stop.name),),
        ),
        unlike={
            "dns-nxdomain": f"the reply was {code}: the name is neither known nor denied",
            "dns-temporary-failure": certain and "the name server answered at once, with an error code",
        },
        perhaps=not certain and ("dns-filtered" if refused_alone else "dns-temporary-failure"),
        side="network" if for_all or code == "REFUSED" else None,
    )


def _what_is_ill(name: str, code: str, reason: str, *, for_all: bool) -> str:
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


def _reason(pair: tuple[str, str]) -> str:
    words = _REASONS.get(pair[0], f"extended error {pair[0]}")
    return f'{words} ("{shortened(pair[1], 80)}")' if pair[1] else words


def _tell_owner(host: str) -> Fix:
    return Fix(title=f"Wait and repeat, and tell the owner of {host}", untried="only the zone's owner can mend it")


CAUSES: tuple[Cause, ...] = (
    cause(
        dns_temporary_failure,
        needs=(Control.REACH, Control.RESOLVER),
        machine_wide=True,
    ),
    cause(
        dns_servfail,
        needs=(Control.REACH, Control.RESOLVER, Control.NAMES),
    ),
)
