"""Plays scenes of the closed world and stores a report for each cause: `python -m tests.cases.world.record`, as root.

Only the first scene of a cause is stored, and none for causes that a demo scene has stored already.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.cases.record import FOLDER as DEMO
from tests.cases.record import normal
from tests.world.test_check import SCENES
from tests.world.world import World

FOLDER = Path(__file__).parent


def main() -> None:
    """Plays and writes."""
    stored = {path.name.split(".")[0] for path in (*DEMO.glob("*.json"), *FOLDER.glob("*.json"))}
    world = World()
    try:
        for scene in SCENES:
            if not scene.cause or scene.cause[0] in stored or "--catalogue" in scene.argv:
                continue
            world.clear()
            how = dict(scene.arrange(world) or {})
            world.settle()
            report = world.check(*scene.argv, **how)
            causes = {(target["diagnosis"] or {}).get("cause") for target in report["targets"]}
            if causes == {scene.cause[0]}:
                text = json.dumps(normal(report), indent=1, ensure_ascii=False) + "\n"
                (FOLDER / f"{scene.cause[0]}.json").write_text(text, encoding="utf-8")
                stored.add(scene.cause[0])
    finally:
        world.close()


if __name__ == "__main__":
    main()
