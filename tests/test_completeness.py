"""Every cause of the closed list is whole: sentence, story, stored case, fix, and a scene or the reason why none."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.registry import CAUSES
from mnistdoctor.demo.scenes import SCENES as DEMO
from tests.world.test_check import SCENES as WORLD

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
NO_SCENE: dict[str, str] = tomllib.loads((HERE / "no_scene.toml").read_text("utf-8"))["no_scene"]
NO_FIX = {"unexplained"}
"""What no rule explains has no remedy but the evidence and where to report it."""


def stored() -> dict[str, list[dict[str, Any]]]:
    """The targets of all stored cases, by the causes that they name: as diagnosis, warning or runner-up."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((HERE / "cases").rglob("*.json")):
        for target in json.loads(path.read_text("utf-8"))["targets"]:
            told = target["diagnosis"] or {}
            named = {one.get("cause") for one in (told, *target["warnings"])} | set(told.get("also_possible", ()))
            for cause in named - {None}:
                found.setdefault(cause, []).append(target)
    return found


STORED = stored()
PLAYED = {scene.cause for scene in DEMO} | {cause for scene in WORLD for cause in scene.cause}
PLAYED |= {scene.warns for scene in WORLD}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_sentence_and_story(cause: Any) -> None:
    assert len(cause.text.summary) > 15
    assert cause.text.summary[0] == cause.text.summary[0].upper()
    assert len(cause.text.story.split()) > 45


@pytest.mark.parametrize("cause", ORDER)
def test_stored_case_with_a_fix(cause: str) -> None:
    assert cause in STORED, "no stored case has it: see tests/cases"
    if cause in NO_FIX or all((one["diagnosis"] or {}).get("cause") != cause for one in STORED[cause]):
        return  # what is only ever a warning has nothing to mend
    assert any(one["diagnosis"] and one["diagnosis"]["fixes"] for one in STORED[cause])


@pytest.mark.parametrize("cause", ORDER)
def test_a_scene_or_the_reason_why_none(cause: str) -> None:
    assert (cause in PLAYED) != (cause in NO_SCENE), "a scene, or a reason in no_scene.toml, and not both"


@pytest.mark.parametrize("cause", sorted(NO_SCENE))
def test_reasons_are_reasons(cause: str) -> None:
    assert cause in ORDER
    assert len(NO_SCENE[cause].split()) > 5, "a sentence, not a stub"
