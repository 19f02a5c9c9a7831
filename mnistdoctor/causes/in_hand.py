"""The data in hand: whatever the cause, the same file from another place that is known to have it."""

from __future__ import annotations

import dataclasses

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts.expected import served_by
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.fixes import other_urls, same_file

MOST = 3
"""Places that are offered, and tried one after the other until the file arrives."""

_FORBIDDEN = frozenset(
    {
        "proxy-connect-denied",
        "proxy-size-or-type-limit",
        "proxy-auth-required",
        "proxy-auth-wrong",
        "proxy-auth-negotiate",
        "http-451-legal",
        "http-403-corporate-filter",
        "body-block-page",
        "tls-block-page-certificate",
    }
)
"""Somebody who may do so has said no to this file, or wants to know who asks: it is not fetched behind his back."""

_NOT_FROM_HERE = frozenset(
    {
        "env-no-sockets",
        "tls-module-missing",
        "checksum-md5-unavailable",
        "disk-permission",
        "disk-full",
        "cache-concurrent-writers",
        "notebook-internet-disabled",
        "env-no-network-link",
        "captive-portal",
        "cluster-node-no-egress",
        "proxy-env-credentials-unencoded",
        "proxy-env-malformed",
        "proxy-socks-support-missing",
        "proxy-env-stale",
        "proxy-dns-failure",
        "proxy-env-https-scheme",
        "proxy-unreachable",
        "tls-clock-wrong",
    }
)
"""Nothing arrives on this machine, by this route, or nothing can be kept: every other place fails in the same way."""


def with_data_in_hand(case: Case, cause: str, finding: Finding) -> Finding:
    """The finding with the file's other places as its last fixes, best first, where they may help.

    Not those that the rule offers itself, nor those that did not serve the file in this run.
    """
    if cause in _FORBIDDEN or cause in _NOT_FROM_HERE or _nothing_answers(case):
        return finding
    offered = {fix.change.url for fix in finding.fixes if fix.change}
    room = MOST - sum(fix.in_hand for fix in finding.fixes)
    last = tuple(same_file(case, url) for url in _places(case) if url not in offered)[: max(0, room)]
    fixes = sorted((*finding.fixes, *last), key=lambda fix: fix.in_hand)
    return dataclasses.replace(finding, fixes=tuple(fixes))


def _nothing_answers(case: Case) -> bool:
    """Whether hosts that have nothing to do with the file were asked in this run, and not one was found."""
    return none_of(case.recorded(Control.NAMES, ev.Lookup)) or none_of(case.recorded(Control.UNRELATED_TLS, ev.Connect))


def _places(case: Case) -> list[str]:
    """Other places, those at other hosts first: what ails a host mostly ails all of it."""
    asked = {one.url for one in case.recorded(Control.OTHER_SOURCE, ev.Address) if one.hop == 0}
    known = [url for url in other_urls(case) if url not in asked or served_by(case, Control.OTHER_SOURCE, url)]
    return sorted(known, key=lambda url: split_url(url).hostname == case.host)
