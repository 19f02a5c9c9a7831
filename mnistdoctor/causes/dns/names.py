"""Causes of a lookup that was answered with nothing: the name does not exist, or has no address."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns
from mnistdoctor.causes.facts.dns import DENIED, Reply, any_withheld, failed_lookup, unrelated_resolved
from mnistdoctor.causes.facts.known_proxies import location
from mnistdoctor.causes.facts.network import cut_off
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed


def dns_nxdomain(case: Case) -> Finding | None:
    """Holds when the name service was reached and denies the name itself."""
    stop = failed_lookup(case)
    if stop is None or cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    saying = [one for one in heard if one.said == "nxdomain"]
    # A name that is an alias exists, even where what it is an alias of does not: `dns-no-address`.
    if any_withheld(heard) or any(one.said == "addresses" or (one.alias and one in saying) for one in heard):
        return None
    if (heard and not saying) or (not heard and stop.failure != Failure.NXDOMAIN):
        return None
    well, ill = dns.other_names(case, stop.name)
    if ill and not well:
        return _nothing_known(case, stop, tuple(one.name for one in ill))
    authority = any(one.authority for one in saying)
    certain = authority and bool(well) and stop.failure in DENIED and not case.proxied
    certain = certain and not _catalogued(case, stop.name)
    proof = ", with the zone's SOA record as proof" if authority else ""
    return finding(
        f"the host {stop.name} does not exist",
        "The name service was reached and denies the name itself: there is no such host. Most often the "
        "host is misspelt or the project has moved; no setting of this machine brings the name back.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (f"name server {one.server} answered NXDOMAIN{proof}" for one in saying),
        unrelated_resolved(well),
        fixes=(
            _right_host(case, stop.name),
            fixes.other_sources(case),
            Fix(
                title="Check the host name letter by letter, and look up where the project keeps its downloads now",
                untried="only you know which host was meant",
            ),
        ),
        unlike=bool(saying) and {"dns-no-address": "the reply was NXDOMAIN, not an empty answer"},
        perhaps=not certain and _runners_up(case, asked=bool(heard)),
        certain=certain,
    )


def _right_host(case: Case, host: str) -> tuple[Fix, ...]:
    """The catalogue's URL whose host this one was probably meant to be."""
    near = case.catalogue.nearest(case.subject.url) if host == case.host and case.hop == 0 else None
    meant = split_url(near.url).hostname if near else None
    if near is None or meant is None or meant == host:
        return ()
    return (
        Fix(
            title=f"Use the right host: {meant} for {host}",
            commands=(fixes.download(case, near.url),),
            change=Change(url=near.url),
        ),
    )


def _nothing_known(case: Case, stop: ev.Lookup, others: tuple[str, ...]) -> Finding:
    """Every outside name is denied: that says more of this network than of the one host."""
    return finding(
        f"this network's name server knows no outside name, {stop.name} among them",
        "The name server answers, and denies unrelated names of the internet as well. Networks that let programs "
        "out only through a proxy do that: the proxy looks names up, and this program was told of no proxy. A "
        "closed laboratory or a filter looks the same.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        f"unrelated names are denied as well: {listed(others)}",
        (f"{location(one)} names the proxy {one.proxy}, and it did not open the way just now" for one in _known(case)),
        fixes=Fix(
            title="Ask your network's administrators for the proxy, and set it for this program",
            commands=(fixes.set_variable(case, "HTTPS_PROXY", "http://PROXY:PORT"),),
            untried="fill in PROXY and PORT; only your network's administrators know them",
        ),
        perhaps="dns-filtered",
        side="network",
    )


def _known(case: Case) -> tuple[ev.KnownProxy, ...]:
    """Proxies that this machine knows, were asked, and did not let the request through."""
    asked = {one.proxy for one in case.observations if isinstance(one, ev.Route) and one.control == Control.BY_PROXY}
    found = [one for one in case.observations if isinstance(one, ev.KnownProxy) and one.proxy in asked]
    return tuple(found[:2])


