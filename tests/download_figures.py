"""What a fetch leaves behind when it is killed, or may not write: `python -m tests.download_figures [--kills 50]`.

Each trial begins with a file of the user's in the place of the packed file and of its content. Afterwards each must
hold what it held, or the verified new file, with the user's kept beside it; and a rerun must finish.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mnistdoctor.demo.faults_http import serve
from mnistdoctor.demo.servers import Server
from tests.cli.test_commands import command

PLAIN = b"\0\0\x08\x01" + (2**20).to_bytes(4, "big") + random.Random(1).randbytes(2**20)
BODY = gzip.compress(PLAIN, mtime=0)
NAME, MINE = "train-labels-idx1-ubyte", b"mine"

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static long written;
ssize_t write(int fd, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        if (strstr(path, "mnistdoctor-part")) {
            written += size;
            if (written > atol(getenv("SHIM_AFTER"))) { errno = atoi(getenv("SHIM_ERRNO")); return -1; }
        }
    }
    return real(fd, data, size);
}
"""


@dataclass
class Row:
    """One kind of trouble."""

    name: str
    trials: int = 0
    old: int = 0
    new: int = 0
    lost: list[str] = field(default_factory=list)
    finished: int = 0

    def line(self) -> str:
        """Of the table."""
        numbers = f"{self.trials:>7}{self.old:>11}{self.new:>11}{len(self.lost):>8}{self.finished:>17}"
        return f"{self.name:<34}{numbers}" + "".join(f"\n    {one}" for one in self.lost)


HEAD = f"{'':<34}{'trials':>7}{'old state':>11}{'new files':>11}{'lost':>8}{'rerun finished':>17}"


class Laboratory:
    """A server, and a folder in which torchvision keeps its files."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.catalogue = folder / "own.toml"
        sha256 = hashlib.sha256(BODY).hexdigest()
        self.catalogue.write_text(
            f'[[dataset]]\nid = "labels"\n[[file]]\nid = "labels/train"\nname = "{NAME}.gz"\nkind = "gzip-idx"\n'
            f'sha256 = "{sha256}"\nsize = {len(BODY)}\n'
            f'[[source]]\nid = "own"\ndataset = "labels"\nurl = "{server.url("/{name}")}"\nstatus = "in_use"\n'
            '[[loader]]\nname = "torchvision"\ndistributions = ["torchvision"]\nnewest_release = "0.29.2"\n'
            'clients = [{ client = "torchvision" }]\ncaches = [{ roots = [] }]\n'
            '[[loader.datasets]]\nname = "labels"\ndataset = "labels"\nnames = ["{name}"]\ndecoded = ["{stem}"]\n'
            'routes = [{ sources = ["own"], digest = "sha256" }]\n'
        )
        self.runs = 0

    def fresh(self) -> Path:
        """A root with the user's own files."""
        self.runs += 1
        root = self.folder / f"root{self.runs}"
        root.mkdir()
        self.fill(root)
        return root

    def fill(self, root: Path) -> None:
        """The user's own files, in both places."""
        (root / f"{NAME}.gz").write_bytes(MINE)
        (root / NAME).write_bytes(MINE)

    def start(self, root: Path, **variables: str) -> subprocess.Popen[bytes]:
        """A fetch into that root."""
        words = ("fetch", "torchvision:labels", "--root", str(root), "--catalogue", str(self.catalogue), "--proxy", "")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        named = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), **variables}
        return subprocess.Popen(command(*words, "--timeout", "5"), env=named, **quiet)  # type: ignore[call-overload, no-any-return]

    def look(self, root: Path, row: Row, *, rerun: bool = True) -> None:
        """What is there now, and after one more fetch."""
        row.trials += 1
        right = {f"{NAME}.gz": BODY, NAME: PLAIN}
        held = {name: (root / name).read_bytes() if (root / name).exists() else None for name in right}
        if all(value == MINE for value in held.values()):
            row.old += 1
        elif held == right:
            row.new += 1
        self.check(root, row, held, right)
        if rerun and self.start(root).wait(timeout=120) == 0:
            after = {name: (root / name).read_bytes() for name in right}
            left = [path.name for path in root.iterdir() if path.name.startswith(".")]
            if left:
                row.lost.append(f"{root.name}: left behind {left}")
            row.finished += after == right and not left
            self.check(root, row, after, right)

    def check(
        self, root: Path, row: Row, held: dict[str, bytes | None] | dict[str, bytes], right: dict[str, bytes]
    ) -> None:
        """Every place holds one of two things, and the user's own is somewhere."""
        for name, value in held.items():
            if value not in (MINE, right[name]):
                row.lost.append(f"{root.name}: {name} holds neither the old nor the new file")
            if not any(path.is_file() and path.read_bytes() == MINE for path in root.glob(f"{name}*")
                       if path.name == name or path.name.startswith(f"{name}.aside")):  # fmt: skip
                row.lost.append(f"{root.name}: what the user had in {name} is gone")


def killed(laboratory: Laboratory, number: int) -> Row:
    """SIGKILL at random moments, from the start of the interpreter to the end."""
    row = Row("SIGKILL at a random moment")
    root = laboratory.fresh()
    began = time.monotonic()
    laboratory.start(root).wait()
    whole = time.monotonic() - began
    chance = random.Random(number)
    for _ in range(number):
        root = laboratory.fresh()
        process = laboratory.start(root)
        time.sleep(whole * chance.uniform(0.3, 1.05))
        process.kill()
        process.wait()
        laboratory.look(root, row)
    return row


