"""Shows that every stored case is judged as before: `python -m tests.cases.compare REV [--formats plain,json]`.

All cases of this tree are judged by `check --from` with the package of this tree and with that of REV, each in a
process of its own. What they print and their exit codes must be the same, byte for byte; exit code 1 if any differs.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent

_JUDGE = """
import contextlib, io, json, sys
from pathlib import Path
import mnistdoctor
from mnistdoctor.cli import cli

tree, *orders = json.load(sys.stdin)
assert Path(mnistdoctor.__file__).is_relative_to(tree), mnistdoctor.__file__
for words in orders:
    printed, code = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = cli(words, standalone_mode=False) or 0
    except BaseException as error:
        code = f"{type(error).__name__}: {error}"
    print(json.dumps([printed.getvalue(), code]))
"""


def orders(formats: list[str]) -> dict[str, list[str]]:
    """The command of each case and format, by a name to print."""
    found = {}
    for path in sorted(CASES.rglob("*.json")):
        catalogue = path.with_suffix(".toml")
        known = ["--catalogue", str(catalogue)] if catalogue.exists() else []
        for form in formats:
            name = f"{path.relative_to(CASES).with_suffix('')} ({form})"
            found[name] = ["check", "--from", str(path), *known, "--format", form]
    return found


def judged(tree: Path, commands: list[list[str]]) -> list[list[object]]:
    """What the package of that tree prints to each command, and how it ends."""
    hidden = ("MNISTDOCTOR_", "COLUMNS", "FORCE_COLOR", "CI", "GITHUB_")
    env = {name: value for name, value in os.environ.items() if not name.upper().startswith(hidden)}
    env |= {"PYTHONPATH": str(tree), "PYTHONUTF8": "1", "COLUMNS": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _JUDGE], input=json.dumps([str(tree), *commands]), stdout=subprocess.PIPE, text=True,
        cwd=tree, env=env, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextlib.contextmanager
def worktree(revision: str) -> Iterator[Path]:
    """The tree of a revision, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-compare-") as folder:
        tree = Path(folder).resolve() / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(tree), revision], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def main(arguments: list[str] | None = None) -> int:
    """Judge twice, and print which differ and how."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases.compare", description=__doc__)
    parser.add_argument("revision", metavar="REV")
    parser.add_argument("--formats", default="plain,json")
    parser.add_argument("--show", type=int, default=3, metavar="N", help="differences to show in full (3)")
    given = parser.parse_args(arguments)
    commands = orders(given.formats.split(","))
    now = judged(ROOT, list(commands.values()))
    with worktree(given.revision) as tree:
        then = judged(tree, list(commands.values()))
    different = 0
    for name, (old, old_code), (new, new_code) in zip(commands, then, now, strict=True):
        if (old, old_code) == (new, new_code):
            continue
        different += 1
        print(f"differs: {name}" + (f": ends with {new_code}, was {old_code}" if old_code != new_code else ""))
        if different <= given.show:
            lines = difflib.unified_diff(
                str(old).splitlines(), str(new).splitlines(), given.revision, "here", lineterm="", n=1
            )
            print("\n".join(f"  {line}" for line in lines))
    print(f"{len(commands)} judged in each tree, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
