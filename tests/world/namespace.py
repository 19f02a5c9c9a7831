"""Network namespaces, the processes in them, and their certain removal.

A thread that enters a namespace takes with it only itself, its new sockets and its new children. So a server in
this process can listen inside, and a child started from such a thread *is* the daemon: its pid is the one to end.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
CLONE_NEWNET = 0x40000000
REGISTER = Path("/run/mnistdoctor-world")
"""One file for each lab: the owner's pid and start time, and those of its daemons."""

_libc = ctypes.CDLL(None, use_errno=True)


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of a live process; None for one that is gone or a zombie.

    A pid alone may have been given to somebody else: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def inside(name: str, work: Callable[[], T]) -> T:
    """What `work` returns when a thread of its own calls it inside the namespace."""
    done: list[T] = []
    failed: list[BaseException] = []

    def body() -> None:
        try:
            handle = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(handle, CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), f"setns {name}")
            finally:
                os.close(handle)
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=body, name=f"in {name}")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def command(name: str | None, argv: Sequence[str], given: str = "") -> str:
    """The output of a short command, run in the namespace (or in the host's own for None)."""

    def work() -> str:
        ended = subprocess.run(argv, input=given, capture_output=True, text=True, timeout=20)
        if ended.returncode:
            raise RuntimeError(f"`{' '.join(argv)}` ended with {ended.returncode}: {ended.stderr.strip()}")
        return ended.stdout

    return inside(name, work) if name else work()


def _end(pid: int, started: int, patience: float = 2.0) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if start_time(pid) != started:
            return
        os.kill(pid, number)
        limit = time.monotonic() + patience
        while start_time(pid) == started and time.monotonic() < limit:
            time.sleep(0.005)


class Lab:
    """The namespaces and daemons of one world, written down so that a later run can clear them away."""

    def __init__(self, names: Sequence[str]) -> None:
        owner = os.getpid()
        self.names = {name: f"md{owner}-{name}" for name in names}
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._record = REGISTER / f"{owner}.json"
        self.folder = Path(f"/tmp/mnistdoctor-world-{owner}")
        REGISTER.mkdir(exist_ok=True)
        remove_stale()
        _delete(list(self.names.values()))
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755)
        self._write()
        command(None, ["ip", "-batch", "-"], "".join(f"netns add {name}\n" for name in self.names.values()))

    def _write(self) -> None:
        daemons = [[child.pid, start_time(child.pid)] for child in self.daemons.values()]
        content: dict[str, Any] = {
            "owner": [os.getpid(), start_time(os.getpid())],
            "daemons": daemons,
            "names": list(self.names.values()),
            "folder": str(self.folder),
        }
        self._record.write_text(json.dumps(content))

    def start(self, name: str, where: str, argv: Sequence[str]) -> None:
        """Starts a daemon, which must stay in the foreground; its words go to `NAME.out` in the lab's folder."""
        with (self.folder / f"{name}.out").open("ab") as words:
            child = inside(
                self.names[where],
                lambda: subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=words, stderr=words),
            )
        self.daemons[name] = child
        self._write()

    def stop(self, name: str, *, at_once: bool = False) -> None:
        """Ends a daemon (`at_once` with SIGKILL) and waits for it; no complaint where it was never started."""
        child = self.daemons.pop(name, None)
        if child is None:
            return
        child.send_signal(signal.SIGKILL if at_once else signal.SIGTERM)
        try:
            child.wait(3)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait(3)

    def alive(self, name: str) -> bool:
        child = self.daemons.get(name)
        return child is not None and child.poll() is None

    def words(self, name: str) -> str:
        """What a daemon printed so far."""
        path = self.folder / f"{name}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    def remove(self) -> None:
        """Ends everything that this lab started. May be called twice."""
        for name in list(self.daemons):
            self.stop(name)
        _delete(list(self.names.values()))
        shutil.rmtree(self.folder, ignore_errors=True)
        self._record.unlink(missing_ok=True)


def _delete(names: Sequence[str]) -> None:
    present = [name for name in names if Path("/run/netns", name).exists()]
    if present:
        # Two test processes may clear away the same remains: `-force` goes on over what the other took.
        lines = "".join(f"netns del {name}\n" for name in present)
        subprocess.run(["ip", "-force", "-batch", "-"], input=lines, text=True, capture_output=True, timeout=20)


def remove_stale() -> None:
    """Clears away the labs of test runs that are no more (killed, or out of power)."""
    for record in REGISTER.glob("*.json"):
        try:
            content = json.loads(record.read_text())
            owner, started = content["owner"]
        except (OSError, ValueError, KeyError):
            continue
        if start_time(owner) == started:
            continue
        for pid, since in content["daemons"]:
            if since is not None:
                _end(pid, since)
        _delete(content["names"])
        shutil.rmtree(content["folder"], ignore_errors=True)
        record.unlink(missing_ok=True)
