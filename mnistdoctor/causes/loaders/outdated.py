"""Loaders whose own addresses are the fault: an old release's, and those to which the Hub sends for its data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import release_key
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import dns, pages
from mnistdoctor.causes.facts.addresses import is_public
from mnistdoctor.causes.facts.expected import served_by
from mnistdoctor.causes.facts.marks import convincing, made_by_proxy, matching
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, same_file, set_variable, upgrade
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_GONE = (403, 404, 410)
_NO_PEER = (Failure.REFUSED, Failure.TIMEOUT, Failure.HOST_UNREACHABLE)
_BROKEN = (
    *_NO_PEER,
    Failure.RESET,
    Failure.EOF,
    Failure.NETWORK_UNREACHABLE,
    Failure.NXDOMAIN,
    Failure.DNS_TEMPORARY,
    Failure.DNS_SERVFAIL,
    Failure.DNS_REFUSED,
    Failure.NO_ANSWER,
    Failure.TUNNEL,
)
_TRANSFER_HOSTS = re.compile(r"(^|\.)xethub(-\w+)?\.hf\.co$|^cdn-lfs[\w-]*\.(hf|huggingface)\.co$|(^|\.)cdn\.hf\.co$")
"""Where the Hub keeps content, as it says itself: https://huggingface.co/.well-known/meta.json (`lfsDomains`,
`cdnDomains`), and the older LFS hosts below huggingface.co."""


def fw_url_stale(case: Case) -> Finding | None:
    """Holds when an old release's address is no longer good, and the one that the newest release asks is."""
    loader, release, call = case.loader, case.subject.release, case.subject.file is None
    if loader is None or release is None or release_key(release) >= release_key(loader.newest_release):
        return None
    gone = _gone(case)
    newer = _newer_addresses(case, left_there=gone is not None and gone.page)
    old = (gone or _dead(case)) if newer else None
    if old is None or _by_hosts_file(case):
        return None
    working = next((url for url in newer if served_by(case, Control.OTHER_SOURCE, url)), None)
    if working is None:
        return None
    host, newest = split_url(working).hostname, loader.newest_release
    place = None if call else same_file(case, working)
    return finding(
        f"{loader.title} {release} asks an address that is no longer good ({old.end}); newer releases ask another",
        f"The address is built into the installed release. {loader.title} {newest} asks {host} for the same"
        f"{'' if call else ' file'}, and that {'answered' if call else 'served it'} in this run. Repeating will not "
        "help; the other address will.",
        f"{loader.title} {release} is installed; {newest} is the newest that is known here",
        f"{case.subject.url}: {old.end}",
        f"GET {working} {'was answered' if call else 'brought the file'}",
        fixes=(upgrade(case, loader, f"Upgrade {loader.title}"), place),
        unlike=case.status in (404, 410)
        and {"http-404-moved": "the newest release asks another address, which serves the file"},
        perhaps=old.perhaps,
    )


def _newer_addresses(case: Case, *, left_there: bool) -> list[str]:
    """What the newest release asks and the installed one does not know.

    Or has not come to: a status sends a loader on to its next mirror, a page under success (`left_there`) mostly not.
    """
    asked, own, newest = case.subject.url, _own_addresses(case), case.newest_sources()
    if asked not in own:
        return []
    if not left_there:
        return [url for url in newest if url not in own]
    first = newest[: newest.index(asked)] if asked in newest else newest
    return [url for url in first if url not in own[: own.index(asked)]]


def _own_addresses(case: Case) -> tuple[str, ...]:
    """Where the installed release asks for it, over all its datasets, in its order; a call of an API has one place."""
    loader = case.loader
    plans = [loader.plan(dataset.name, case.subject.release) for dataset in loader.datasets] if loader else []
    if case.subject.file is None:
        return tuple(url for plan in plans for url in plan.requests if url == case.subject.url)
    files = [one for plan in plans for one in plan.files if one.file.id == case.subject.file]
    return tuple(url for one in files for _, url in one.sources)


@final
@dataclass(frozen=True, slots=True)
class _Old:
    """How the old address failed."""

    end: str
    """What it ended with, in words."""
    perhaps: str = ""
    """What it would be if this network, and not the address, were at fault; empty where the address itself answered."""
    page: bool = False
    """Whether it answered with success, and a web page."""


def _gone(case: Case) -> _Old | None:
    """The address answered, and not with the file."""
    exchange = case.exchange
    if exchange is None or _by_filter(case, exchange):
        return None
    if case.status in _GONE:
        return _Old(f"status {case.status}")
    page = pages.html_in_place_of_data(case)
    return _Old("a web page", page=True) if page else None


