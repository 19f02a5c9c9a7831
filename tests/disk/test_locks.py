"""Who holds a lock on a file, in the words of /proc/locks and in truth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistdoctor.disk.locks import holder

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc/locks is Linux's")


def state(device: int, inode: int) -> os.stat_result:
    return os.stat_result((0o100644, inode, device, 1, 0, 0, 0, 0, 0, 0))


FILE = state(os.makedev(0xFE, 1), 4242)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("1: FLOCK  ADVISORY  WRITE 731 fe:01:4242 0 EOF", 731),
        ("1: POSIX  ADVISORY  READ  9 fe:01:4242 128 128", 9),
        ("1: POSIX  ADVISORY  READ  9 fe:01:4243 0 EOF\n2: FLOCK  ADVISORY  WRITE 731 fe:01:4242 0 EOF", 731),
        ("1: FLOCK  ADVISORY  WRITE 731 fe:01:42420 0 EOF", None),
        ("1: FLOCK  ADVISORY  WRITE 731 fe:02:4242 0 EOF", None),
        ("1: -> FLOCK  ADVISORY  WRITE 732 fe:01:4242 0 EOF", None),
        ("1: FLOCK  ADVISORY  WRITE 731 fe:01:9 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 732 fe:01:4242 0 EOF", None),
        ("1: OFDLCK ADVISORY  WRITE -1 fe:01:4242 0 EOF", None),
        ("1: FLOCK  ADVISORY  WRITE 0 fe:01:4242 0 EOF", None),
        ("1: FLOCK", None),
        ("", None),
        ("\ufffd \xff", None),
    ],
    ids=["flock", "posix", "second line", "longer inode", "other device", "only waits", "waits for another file",
         "open file description", "other container", "cut", "empty", "no ASCII"],
)  # fmt: skip
def test_what_the_table_says(lines: str, expected: int | None, tmp_path: Path) -> None:
    table = tmp_path / "locks"
    table.write_text(lines, encoding="utf-8")
    assert holder(FILE, table) == expected


def test_no_table() -> None:
    assert holder(FILE, Path("/nonexistent/locks")) is None


HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@linux
def test_a_living_owner_and_a_dead_one(tmp_path: Path) -> None:
    lock = tmp_path / "file.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        alive = holder(lock.stat())
        owner.kill()
    assert alive == owner.pid
    assert holder(lock.stat()) is None  # the file is still there: the lock went with the process
