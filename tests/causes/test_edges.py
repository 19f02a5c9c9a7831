"""One address of several: told from a fault of all of them, from one that passed, and from the way to it."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Control, OpenQuestion
from mnistdoctor.causes.tcp import edge as family
from mnistdoctor.failure import Failure
from tests.causes.evidence import HOST, KNOWN, LABELS, URL, Evidence, digests, got, rec

FIRST, SECOND, SIXTH = "203.0.113.9", "203.0.113.10", "2001:db8::9"
holds = family.CAUSES[0].found_in


def to(address: str, control: str | None = None) -> Any:
    """The connection to that address."""
    family = 6 if ":" in address else 4
    where = {"address": address, "port": 443, "family": family, "name": HOST}
    return rec(ev.Connect, "tcp", **where, **({"control": control} if control else {}))


def at(address: str) -> Evidence:
    """Two addresses, and the connection to the first of them."""
    both = (FIRST, SECOND) if address != SIXTH else (SIXTH, SECOND)
    return Evidence(rec(ev.Lookup, "dns", name=HOST, addresses=both), to(address))


def tried(evidence: Evidence, address: str, *records: Any) -> Evidence:
    return evidence.add(to(address, "other-address"), *records)


def served(data: bytes = LABELS) -> tuple[Any, ...]:
    head = rec(ev.Exchange, "http", url=URL, method="GET", status=200, control="other-address")
    size, control = len(data), "other-address"
    body = rec(ev.Transfer, "length", status=200, received=size, written=size, digests=digests(data), control=control)
    return head, body


def busy() -> tuple[Any, ...]:
    return got(503, "busy", control="other-address")


def judged(evidence: Evidence) -> Any:
    return holds(evidence.case(asked=("other-address",), **KNOWN))


def test_one_ill_server_of_two() -> None:
    finding = judged(tried(tried(at(FIRST).get(503, "busy"), SECOND, *served()), FIRST, *busy()))
    assert finding is not None
    assert finding.certain
    assert FIRST in finding.title
    (line,) = (one.text for one in finding.fixes[0].commands)
    assert f"--resolve {HOST}:443:{SECOND}" in line
    assert finding.fixes[0].change.address == SECOND


@pytest.mark.parametrize(
    ("second", "again"),
    [
        (busy(), busy()),  # all of them: the service
        (served(), served()),  # it passed
        (served(b"something else"), busy()),  # not the file
        ((), busy()),  # the other one was not reached
    ],
)
def test_look_alikes(second: tuple[Any, ...], again: tuple[Any, ...]) -> None:
    assert judged(tried(tried(at(FIRST).get(503, "busy"), SECOND, *second), FIRST, *again)) is None


def test_without_a_second_asking_nothing_is_said() -> None:
    assert judged(tried(at(FIRST).get(503, "busy"), SECOND, *served())) is None


@pytest.mark.parametrize("failure", [Failure.RESET, Failure.TIMEOUT, Failure.EOF])
def test_silence_may_be_the_ways(failure: Failure) -> None:
    start = at(FIRST).rec(ev.Handshake, "tls", failure=failure, server_name=HOST, peer="origin")
    finding = judged(tried(tried(start, SECOND, *served()), FIRST))
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tcp-filtered",)


def test_over_ipv6_alone_it_may_be_the_tunnel() -> None:
    start = at(SIXTH).rec(ev.Transfer, "length", status=200, failure=Failure.TIMEOUT, received=1200)
    finding = judged(tried(tried(start, SECOND, *served()), SIXTH))
    assert finding is not None
    assert finding.also_possible == ("tcp-mtu-blackhole",)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 451])
def test_a_refusal_is_not_asked_for_elsewhere(status: int) -> None:
    assert holds(at(FIRST).get(status, "no").case(asked=(), **KNOWN)) is None


def test_the_question_is_asked_where_there_is_another_address() -> None:
    with pytest.raises(OpenQuestion) as question:
        holds(at(FIRST).get(503, "busy").case(asked=(), **KNOWN))
    assert question.value.control == Control.OTHER_ADDRESS
    alone = Evidence(rec(ev.Lookup, "dns", name=HOST, addresses=(FIRST,)), to(FIRST)).get(503, "busy")
    assert holds(alone.case(asked=(), **KNOWN)) is None


def test_behind_a_proxy_it_is_the_proxys_choice() -> None:
    assert holds(at(FIRST).by_proxy().get(503, "busy").case(asked=(), **KNOWN)) is None
