"""Measures the doctor on all its scenes, and prints one table: `python -m tests.world.figures`, as root.

Every scene of the closed world and of the demo is played; every fix that was proven in the closed world is then done
by hand. Exit code 1 below 98 % right causes, for any false alarm, and for any proven fix that does not work by hand.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import queue
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnistdoctor.causes.stages import WHERE_IT_FAILED, home_stage
from mnistdoctor.evidence import STAGES

from .by_hand import FAILS, NO_COMMANDS, WORKS, redo
from .scenes import Scene

HEALTHY, OPEN, DEMO = "healthy oddities", "no verdict due", "demo, on loopback"
FAMILIES = (*STAGES, WHERE_IT_FAILED, HEALTHY, OPEN, DEMO)
PAGE = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"<!-- figures -->\n```\n(.*?)```\n<!-- end -->", re.S)
LEAST = 0.98
"""Of the scenes with a fault, how many must get the right cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of one scene."""

    name: str
    family: str
    wanted: str
    found: str
    outcome: str
    """``right``, ``wrong`` (another cause or stage), ``missed`` (no diagnosis) or ``false alarm``."""
    seconds: float
    proven: int = 0
    by_hand: tuple[tuple[str, str, str], ...] = ()
    """(title, outcome, what was said) of each proven fix."""


def family_of(scene: Scene) -> str:
    """The row of the table to which a scene belongs."""
    if scene.cause:
        return home_stage(scene.cause[0])
    return HEALTHY if scene.verdict == "healthy" else OPEN


def outcome_of(wanted_verdict: str, causes: tuple[str, ...], stage: str | None, report: dict[str, Any]) -> str:
    """How a report compares with what the scene wants."""
    told = [target["diagnosis"] for target in report["targets"] if target["diagnosis"]]
    if wanted_verdict != "ailing":
        return "right" if report["verdict"] == wanted_verdict and not told else "false alarm"
    if not told:
        return "missed"
    right = all(one["cause"] in causes and stage in (None, one["stage"]) for one in told)
    return "right" if right else "wrong"


def play(world: Any, scene: Scene) -> Played:
    """Plays one scene in a clean world, and does its proven fixes by hand."""
    world.clear()
    how = dict(scene.arrange(world) or {})
    world.settle()
    began = time.monotonic()
    report = world.check(*scene.argv, **how)
    took = time.monotonic() - began
    told = [target["diagnosis"] for target in report["targets"] if target["diagnosis"]]
    found = ", ".join(sorted({f"{one['cause']} at {one['stage']}" for one in told})) or report["verdict"]
    done = redo(world, how, report)
    return Played(
        name=scene.name, family=family_of(scene), wanted=" or ".join(scene.cause) or scene.verdict, found=found,
        outcome=outcome_of(scene.verdict, scene.cause, scene.stage, report), seconds=round(took, 2), proven=len(done),
        by_hand=tuple((one.title, one.outcome, one.told) for one in done),
    )  # fmt: skip


def play_demo() -> list[Played]:
    """The demo's scenes, on loopback servers; their proven fixes name hosts that exist in the demo alone."""
    from mnistdoctor.demo import player
    from mnistdoctor.demo.scenes import SCENES
    from mnistdoctor.report.document import document

    found = []
    for scene in SCENES:
        began = time.monotonic()
        report, code = player.play(scene)
        values = document(report, code)
        causes = (scene.cause,) if scene.cause else ()
        told = sorted({one["diagnosis"]["cause"] for one in values["targets"] if one["diagnosis"]})
        found.append(
            Played(
                name=f"demo {scene.name}", family=DEMO, wanted=scene.cause or scene.verdict,
                found=", ".join(told) or values["verdict"],
                outcome=outcome_of(scene.verdict, causes, None, values), seconds=round(time.monotonic() - began, 2),
            )
        )  # fmt: skip
    return found


def _worker(names: Any, results: Any) -> None:
    from .test_check import SCENES
    from .world import World

    scenes = {scene.name: scene for scene in SCENES}
    world = World()
    try:
        while True:
            try:
                name = names.get(timeout=1)
            except queue.Empty:
                return
            try:
                results.put(play(world, scenes[name]))
            except Exception as error:  # a scene that cannot be played is a scene that went wrong
                scene = scenes[name]
                results.put(
                    Played(name=name, family=family_of(scene), wanted=" or ".join(scene.cause) or scene.verdict,
                           found=f"{type(error).__name__}: {str(error)[:200]}", outcome="wrong", seconds=0.0)
                )  # fmt: skip
    finally:
        world.close()


def play_world(jobs: int, only: list[str]) -> list[Played]:
    """All scenes of the closed world, in several worlds side by side."""
    from .test_check import SCENES

    wanted = [scene.name for scene in SCENES if not only or any(word in scene.name for word in only)]
    context = multiprocessing.get_context("spawn")
    names, results = context.Queue(), context.Queue()
    for name in wanted:
        names.put(name)
    workers = [context.Process(target=_worker, args=(names, results)) for _ in range(min(jobs, len(wanted)))]
    for worker in workers:
        worker.start()
    played = [results.get(timeout=300) for _ in wanted]
    for worker in workers:
        worker.join()
    order = {name: number for number, name in enumerate(wanted)}
    return sorted(played, key=lambda one: order[one.name])


