"""Which addresses are of the internet at large: what the guard on redirects and the rules of DNS go by."""

from __future__ import annotations

import pytest

from mnistdoctor.addresses import is_global
from mnistdoctor.causes.facts import addresses

INNER = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",
    "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.0.171",
    "::", "::1", "fe80::1", "fe80::1%2", "fd00::1", "fec0::1", "64:ff9b:1::1",
    "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "2002:a00:1::1", "2002:c0a8:101::",
)  # fmt: skip
OUTER = (
    "8.8.8.8", "192.0.0.9", "192.0.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses(address: str) -> None:
    assert not is_global(address)
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", OUTER)
def test_addresses_of_the_internet(address: str) -> None:
    assert is_global(address)
    assert addresses.is_public(address)


def test_no_packet_to_a_group_is_a_connection() -> None:
    assert not is_global("224.0.0.1")
    assert not is_global("ff0e::1")
