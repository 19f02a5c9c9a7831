"""Holds the doctor's verdicts against the clients: `python -m tests.truth [SCENE]... [--client NAME]...`, as root."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.world.scenes import Scene
from tests.world.test_check import SCENES
from tests.world.world import World

from . import settings
from .clients import CLIENTS, RealClient
from .table import Held, disagreements, table

PATIENCE_S = 40
"""Seconds that a client gets; one that waits longer does not work for anybody."""


def playable(scene: Scene) -> bool:
    """Whether it is about a plain URL, with no option that a client has not got."""
    url, *options = scene.argv
    names = {word for word in options if word.startswith("-")}
    return (
        url.startswith(("http://", "https://")) and names <= {"--timeout", "--as"} and scene.verdict != "inconclusive"
    )


def held(world: World, scene: Scene, client: RealClient, python: str) -> Held:
    """The verdict and the client, each in the world as the scene arranges it."""
    how = _arranged(world, scene)
    options = [word for word in scene.argv[1:] if word != "--as" and scene.argv[scene.argv.index(word) - 1] != "--as"]
    report = world.check(scene.argv[0], *options, "--as", client.name, "--no-try", **how)
    (target,) = report["targets"]
    how = _arranged(world, scene)
    file = world.home / "fetched"
    try:
        done = world.run(*client.argv(python, scene.argv[0], str(file)), timeout=PATIENCE_S, **how)
        ended, said = done.returncode, (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    except subprocess.TimeoutExpired:
        ended, said = -1, f"still at it after {PATIENCE_S} s"
    body = file.read_bytes() if ended == 0 and file.is_file() else None
    works = False if body is None else _right(body, target)
    cause = target["diagnosis"]["cause"] if target["diagnosis"] else ""
    return Held(client.name, scene.name, target["verdict"], cause, works, said[:160] if not works else "")


def _arranged(world: World, scene: Scene) -> dict[str, Any]:
    world.clear()
    how = dict(scene.arrange(world) or {})
    world.settle()
    return how


def _right(body: bytes, target: dict[str, Any]) -> bool | None:
    """Whether it is the file; without a known digest only an empty file can be told."""
    subject = next(one for one in target["observations"] if one["kind"] == "subject")
    known = [pair for pair in subject.get("digests") or () if subject.get("digest_of") != "decoded"]
    if known:
        return any(hashlib.new(name, body).hexdigest() == value for name, value in known)
    return True if target["verdict"] == "healthy" else None


def played(scenes: Sequence[Scene], clients: Sequence[RealClient], python: str) -> Iterator[Held]:
    """Every client in every scene."""
    look = "import importlib.util as u;print(u.find_spec('certifi') and __import__('certifi').where() or '')"
    bundle = subprocess.run([python, "-c", look], capture_output=True, text=True, check=True).stdout.strip()
    world = World((Path(bundle),) if bundle else ())
    try:
        for scene in scenes:
            for client in clients:
                yield held(world, scene, client, python)
    finally:
        world.close()


def main() -> int:
    """Play, print, and say by the exit code whether all agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", help="scenes whose names hold one of these words")
    parser.add_argument("--client", action="append", choices=[one.name for one in CLIENTS], help="this client alone")
    parser.add_argument("--python", default=sys.executable, help="the Python in which the loaders are installed")
    given = parser.parse_args()
    wanted = [one for one in CLIENTS if not given.client or one.name in given.client]
    here = [one for one in wanted if one.is_here(given.python)]
    for one in wanted:
        if one not in here:
            print(f"{one.name} is left out: {one.needs} is not installed", file=sys.stderr)
    known = [scene for scene in (*settings.SCENES, *SCENES) if playable(scene)]
    scenes = [scene for scene in known if not given.scenes or any(word in scene.name for word in given.scenes)]
    results: list[Held] = []
    for result in played(scenes, here, given.python):
        results.append(result)
        if told := disagreements([result]):
            print(told, flush=True)
    print(table(results))
    return 1 if disagreements(results) else 0


if __name__ == "__main__":
    sys.exit(main())
