"""Writes the stubs of a new cause: `python -m tests.new_cause ID --like ID`.

Beside a cause that it resembles: a rule and its entry in `CAUSES`, a text, a place in the order, a row of the table of
look-alikes, and a scene of the demo. What is left to do by hand is printed at the end, and the tests say what is
missing.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mnistdoctor
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.registry import by_id

ROOT = Path(mnistdoctor.__file__).parents[1]
CAUSES = ROOT / "mnistdoctor" / "causes"
SCENES = ROOT / "mnistdoctor" / "demo" / "scenes"
TESTS = ROOT / "tests" / "causes"
FORM = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")

TEXT = """\
---
side: {side}
retry: {retry}
summary: One line that says what is wrong, as a person would
---

# {new}

What it is, and why it happens: two or three sentences.

How it is told from its look-alikes, each in backticks, such as `{like}`: what is asked, and which answer decides.

What to do. What not to do, and why.
"""

RULE = '''

def {function}(case: Case) -> Finding | None:
    """Holds when ..."""
    return None
'''


@dataclass(frozen=True, slots=True)
class New:
    """The cause to be, and the one that it is like."""

    id: str
    like: Cause

    @property
    def function(self) -> str:
        """The name of its rule."""
        return self.id.replace("-", "_")

    @property
    def liked(self) -> str:
        """The name of the other one's rule."""
        return self.like.id.replace("-", "_")


def rule(new: New) -> Iterator[Path]:
    """A function behind the other rule, and an entry behind the other's in `CAUSES`."""
    assert new.like.holds is not None
    path = ROOT / Path(*new.like.holds.__module__.split(".")).with_suffix(".py")
    text = path.read_text(encoding="utf-8")
    node = next(one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef) and one.name == new.liked)
    lines = text.splitlines(keepends=True)
    assert node.end_lineno is not None
    lines.insert(node.end_lineno, RULE.format(function=new.function))
    text = "".join(lines)
    entry = next(one for one in ast.walk(ast.parse(text)) if _is_entry(one, new.liked))
    end = _offset(text, entry)
    path.write_text(f"{text[:end]},\n    cause({new.function}){text[end:]}", encoding="utf-8")
    yield path


def _is_entry(node: ast.AST, name: str) -> bool:
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cause"
    return called and isinstance(node, ast.Call) and ast.unparse(node.args[0]) == name


def _offset(text: str, node: ast.AST) -> int:
    """Where the node ends in the text; columns are bytes."""
    assert isinstance(node, (ast.expr, ast.stmt))
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = text.splitlines(keepends=True)
    last = lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode()
    return sum(map(len, lines[: node.end_lineno - 1])) + len(last)


def story(new: New) -> Iterator[Path]:
    """The text that `explain` prints, with the other one's head."""
    path = CAUSES / "texts" / f"{new.id}.md"
    head = new.like.text
    path.write_text(TEXT.format(side=head.side, retry=head.retry, new=new.id, like=new.like.id), encoding="utf-8")
    yield path


def order(new: New) -> Iterator[Path]:
    """The id behind the other one's, in its rank; the rank's lines are filled anew."""
    path = CAUSES / "order.py"

    def filled(match: re.Match[str]) -> str:
        ids = re.findall(r'"[a-z0-9-]+"', match[2])
        at = ids.index(f'"{new.like.id}"') + 1
        ids.insert(at, f'"{new.id}"')
        rows = textwrap.wrap(", ".join(ids), 108, break_on_hyphens=False)
        return f"{match[1]}({(chr(10) + ' ' * 10).join(rows)})"

    text = path.read_text(encoding="utf-8")
    rank = re.compile(rf'(Rank\("[^"]*",\s*)\(([^()]*"{re.escape(new.like.id)}"[^()]*)\)')
    path.write_text(rank.sub(filled, text, count=1), encoding="utf-8")
    yield path


def row(new: New) -> Iterator[Path]:
    """A copy of the first row of a table that expects the other one; where there is none, a test that fails."""
    named = [path for path in sorted(TESTS.glob("test_*.py")) if f'"{new.like.id}"' in path.read_text(encoding="utf-8")]
    assert new.like.holds is not None
    module, family = new.like.holds.__module__.rsplit(".", 1)[1], new.id.partition("-")[0]
    own = [f"test_{module}", f"test_{family}_family", f"test_{family}"]
    named = sorted((path for path in named if path.stem in own), key=lambda path: own.index(path.stem)) or named
    for path in named:
        text = path.read_text(encoding="utf-8")
        for table in (one for one in ast.walk(ast.parse(text)) if isinstance(one, (ast.Dict, ast.List, ast.Tuple))):
            place = _row(text, table, new.like.id)
            if place is not None:
                start, end = place
                copy = text[start:end].replace(f'"{new.like.id}"', f'"{new.id}"')
                if isinstance(table, ast.Dict):
                    copy = re.sub(r'^"[^"]*"', f'"{new.id}: in plain words"', copy)
                path.write_text(f"{text[:end]},\n    {copy}{text[end:]}", encoding="utf-8")
                yield path
                return
    path = named[0] if named else TESTS / f"test_{new.function}.py"
    before = path.read_text(encoding="utf-8") if named else '"""Tests of a new cause."""\n'
    says = "the records that it holds for, and the look-alikes"
    stub = f'\n\ndef test_{new.function}() -> None:\n    raise AssertionError("{says}")\n'
    path.write_text(before.rstrip() + "\n" + stub, encoding="utf-8")
    yield path


