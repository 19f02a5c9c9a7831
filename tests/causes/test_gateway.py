"""Gateways that refuse large files, or hold them back for a scan."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.proxy import gateway
from tests.causes.evidence import URL, Evidence, by_proxy, got, rec, to_proxy

HOLDS = {one.id: one.found_in for one in gateway.CAUSES}
FORWARD = by_proxy(way="forward-proxy", decided_by="http_proxy")
SQUID = ("X-Squid-Error", "ERR_TOO_BIG 0")
MIB = 2**20


def limit(*records: Any, **fields: Any) -> Finding | None:
    return HOLDS["proxy-size-or-type-limit"](Evidence(*records).case(**fields))


@pytest.mark.parametrize(
    ("status", "field"),
    [
        (403, SQUID),
        (413, SQUID),
        (502, SQUID),
        (502, ("Proxy-Status", "gw.corp; error=http_response_body_size")),
        (413, ("Proxy-Status", "gw.corp; error=http_request_error")),
        (413, ("Server", "Zscaler/6.2")),
    ],
)
def test_a_refusal_in_the_proxys_words(status: int, field: tuple[str, str]) -> None:
    found = limit(FORWARD, *got(status, "too big", (field,), via="proxy"))
    assert found is not None
    assert found.certain
    assert all(fix.untried for fix in found.fixes)


@pytest.mark.parametrize(
    ("status", "field"),
    [
        (403, ("X-Squid-Error", "ERR_ACCESS_DENIED 0")),
        (502, ("X-Squid-Error", "ERR_CONNECT_FAIL 110")),
        (502, ("Proxy-Status", "gw.corp; error=connection_timeout")),
        (403, ("Server", "Zscaler/6.2")),
        (413, ("Server", "nginx")),
        (413, ("Server", "AmazonS3")),
        (503, SQUID),
        (200, SQUID),
    ],
    ids=[
        "denied",
        "no way on",
        "no way on, RFC 9209",
        "filter",
        "the server's limit",
        "the store's limit",
        "503",
        "well",
    ],
)
def test_other_refusals(status: int, field: tuple[str, str]) -> None:
    assert limit(FORWARD, *got(status, "words", (field,), via="proxy")) is None


def body(received: int, *, control: str | None = None, declared: int | None = 11 * MIB, **fields: Any) -> Any:
    failure = fields.pop("failure", None if control is None and received == declared else "body_incomplete")
    return rec(ev.Transfer, "length", control=control, status=200, received=received, declared=declared,
               failure=failure, **fields)  # fmt: skip


def cut(received: int, again: int | None, *, route: Any = FORWARD, status: int = 200, **fields: Any) -> Case:
    head = rec(ev.Exchange, "http", method="GET", url=URL, status=status, via="proxy")
    second = () if again is None else (body(again, control="again"),)
    return Evidence(route, head, body(received, **fields), *second).case(asked=("again",))


@pytest.mark.parametrize("size", [MIB, 10**6, 5 * MIB, 10 * 10**6, 3 * 2**19])
def test_a_cut_at_a_round_number_twice(size: int) -> None:
    found = HOLDS["proxy-size-or-type-limit"](cut(size, size))
    assert found is not None
    assert (found.certain, found.also_possible) == (False, ("body-truncated",))


@pytest.mark.parametrize(
    "given",
    [
        cut(MIB, 2 * MIB),
        cut(MIB, None),
        cut(MIB + 1, MIB + 1),
        cut(2**18, 2**18),
        cut(MIB, MIB, route=rec(ev.Route, None)),
        cut(MIB, MIB, declared=None),
        cut(MIB, MIB, declared=MIB),
        cut(MIB, MIB, limited=True),
        cut(MIB, MIB, status=503),
    ],
    ids=["at varying points", "once", "not round", "too small", "no proxy", "no length", "whole", "by us", "503"],
)
def test_other_cuts(given: Case) -> None:
    assert HOLDS["proxy-size-or-type-limit"](given) is None


def test_a_second_fetch_is_asked_for() -> None:
    head = rec(ev.Exchange, "http", method="GET", url=URL, status=200, via="proxy")
    with pytest.raises(OpenQuestion) as question:
        limit(FORWARD, head, body(MIB), asked=())
    assert question.value.control == "again"


# --- held back ---

SILENT = rec(ev.Exchange, "http", method="GET", url=URL, via="proxy", failure="generic_timeout_error", duration_s=1.0)


def patient(
    status: int = 200, *, wait: float = 20.0, failure: str | None = None, complete: bool | None = True
) -> tuple[Any, ...]:
    more = {"control": "patient"}
    return (
        rec(ev.Exchange, "http", method="GET", url=URL, status=status, duration_s=wait, **more),
        rec(ev.Transfer, "length", status=status, received=5148, complete=complete, failure=failure, **more),
    )


def held(*records: Any, asked: tuple[str, ...] | None = ("patient",), **fields: Any) -> Finding | None:
    return HOLDS["proxy-scan-stall"](Evidence(*records).case(asked=asked, **fields))


@pytest.mark.parametrize(
    ("client", "loader", "line"),
    [
        ("curl", None, "--speed-time 81"),
        ("huggingface", "huggingface", "HF_HUB_DOWNLOAD_TIMEOUT=81"),
        ("keras", "keras", None),
        ("requests", None, None),
    ],
)
def test_it_comes_with_more_patience(client: str, loader: str | None, line: str | None) -> None:
    found = held(FORWARD, to_proxy(), SILENT, *patient(), client=client, loader=loader)
    assert found is not None
    assert "for 20 s" in found.title
    (fix,) = found.fixes
    assert fix.change is not None
    assert fix.change.timeout_s == 81
    assert [line is not None and line in one.text for one in fix.commands] == ([True] if line else [])


@pytest.mark.parametrize("failure", ["generic_timeout_error", "body_stalled"])
def test_silence_within_the_body(failure: str) -> None:
    head = rec(ev.Exchange, "http", method="GET", url=URL, status=200, via="proxy")
    assert held(FORWARD, head, body(100, failure=failure), *patient()) is not None


@pytest.mark.parametrize(
    "records",
    [
        (FORWARD, SILENT),
        (FORWARD, SILENT, *patient(failure="generic_timeout_error", complete=False)),
        (FORWARD, SILENT, *patient(complete=False)),
        (FORWARD, SILENT, *patient(502)),
        (rec(ev.Route, None), SILENT, *patient()),
        (FORWARD, to_proxy("generic_timeout_error"), *patient()),
        (FORWARD, rec(ev.Exchange, "http", method="GET", url=URL, failure="connection_reset"), *patient()),
        (FORWARD, *got(504, "slow", via="proxy"), *patient()),
        (FORWARD, body(100), *patient()),
    ],
    ids=["never asked again", "never goes on", "comes in part", "an error in the end", "no proxy", "no connection",
         "reset", "the proxy gave up", "cut"],
)  # fmt: skip
def test_other_silences(records: tuple[Any, ...]) -> None:
    assert held(*records) is None


def test_more_patience_is_asked_for() -> None:
    with pytest.raises(OpenQuestion) as question:
        held(FORWARD, SILENT, asked=())
    assert question.value.control == "patient"
    assert held(FORWARD, SILENT, asked=None) is None
