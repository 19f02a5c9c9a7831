"""Whether the URL of a pasted text may be examined: a text is a stranger's, and must not steer what is asked."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from mnistdoctor.catalogue import Catalogue


def forbidden(url: str, catalogue: Catalogue, *, asked: bool) -> str | None:
    """Why this URL is not examined, as a clause; None where it may be.

    Without being `asked` for, only what the catalogue knows: its URLs, and the hosts of its sources and loaders.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return "it cannot be read as a URL"
    if parts.scheme not in ("http", "https") or not host:
        return "it is no http or https URL"
    if "@" in parts.netloc:
        return "it holds a user name or a password"
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or _is_local(host):
        return "it leads to this machine or its own network"
    if asked or host in _known_hosts(catalogue):
        return None
    return "it is no address that a known loader asks"


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return host.replace(".", "").isdigit() or host.startswith("0x")  # other spellings of an IPv4 address


def _known_hosts(catalogue: Catalogue) -> frozenset[str]:
    urls = [url for file in catalogue.files for _, url in catalogue.sources_of(file.id, current_only=False)]
    for loader in catalogue.loaders:
        for dataset in loader.datasets:
            plan = loader.plan(dataset.name)
            urls += [*plan.requests, *(url for planned in plan.files for _, url in planned.sources)]
    return frozenset(filter(None, (urlsplit(url).hostname for url in urls)))
