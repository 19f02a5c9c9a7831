"""Records survive a JSON round trip; what does not fit is refused with a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure
from tests.strategies import KINDS, records


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_round_trip(kind: type[ev.Observation], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    assert ev.from_json(json.loads(json.dumps(ev.to_json(record)))) == record


def test_not_measured_is_absent_and_fine_is_null() -> None:
    written = ev.to_json(ev.Connect(id="o1", stage="tcp", address="192.0.2.1", port=443, family=4))
    assert written["failure"] is None
    assert "errno" not in written


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "horoscope"}, "unknown kind of observation 'horoscope'"),
        ({"kind": "connect", "id": "o1", "stage": "tcp"}, "missing"),
        (
            {"kind": "connect", "id": "o1", "stage": "tcp", "address": 5, "port": 1, "family": 4},
            "Connect.address must be",
        ),
        (
            {"kind": "lookup", "id": "o1", "stage": "dns", "name": "x", "addresses": "y"},
            "Lookup.addresses must be a list",
        ),
        (
            {"kind": "lookup", "id": "o1", "stage": "dns", "name": "x", "peer": "neighbour"},
            "Lookup.peer is 'neighbour', which is none of 'origin', 'proxy'",
        ),
    ],
)
def test_what_does_not_fit_is_refused(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ev.from_json(values)


def test_unknown_names_are_passed_over() -> None:
    record = ev.from_json({"kind": "reach", "id": "o1", "stage": "tcp", "family": 4, "added_later": True})
    assert record == ev.Reach(id="o1", stage="tcp", family=4)


def test_a_failure_comes_back_as_a_member() -> None:
    values = {"kind": "reach", "id": "o1", "stage": "tcp", "family": 4}
    assert ev.from_json({**values, "failure": "network_unreachable"}).failure is Failure.NETWORK_UNREACHABLE
    assert ev.from_json({**values, "failure": "added_later"}).failure is Failure.UNKNOWN


@pytest.mark.parametrize("failure", Failure)
def test_a_failure_is_printed_as_its_value(failure: Failure) -> None:
    assert f"{failure}" == str(failure) == json.loads(json.dumps(failure)) == failure.value


def test_failures_are_closed_and_unique() -> None:
    values = [failure.value for failure in Failure]
    assert len(values) == len(set(values))
    assert "unknown_failure" in values
