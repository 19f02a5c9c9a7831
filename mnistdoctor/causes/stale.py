"""Loaders whose own addresses are the fault: an old release's, and those to which the Hub sends for its data."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Loader, release_key
from mnistdoctor.causes.base import Case, Cause, Change, Command, Finding, Fix
from mnistdoctor.causes.length.expected import in_place_of_data
from mnistdoctor.causes.marks import made_by_proxy
from mnistdoctor.causes.proxy import words
from mnistdoctor.causes.remedies import download, parts, set_variable, shortened
from mnistdoctor.failure import Failure

_GONE = (403, 404, 410)
_BROKEN = (
    Failure.TIMEOUT, Failure.REFUSED, Failure.RESET, Failure.EOF, Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE, Failure.NXDOMAIN, Failure.DNS_TEMPORARY, Failure.DNS_SERVFAIL, Failure.DNS_REFUSED,
    Failure.NO_ANSWER, Failure.TUNNEL,
)  # fmt: skip
_TRANSFER_HOSTS = re.compile(r"(^|\.)xethub\.hf\.co$|^cdn-lfs[\w-]*\.(hf\.co|huggingface\.co)$|^[\w.-]*\.cdn\.hf\.co$")
"""Where the Hub keeps content: https://huggingface.co/docs/hub/storage-backends, and its older LFS hosts."""


def _old_release(case: Case) -> Finding | None:
    loader, release = case.loader, case.subject.release
    if loader is None or release is None or case.subject.file is None:
        return None
    if release_key(release) >= release_key(loader.newest_release) or not _url_is_bad(case):
        return None
    newer = _urls(loader, case.subject.file, None) - _urls(loader, case.subject.file, release)
    if not newer:
        return None
    working = next(
        (one for one in case.control("other-source", ev.Exchange) if one.url in newer and _answers(one)), None
    )
    if working is None:
        return None
    said = f"status {case.status}" if case.status != 200 else "a web page"
    return Finding(
        title=f"{loader.title} {release} asks an address that is no longer good ({said}); newer releases ask another",
        explanation=(
            f"The address is built into the installed release. {loader.title} {loader.newest_release} fetches the same "
            f"file from {parts(working.url).hostname}, and that answered in this run. Nothing is wrong with your "
            "network, and repeating will not help."
        ),
        evidence=(
            f"{loader.title} {release} is installed; {loader.newest_release} is the newest that is known here",
            f"GET {case.subject.url} was answered with {said}",
            f"GET {working.url} was answered with {working.status}",
        ),
        fixes=(
            Fix(
                title=f"Upgrade {loader.title}",
                commands=(Command(f"python -m pip install --upgrade {loader.distributions[0]}"),),
                untried="the examination does not change what is installed",
            ),
            Fix(
                title=f"Or take the same file from {parts(working.url).hostname} and put it where the loader looks",
                commands=(download(case, working.url),),
                change=Change(url=working.url),
            ),
        ),
        ruled_out=(("http-404-moved", "the newest release asks another address, which answers"),),
    )


def _url_is_bad(case: Case) -> bool:
    if case.status in _GONE:
        exchange = case.exchange
        return exchange is not None and made_by_proxy(exchange, case.transfer.text if case.transfer else "") is None
    content = case.content
    return content is not None and content.what == "html" and in_place_of_data(case) is not None


def _urls(loader: Loader, file: str, release: str | None) -> set[str]:
    """Where a release of the loader would look for the file, over all its datasets."""
    return {
        url
        for dataset in loader.datasets
        for planned in loader.plan(dataset.name, release).files
        if planned.file.id == file
        for _, url in planned.sources
    }


def _answers(record: ev.Exchange) -> bool:
    return record.status is not None and record.status < 400 and not record.failure


# --- the Hub's own transfer hosts -------------------------------------------------------------------------------


def _transfer_blocked(case: Case) -> Finding | None:
    first = next(iter(case.all(ev.Exchange, hop=0)), None)
    if case.hop == 0 or first is None or not _is_hub(case, first) or not _TRANSFER_HOSTS.search(case.host):
        return None
    stop = case.stopped_by
    if stop is None or not _blocked(stop):
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
            f"{host}: {shortened(stop.detail) or stop.failure}",
        ),
        certain=False,
        also_possible=("tcp-filtered" if isinstance(stop, ev.Connect) else "dns-filtered",)
        if not isinstance(stop, ev.Tunnel)
        else ("proxy-connect-denied",),
        fixes=(
            words.ask_owner(f"Ask who runs the network to allow {host}, or the whole of `*.hf.co`, beside {hub}"),
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


def _blocked(stop: ev.Observation) -> bool:
    if isinstance(stop, (ev.Lookup, ev.Connect)):
        return stop.peer == "origin" and stop.failure in _BROKEN
    if isinstance(stop, ev.Handshake):
        return stop.peer == "origin" and stop.failure in (Failure.TIMEOUT, Failure.RESET, Failure.EOF)
    if isinstance(stop, ev.Tunnel):
        return stop.status is not None and stop.status not in (407,)
    return isinstance(stop, ev.Exchange) and stop.status == 403 and made_by_proxy(stop) is not None


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="fw-url-stale",
        side="framework",
        retry="no",
        summary="The installed release asks an address that newer releases no longer ask",
        story="""\
A download library carries the addresses of its datasets in its own code. MNIST's old home page has refused or lost
the files for years, and every library has moved away from it in some release; an older release still asks there and
gets a 403, a 404 or a web page.

It is told from `http-404-moved`, which holds for the newest release as well, and from `http-403-user-agent`, where
another name would be let in: the newest release's own address was asked in the same run, and answered.

Upgrade the library, or put checked files where it looks. Do not edit the installed package: the next upgrade or
colleague will not know.""",
        holds=_old_release,
    ),
    Cause(
        id="fw-xet-path-blocked",
        side="network",
        retry="no",
        summary="The Hub answers, and the hosts from which it sends the data are blocked",
        story="""\
The Hugging Face Hub answers for a file with a redirect to another host, where the content lies (`xethub.hf.co`, a
CDN). A network that allows huggingface.co alone lets the first request through and stops the second. The library says
that the connection broke, or stays silent.

It is told from `http-403-gated`, which fails at the first host, and from `tcp-filtered` and `proxy-connect-denied` in
general by the redirect that led there. It stays `likely`: from one place a blocked host and a dead one look alike.

Have those hosts allowed. Where TLS is re-signed, the root must be in the system's store, since the Hub's fast client
does not read Python's variables; `HF_HUB_DISABLE_XET=1` goes without that client for now. Do not switch verification
off.""",
        holds=_transfer_blocked,
    ),
)
