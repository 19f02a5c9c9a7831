"""Writes `mnistdoctor/causes/README.md`, the vocabulary of the rules: `python -m tests.vocabulary`.

Every public name of the facts and of the fixes, with the first sentence of its docstring. A test holds it true.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import mnistdoctor

ROOT = Path(mnistdoctor.__file__).parent
PAGE = ROOT / "causes" / "README.md"
HEAD = """\
# The vocabulary of the causes

*Written by `python -m tests.vocabulary`; a test holds it true.* How a cause is added:
[CONTRIBUTING](../../.github/CONTRIBUTING.md#add-a-cause).

A rule reads **facts** (questions about the records; they know no cause) and says what it found with `finding(...)`:
a title, why, the evidence, **fixes**, and what it is `unlike` or `perhaps` instead. The order of the causes is
[order.py](order.py); what `explain` prints of each is a file in [texts/](texts). Below is what exists, so that nobody
writes it twice; what only the rules of one package offer to do stands in that package's `fixes.py`.
"""


def modules() -> tuple[Path, ...]:
    """The files that hold words which more than one rule uses, in the order of the page."""
    causes = ROOT / "causes"
    facts = [path for path in sorted((causes / "facts").glob("*.py")) if path.name != "__init__.py"]
    own_fixes = sorted(causes.glob("*/fixes.py"))
    return (
        causes / "case.py",
        causes / "base.py",
        causes / "finding.py",
        *facts,
        causes / "fixes.py",
        *own_fixes,
        ROOT / "wording.py",
    )


def entries(path: Path) -> Iterator[str]:
    """A line for each public name that has a docstring, methods and properties of a class indented below it."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    yield from _of(body, "")


def _of(body: list[ast.stmt], indent: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            is_class = isinstance(node, ast.ClassDef)
            name = node.name if is_class or _is_property(node) else f"{node.name}({_parameters(node)})"
            yield f"{indent}- `{name}` {_first_sentence(ast.get_docstring(node))}"
            if is_class:
                yield from _of([one for one in node.body if isinstance(one, ast.FunctionDef)], f"{indent}  ")


def _is_property(node: ast.FunctionDef | ast.ClassDef) -> bool:
    names = {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
    return bool(names & {"property", "cached_property"})


def _parameters(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.ClassDef):
        return ""
    arguments = node.args
    names = [one.arg for one in arguments.args if one.arg != "self"]
    names += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    return ", ".join([*names, *(f"{one.arg}=" for one in arguments.kwonlyargs)])


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def page() -> str:
    """The whole text."""
    parts = [HEAD]
    for path in modules():
        lines = list(entries(path))
        if lines:
            about = _first_sentence(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))
            place = path.relative_to(ROOT / "causes") if (ROOT / "causes") in path.parents else Path("..") / path.name
            parts.append(f"## [{place.as_posix()}]({place.as_posix()})\n\n{about}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
