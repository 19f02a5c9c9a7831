"""Every report of every scene, and every stored case, is of the form that the schema promises."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mnistdoctor import report as rooms
from mnistdoctor.cli.session import exit_code
from mnistdoctor.demo import player
from mnistdoctor.demo.scenes import SCENES, Scene
from mnistdoctor.evidence import STAGES
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import document
from mnistdoctor.report.sanitize import sanitized

SCHEMA = json.loads((Path(rooms.__file__).parent / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
CODES = {"healthy": 0, "ailing": 1, "inconclusive": 3}


@pytest.fixture(scope="module")
def reports() -> dict[str, tuple[Report, int]]:
    """All scenes, played once, side by side."""
    with ThreadPoolExecutor(player.SIDE_BY_SIDE) as pool:
        return dict(zip((one.name for one in SCENES), pool.map(player.play, SCENES), strict=True))


def check(values: dict[str, Any]) -> None:
    """Holds a document against the schema, and against what a schema cannot say."""
    wrong = [f"{'/'.join(map(str, one.path))}: {one.message}" for one in VALIDATOR.iter_errors(values)]
    assert wrong == []
    seen = [one["id"] for target in values["targets"] for one in target["observations"]]
    assert len(seen) == len(set(seen)), "an id of an observation is used twice"
    for target in values["targets"]:
        own = {one["id"]: one for one in target["observations"]}
        assert tuple(one["stage"] for one in target["stages"]) == STAGES
        for one in target["stages"]:
            assert {own[name]["role"] for name in one["observations"]} <= {"target"}
        told = target["diagnosis"]
        assert (told is not None) == (target["verdict"] == "ailing")
        failed = [one["stage"] for one in target["stages"] if one["outcome"] == "failed"]
        # Earlier stages keep what was seen: a proxy that cannot be reached has failed at dns or tcp as well.
        assert failed[-1:] == ([told["stage"]] if told else [])
        if told:
            after = target["stages"][STAGES.index(told["stage"]) + 1 :]
            assert {one["outcome"] for one in after} <= {"skipped"}
    verdicts = {target["verdict"] for target in values["targets"]}
    worst = next(one for one in ("ailing", "inconclusive", "healthy") if one in verdicts)
    assert (values["verdict"], values["exit_code"]) == (worst, CODES[worst])


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_report_of_a_scene(scene: Scene, reports: dict[str, tuple[Report, int]]) -> None:
    report, code = reports[scene.name]
    assert code == exit_code(report, 0, strict=False) == CODES[scene.verdict]
    check(json.loads(document.render(report, code)))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_report_of_a_scene_under_pseudonyms(scene: Scene, reports: dict[str, tuple[Report, int]]) -> None:
    report, code = reports[scene.name]
    text = document.render(sanitized(report, strict=True), code, redaction="strict")
    check(json.loads(text))
    assert ".demo" not in text


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_stored_case(path: Path) -> None:
    check(json.loads(path.read_text("utf-8")))


def test_there_are_cases() -> None:
    assert len(CASES) >= len(SCENES)
