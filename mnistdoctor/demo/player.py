"""Plays scenes: sets the servers up, examines them as `check` would, and compares with what the scene says."""

from __future__ import annotations

import textwrap
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnistdoctor.demo.scenes import Scene
    from mnistdoctor.examine.conductor import Listener, Report

FIRST = "intercepted"
"""The scene that plain `mnistdoctor demo` plays: the least obvious fault, with a remedy that is seen to work."""

SIDE_BY_SIDE = 6
"""Scenes played at a time: they wait more than they work."""

_EXIT = {"healthy": 0, "ailing": 1, "inconclusive": 3}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one scene."""

    scene: Scene
    differs: str
    """What came out otherwise than written, in a few words; empty where nothing did."""
    duration_s: float


def play(
    scene: Scene, listener: Listener | None = None, interrupted: Callable[[], bool] | None = None
) -> tuple[Report, int]:
    """Play one scene; return the report, and the exit code that `check` would end with.

    Nothing leaves the loopback interface, and no variable of the process environment is read.
    """
    from mnistdoctor.examine.conductor import examine

    with scene.set_up() as setup:
        report = examine(
            setup.targets,
            setup.settings,
            setup.catalogue,
            listener,
            environment=setup.environment,
            names=setup.names,
            interrupted=interrupted,
        )
    return report, _EXIT[report.verdict]


def differs(scene: Scene, report: Report) -> str:
    """Say what came out otherwise than the scene says, in a few words; nothing where all is as written."""
    if report.verdict != scene.verdict:
        return f"{report.verdict} instead of {scene.verdict}"
    for target in report.targets:
        found = target.diagnosis
        cause, stage = (found.cause, found.stage) if found else (None, None)
        if (cause, stage) != (scene.cause, scene.stage):
            return f"{cause} at {stage} instead of {scene.cause} at {scene.stage}"
        if scene.proven and found and not any(one.trial.status == "proven" for one in found.remedies):
            return f"{cause}, but no fix was proven"
    return ""


def play_all(
    scenes: Sequence[Scene], show: Callable[[str], None], interrupted: Callable[[], bool] = lambda: False
) -> int:
    """Play the scenes side by side and show a line for each, in their order; return 1 if any came out otherwise."""
    started = time.monotonic()
    width = max((len(scene.name) for scene in scenes), default=0)
    good = 0
    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="mnistdoctor-scene") as pool:
        waiting = [pool.submit(_play_timed, scene, interrupted) for scene in scenes]
        try:
            for future in waiting:
                while not (future.done() or interrupted()):
                    wait((future,), timeout=0.2)
                if interrupted():
                    break
                played = future.result()
                good += not played.differs
                show(_line(played, width))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    seconds = time.monotonic() - started
    show(f"{good} of {len(scenes)} scenes came out as written, {seconds:.1f} s\n")
    return 0 if good == len(scenes) else 1


def _play_timed(scene: Scene, interrupted: Callable[[], bool]) -> Played:
    started = time.monotonic()
    try:
        report, _ = play(scene, interrupted=interrupted)
        outcome = differs(scene, report)
    except OSError as error:  # a system that cannot play it: no loopback address, a queue that cannot be filled
        outcome = f"cannot be played here: {error}"
    return Played(scene, outcome, time.monotonic() - started)


def _line(played: Played, width: int) -> str:
    mark, outcome = ("✗", played.differs) if played.differs else ("✓", played.scene.cause or played.scene.verdict)
    return f"{mark} {played.scene.name:<{width}}  {outcome}  {played.duration_s:.1f} s\n"


def names(scenes: Sequence[Scene], width: int) -> str:
    """Return the names of the scenes alone, wrapped to that many columns."""
    text = _wrapped("  ".join(scene.name for scene in scenes), width)
    hint = _wrapped("`mnistdoctor demo --list` tells what each is about, `--all` plays them all", width)
    return f"{len(scenes)} scenes:\n{text}\n{hint}\n\n"


def listing(scenes: Sequence[Scene], width: int) -> str:
    """Return the scenes with their motives, wrapped to that many columns."""
    names = max((len(scene.name) for scene in scenes), default=0)
    lines = []
    for scene in scenes:
        beside = width - names - 2 >= 30
        indent = " " * (names + 2 if beside else 4)
        first = f"{scene.name:<{names}}  " if beside else f"{scene.name}\n{indent}"
        text = textwrap.wrap(scene.motive, max(20, width - len(indent)), break_long_words=False, break_on_hyphens=False)
        lines.append(first + f"\n{indent}".join(text))
    hint = _wrapped("play one with `mnistdoctor demo SCENE`, all with `mnistdoctor demo --all`", width)
    return "\n".join((*lines, "", hint)) + "\n\n"


def introduction(scene: Scene, width: int = 88) -> str:
    """Return what a reader should know before the report of the scene."""
    told = f"Scene `{scene.name}`, played on loopback servers with nothing sent to the network: {scene.motive}"
    return _wrapped(told, width) + "\n\n"


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
