"""Controls about names and routes: what this machine and its name servers say."""

from __future__ import annotations

from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.dns import ALLOW_LISTED
from mnistdoctor.examine.controls.base import ControlRequest
from mnistdoctor.probe import dns
from mnistdoctor.run import Recorder

MOST_NAMES = 3
"""Unrelated names that are looked up."""


def _failed_name(case: Case) -> str:
    lookup = case.last(ev.Lookup)
    return lookup.name if lookup is not None else case.host


def resolver(request: ControlRequest) -> None:
    """Each name server asked directly, and the one that `--resolver` names."""
    dns.explain(request.rec, _failed_name(request.case), request.run.settings.resolver)


def other_resolver(request: ControlRequest) -> None:
    """The name server that `--resolver` names, alone."""
    given = request.run.settings.resolver
    if given:
        dns.ask(request.rec, _failed_name(request.case), (dns.server_of(given),))


def hosts_file(request: ControlRequest) -> None:
    """The line of the hosts file that decides."""
    dns.hosts_file(request.rec, _failed_name(request.case))


def reach(request: ControlRequest) -> None:
    """The kernel's word on routes out."""
    dns.reach(request.rec)


def target_name(request: ControlRequest) -> None:
    """The target's own name, which a proxy looked up, or would have."""
    case = request.case
    dns.resolve(request.rec, case.host, case.address.port if case.address else 443)


def names(request: ControlRequest) -> None:
    """Unrelated names, and two that a network with an allow list mostly lets pass."""
    settings = request.run.settings
    hosts = [urlsplit(url).hostname or "" for url in (*settings.tls_controls, *settings.portal_controls)]
    allowed = () if settings.controls else ALLOW_LISTED
    request.side_by_side((*tuple(dict.fromkeys(hosts))[:MOST_NAMES], *allowed), _look_up)


def _look_up(_request: ControlRequest, own: Recorder, host: str) -> None:
    dns.resolve(own, host, 443)
