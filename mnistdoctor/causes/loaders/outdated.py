"""Loaders whose own addresses are the fault: an old release's, and those to which the Hub sends for its data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Loader, release_key
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.dns.answers import hosts_line
from mnistdoctor.causes.dns.names import DENIED, failed_lookup, withheld
from mnistdoctor.causes.facts import dns as replies
from mnistdoctor.causes.facts.body import brought, in_place_of_data
from mnistdoctor.causes.facts.marks import convincing, made_by_proxy, matching
from mnistdoctor.causes.fixes import ask, download, parts, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_GONE = (403, 404, 410)
_NO_PEER = (Failure.REFUSED, Failure.TIMEOUT, Failure.HOST_UNREACHABLE)
_BROKEN = (
    Failure.TIMEOUT, Failure.REFUSED, Failure.RESET, Failure.EOF, Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE, Failure.NXDOMAIN, Failure.DNS_TEMPORARY, Failure.DNS_SERVFAIL, Failure.DNS_REFUSED,
    Failure.NO_ANSWER, Failure.TUNNEL,
)  # fmt: skip
_TRANSFER_HOSTS = re.compile(r"(^|\.)xethub(-\w+)?\.hf\.co$|^cdn-lfs[\w-]*\.(hf|huggingface)\.co$|(^|\.)cdn\.hf\.co$")
"""Where the Hub keeps content, as it says itself: https://huggingface.co/.well-known/meta.json (`lfsDomains`,
`cdnDomains`), and the older LFS hosts below huggingface.co."""


def fw_url_stale(case: Case) -> Finding | None:
    loader, release = case.loader, case.subject.release
    if loader is None or release is None or release_key(release) >= release_key(loader.newest_release):
        return None
    gone = _gone(case)
    newer = _newer(case, _own(case, loader, release), left_there=gone is not None and gone.page)
    if not newer:
        return None
    bad = gone or _dead(case)
    if bad is None or _by_hosts_file(case):
        return None
    working = next((url for url in newer if brought(case, Control.OTHER_SOURCE, url)), None)
    return _old(case, loader, release, bad, working) if working else None


def _own(case: Case, loader: Loader, release: str) -> tuple[str, ...]:
    """Where the installed release asks for it, over all its datasets, in its order; a call of an API has one place."""
    plans = [loader.plan(dataset.name, release) for dataset in loader.datasets]
    if case.subject.file is None:
        return tuple(url for plan in plans for url in plan.requests if url == case.subject.url)
    files = [one for plan in plans for one in plan.files if one.file.id == case.subject.file]
    return tuple(url for one in files for _, url in one.sources)


def _newer(case: Case, own: tuple[str, ...], *, left_there: bool) -> list[str]:
    """What the newest release asks and the installed one does not know.

    Or has not come to: a status sends a loader on to its next mirror, a page under success mostly does not.
    """
    asked, newest = case.subject.url, case.newest_sources()
    if asked not in own:
        return []
    if not left_there:
        return [url for url in newest if url not in own]
    first = newest[: newest.index(asked)] if asked in newest else newest
    return [url for url in first if url not in own[: own.index(asked)]]


def _old(case: Case, loader: Loader, release: str, bad: _Bad, working: str) -> Finding:
    host, call = parts(working).hostname, case.subject.file is None
    newest = f"{loader.title} {loader.newest_release}"
    place = Fix(
        title=f"Take the same file from {host}, into the current folder",
        commands=(download(case, working),),
        change=Change(url=working),
    )
    return Finding(
        title=f"{loader.title} {release} asks an address that is no longer good ({bad.said}); newer releases ask "
        "another",
        explanation=(
            f"The address is built into the installed release. {newest} asks {host} for the same"
            f"{'' if call else ' file'}, and that {'answered' if call else 'served it'} in this run. Repeating will "
            "not help; the other address will."
        ),
        evidence=(
            f"{loader.title} {release} is installed; {loader.newest_release} is the newest that is known here",
            f"{case.subject.url}: {bad.said}",
            f"GET {working} {'was answered' if call else 'brought the file'}",
        ),
        certain=bad.otherwise is None,
        also_possible=(bad.otherwise,) if bad.otherwise else (),
        fixes=(
            Fix(
                title=f"Upgrade {loader.title}",
                commands=(Command(f"python -m pip install --upgrade {loader.distributions[0]}"),),
                untried="the examination does not change what is installed",
            ),
            *(() if call else (place,)),
        ),
        ruled_out=(
            (("http-404-moved", "the newest release asks another address, which serves the file"),)
            if case.status in (404, 410)
            else ()
        ),
    )


@dataclass(frozen=True, slots=True)
class _Bad:
    """How the old address failed."""

    said: str
    otherwise: str | None = None
    """What it would be if this network, and not the address, were at fault; None where the address itself answered."""
    page: bool = False
    """Whether it answered with success, and a web page."""


def _gone(case: Case) -> _Bad | None:
    """The address answered, and not with the file."""
    exchange = case.exchange
    if exchange is None or _by_filter(exchange, case):
        return None
    if case.status in _GONE:
        return _Bad(f"status {case.status}")
    page = case.content is not None and case.content.what == "html" and in_place_of_data(case) is not None
    return _Bad("a web page", page=True) if page else None


def _dead(case: Case) -> _Bad | None:
    """Nobody is there any more; a firewall that knows this one host would look the same. May raise `OpenQuestion`."""
    lookup = failed_lookup(case)
    if lookup is not None and lookup.failure in DENIED:
        heard = replies.replies(case, lookup.name)
        hidden = withheld(heard) or any(one.addresses for one in heard)
        return None if hidden else _Bad(f"the host {lookup.name} is not to be found", "dns-filtered")
    connect = case.stopped(ev.Connect, *_NO_PEER)
    if connect is None or connect.peer != "origin" or case.by_proxy or not replies.is_public(connect.address):
        return None
    return _Bad(f"{connect.name or case.host} port {connect.port}: {_words(connect)}", "tcp-filtered")


def _by_hosts_file(case: Case) -> bool:
    """Whether a line on this machine, and no name server, led there. May raise `OpenQuestion`."""
    found = case.last(ev.Lookup)
    if found is None or found.failure:
        return False
    return bool(case.ask(Control.HOSTS_FILE, ev.HostsFile)) and hosts_line(case) is not None


def _words(record: ev.Observation) -> str:
    return shortened(record.detail) or record.failure or "it failed"


# --- the Hub's own transfer hosts -------------------------------------------------------------------------------


def fw_xet_path_blocked(case: Case) -> Finding | None:
    first = next(iter(case.all(ev.Exchange, hop=0)), None)
    if case.hop == 0 or first is None or not _is_hub(case, first) or not _TRANSFER_HOSTS.search(case.host):
        return None
    stop = case.stopped_by
    if stop is None or not _blocked(case, stop) or _by_hosts_file(case):
        return None
    hub, host = parts(first.url).hostname, case.host
    return Finding(
        title=f"{hub} answers, but {host}, from which it sends the data, cannot be reached from here",
        explanation=(
            f"The Hub keeps descriptions of files on {hub} and their content on other hosts, and redirects to them. A "
            "firewall or a proxy that lets the first one through and not the second looks like a broken download: the "
            "listing works, the transfer does not. The Hub's own fast client (Xet) also brings its own TLS and proxy "
            "rules, which Python's variables do not reach."
        ),
        evidence=(
            f"{hub} answered with {first.status} and sent the client to {host}",
            f"{host}: {_words(stop)}",
        ),
        certain=False,
        also_possible=(_runner_up(stop),),
        fixes=(
            ask("who runs the network", f"to allow {host}, or the whole of `*.hf.co`, beside {hub}"),
            Fix(
                title="For now, let the library use plain HTTPS for the transfer",
                commands=(set_variable(case, "HF_HUB_DISABLE_XET", "1"),),
                untried="the plain way may lead to the same host",
            ),
        ),
        ruled_out=(("http-403-gated", f"{hub} gave the file's address without asking for a token"),),
    )


def _is_hub(case: Case, first: ev.Exchange) -> bool:
    host = parts(first.url).hostname or ""
    return (case.subject.loader == "huggingface" or host == "huggingface.co") and bool(first.location)


def _blocked(case: Case, stop: ev.Observation) -> bool:
    if isinstance(stop, (ev.Lookup, ev.Connect)):
        return stop.peer == "origin" and stop.failure in _BROKEN
    if isinstance(stop, ev.Handshake):
        return stop.peer == "origin" and stop.failure in (Failure.TIMEOUT, Failure.RESET, Failure.EOF)
    if isinstance(stop, ev.Tunnel):
        return stop.status is not None and stop.status != 407
    return isinstance(stop, ev.Exchange) and stop.status == 403 and _by_filter(stop, case)


def _by_filter(answer: ev.Exchange, case: Case) -> bool:
    """Whether a proxy or a filter made the answer, and not the host."""
    text = case.transfer.text if case.transfer else ""
    sent = (mark for hop in case.all(ev.Exchange) for mark in matching(hop, "", "filter"))  # their Location
    marks = (*matching(answer, text, "filter", host=case.host), *sent)
    return made_by_proxy(answer, text) is not None or convincing(marks) is not None


def _runner_up(stop: ev.Observation) -> str:
    """What the same failure would be called at any other host."""
    if isinstance(stop, ev.Lookup):
        return "dns-filtered"
    if isinstance(stop, ev.Connect):
        return "tcp-filtered"
    if isinstance(stop, ev.Handshake):
        return "tls-sni-blocked"
    if isinstance(stop, ev.Tunnel):
        return "proxy-upstream-failed" if (stop.status or 0) >= 500 else "proxy-connect-denied"
    return "http-403-corporate-filter"


CAUSES: tuple[Cause, ...] = (
    cause(
        fw_url_stale,
        needs=(Control.HOSTS_FILE, Control.RESOLVER, Control.OTHER_SOURCE),
    ),
    cause(fw_xet_path_blocked, needs=(Control.HOSTS_FILE,)),
)
