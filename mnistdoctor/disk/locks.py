"""Which process holds a lock on a file, as Linux tells it to everybody: nothing is locked to find out."""

from __future__ import annotations

import os
from pathlib import Path


def holder(state: os.stat_result, table: Path = Path("/proc/locks")) -> int | None:
    """The process id that holds a flock or a POSIX lock on the file of this state; None where nobody does.

    Source: https://man7.org/linux/man-pages/man5/proc_locks.5.html
    """
    wanted = f"{os.major(state.st_dev):02x}:{os.minor(state.st_dev):02x}:{state.st_ino}"
    try:
        lines = table.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        # a line with `->` is a process that waits for the one above it; -1 is no process but an open file, and 0 one
        # that cannot be seen from this container
        if len(words) >= 6 and words[1] != "->" and words[5] == wanted and words[4].isdigit() and words[4] != "0":
            return int(words[4])
    return None
