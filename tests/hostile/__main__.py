"""`python -m tests.hostile [--interruptions N] [--write]`: every behaviour, the interruptions, and a dead server.

Exit 1 where anything did not hold, also where the suite passes against a port behind which nothing listens.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.hostile import interruptions, suite
from tests.hostile.behaviours import all_behaviours
from tests.leftovers import left_since, running

MOST_MIB = 150
LARGE = ("drip", "coding", "chunk", "field huge", "field 5000", "field long")
README = Path(__file__).parents[1] / "README.md"
MARKS = "<!-- hostile -->", "<!-- end of hostile -->"


def main() -> int:
    """Play all, print the table."""
    options = argparse.ArgumentParser(prog="python -m tests.hostile")
    options.add_argument("--interruptions", type=int, default=13, help="for each of the eight commands")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    options.add_argument("--write", action="store_true", help="put the table into tests/README.md")
    options.add_argument("--peak", action="store_true", help="only what is large, one by one; print the peak in MiB")
    given = options.parse_args()
    if given.peak:
        suite.play_all(tuple(one for one in all_behaviours() if one.name.startswith(LARGE)), side_by_side=1)
        # Not ru_maxrss: that goes over from the process that started this one (getrusage(2)).
        status = Path("/proc/self/status").read_text("ascii")
        print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
        return 0
    started, before = time.monotonic(), running()
    behaviours = all_behaviours()
    tally = suite.play_all(behaviours)
    alone = [sys.executable, "-m", "tests.hostile", "--peak"]
    peak = int(subprocess.run(alone, capture_output=True, text=True, check=True).stdout)
    dead = suite.play_all(behaviours[:: len(behaviours) // 10], dead=True)
    stopped = interruptions.interrupt_all(given.interruptions, given.seed)
    left = [*stopped.left, *([str(more)] if (more := left_since(before)) else [])]
    rows = {
        "behaviours tried": tally.tried,
        "server met": tally.met,
        "ended in time, with a cause or unexplained": tally.in_time,
        "own errors": len(tally.own_errors),
        "leaks": len(tally.leaks),
        "escapes": len(tally.escapes),
        f"interruptions survived, of {stopped.tried}": stopped.tried - len(stopped.lost),
        "files lost": len(stopped.lost),
        "left behind": len(left),
        f"peak memory of one run and its server, MiB (most {MOST_MIB})": peak,
        "against a dead server": "fails, as it must" if not dead.good else "PASSES",
    }
    width = max(map(len, rows))
    table = "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())
    print(table)
    print(f"seed {given.seed}, {time.monotonic() - started:.0f} s")
    for one in (*tally.own_errors, *tally.leaks, *tally.escapes, *stopped.lost, *left, *tally.unanswered):
        print("  ", one)
    good = tally.good and not dead.good and not stopped.lost and not left and peak < MOST_MIB
    if given.write:
        text, (begin, end) = README.read_text("utf-8"), MARKS
        block = f"{begin}\n`python -m tests.hostile`, {dt.date.today()}:\n```\n{table}\n```\n{end}"
        README.write_text(text[: text.index(begin)] + block + text[text.index(end) + len(end) :], "utf-8")
    return 0 if good else 1


sys.exit(main())
