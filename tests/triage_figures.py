"""How many of a file of labelled texts `triage` answers rightly: `python -m tests.triage_figures FILE.jsonl`.

Each line is an object with `id`, `text`, `expected` (causes, any of them right), `verdict` and `must_not`. It also
prints the time of one text, and whether the time grows with a text's length alone.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from mnistdoctor.catalogue import load
from mnistdoctor.symptoms.matches import Reading, read

_DANGEROUS = {
    "advice:disable-verification": ("verify=False", "--insecure", "--no-check-certificate", "unverified"),
    "advice:plain-http": ("http://",),
    "advice:ignore-checksum": ("no_checks", "ignore_verifications", "md5=None"),
    "advice:chmod-777": ("777",),
}


def _wrong(row: dict[str, Any], reading: Reading) -> str:
    """What is wrong with the answer, in a few words; empty where it is right."""
    top = reading.matches[0].cause if reading.matches else "unexplained"
    none_due = row["verdict"] == "not-a-download-failure" and not any(c.startswith("program-") for c in row["expected"])
    if top not in row["expected"] and not (none_due and reading.verdict == row["verdict"]):
        return f"{top}, not {' or '.join(row['expected'])}"
    if row["verdict"] not in ("either", reading.verdict):
        return f"verdict {reading.verdict}"
    certain = {match.cause for match in reading.matches if match.certainty == "certain"}
    misled = set(row["must_not"]) & {top, *certain}
    if misled:
        return f"misleads: {', '.join(misled)}"
    commands = " ".join(command.text for match in reading.matches for fix in match.fixes for command in fix.commands)
    for kind in row["must_not"]:
        if any(word in commands for word in _DANGEROUS.get(kind, ())):
            return f"dangerous: {kind}"
    return ""


def main(path: Path) -> int:
    """Print each wrong answer and the counts."""
    catalogue, took, wrong, count = load(), [], 0, 0
    read("", catalogue)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        began = time.perf_counter()
        reading = read(row["text"], catalogue)
        took.append(time.perf_counter() - began)
        count += 1
        said = _wrong(row, reading)
        if said:
            wrong += 1
            print(f"{row['id']:40}{said}")
    print(f"{count - wrong} of {count} right; a text takes {statistics.median(took) * 1000:.0f} ms (median)")
    noise = "".join(
        f"INFO step {number} loss 0.{number % 997} 12%|#### | {number}it [00:01]\n" for number in range(60_000)
    )
    for times in (1, 2, 4):
        began = time.perf_counter()
        read(noise * times + "urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>\n", catalogue)
        print(f"a log of {len(noise) * times / 1e6:.0f} MB: {time.perf_counter() - began:.2f} s")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
