"""The last cause: it holds where something failed and nothing else does, and it claims nothing."""

from __future__ import annotations

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.unexplained import CAUSES
from mnistdoctor.failure import Failure
from tests.causes.evidence import GZ, KNOWN, LABELS, PLAIN, Evidence, rec

HOLDS = CAUSES[-1].found_in


@pytest.mark.parametrize(
    "record",
    [
        rec(ev.Lookup, "dns", name="files.example", failure="unknown_failure", detail="something else"),
        rec(ev.Connect, "tcp", address="192.0.2.1", port=443, family=4, errno="EPROTO", failure="unknown_failure"),
        rec(ev.Tunnel, "proxy", protocol="http", target="x:443", proxy="p:1", status=418, failure="unknown_failure"),
        rec(ev.Handshake, "tls", server_name="files.example", received=7, failure="unknown_failure"),
        rec(ev.Exchange, "http", method="GET", url=GZ, status=418, failure="http_request_failed"),
        rec(ev.Transfer, "length", received=12, failure="unknown_failure"),
    ],
    ids=lambda record: record.kind,
)  # fmt: skip
def test_each_kind_of_failure_is_told(record: ev.Observation) -> None:
    found = HOLDS(Evidence(record, **KNOWN).case())
    assert found is not None
    assert not found.certain
    assert record.failure is not None
    assert any(record.failure in said for said in found.evidence)
    assert found.title.endswith("and no known cause fits")
    assert any(fix.change is not None and fix.change.url for fix in found.fixes)
    assert "issue tracker" in found.fixes[-1].title


def test_wrong_bytes_are_told() -> None:
    found = HOLDS(Evidence(**KNOWN).body(b"\x55" * 4542).case())
    assert found is not None
    assert any(said.startswith("sha256 is ") for said in found.evidence)
    assert HOLDS(Evidence(url=GZ).body(b"<html>").case()) is not None


def test_nothing_wrong_is_not_unexplained() -> None:
    assert HOLDS(Evidence(**KNOWN).body(LABELS).case()) is None
    assert HOLDS(Evidence(url=f"{PLAIN}.html").body(b"<html>").case()) is None
    assert HOLDS(Evidence(**KNOWN).case()) is None


@pytest.mark.parametrize("failure", [Failure.DEADLINE, Failure.INTERRUPTED, Failure.REDIRECT_PRIVATE])
def test_an_examination_without_an_answer_is_inconclusive_instead(failure: Failure) -> None:
    stopped = rec(ev.Exchange, "http", method="GET", url=GZ, failure=failure.value)
    assert HOLDS(Evidence(stopped, **KNOWN).case()) is None
