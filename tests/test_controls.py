"""Controls: each is declared once, and `explain` tells of those that a cause may ask."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.case import Control
from mnistdoctor.causes.registry import CAUSES, by_id
from mnistdoctor.examine.controls.registry import CONTROLS
from mnistdoctor.report.causes import story


def test_each_control_is_declared_once() -> None:
    assert set(CONTROLS) == set(Control)
    assert len({kind.make for kind in CONTROLS.values()}) == len(CONTROLS)


@pytest.mark.parametrize("control", Control)
def test_a_control_says_who_is_asked(control: Control) -> None:
    sentence = CONTROLS[control].sentence
    assert sentence[0].islower(), "it follows `It may ask:`"
    assert not sentence.endswith(".")


def test_explain_tells_whom_a_cause_may_ask() -> None:
    cause = by_id()["tcp-unreachable"]
    told = story(cause, 80).partition("\nIt may ask:\n")[2]
    assert " ".join(told.split()) == " ".join(f"- {CONTROLS[control].sentence}" for control in cause.needs)


def test_explain_says_nothing_of_a_cause_that_asks_nobody() -> None:
    quiet = next(cause for cause in CAUSES if not cause.needs)
    assert "It may ask" not in story(quiet, 80)
