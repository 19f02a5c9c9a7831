"""Causes of a lookup that was answered with nothing: the name does not exist, or has no address."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.known_proxies import location
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed


def dns_nxdomain(case: Case) -> Finding | None:
    """Holds when the name service was reached and denies the name itself."""
    unresolved = dns.unresolved(case)
    if unresolved is None or unresolved.withheld or unresolved.of("addresses"):
        return None
    denials = unresolved.of("nxdomain")
    if not denials and (unresolved.replies or unresolved.lookup.failure != Failure.NXDOMAIN):
        return None
    # A name that is an alias exists, even where what it is an alias of does not: `dns-no-address`.
    if any(one.alias for one in denials):
        return None
    others = dns.other_names(case, unresolved.name)
    if others.all_failed:
        return _nothing_known(case, unresolved, others)
    authority = any(one.authority for one in denials)
    certain = authority and bool(others.resolved) and unresolved.denied and not case.proxied
    certain = certain and not _catalogued(case, unresolved.name)
    proof = ", with the zone's SOA record as proof" if authority else ""
    return finding(
        f"the host {unresolved.name} does not exist",
        "The name service was reached and denies the name itself: there is no such host. Most often the "
        "host is misspelt or the project has moved; no setting of this machine brings the name back.",
        unresolved.evidence,
        (f"name server {one.server} answered NXDOMAIN{proof}" for one in denials),
        others.evidence,
        fixes=(
            _right_host(case, unresolved.name),
            fixes.other_sources(case),
            Fix(
                title="Check the host name letter by letter, and look up where the project keeps its downloads now",
                untried="only you know which host was meant",
            ),
        ),
        unlike=bool(denials) and {"dns-no-address": "the reply was NXDOMAIN, not an empty answer"},
        perhaps=not certain
        and (case.proxied and "proxy-socks-dns-local", not unresolved.replies and "dns-no-address", "dns-filtered"),
    )


def _right_host(case: Case, host: str) -> Fix | None:
    """The catalogue's URL whose host this one was probably meant to be."""
    near = case.catalogue.nearest(case.subject.url) if host == case.host and case.hop == 0 else None
    meant = split_url(near.url).hostname if near else None
    if near is None or meant in (None, host):
        return None
    return fixes.take(case, near.url, f"Use the right host: {meant} for {host}")


def _nothing_known(case: Case, unresolved: dns.Unresolved, others: dns.OtherNames) -> Finding:
    """Every outside name is denied: that says more of this network than of the one host."""
    return finding(
        f"this network's name server denies every outside name that it was asked for, {unresolved.name} among them",
        "The name server answers, and denies unrelated names of the internet as well. Networks that let programs "
        "out only through a proxy do that: the proxy looks names up, and this program was told of no proxy. A "
        "closed laboratory, or a list of the few names that programs may reach, looks the same.",
        unresolved.evidence,
        f"unrelated names are denied as well: {others.failed_names}",
        (f"{location(one)} names the proxy {one.proxy}, and it did not open the way just now" for one in _known(case)),
        fixes=(
            Fix(
                title="Ask your network's administrators for the proxy, and set it for this program",
                commands=(fixes.set_variable(case, "HTTPS_PROXY", "http://PROXY:PORT"),),
                untried="fill in PROXY and PORT; only your network's administrators know them",
            ),
            fixes.ask_network_owner(f"which names programs may reach, and to allow {unresolved.name}"),
        ),
        perhaps="dns-filtered",
        side="network",
    )


def _known(case: Case) -> tuple[ev.KnownProxy, ...]:
    """Proxies that this machine knows, were asked, and did not let the request through."""
    asked = {one.proxy for one in case.recorded(Control.BY_PROXY, ev.Route)}
    return tuple(one for one in case.observations if isinstance(one, ev.KnownProxy) and one.proxy in asked)[:2]


