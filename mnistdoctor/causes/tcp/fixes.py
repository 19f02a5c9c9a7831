"""What the rules of TCP offer to do."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Fix
from mnistdoctor.causes.facts.tcp import (
    Attempts,
    Others,
)
from mnistdoctor.causes.facts.urls import split_url


def sources(case: Case, others: Others, *, closed: bool) -> tuple[Fix, ...]:
    """Other sources; where the network closes a port, only those behind another one that is open."""
    if not closed:
        return fixes.other_sources(case)
    open_ports = {one.port for one in others.stood}
    return tuple(fix for fix in fixes.other_sources(case) if fix.change and _port(fix.change.url or "") in open_ports)


def _port(url: str) -> int:
    parts = split_url(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def ask_owner(tried: Attempts, *, closed: bool) -> Fix:
    """The network's owner is the one to ask."""
    if closed:
        title = "Ask the network's owner which proxy programs have to use here"
        return Fix(title=title, untried="only the network's owner can tell")
    title = f"Ask the network's owner to allow {tried.host} port {tried.port}"
    return Fix(title=title, untried="only the network's owner can do that")
