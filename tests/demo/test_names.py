"""The scenes' name service answers as glibc does."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from mnistdoctor.demo.faults_dns import DnsServer
from mnistdoctor.demo.names import DemoNames
from tests.faults import dns as rules

if TYPE_CHECKING:
    from mnistdoctor.demo.faults_dns import Rule

BOTH = rules.addresses("127.0.0.1", "::1")
NODATA = getattr(socket, "EAI_NODATA", socket.EAI_NONAME)


@pytest.mark.parametrize(
    ("rule", "family", "wanted"),
    [
        (BOTH, socket.AF_UNSPEC, ("127.0.0.1", "::1")),
        (BOTH, socket.AF_INET, ("127.0.0.1",)),
        (BOTH, socket.AF_INET6, ("::1",)),
        (rules.addresses("127.0.0.2", "127.0.0.1"), socket.AF_UNSPEC, ("127.0.0.2", "127.0.0.1")),
        (rules.records("CNAME www.demo.", "A 127.0.0.3"), socket.AF_INET, ("127.0.0.3",)),
        (rules.truncated(BOTH), socket.AF_UNSPEC, ("127.0.0.1", "::1")),
        (rules.by_type({"A": BOTH, "AAAA": rules.silence}), socket.AF_UNSPEC, ("127.0.0.1",)),
    ],
)
def test_addresses(rule: Rule, family: int, wanted: tuple[str, ...]) -> None:
    with DnsServer(rule) as server:
        assert DemoNames(*server.address).addresses("data.demo", family) == wanted


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (rules.nxdomain(), socket.EAI_NONAME),
        (rules.servfail(), socket.EAI_AGAIN),
        (rules.refused(), socket.EAI_AGAIN),
        (rules.silence, socket.EAI_AGAIN),
        (rules.garbage(), socket.EAI_AGAIN),
        (rules.no_data(), NODATA),
        (rules.by_type({"A": rules.servfail()}), socket.EAI_AGAIN),
    ],
)
def test_failures(rule: Rule, code: int) -> None:
    with DnsServer(rule) as server, pytest.raises(socket.gaierror) as caught:
        DemoNames(*server.address).addresses("data.demo", socket.AF_UNSPEC)
    assert caught.value.errno == code


def test_one_lookup_is_one_question_for_each_family() -> None:
    with DnsServer(BOTH) as server:
        DemoNames(*server.address).addresses("data.demo.", socket.AF_UNSPEC)
        assert [(asked.name, asked.type) for asked in server.log.questions] == [
            ("data.demo", "A"),
            ("data.demo", "AAAA"),
        ]


def test_servers_are_the_scenes_own() -> None:
    assert DemoNames("127.0.0.1", 5300).servers() == (("127.0.0.1", 5300),)
