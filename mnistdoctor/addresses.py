"""IP addresses: the IPv4 address that one of IPv6 carries, and whether it is one of the internet at large."""

from __future__ import annotations

import ipaddress

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_NEVER_GLOBAL = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("fec0::/10"),
)
"""RFC 6890, RFC 8215, RFC 3879. Python's own tables know them in its newest releases only."""
_ANYCAST = tuple(map(ipaddress.IPv4Address, ("192.0.0.9", "192.0.0.10")))
"""The two addresses of 192.0.0.0/24 that are of the internet at large (RFC 7723, RFC 8155)."""


def carried(number: IP) -> IP:
    """The IPv4 address at which a packet for this one ends, where it is written into it; else the address itself.

    IPv4-mapped and -compatible (RFC 4291 section 2.5.5), NAT64 (RFC 6052), 6to4 (RFC 3056).
    """
    if isinstance(number, ipaddress.IPv4Address):
        return number
    if number in _NAT64 or (number in _COMPATIBLE and int(number) > 1):
        return ipaddress.IPv4Address(int(number) & 0xFFFF_FFFF)
    return number.ipv4_mapped or number.sixtofour or number


def is_global(address: str) -> bool:
    """Whether an address is neither loopback nor link-local nor private (IANA's special-purpose registries)."""
    number = carried(ipaddress.ip_address(address.partition("%")[0]))
    special = number not in _ANYCAST and any(number in one for one in _NEVER_GLOBAL)
    return number.is_global and not special and not number.is_multicast
