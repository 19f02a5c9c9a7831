"""IP addresses and host names: whether they can be those of a public host, of this machine, or of an inner network."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from mnistdoctor.addresses import IP, carried
from mnistdoctor.causes.case import Case

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*networks: str) -> tuple[Network, ...]:
    return tuple(map(ipaddress.ip_network, networks))


_SINKS = _networks("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128")
"""Loopback, "this network" and the unspecified address (RFC 1122 section 3.2.1.3, RFC 4291): no public host."""
_PRIVATE = _networks(
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/29", "192.0.0.8/32",
    "192.0.0.170/31", "fc00::/7", "fe80::/10", "fec0::/10", "64:ff9b:1::/48",
)  # fmt: skip
"""RFC 1918, RFC 6598, RFC 3927, RFC 7335, RFC 7600, RFC 7050, RFC 4193, RFC 4291, RFC 3879, RFC 8215."""
_LOCAL_LABELS = re.compile(r"\.(localhost|local|internal|intranet|lan|home|corp|private|test|invalid|home\.arpa)\Z")
"""Top labels that no public zone serves (RFC 6761, RFC 6762, RFC 8375, and those ICANN keeps back)."""
COLLISION = "127.0.53.53"
"""ICANN's mark for a name that collides with a new top-level domain."""


def ip(address: str) -> IP | None:
    """The address as a number; None where it is none. An IPv4 address in IPv6's clothes is taken as IPv4."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return mapped or number


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    number = ip(address)
    return number is not None and any(carried(number) in one for one in networks)


def is_sink(address: str) -> bool:
    """Whether nothing but this machine itself can be there."""
    return _within(address, _SINKS)


def is_private(address: str) -> bool:
    """Whether the address means something within one network only."""
    return _within(address, _PRIVATE)


def is_public(address: str) -> bool:
    """Whether it is an address of the internet at large."""
    return ip(address) is not None and not is_sink(address) and not is_private(address)


def is_loopback(address: str) -> bool:
    """Whether it is this machine's own."""
    number = ip(address)
    return number is not None and number.is_loopback


def is_unspecified(address: str) -> bool:
    """Whether it is 0.0.0.0 or ::, which nobody publishes for a host that is meant to be found."""
    number = ip(address)
    return number is not None and number.is_unspecified


def is_near(server: str) -> bool:
    """Whether a name server runs on this very machine (a stub, a container's own): it answers without a route."""
    number = ip(server.rpartition(":")[0] if server.count(":") == 1 else server)
    return number is not None and (number.is_loopback or number.is_link_local)


def public_name(host: str) -> bool:
    """Whether a host may be expected in the public DNS: no address, with a dot, under no local top label."""
    name = host.lower().rstrip(".")
    return ip(name) is None and "." in name and not _LOCAL_LABELS.search(name)


def known_public(case: Case, host: str) -> bool:
    """Whether the catalogue knows this host: a public one, unlike the mirror that an organisation runs inside."""
    name = host.lower().rstrip(".")
    urls = (url for source in case.catalogue.sources if source.priority == "normal" for _, url in source.urls)
    return any(urlsplit(url).hostname == name for url in urls)
