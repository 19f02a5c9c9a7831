"""Plays scenes of the closed world and stores a report for each cause: `python -m tests.cases.world.record`, as root.

Only the first scene of a cause is stored, of several files the first that has it, and none for causes that a demo
scene has stored already.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cases.record import FOLDER as DEMO
from tests.cases.record import normal
from tests.world.test_check import SCENES
from tests.world.world import World

FOLDER = Path(__file__).parent


def named(target: dict[str, Any]) -> set[str]:
    """The cause of a target's diagnosis, or those of its warnings where it is well."""
    if target["diagnosis"]:
        return {target["diagnosis"]["cause"]}
    return {warning["cause"] for warning in target["warnings"]} if target["verdict"] == "healthy" else set()


def main() -> None:
    """Plays and writes."""
    stored = {path.name.split(".")[0] for path in (*DEMO.glob("*.json"), *FOLDER.glob("*.json"))}
    world = World()
    try:
        for scene in SCENES:
            name = scene.cause[0] if scene.cause else scene.warns
            if name is None or name in stored or "--catalogue" in scene.argv:
                continue
            world.clear()
            how = dict(scene.arrange(world) or {})
            world.settle()
            report = world.check(*scene.argv, **how)
            report["targets"] = [target for target in report["targets"] if named(target) == {name}][:1]
            if report["targets"]:
                text = json.dumps(normal(report), indent=1, ensure_ascii=False) + "\n"
                (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
                stored.add(name)
                print(name)
    finally:
        world.close()


if __name__ == "__main__":
    main()
