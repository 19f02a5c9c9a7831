"""Plays every scene of the demo and stores its report: `python -m tests.cases.record [SCENE]...`.

A case is `CAUSE.json`, or `CAUSE.SCENE.json` where a scene before it has the same cause, and beside it the
catalogue that it was judged with. Run it again when records change their form or scenes are added.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistdoctor.demo import player
from mnistdoctor.demo.scenes import SCENES
from mnistdoctor.examine.conductor import examine
from mnistdoctor.report.document import document

if TYPE_CHECKING:
    from mnistdoctor.demo.scenes import Scene

FOLDER = Path(__file__).parent
_TEMPORARY = re.compile(r"/[^\"\s]*?/mnistdoctor-[a-z0-9_]+")
"""A directory that lives no longer than its scene."""
_MACHINE = {"platform": "Linux-6.1.0-x86_64", "container": False, "resolvers": ["127.0.0.1"], "loaders": {}}
"""What of the recording machine's description has nothing to do with the case."""


def names(scenes: tuple[Scene, ...] = SCENES) -> dict[str, Scene]:
    """The scene of each case, by the case's name."""
    cases: dict[str, Scene] = {}
    for scene in scenes:
        name = scene.cause or scene.verdict
        cases[name if name not in cases else f"{name}.{scene.name}"] = scene
    return cases


def play(scene: Scene) -> tuple[dict[str, Any], str]:
    """The report's document, and the catalogue it was judged with. Raises `SystemExit` if it came out otherwise."""
    with scene.set_up() as setup:
        report = examine(
            setup.targets, setup.settings, setup.catalogue, environment=setup.environment, names=setup.names
        )
        if wrong := player.differs(scene, report):
            raise SystemExit(f"{scene.name}: {wrong}")
        code = 0 if report.verdict == "healthy" else 1
        return document(report, code), setup.catalogue_text


def normal(values: dict[str, Any]) -> dict[str, Any]:
    """The document without what belongs to the recording machine alone."""
    text = _TEMPORARY.sub("/tmp/mnistdoctor", json.dumps(values, ensure_ascii=False))
    whole: dict[str, Any] = json.loads(text)
    whole["started"] = "2026-01-01T12:00:00+00:00"
    whole["environment"] |= _MACHINE
    return whole


def main(wanted: list[str]) -> None:
    """Record these scenes, or all."""
    unknown = set(wanted) - {scene.name for scene in names().values()}
    if unknown:
        raise SystemExit(f"no scene of the demo is called so: {', '.join(sorted(unknown))}")
    for name, scene in names().items():
        if wanted and scene.name not in wanted:
            continue
        values, catalogue = play(scene)
        (FOLDER / f"{name}.json").write_text(json.dumps(normal(values), indent=1, ensure_ascii=False) + "\n", "utf-8")
        (FOLDER / f"{name}.toml").write_text(catalogue, "utf-8")
        print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