def _catalogued(case: Case, host: str) -> bool:
    """Whether the host is one that the catalogue knows to serve data: it did exist when that was written."""
    entry = case.catalogue.by_url(case.subject.url)
    return entry is not None and entry[0].current and host == case.host


def dns_no_address(case: Case) -> Finding | None:
    """Holds when the name exists, and no address of the families asked for is found for it."""
    unresolved = dns.unresolved(case)
    if unresolved is None or unresolved.withheld:
        return None
    # RCODE 3 at the end of a chain of aliases denies the last name in it, not the first (RFC 6604 section 3).
    if any(not one.alias for one in unresolved.of("nxdomain")):
        return None
    answers = unresolved.of("addresses")
    if answers:
        only_ipv6 = all(":" in address for one in answers for address in one.addresses)
        return _only_ipv6(case, unresolved, answers) if only_ipv6 else None
    empty = unresolved.of("nodata", "nxdomain")
    if not empty and (unresolved.replies or unresolved.lookup.failure != Failure.NO_ANSWER):
        return None
    return _nothing_behind(case, unresolved, empty)


def _nothing_behind(case: Case, unresolved: dns.Unresolved, empty: tuple[dns.Reply, ...]) -> Finding:
    """The name is there, and no address: neither its own nor one behind its aliases."""
    name, gone = unresolved.name, any(one.kind == "nxdomain" for one in empty)
    certain = any(one.authority for one in empty) and unresolved.denied
    certain = certain and not (gone and (_catalogued(case, name) or case.proxied))
    alias = next((one.alias for one in empty if one.alias), "")
    what = f"is an alias of {alias}, which {'does not exist' if gone else 'has no address'}"
    return finding(
        f"the host {name} {what if alias else 'exists but has no address'}",
        "The name is known to the name service, but no usable address is filed under it. That is usually "
        "an alias whose bucket or delivery network has been given up, and only the host's owner can mend "
        "it.",
        unresolved.evidence,
        map(_without_address, empty),
        fixes=(
            fixes.other_sources(case),
            fixes.ask(
                "the host's owner",
                f"that {name} points to {alias}, and that nothing is there" if alias else f"that {name} has no address",
                verb="Tell",
                why="only the owner can mend it",
            ),
        ),
        unlike=bool(empty) and {"dns-nxdomain": f"{name} itself is not denied"},
        perhaps=not certain and "dns-filtered",
    )


def _without_address(reply: dns.Reply) -> str:
    who = f"name server {reply.server} answered"
    if not reply.alias:
        return f"{who} NOERROR without any A or AAAA record"
    end = "does not exist" if reply.kind == "nxdomain" else "has no A or AAAA record"
    return f"{who} that it is an alias, and that the last name behind it, {reply.alias}, {end}"


def _only_ipv6(case: Case, unresolved: dns.Unresolved, answers: tuple[dns.Reply, ...]) -> Finding:
    """The name has addresses, and the lookup did not ask for their kind."""
    return finding(
        f"the host {unresolved.name} has only IPv6 addresses, and IPv4 was asked for",
        "The name is known and has addresses, all of them IPv6. The lookup went without them, because it was told "
        "to take IPv4 alone: by `-4`, or by a program's or system's own setting. Nothing is wrong with the name.",
        unresolved.evidence,
        (f"name server {one.server} answered {listed(one.addresses)}" for one in answers),
        fixes=(
            Fix(
                title="Leave `-4` out, or the setting that asks for IPv4 alone",
                untried="which addresses are asked for is your choice",
            ),
            fixes.other_sources(case),
        ),
        unlike={"dns-nxdomain": "the name has addresses"},
        perhaps="tcp-ipv6-broken",
        side="you",
        retry="no",
    )


CAUSES: tuple[Cause, ...] = (
    cause(dns_nxdomain, needs=(Control.REACH, Control.RESOLVER, Control.NAMES)),
    cause(dns_no_address, needs=(Control.REACH, Control.RESOLVER)),
)
