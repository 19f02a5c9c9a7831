"""Which controls a rule may ask for, found by following the names that it uses through the code of the causes.

A mention of `Control.X` as an argument counts as a question, unless it is the argument of `recorded`, which only reads.
Names are followed into facts and fixes whether or not their branch would be taken: the answer is what may be asked.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import mnistdoctor
from mnistdoctor.causes.case import Control

ROOT = Path(mnistdoctor.__file__).parents[1]
Name = tuple[str, str]
"""A module, and a name at its top level."""


@cache
def modules() -> dict[str, ast.Module]:
    """The syntax trees of the causes, by dotted name."""
    files = sorted((ROOT / "mnistdoctor" / "causes").rglob("*.py"))
    return {_dotted(path): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def _imports(module: str) -> dict[str, str | Name]:
    """What each imported name stands for: a module of the causes, or a name in one."""
    known = modules()
    found: dict[str, str | Name] = {}
    for node in ast.walk(known[module]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found[alias.asname or alias.name] = whole if whole in known else (node.module, alias.name)
    return found


@cache
def _definitions() -> dict[Name, ast.AST]:
    found: dict[Name, ast.AST] = {}
    for module, tree in modules().items():
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found[module, node.name] = node
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        found[module, target.id] = node.value
    return found


def asked_by(module: str, name: str) -> frozenset[Control]:
    """The controls that this function, and all that it uses, may ask for."""
    waiting, seen, asked = [(module, name)], set[Name](), set[Control]()
    while waiting:
        current = waiting.pop()
        node = _definitions().get(current)
        if node is None or current in seen:
            continue
        seen.add(current)
        asked |= _own_questions(node)
        waiting += _uses(current[0], node)
    return frozenset(asked)


def _own_questions(node: ast.AST) -> set[Control]:
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
    reads = [one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr == "recorded"]
    arguments = [argument for call in calls if call not in reads for argument in call.args]
    return {
        Control[one.attr]
        for one in arguments
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "Control"
    }


def _uses(module: str, node: ast.AST) -> list[Name]:
    imports, own = _imports(module), _definitions()
    found: list[Name] = []
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            stands_for = (module, one.id) if (module, one.id) in own else imports.get(one.id)
            if isinstance(stands_for, tuple):
                found.append(stands_for)
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            stands_for = imports.get(one.value.id)
            if isinstance(stands_for, str):
                found.append((stands_for, one.attr))
    return found
