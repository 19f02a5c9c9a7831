"""Every stranger's case is answered rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.strangers.lab import Lab, Row, all_rows, number
from tests.strangers.scenes import EXAMINED, SAID_TWICE, SCENES
from tests.world import test_check as world


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in all_rows().items()])
def test_the_answer_is_right(row: Row, tmp_path: Path) -> None:
    with Lab(tmp_path) as lab:
        row(lab)


def test_every_case_is_played_somewhere() -> None:
    played = {number(name) for name in all_rows()} | set(SCENES) | SAID_TWICE
    assert set(EXAMINED) <= played
    known = {scene.name for scene in world.SCENES}
    assert {name for scenes in SCENES.values() for name in scenes} <= known
