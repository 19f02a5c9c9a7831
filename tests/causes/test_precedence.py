"""The two tables that make one root of many symptoms: who comes first, and who explains whom away."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.before_wire import BEFORE_WIRE
from mnistdoctor.causes.order import EXPLAINS, ORDER, PRECEDENCE, explains
from mnistdoctor.causes.registry import CAUSES, by_id


def test_whatever_is_settled_before_the_wire_is_asked_then() -> None:
    assert tuple(cause for cause in CAUSES if cause.before_wire) == BEFORE_WIRE


def explained(root: str) -> list[str]:
    return [cause for cause in ORDER if explains(root, cause)]


@pytest.mark.parametrize("rank", PRECEDENCE, ids=lambda rank: rank.causes[0])
def test_every_rank_says_why(rank: object) -> None:
    assert len(getattr(rank, "why", "")) > 10
    assert getattr(rank, "causes", ())


@pytest.mark.parametrize("root", sorted(EXPLAINS))
def test_who_explains_comes_first(root: str) -> None:
    assert explained(root), "it explains nothing that is in the list"
    for other in explained(root):
        if other != root:
            assert not explains(other, root), f"{root} and {other} explain each other"


@pytest.mark.parametrize("root", sorted(EXPLAINS))
def test_each_entry_names_causes_that_exist(root: str) -> None:
    assert root in ORDER
    for entry in EXPLAINS[root]:
        assert any(cause == entry or (entry.endswith("-") and cause.startswith(entry)) for cause in ORDER), entry


@pytest.mark.parametrize(
    ("root", "symptom"),
    [
        ("tls-intercepted", "tls-missing-intermediate"),
        ("dns-temporary-failure", "dns-nxdomain"),
        ("captive-portal", "tls-self-signed-server"),
        ("captive-portal", "tls-hostname-mismatch"),
        ("env-no-network-link", "dns-temporary-failure"),
        ("tls-trust-store-empty", "tls-self-signed-server"),
    ],
)
def test_what_the_issue_names(root: str, symptom: str) -> None:
    assert explains(root, symptom)
    assert not explains(symptom, root)


def test_nothing_explains_an_unrelated_failure() -> None:
    assert not explains("tls-intercepted", "http-404-moved")
    assert not explains("dns-temporary-failure", "tls-cert-expired")
    assert not explains("http-404-moved", "unexplained")


def test_settings_and_disk_are_decided_by_causes_of_this_machine() -> None:
    on_the_wire = "data-other-file"  # is mostly a server's; on the disk the finding says that it is yours
    sides = {by_id()[cause.id].text.side for cause in BEFORE_WIRE if cause.id != on_the_wire}
    assert sides <= {"you", "framework"}
