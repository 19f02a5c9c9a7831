"""Evidence recorded on real components in the closed world is judged again with no network, to the same cause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .test_replay import _no_network, again, verdicts

CASES = sorted((Path(__file__).parent / "world").glob("*.json"))
__all__ = ["_no_network"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_is_judged_alike_again(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads(path.read_text("utf-8"))
    document, code = again(path, capsys)
    assert verdicts(document) == verdicts(stored)
    assert code == stored["exit_code"]
    named = [one for target in document["targets"] for one in (target["diagnosis"], *target["warnings"]) if one]
    assert path.stem in {one["cause"] for one in named}
