"""The rooms of the package: imports run one way, without a circle, and each room's rules hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mnistdoctor
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.case import Control
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.registry import CAUSES

from .asks import asked_by

ROOT = Path(mnistdoctor.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
CAUSES_ROOM = ROOT / "causes"

RANK = {
    "addresses": 0, "exhaustive": 0, "failure": 0,
    "evidence": 1, "redact": 1, "wording": 2, "catalogue": 2, "settings": 3, "content": 3, "run": 4,
    "probe": 5, "causes": 5, "disk": 5,
    "diagnosis": 6, "examine": 7, "compare": 8, "demo": 8, "symptoms": 8, "download": 8,
    "report": 9, "api": 10, "interrupt": 10, "pytest_plugin": 11,
    "cli": 11, "__main__": 12, "__init__": 0,
}  # fmt: skip
"""A room imports only rooms of a lower number; `probe`, `causes` and `disk` never each other."""


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports_of(path: Path) -> frozenset[str]:
    """The modules of ours that a file imports, those inside functions and under TYPE_CHECKING included."""
    known = {dotted(one) for one in MODULES}
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("mnistdoctor.")}
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "mnistdoctor"):
            assert not node.level, f"{path}: imports are absolute"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else str(node.module))
    return frozenset(found)


def room_of(module: str) -> str:
    return ([*module.split("."), "__init__"])[1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(dotted(path))
    for module in imports_of(path):
        other = room_of(module)
        assert other in RANK, f"{path} imports the unknown room {other}"
        assert other in (room, "__init__") or RANK[other] < RANK[room], f"{dotted(path)} must not import {module}"


def test_no_circle_of_files() -> None:
    """Also none by an import inside a function, which only hides it."""
    graph = {dotted(path): imports_of(path) - {dotted(path)} for path in MODULES}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*way, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize("path", sorted(CAUSES_ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_causes_hold_no_socket(path: Path) -> None:
    nodes = list(ast.walk(tree_of(path)))
    names = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    assert not names & {"socket", "ssl", "requests", "urllib3", "dns", "subprocess"}


# causes/


def rule_modules() -> dict[str, Path]:
    """The modules that have causes."""
    return {dotted(path): path for path in sorted(CAUSES_ROOM.rglob("*.py")) if _assigns(path, "CAUSES")}


def _assigns(path: Path, name: str) -> list[ast.stmt]:
    found = []
    for node in tree_of(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found += [node for target in targets if isinstance(target, ast.Name) and target.id == name]
    return found


RULES = {name: path for name, path in rule_modules().items() if name != "mnistdoctor.causes.registry"}


def test_a_rule_module_imports_no_other() -> None:
    wrong = [f"{name} imports {one}" for name, path in RULES.items() for one in imports_of(path) if one in RULES]
    assert wrong == []


def test_only_who_asks_before_the_wire_names_rules() -> None:
    readers = {dotted(path) for path in MODULES for one in imports_of(path) if one in RULES}
    assert readers == {"mnistdoctor.causes.before_wire"}, "`registry.py` finds them; all others go through it"


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module, with their lines; those of docstrings as well."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


FACTS = [*sorted((CAUSES_ROOM / "facts").glob("*.py")), *sorted(CAUSES_ROOM.rglob("fixes.py"))]


@pytest.mark.parametrize("path", FACTS, ids=lambda path: str(path.relative_to(CAUSES_ROOM)))
def test_facts_and_fixes_know_no_cause(path: Path) -> None:
    known = re.compile(
        r"(?<![\w-])(?:" + "|".join(map(re.escape, sorted(ORDER, key=len, reverse=True))) + r")(?![\w-])"
    )
    named = [f"line {line}: {known.findall(text)}" for line, text in strings(path) if known.search(text)]
    assert named == []


@pytest.mark.parametrize("path", sorted((CAUSES_ROOM / "facts").glob("*.toml")), ids=lambda path: path.name)
def test_tables_of_facts_know_no_cause(path: Path) -> None:
    known = re.compile(r'"(?:' + "|".join(map(re.escape, ORDER)) + r')"')
    assert known.findall(path.read_text(encoding="utf-8")) == []


FAMILY = re.compile(r"(?:" + "|".join(sorted({one.partition("-")[0] for one in ORDER})) + r")-[a-z0-9]+(?:-[a-z0-9]+)*")


@pytest.mark.parametrize("name", RULES)
def test_causes_that_are_named_exist(name: str) -> None:
    """An id in `unlike` or `perhaps` is a word of the closed list; a slip is a runner-up that nobody can look up."""
    wrong = []
    for node in ast.walk(tree_of(RULES[name])):
        if not isinstance(node, ast.Call):
            continue
        for keyword in (one for one in node.keywords if one.arg in ("unlike", "perhaps")):
            texts = [str(one.value) for one in ast.walk(keyword.value) if isinstance(one, ast.Constant)]
            ids = [one for one in texts if FAMILY.fullmatch(one)]
            wrong += [one for one in ids if one not in ORDER]
    assert wrong == []


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_rule_bears_the_name_of_its_cause_and_says_when_it_holds(cause: Cause) -> None:
    if cause.holds is None:
        return
    assert cause.holds.__name__ == cause.id.replace("-", "_")
    assert (cause.holds.__doc__ or "").startswith("Holds when "), cause.holds.__doc__


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_a_cause_states_what_it_may_ask(cause: Cause) -> None:
    asked = asked_by(cause.holds.__module__, cause.holds.__name__) if cause.holds else frozenset[Control]()
    assert set(cause.needs) == asked
    assert len(set(cause.needs)) == len(cause.needs)


def test_every_cause_has_its_text_and_no_text_is_left_over() -> None:
    assert {path.stem for path in (CAUSES_ROOM / "texts").glob("*.md")} == set(ORDER)


# names

DIALECT = {
    "said", "told", "met", "due", "elsewhere", "shake", "nearly", "kept", "belongs", "walls", "trouble", "ways",
    "together", "reopened", "mirrors", "ground", "faint",
}  # fmt: skip
"""Words of a private dialect, as a part of a public name: the field has better ones."""
ALONE = DIALECT | {"one", "seen", "found", "given", "made", "passed", "what", "words", "six"}
"""And what is no name by itself."""
FORMAT = {"what"}
"""Words of the report's format, which records have to keep."""


def public_names(path: Path) -> Iterator[str]:
    """The module's own name, its functions and classes, and their methods and annotated fields."""
    yield path.parent.name if path.name == "__init__.py" else path.stem
    for node in tree_of(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef))
            yield from (ast.unparse(one.target) for one in node.body if isinstance(one, ast.AnnAssign))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_names_are_words_of_the_field(path: Path) -> None:
    names = [name for name in public_names(path) if not name.startswith("_") and name not in FORMAT]
    wrong = [name for name in names if name in ALONE or set(name.lower().split("_")) & DIALECT]
    assert wrong == []


# start


def test_the_stages_of_the_command_line_are_those_of_the_evidence() -> None:
    from mnistdoctor.cli import options
    from mnistdoctor.evidence import STAGES

    assert options.STAGES == STAGES


def test_start_needs_no_heavy_library() -> None:
    code = (
        "import sys; import mnistdoctor.cli; "
        "heavy = {'requests', 'rich', 'dns', 'cryptography', 'urllib3', 'mnistdoctor.evidence'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
