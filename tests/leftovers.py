"""What a test leaves behind in this process: threads, children, open sockets. The test that left it fails, no other."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

PATIENCE_S = 15.0
"""For what is about to end anyway: a busy machine takes its time."""

_PROC = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Running:
    """What there is at one moment; children and sockets are known on Linux only."""

    threads: frozenset[threading.Thread]
    children: frozenset[int]
    sockets: frozenset[str]

    def beyond(self, before: Running) -> Running:
        """What is there and was not there before."""
        return Running(
            self.threads - before.threads, self.children - before.children, self.sockets - before.sockets
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.threads or self.children or self.sockets)

    def __str__(self) -> str:
        parts = [f"thread {thread.name}" for thread in self.threads]
        return ", ".join(sorted(parts + [f"process {pid}" for pid in self.children] + list(self.sockets)))


def running() -> Running:
    """What there is now."""
    return Running(frozenset(threading.enumerate()), frozenset(_children()), frozenset(_sockets()))


def left_since(before: Running) -> Running:
    """What came since and does not go, after some patience; children among it are ended."""
    until = time.monotonic() + PATIENCE_S
    while (left := running().beyond(before)) and time.monotonic() < until:
        time.sleep(0.01)
    for pid in left.children:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    return left


def _children() -> list[int]:
    """The live children; one that has ended and waits to be asked for its exit code is none."""
    found = []
    for task in _PROC.glob("task/*/children"):
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in task.read_text().split()]
    keeper = resource_tracker._resource_tracker._pid  # type: ignore[attr-defined]  # multiprocessing's own, to the end
    return [pid for pid in found if pid != keeper and _state(pid) not in "ZX"]


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def _sockets() -> list[str]:
    found = []
    with contextlib.suppress(OSError):
        for number in os.listdir(_PROC / "fd"):  # noqa: PTH208 - a quarter of the time, and it is done for each test
            with contextlib.suppress(OSError):
                found.append(os.readlink(_PROC / "fd" / number))  # noqa: PTH115
    return [one for one in found if one.startswith("socket:")]