def _row(text: str, table: ast.expr, identifier: str) -> tuple[int, int] | None:
    """Where the table's first row stands that names the cause, and that is a case with what is expected of it."""
    rows: list[tuple[ast.expr, ast.expr]] = []
    if isinstance(table, ast.Dict):
        rows = [(key, value) for key, value in zip(table.keys, table.values, strict=True) if key is not None]
    elif isinstance(table, ast.List):
        rows = [(one, one) for one in table.elts if isinstance(one, ast.Tuple)]
    for first, last in rows:
        calls = any(isinstance(one, ast.Call) for one in ast.walk(last))
        names = any(isinstance(one, ast.Constant) and one.value == identifier for one in ast.walk(last))
        if calls and names:
            return _offset(text, first) - len(ast.get_source_segment(text, first) or ""), _offset(text, last)
    return None


def scene(new: New) -> Iterator[Path]:
    """A copy of the other one's scene in the demo; where it has none, a line among the causes without a scene."""
    for path in sorted(SCENES.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and any(_names(one, new.like.id) for one in node.decorator_list):
                first = min(one.lineno for one in node.decorator_list) - 1
                lines = text.splitlines(keepends=True)
                assert node.end_lineno is not None
                copy = "".join(lines[first : node.end_lineno]).replace(f'"{new.like.id}"', f'"{new.id}"')
                copy = copy.replace(f"def {node.name}(", f"def {new.function}(", 1)
                lines.insert(node.end_lineno, f"\n\n{copy}")
                path.write_text("".join(lines), encoding="utf-8")
                yield path
                return
    path = ROOT / "tests" / "no_scene.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text.rstrip()}\n{new.id} = "TODO: why?"\n', encoding="utf-8")
    yield path


def _names(node: ast.AST, identifier: str) -> bool:
    return any(isinstance(one, ast.Constant) and one.value == identifier for one in ast.walk(node))


def status(new: New) -> Iterator[Path]:
    """A status that has a cause of its own says so among the statuses, or `http-4xx-other` would hold beside it."""
    number = re.match(r"http-([1-5]\d\d)-", new.id)
    path = CAUSES / "facts" / "statuses.toml"
    text = path.read_text("utf-8")
    if not number:
        return
    parts = re.split(r"(?m)^(?=\[\d+\]$)", text)  # what stands above the first row, and a part for each row
    rows = {int(part[1:].partition("]")[0]): part for part in parts[1:]}
    _, mark, heading = rows.get(int(number[1]), "").partition("\n#")  # of the rows that follow
    rows[int(number[1])] = f'[{number[1]}]\nkind = "own"\n{mark}{heading}\n'.replace("\n\n\n", "\n\n")
    parts[1:] = [part.rstrip("\n") + "\n\n" for _, part in sorted(rows.items())]
    path.write_text("".join(parts).rstrip("\n") + "\n", "utf-8")
    yield path


def main(arguments: list[str]) -> None:
    """Check the words of the command line, and write."""
    parser = argparse.ArgumentParser(prog="python -m tests.new_cause", description=__doc__)
    parser.add_argument("id", help="such as http-423-locked")
    parser.add_argument("--like", required=True, metavar="ID", help="the cause that it resembles most")
    chosen = parser.parse_args(arguments)
    families = {one.partition("-")[0] for one in ORDER}
    if chosen.like not in ORDER or by_id()[chosen.like].holds is None:
        parser.error(f"{chosen.like} is no cause that a rule finds: `mnistdoctor explain --list`")
    if chosen.id in ORDER:
        parser.error(f"{chosen.id} is there already")
    if not FORM.fullmatch(chosen.id) or chosen.id.partition("-")[0] not in families:
        parser.error(f"{chosen.id} begins with none of the families: {', '.join(sorted(families))}")
    new = New(chosen.id, by_id()[chosen.like])
    written = [path for step in (rule, story, order, row, scene, status) for path in step(new)]
    python = [str(path) for path in written if path.suffix == ".py"]
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", *python], check=True)
    print("Written, for you to fill in:")
    for path in written:
        print(f"  {path.relative_to(ROOT)}")
    played = any(SCENES in path.parents for path in written)
    by_hand = "a case made of records, as in tests/cases/made_*.py"
    stored = f"python -m tests.cases.record {new.id}" if played else by_hand
    print(f"""Then:
  python -m pytest tests/causes tests/test_completeness.py tests/test_architecture.py
  {stored}   # stores a case, so that it is judged the same for ever
  python -m tests.vocabulary   # if you added a fact or a fix""")


if __name__ == "__main__":
    main(sys.argv[1:])
