"""The rooms of the package: imports run one way, and a room's rules hold."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mnistdoctor

ROOT = Path(mnistdoctor.__file__).parent

# evidence <- failure <- catalogue <- settings <- run <- (probe | disk | causes) <- diagnosis <- examine <- report,
# then cli.
# `content` looks at bytes, for the probe that receives them and for the disk that holds them.
RANK = {
    "evidence": 0, "failure": 1, "redact": 1, "wording": 2, "catalogue": 2, "settings": 3, "content": 3, "run": 4,
    "probe": 5, "causes": 5, "disk": 5, "diagnosis": 6, "examine": 7, "compare": 8, "demo": 8, "report": 9,
    "cli": 10, "__main__": 11, "__init__": 0,
}  # fmt: skip


def imports_of(path: Path) -> set[str]:
    """The rooms that a module imports, those under TYPE_CHECKING included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "mnistdoctor":
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("mnistdoctor.")}
    return found


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


MODULES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    for other in imports_of(path) - {room, "__version__"}:
        assert other in RANK, f"{path} imports the unknown room {other}"
        assert RANK[other] < RANK[room], f"{path.relative_to(ROOT)} ({room}) must not import {other}"


@pytest.mark.parametrize("path", sorted((ROOT / "causes").rglob("*.py")), ids=lambda path: path.name)
def test_causes_hold_no_socket(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not names & {"socket", "ssl", "requests", "urllib3", "dns", "subprocess"}


def test_the_stages_of_the_command_line_are_those_of_the_evidence() -> None:
    from mnistdoctor.cli import options
    from mnistdoctor.evidence import STAGES

    assert options.STAGES == STAGES


def test_start_needs_no_heavy_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import mnistdoctor.cli; "
        "heavy = {'requests', 'rich', 'dns', 'cryptography', 'urllib3', 'mnistdoctor.evidence'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
