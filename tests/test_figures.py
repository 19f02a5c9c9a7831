"""The judge of the scenes, judged: what the figures count as right, wrong, missed and false, and when they fail."""

from __future__ import annotations

import os
from typing import Any

import pytest

from .world import figures
from .world.by_hand import FAILS, WORKS
from .world.figures import DEMO, HEALTHY, Played

CAN_BE_RENEWED = os.environ.get("MNISTDOCTOR_REQUIRE_WORLD") == "1"
"""CI as root. A contributor's laptop can play a new scene of the demo, and not the closed world."""
GOOD = Played(name="good", family="dns", wanted="dns-nxdomain", found="dns-nxdomain", outcome="right", seconds=1.0)
WELL = Played(name="well", family=HEALTHY, wanted="healthy", found="healthy", outcome="right", seconds=1.0)


def said(verdict: str, *found: tuple[str, str]) -> dict[str, Any]:
    told = [{"diagnosis": {"cause": cause, "stage": stage}} for cause, stage in found]
    return {"verdict": verdict, "targets": told or [{"diagnosis": None}]}


@pytest.mark.parametrize(
    ("wanted", "stage", "report", "outcome"),
    [
        ("ailing", "dns", said("ailing", ("dns-nxdomain", "dns")), "right"),
        ("ailing", None, said("ailing", ("dns-nxdomain", "dns")), "right"),
        ("ailing", "dns", said("ailing", ("dns-servfail", "dns")), "wrong"),
        ("ailing", "tcp", said("ailing", ("dns-nxdomain", "dns")), "wrong"),
        ("ailing", "dns", said("ailing", ("dns-nxdomain", "dns"), ("unexplained", "dns")), "wrong"),
        ("ailing", "dns", said("inconclusive"), "missed"),
        ("healthy", None, said("healthy"), "right"),
        ("healthy", None, said("inconclusive"), "false alarm"),
        ("healthy", None, said("ailing", ("dns-nxdomain", "dns")), "false alarm"),
    ],
)  # fmt: skip
def test_outcomes(wanted: str, stage: str | None, report: dict[str, Any], outcome: str) -> None:
    assert figures.outcome_of(wanted, ("dns-nxdomain",), stage, report) == outcome


def played(**changed: Any) -> Played:
    from dataclasses import replace

    return replace(GOOD, **changed)


@pytest.mark.parametrize(
    ("results", "good_enough"),
    [
        ([GOOD, WELL], True),
        ([GOOD] * 49 + [played(outcome="wrong")], True),
        ([GOOD] * 48 + [played(outcome="missed")], False),
        ([GOOD] * 99 + [played(family=HEALTHY, wanted="healthy", outcome="false alarm")], False),
        ([GOOD] * 99 + [played(by_hand=(("t", FAILS, ""),))], False),
        ([played(by_hand=(("t", WORKS, ""),))], True),
    ],
)
def test_what_is_good_enough(results: list[Played], good_enough: bool) -> None:
    assert figures.passes(results) is good_enough


def test_the_table_counts_and_names_what_went_wrong() -> None:
    results = [GOOD, WELL, played(name="bad", found="unexplained at dns", outcome="wrong", proven=2,
                                  by_hand=(("t", WORKS, ""), ("u", FAILS, "no such file")))]  # fmt: skip
    told = figures.table(results)
    assert "right cause: 1 of 2 scenes with a fault, 50.0 %" in told
    assert "false alarms: 0 of 1 scenes" in told
    assert "by hand: 1 of 2 worked" in told
    assert DEMO not in told
    assert all(len(line) <= 80 for line in told.splitlines())
    assert figures.troubles(results).splitlines() == [
        "wrong: bad: wanted dns-nxdomain, found unexplained at dns",
        "not by hand: bad: u",
        "  no such file",
    ]


def test_the_table_that_is_written_down_adds_up() -> None:
    rows = figures.written()
    total = rows.pop("all")
    assert list(rows) == [name for name in figures.FAMILIES if name in rows]
    assert total == tuple(map(sum, zip(*rows.values(), strict=True)))
    for scenes, right, wrong, missed, false, proven, by_hand in rows.values():
        assert scenes == right + wrong + missed + false
        assert by_hand <= proven


@pytest.mark.skipif(not CAN_BE_RENEWED, reason="only root can play the closed world, and write the table anew")
def test_the_table_is_of_todays_scenes() -> None:
    rows = {name: numbers[0] for name, numbers in figures.written().items() if name != "all"}
    assert rows == figures.scenes_today(), "stale: `python -m tests.world.figures --write`, as root, renews it"
