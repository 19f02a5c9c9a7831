"""Prints ratios measured in one run, the contenders taking turns: seconds differ from machine to machine.

The server is a process of its own on loopback, with TLS. Each row is a whole process: imports, examination, report.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mnistdoctor.catalogue import build, load
from mnistdoctor.demo.pki import Authority

from .server import BLOCK, serving

SMALL, LARGE = 200, 200 * 1024 * 1024

SCRIPT = """
import hashlib, requests, sys
url, ca, path = sys.argv[1:]
digest = hashlib.sha256()
with requests.get(url, verify=ca, stream=True, timeout=30) as answer, open(path, "wb") as file:
    answer.raise_for_status()
    for piece in answer.iter_content(1 << 16):
        digest.update(piece)
        file.write(piece)
print(digest.hexdigest())
"""


def digest_of(length: int) -> str:
    """The SHA-256 of a body."""
    whole, rest = divmod(length, len(BLOCK))
    digest = hashlib.sha256()
    for _ in range(whole):
        digest.update(BLOCK)
    digest.update(BLOCK[:rest])
    return digest.hexdigest()


def contenders(url: str, folder: Path, sha256: str) -> dict[str, list[str]]:
    """The commands that do the same: fetch, verify, compare the digest. The first is what the others are held to."""
    ca = str(folder / "ca.pem")
    found = {
        "requests + hashlib": [sys.executable, "-c", SCRIPT, url, ca, str(folder / "body")],
        "mnistdoctor check": [
            sys.executable, "-m", "mnistdoctor", "check", url, "--ca-bundle", ca, "--sha256", sha256, "--full",
            "--proxy", "", "--format", "json",
        ],
    }  # fmt: skip
    if curl := shutil.which("curl"):
        line = 'curl -sSf --noproxy "*" --cacert "$1" -o "$2" "$0" && sha256sum "$2"'.replace("curl", curl, 1)
        found["curl + sha256sum"] = ["sh", "-c", line, url, ca, str(folder / "body")]
    return found


def measure(commands: dict[str, list[str]], sha256: str, rounds: int) -> dict[str, float]:
    """Median seconds of each command, which take turns so that a busy moment hits them all."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            began = time.perf_counter()
            done = subprocess.run(argv, capture_output=True, text=True)
            took[name].append(time.perf_counter() - began)
            if done.returncode or sha256 not in done.stdout:
                raise SystemExit(f"{name} failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    return {name: statistics.median(seconds) for name, seconds in took.items()}


def _started(*arguments: str) -> Callable[[], None]:
    """A Python that is started with these arguments, and waited for."""

    def start() -> None:
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    return start


def _catalogue() -> None:
    build._built_in.cache_clear()
    build._built_in_document.cache_clear()
    load()


def _certificates() -> None:
    authority = Authority(intermediate=True)
    for _ in range(5):
        authority.issue().server_context()


ALONE = {
    "--help (0.5 is too much)": _started("-m", "mnistdoctor", "--help"),
    "import click": _started("-c", "import click"),
    "import mnistdoctor (1.2 x click)": _started("-c", "import mnistdoctor"),
    "python -c pass": _started("-c", "pass"),
    "run -- python -c pass (+ 0.15)": _started("-m", "mnistdoctor", "run", "--", sys.executable, "-c", "pass"),
    "the catalogue (0.02 is the aim)": _catalogue,
    "an authority, five certificates": _certificates,
}
"""What nobody should have to wait for."""


def best(work: Callable[[], None]) -> float:
    """The shortest of five runs, in seconds."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def row(name: str, seconds: float, base: float) -> str:
    """One line of the table."""
    return f"  {name:<22}{seconds:>8.2f} s{seconds / base:>8.2f} x"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each command")
    parser.add_argument("--large", type=int, default=LARGE, help="bytes of the large body")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-bench-") as name, serving(Path(name)) as origin:
        for length in (SMALL, given.large):
            sha256 = digest_of(length)
            found = measure(contenders(f"{origin}/{length}", Path(name), sha256), sha256, given.rounds)
            base = next(iter(found.values()))
            print(f"{length:,} bytes over TLS, median of {given.rounds}")
            print("\n".join(row(one, seconds, base) for one, seconds in found.items()))
    print("\nalone, the best of 5")
    print("\n".join(f"  {name:<32}{best(work):>7.3f} s" for name, work in ALONE.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