def table(played: list[Played]) -> str:
    """The figures as text of at most 80 columns."""
    words = (("scenes", 7), ("right", 7), ("wrong", 7), ("missed", 8), ("false", 7), ("proven", 8), ("by hand", 9))
    head = f"{'stage of the cause':<20}" + "".join(f"{word:>{width}}" for word, width in words)
    rows = [(name, [one for one in played if one.family == name]) for name in FAMILIES]
    lines = [head, "-" * len(head)]
    lines += [_row(name, own) for name, own in rows if own]
    lines += ["-" * len(head), _row("all", played)]
    ill = [one for one in played if one.outcome != "false alarm" and one.wanted not in ("healthy", "inconclusive")]
    well = [one for one in played if one.wanted in ("healthy", "inconclusive")]
    hits = sum(one.outcome == "right" for one in ill)
    lines.append("")
    if ill:
        lines.append(f"right cause: {hits} of {len(ill)} scenes with a fault, {100 * hits / len(ill):.1f} %")
    if well:
        false = sum(one.outcome == "false alarm" for one in well)
        lines.append(f"false alarms: {false} of {len(well)} scenes without one")
    works, fails, none = (_count(played, word) for word in (WORKS, FAILS, NO_COMMANDS))
    lines.append(f"proven fixes done by hand: {works} of {works + fails} worked; {none} had nothing to paste")
    return "\n".join(lines) + "\n"


def write(text: str) -> None:
    """Puts the table into `tests/README.md`."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda _: f"<!-- figures -->\n```\n{text}```\n<!-- end -->", page), encoding="utf-8")


def written() -> dict[str, tuple[int, ...]]:
    """The rows of the table that stands there, by their names: scenes, right, wrong, missed, false, proven, by hand."""
    (text,) = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    rows = re.findall(r"^(\S.*?) +(\d+(?: +\d+){6})$", text, re.M)
    return {name: tuple(map(int, numbers.split())) for name, numbers in rows}


def scenes_today() -> dict[str, int]:
    """How many scenes each row has now."""
    from mnistdoctor.demo.scenes import SCENES as OF_DEMO

    from .test_check import SCENES

    return dict(Counter(family_of(scene) for scene in SCENES)) | {DEMO: len(OF_DEMO)}


def times(played: list[Played]) -> str:
    """How long the examinations took; apart, since no two runs agree on it."""
    seconds = [one.seconds for one in played]
    return f"seconds a scene: median {statistics.median(seconds):.1f}, longest {max(seconds):.1f}\n" if seconds else ""


def _count(played: list[Played], word: str) -> int:
    return sum(outcome == word for one in played for _, outcome, _ in one.by_hand)


def _row(name: str, own: list[Played]) -> str:
    counts = [sum(one.outcome == word for one in own) for word in ("right", "wrong", "missed", "false alarm")]
    proven, works = sum(one.proven for one in own), _count(own, WORKS)
    numbers = "".join(f"{n:>{w}}" for n, w in zip(counts, (7, 7, 8, 7), strict=True))
    return f"{name:<20}{len(own):>7}{numbers}{proven:>8}{works:>9}"


def troubles(played: list[Played]) -> str:
    """Every scene that went wrong, and every proven fix that did not work by hand."""
    lines = [
        f"{one.outcome}: {one.name}: wanted {one.wanted}, found {one.found}" for one in played if one.outcome != "right"
    ]
    lines += [
        f"not by hand: {one.name}: {title}\n  {told}"
        for one in played
        for title, outcome, told in one.by_hand
        if outcome == FAILS
    ]
    return "\n".join(lines) + ("\n" if lines else "")


def passes(played: list[Played]) -> bool:
    """Whether the figures are good enough."""
    ill = [one for one in played if one.wanted not in ("healthy", "inconclusive")]
    hits = sum(one.outcome == "right" for one in ill)
    clean = not any(one.outcome == "false alarm" for one in played) and not _count(played, FAILS)
    return clean and (not ill or hits >= LEAST * len(ill))


def main() -> int:
    """Play, print, and say by the exit code whether it is good enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help="scenes whose names hold one of these words")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2, help="worlds side by side")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--write", action="store_true", help="write the table into tests/README.md as well")
    given = parser.parse_args()
    played = play_world(given.jobs, given.only) + ([] if given.only else play_demo())
    if given.write and not given.only:
        write(table(played))
    if given.format == "json":
        print(json.dumps([asdict(one) for one in played], indent=1))
    else:
        print(table(played), troubles(played), times(played), sep="\n", end="")
    return 0 if passes(played) else 1


if __name__ == "__main__":
    sys.exit(main())