def _dead(case: Case) -> _Old | None:
    """Nobody is there any more; a firewall that knows this one host would look the same. May raise `OpenQuestion`."""
    lookup = dns.failed_lookup(case)
    if lookup is not None and lookup.failure in dns.DENIED:
        replies = dns.replies(case, lookup.name)
        hidden = dns.is_withheld(replies) or any(one.addresses for one in replies)
        return None if hidden else _Old(f"the host {lookup.name} is not to be found", "dns-filtered")
    connect = case.stopped(ev.Connect, *_NO_PEER)
    if connect is None or connect.peer != "origin" or case.proxied or not is_public(connect.address):
        return None
    return _Old(f"{connect.name or case.host} port {connect.port}: {_end(connect)}", "tcp-filtered")


def _by_hosts_file(case: Case) -> bool:
    """Whether a line on this machine, and no name server, led there. May raise `OpenQuestion`."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.failure:
        return False
    return dns.hosts_line(case) is not None


def _end(record: ev.Observation) -> str:
    return shortened(record.detail) or record.failure or "it failed"


def fw_xet_path_blocked(case: Case) -> Finding | None:
    """Holds when the Hub answers and sends to a transfer host of its own, which cannot be reached from here."""
    first = next(iter(case.all(ev.Exchange, hop=0)), None)
    if case.hop == 0 or first is None or not _is_hub(case, first) or not _TRANSFER_HOSTS.search(case.host):
        return None
    stop = case.stopped_by
    runner_up = _usual_cause(case, stop)
    if stop is None or runner_up is None or _by_hosts_file(case):
        return None
    hub, host = split_url(first.url).hostname, case.host
    return finding(
        f"{hub} answers, but {host}, from which it sends the data, cannot be reached from here",
        f"The Hub keeps descriptions of files on {hub} and their content on other hosts, and redirects to them. A "
        "firewall or a proxy that lets the first one through and not the second looks like a broken download: the "
        "listing works, the transfer does not. The Hub's own fast client (Xet) also brings its own TLS and proxy "
        "rules, which Python's variables do not reach.",
        f"{hub} answered with {first.status} and sent the client to {host}",
        f"{host}: {_end(stop)}",
        fixes=(
            ask("who runs the network", f"to allow {host}, or the whole of `*.hf.co`, beside {hub}"),
            Fix(
                title="For now, let the library use plain HTTPS for the transfer",
                commands=(set_variable(case, "HF_HUB_DISABLE_XET", "1"),),
                untried="the plain way may lead to the same host",
            ),
        ),
        unlike={"http-403-gated": f"{hub} gave the file's address without asking for a token"},
        perhaps=runner_up,
    )


def _is_hub(case: Case, first: ev.Exchange) -> bool:
    host = split_url(first.url).hostname or ""
    return (case.subject.loader == "huggingface" or host == "huggingface.co") and bool(first.location)


def _usual_cause(case: Case, stop: ev.Observation | None) -> str | None:
    """What the same end would be called at any other host; None for one that is no sign of a blocked host."""
    match stop:
        case ev.Lookup(peer="origin") if stop.failure in _BROKEN:
            return "dns-filtered"
        case ev.Connect(peer="origin") if stop.failure in _BROKEN:
            return "tcp-filtered"
        case ev.Handshake(peer="origin", failure=Failure.TIMEOUT | Failure.RESET | Failure.EOF):
            return "tls-sni-blocked"
        case ev.Tunnel(status=int(status)) if status != 407:
            return "proxy-upstream-failed" if status >= 500 else "proxy-connect-denied"
        case ev.Exchange(status=403) if _by_filter(case, stop):
            return "http-403-corporate-filter"
    return None


def _by_filter(case: Case, answer: ev.Exchange) -> bool:
    """Whether a proxy or a filter made the answer, and not the host."""
    text = case.transfer.text if case.transfer else ""
    sent = (mark for hop in case.all(ev.Exchange) for mark in matching(hop, "", "filter"))  # their Location
    marks = (*matching(answer, text, "filter", host=case.host), *sent)
    return made_by_proxy(answer, text) is not None or convincing(marks) is not None


CAUSES: tuple[Cause, ...] = (
    cause(fw_url_stale, needs=(Control.HOSTS_FILE, Control.RESOLVER, Control.OTHER_SOURCE)),
    cause(fw_xet_path_blocked, needs=(Control.HOSTS_FILE,)),
)
