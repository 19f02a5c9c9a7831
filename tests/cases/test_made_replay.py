"""Evidence that was written by hand is judged again with no network, to the same cause; and it is stored as made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .made.record import FOLDER, MADE, report
from .test_replay import _no_network, again, verdicts

CASES = sorted(FOLDER.glob("*.json"))
__all__ = ["_no_network"]


def test_every_made_case_is_stored() -> None:
    assert {path.stem for path in CASES} == set(MADE), "`python -m tests.cases.made.record` stores them"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_is_judged_alike_again(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads(path.read_text("utf-8"))
    document, code = again(path, capsys)
    assert verdicts(document) == verdicts(stored)
    assert code == stored["exit_code"]
    (target,) = document["targets"]
    assert path.stem in {one["cause"] for one in (target["diagnosis"], *target["warnings"]) if one}


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_is_stored_is_what_is_made_today(name: str) -> None:
    stored = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    made = json.loads(json.dumps(report(MADE[name]())))
    assert {**stored, "tool": None} == {**made, "tool": None}, "`python -m tests.cases.made.record` stores it anew"