KILLER = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
left = int(sys.argv[2])
def at(event, arguments):
    global left
    if event in ("open", "os.rename", "os.link", "os.remove", "os.chmod", "os.symlink") and any(
        isinstance(one, (str, bytes, os.PathLike)) and sys.argv[3] in os.fsdecode(one) for one in arguments
    ):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(at)
from mnistdoctor.cli import cli
cli.main(sys.argv[4:], standalone_mode=False)
"""


def killed_at_each_step(laboratory: Laboratory, most: int) -> Row:
    """SIGKILL before each operation on a file of the folder, one after the other, until none is left."""
    row = Row("SIGKILL before each file operation")
    checkout = str(Path(__file__).parents[1])
    for number in range(most):
        root = laboratory.fresh()
        words = ["fetch", "torchvision:labels", "--root", str(root), "--catalogue", str(laboratory.catalogue)]
        argv = [sys.executable, "-c", KILLER, checkout, str(number), f"{root}/", *words, "--proxy", ""]
        variables = {**os.environ, "XDG_CACHE_HOME": str(laboratory.folder / "cache")}
        ended = subprocess.run(argv, capture_output=True, env=variables, check=False).returncode
        laboratory.look(root, row)
        if ended != -9:
            break
    return row


def shimmed(laboratory: Laboratory, name: str, number: int, moments: Sequence[int]) -> Row | None:
    """The writes fail with that error from a certain byte on; None where there is no C compiler."""
    row, compiler = Row(name), shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = laboratory.folder / "shim.so"
    source = laboratory.folder / "shim.c"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    for after in moments:
        root = laboratory.fresh()
        given = {"LD_PRELOAD": str(library), "SHIM_AFTER": str(after), "SHIM_ERRNO": str(number)}
        process = laboratory.start(root, **given)
        if process.wait(timeout=120) == 0:
            row.lost.append(f"{root.name}: it says that it is ready")
        laboratory.look(root, row)
    return row


def full_disk(laboratory: Laboratory) -> Row | None:
    """A small tmpfs; None for who may not mount one."""
    row = Row("a disk that is full (tmpfs)")
    for kilobytes in (64, 900, 1100, 1800):
        root = laboratory.folder / f"tmpfs{kilobytes}"
        root.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", root], capture_output=True, check=False
        )
        if made.returncode:
            return None
        try:
            laboratory.fill(root)
            if laboratory.start(root).wait(timeout=120) == 0:
                row.lost.append(f"{root.name}: it says that it is ready")
            laboratory.look(root, row, rerun=False)
            subprocess.run(["mount", "-o", "remount,size=16m", root], check=True)
            row.finished += laboratory.start(root).wait(timeout=120) == 0
            if (root / NAME).read_bytes() != PLAIN or (root / f"{NAME}.gz").read_bytes() != BODY:
                row.lost.append(f"{root.name}: not right after the rerun")
        finally:
            subprocess.run(["umount", root], check=True)
    return row


def read_only(laboratory: Laboratory) -> Row | None:
    """A folder that cannot be written, for root as well; None for who may not mount one."""
    row, root = Row("a folder that is read-only"), laboratory.folder / "read-only"
    root.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", root], capture_output=True, check=False).returncode:
        return None
    try:
        laboratory.fill(root)
        subprocess.run(["mount", "-o", "remount,ro", root], check=True)
        if laboratory.start(root).wait(timeout=120) == 0:
            row.lost.append("it says that it is ready")
        laboratory.look(root, row, rerun=False)
        subprocess.run(["mount", "-o", "remount,rw", root], check=True)
        row.finished += laboratory.start(root).wait(timeout=120) == 0
    finally:
        subprocess.run(["umount", root], check=True)
    return row


def two_at_once(laboratory: Laboratory, times: int) -> Row:
    """Both must end well; then the same with the first killed while the second waits."""
    row = Row("two at once, one of them killed")
    for number in range(times):
        root = laboratory.fresh()
        first, second = laboratory.start(root), laboratory.start(root)
        if number % 2:
            time.sleep(0.5)
            first.kill()
        codes = first.wait(timeout=120), second.wait(timeout=120)
        if codes[1] != 0 or codes[0] not in (0, -9):
            row.lost.append(f"{root.name}: they ended with {codes}")
        laboratory.look(root, row)
    return row


def rows(kills: int, steps: int, pairs: int) -> list[Row]:
    """The whole table."""
    import errno

    moments = (0, 1000, len(BODY) // 2, len(BODY) + 1000, len(BODY) + len(PLAIN) - 1)
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-") as folder, Server(serve(BODY)) as server:
        laboratory = Laboratory(Path(folder), server)
        makers: list[Callable[[], Row | None]] = [
            lambda: killed(laboratory, kills),
            lambda: killed_at_each_step(laboratory, steps),
            lambda: shimmed(laboratory, "ENOSPC, from a certain byte on", errno.ENOSPC, moments),
            lambda: shimmed(laboratory, "EDQUOT, from a certain byte on", errno.EDQUOT, moments),
            lambda: shimmed(laboratory, "EIO, from a certain byte on", errno.EIO, moments),
            lambda: full_disk(laboratory),
            lambda: read_only(laboratory),
            lambda: two_at_once(laboratory, pairs),
        ]
        return [row for maker in makers if (row := maker()) is not None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play all and print; 1 where anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.download_figures", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="random moments")
    parser.add_argument("--steps", type=int, default=80, help="file operations, at most")
    parser.add_argument("--pairs", type=int, default=4, help="times that two run at once")
    given = parser.parse_args(arguments)
    found = rows(given.kills, given.steps, given.pairs)
    print("\n".join((HEAD, *(row.line() for row in found))))
    return int(any(row.lost or row.finished < row.trials for row in found))


if __name__ == "__main__":
    sys.exit(main())
