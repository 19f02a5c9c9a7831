"""`completions/` holds what `mnistdoctor completion` prints, and bash really completes with it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mnistdoctor
from mnistdoctor.catalogue import load
from mnistdoctor.causes.order import ORDER
from mnistdoctor.cli import cli
from mnistdoctor.cli.completion import SHELLS, script
from mnistdoctor.demo.scenes import SCENES

FOLDER = Path(__file__).parents[1] / "completions"
FILES = {"bash": "mnistdoctor.bash", "zsh": "_mnistdoctor", "fish": "mnistdoctor.fish"}

ASK = r"""
set -u
source "$1"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
# As bash splits it: a colon and an equals sign are words of their own.
read -ra COMP_WORDS <<< "$(sed -E 's/[:=]/ & /g' <<< "$2")"
[[ $2 == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo "compopt $*"; }
_mnistdoctor_completion mnistdoctor "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with the program that is tested."""
    folder = tmp_path_factory.mktemp("programs")
    program = folder / "mnistdoctor"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(Path(mnistdoctor.__file__).parents[1])!r})\n"
        "from mnistdoctor.cli import main\nmain()\n",
        "utf-8",
    )
    program.chmod(0o755)
    return folder


def offered(programs: Path, line: str) -> list[str]:
    """What bash offers where the cursor stands at the end of that line."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    done = subprocess.run(
        [bash, "--norc", "-c", ASK, "bash", str(FOLDER / FILES["bash"]), line],
        capture_output=True, text=True, timeout=60, env={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_files_are_what_the_command_prints(shell: str) -> None:
    assert (FOLDER / FILES[shell]).read_text("utf-8") == script(shell, cli), (
        f"`mnistdoctor completion {shell} > completions/{FILES[shell]}` writes it again"
    )


def test_there_are_no_other_files() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(FILES.values())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mnistdoctor ch", ["check"]),
        ("mnistdoctor pre", ["preflight"]),
        ("mnistdoctor check --dead", ["--deadline"]),
        ("mnistdoctor --dead", ["--deadline"]),
        ("mnistdoctor check --sh", ["--sha256"]),
        ("mnistdoctor check --format j", ["json", "junit"]),
        ("mnistdoctor keras:mn", ["mnist"]),
        ("mnistdoctor check sklearn:", ["mnist_784"]),
        ("mnistdoctor preflight fash", ["fashion_mnist"]),
        ("mnistdoctor --timeout 5 notm", ["notmnist"]),
        ("mnistdoctor check --as sklearn-1.0", ["sklearn-1.0"]),
        ("mnistdoctor explain http-404-mo", ["http-404-moved"]),
        ("mnistdoctor list qm", ["qmnist"]),
        ("mnistdoctor demo captive", ["captive-portal"]),
        ("mnistdoctor completion z", ["zsh"]),
        ("mnistdoctor explain no-such", []),
        ("mnistdoctor check ./some-f", ["compopt -o default"]),
    ],
)
def test_bash_completes(programs: Path, line: str, words: list[str]) -> None:
    assert offered(programs, line) == words


def test_bash_offers_everything_where_nothing_is_typed(programs: Path) -> None:
    assert set(offered(programs, "mnistdoctor explain ")) == set(ORDER)
    assert set(offered(programs, "mnistdoctor demo ")) == {one.name for one in SCENES}
    assert set(offered(programs, "mnistdoctor list ")) == {one.id for one in load().datasets}
    assert set(offered(programs, "mnistdoctor check --as ")) == {one.name for one in load().clients}
    first = set(offered(programs, "mnistdoctor "))
    assert first >= {*cli.commands, "mnist", "torchvision:mnist"}
    assert set(offered(programs, "mnistdoctor check ")) == first - set(cli.commands)
