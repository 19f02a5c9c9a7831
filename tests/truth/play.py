"""Plays scenes: the doctor's verdict `--as` a client, and that client itself, in the same world; several at once."""

from __future__ import annotations

import hashlib
import multiprocessing
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.world.proxy import UnplayableError
from tests.world.scenes import Scene
from tests.world.test_check import SCENES as OF_WORLD
from tests.world.world import World

from . import settings
from .clients import Installed
from .table import Held

PATIENCE_S = 15
"""Seconds that a client gets beyond its own waits; one that takes longer does not work for anybody."""
SECOND_S = 150
"""What it gets where it disagrees with the doctor: both are asked once more, for the machine may have been busy, and a
lost IPv6 address costs as long as the system tries to connect (Linux: about 130 s)."""


def playable(scene: Scene) -> bool:
    """Whether it is about a plain URL, with no option that a client has not got, and no patience of the user's own."""
    url, *options = scene.argv
    names = {word for word in options if word.startswith("-")}
    return (
        url.startswith(("http://", "https://"))
        and names <= {"--timeout", "--as"}
        and scene.verdict != "inconclusive"
        and scene.name not in settings.OF_PATIENCE
    )


SCENES = {scene.name: scene for scene in (*settings.SCENES, *OF_WORLD) if playable(scene)}


def held(world: World, scene: Scene, installed: Installed) -> Held:
    """The verdict and the client, each in the world as the scene arranges it."""
    # Whether there is a fault at all is seen without controls; they say which one it is.
    first = _held(world, scene, installed, PATIENCE_S + installed.client.waits_s, "--no-controls")
    if first.agreement in ("agree", "open"):
        return first
    return _held(world, scene, installed, SECOND_S)


def _held(world: World, scene: Scene, installed: Installed, patience_s: float, *options: str) -> Held:
    client = installed.client
    how = _arranged(world, scene)
    python = ("--python", str(installed.python)) if installed.python else ()
    report = world.check(*_plain(scene.argv), "--as", client.name, "--no-try", *options, *python, **how)
    (target,) = report["targets"]
    if world.remembers:
        how = _arranged(world, scene)
    file = world.home / "fetched"
    try:
        done = world.run(
            *installed.argv(scene.argv[0], str(file), dict(_digests(target)).get("md5", "")), timeout=patience_s, **how
        )
        ended, said = done.returncode, (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
    except subprocess.TimeoutExpired:
        ended, said = -1, f"still at it after {patience_s:.0f} s"
    body = file.read_bytes() if ended == 0 and file.is_file() else None
    works = False if body is None else _right(body, target)
    cause = target["diagnosis"]["cause"] if target["diagnosis"] else ""
    said = "" if works else f"a wrong file of {len(body)} bytes" if body is not None else said[:160]
    return Held(client.label, scene.name, target["verdict"], cause, works, said)


def _plain(argv: Sequence[str]) -> list[str]:
    """Without the client that the scene itself is about."""
    return [word for place, word in enumerate(argv) if word != "--as" and argv[place - 1] != "--as"]


def _arranged(world: World, scene: Scene) -> dict[str, Any]:
    world.clear()
    how = dict(scene.arrange(world) or {})
    world.settle()
    return how


def _right(body: bytes, target: dict[str, Any]) -> bool | None:
    """Whether it is the file; without a known digest nobody can tell, unless the doctor says so."""
    if known := _digests(target):
        return any(hashlib.new(name, body).hexdigest() == value for name, value in known)
    return True if target["verdict"] == "healthy" else None


def _digests(target: dict[str, Any]) -> list[list[str]]:
    """Of the file itself, by algorithm."""
    subject = next(one for one in target["observations"] if one["kind"] == "subject")
    return [] if subject.get("digest_of") == "decoded" else list(subject.get("digests") or ())


def played(
    pairs: Sequence[tuple[str, Installed]], bundles: tuple[Path, ...], jobs: int
) -> Iterator[Held | tuple[str, str]]:
    """What came of each scene and client, as it comes; a scene that could not be played by name, with the reason."""
    context = multiprocessing.get_context("spawn")
    tasks, results = context.Queue(), context.Queue()
    count = min(jobs, len(pairs))
    for pair in pairs:
        tasks.put(pair)
    for _ in range(count):
        tasks.put(None)
    workers = [context.Process(target=_work, args=(tasks, results, bundles)) for _ in range(count)]
    for worker in workers:
        worker.start()
    for _ in pairs:
        yield results.get(timeout=600)
    for worker in workers:
        worker.join()


def _work(tasks: Any, results: Any, bundles: tuple[Path, ...]) -> None:
    world = World(bundles)
    try:
        while (pair := tasks.get()) is not None:
            name, installed = pair
            try:
                results.put(held(world, SCENES[name], installed))
            except (UnplayableError, AssertionError, subprocess.SubprocessError, OSError) as error:
                results.put((f"{installed.client.label} in {name}", f"{type(error).__name__}: {str(error)[:400]}"))
    finally:
        world.close()
