"""What the rules of TCP offer to do."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tcp import OtherHosts
from mnistdoctor.causes.facts.urls import split_url


def open_sources(case: Case, others: OtherHosts) -> tuple[Fix, ...]:
    """Other sources at ports that the network leaves open."""
    ports = {one.port for one in others.connected}
    return tuple(fix for fix in fixes.other_sources(case) if fix.change and _port(fix.change.url or "") in ports)


def _port(url: str) -> int:
    parts = split_url(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def ask_for_proxy() -> Fix:
    """Where the network closes a port to everybody, it mostly wants a proxy to be used."""
    return fixes.ask_network_owner("which proxy programs have to use here", why="only the network's owner can tell")