def _runners_up(case: Case, *, asked: bool) -> tuple[str, ...]:
    local = ("proxy-socks-dns-local",) if case.proxied else ()
    return (*local, *(() if asked else ("dns-no-address",)), "dns-filtered")


def _catalogued(case: Case, host: str) -> bool:
    """Whether the host is one that the catalogue knows to serve data: it did exist when that was written."""
    near = case.catalogue.by_url(case.subject.url)
    return near is not None and near[0].current and host == case.host


def dns_no_address(case: Case) -> Finding | None:
    """Holds when the name exists, and no address of the families asked for is found for it."""
    stop = failed_lookup(case)
    if stop is None or cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    # RCODE 3 at the end of a chain of aliases denies the last name in it, not the first (RFC 6604 section 3).
    empty = [one for one in heard if one.said == "nodata" or (one.said == "nxdomain" and one.alias)]
    other = [one for one in heard if one.said == "addresses"]
    only_six = bool(other) and all(":" in address for one in other for address in one.addresses)
    if any_withheld(heard) or any(one.said == "nxdomain" and one not in empty for one in heard):
        return None
    if (other and not only_six) or (heard and not empty and not only_six):
        return None
    if not heard and stop.failure != Failure.NO_ANSWER:
        return None
    return _six_alone(case, stop, other) if only_six else _nothing_behind(case, stop, empty)


def _nothing_behind(case: Case, stop: ev.Lookup, empty: list[Reply]) -> Finding:
    """The name is there, and no address: neither its own nor one behind its aliases."""
    gone = any(one.said == "nxdomain" for one in empty)
    certain = any(one.authority for one in empty) and stop.failure in DENIED
    certain = certain and not (gone and (_catalogued(case, stop.name) or case.proxied))
    alias = next((one.alias for one in empty if one.alias), "")
    what = f"is an alias of {alias}, which {'does not exist' if gone else 'has no address'}"
    return finding(
        f"the host {stop.name} {what if alias else 'exists but has no address'}",
        "The name is known to the name service, but no usable address is filed under it. That is usually "
        "an alias whose bucket or delivery network has been given up, and only the host's owner can mend "
        "it.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (_without(one) for one in empty),
        fixes=(
            fixes.other_sources(case),
            Fix(
                title=f"Tell the host's owner that {stop.name} "
                + (f"points to {alias}, and that nothing is there" if alias else "has no address"),
                untried="only the owner can mend it",
            ),
        ),
        unlike=bool(empty) and {"dns-nxdomain": f"{stop.name} itself is not denied"},
        perhaps=not certain and "dns-filtered",
    )


def _without(one: Reply) -> str:
    if not one.alias:
        return f"name server {one.server} answered NOERROR without any A or AAAA record"
    end = "does not exist" if one.said == "nxdomain" else "has no A or AAAA record"
    return (
        f"name server {one.server} answered that it is an alias, and that the last name behind it, {one.alias}, {end}"
    )


def _six_alone(case: Case, stop: ev.Lookup, other: list[Reply]) -> Finding:
    """The name has addresses, and the lookup did not ask for their kind."""
    return finding(
        f"the host {stop.name} has only IPv6 addresses, and IPv4 was asked for",
        "The name is known and has addresses, all of them IPv6. The lookup went without them, because it was told "
        "to take IPv4 alone: by `-4`, or by a program's or system's own setting. Nothing is wrong with the name.",
        f"the system's lookup of {stop.name} ended with {stop.code or stop.failure}",
        (f"name server {one.server} answered {listed(one.addresses)}" for one in other),
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
    cause(
        dns_nxdomain,
        needs=(Control.REACH, Control.RESOLVER, Control.NAMES),
    ),
    cause(
        dns_no_address,
        needs=(Control.REACH, Control.RESOLVER),
    ),
)
