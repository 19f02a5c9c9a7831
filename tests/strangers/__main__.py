"""Plays every stranger's case and prints a table: `python -m tests.strangers [S17]...`; exit code 1 if one is wrong."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.strangers.lab import Lab, Row, all_rows, number
from tests.strangers.scenes import SCENES


def outcome(row: Row) -> str:
    """`right`, `wrong: ...` with the assertion, or `not played: ...` with what is missing."""
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-stranger-") as folder, Lab(Path(folder)) as lab:
        try:
            row(lab)
        except AssertionError as error:
            return "wrong: " + (str(error).splitlines() or ["the answer"])[0]
        except pytest.skip.Exception as missing:
            return f"not played: {missing}"
    return "right"


def main(wanted: Sequence[str]) -> int:
    """Play the rows with these numbers, all without."""
    outcomes = []
    for name, row in all_rows().items():
        if wanted and f"s{number(name)}" not in [item.lower() for item in wanted]:
            continue
        outcomes.append(outcome(row))
        print(f"S{number(name):<4}{(row.__doc__ or '').splitlines()[0]:<96}{outcomes[-1]}", flush=True)
    for case, scenes in SCENES.items():
        if not wanted or f"s{case}" in [item.lower() for item in wanted]:
            print(f"S{case:<4}python -m pytest tests/world -k '{' or '.join(scenes)}'")
    right = outcomes.count("right")
    print(f"\n{right} of {len(outcomes)} right, {sum(o.startswith('not') for o in outcomes)} not played")
    return any(item.startswith("wrong") for item in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
