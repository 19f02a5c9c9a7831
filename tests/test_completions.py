"""`completions/` holds what `mnistdoctor completion` prints, and the shells really complete with it."""

from __future__ import annotations

import os
import re
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
FILES = {"bash": "mnistdoctor.bash", "zsh": "_mnistdoctor", "fish": "mnistdoctor.fish", "powershell": "mnistdoctor.ps1"}

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


LINES = [
    ("mnistdoctor ch", ["check"]),
    ("mnistdoctor pre", ["preflight"]),
    ("mnistdoctor check --dead", ["--deadline"]),
    ("mnistdoctor --dead", ["--deadline"]),
    ("mnistdoctor check --sh", ["--sha256"]),
    ("mnistdoctor check --format j", ["json", "junit"]),
    ("mnistdoctor preflight --report ht", ["html="]),
    ("mnistdoctor preflight --allow http-404-mo", ["http-404-moved"]),
    ("mnistdoctor keras:mn", ["keras:mnist"]),
    ("mnistdoctor check sklearn:", ["sklearn:mnist_784"]),
    ("mnistdoctor preflight fash", ["fashion_mnist"]),
    ("mnistdoctor --timeout 5 notm", ["notmnist"]),
    ("mnistdoctor check --as sklearn-1.0", ["sklearn-1.0"]),
    ("mnistdoctor explain http-404-mo", ["http-404-moved"]),
    ("mnistdoctor list qm", ["qmnist"]),
    ("mnistdoctor demo captive", ["captive-portal"]),
    ("mnistdoctor completion z", ["zsh"]),
    ("mnistdoctor explain no-such", []),
]
"""What stands before the cursor, and the words that are offered."""


@pytest.mark.parametrize(("line", "words"), [*LINES, ("mnistdoctor check ./some-f", ["compopt -o default"])])
def test_bash_completes(programs: Path, line: str, words: list[str]) -> None:
    # What stands before the last colon is not inserted again.
    assert offered(programs, line) == [word.partition(":")[2] or word for word in words]


def test_bash_offers_everything_where_nothing_is_typed(programs: Path) -> None:
    assert set(offered(programs, "mnistdoctor explain ")) == set(ORDER)
    assert set(offered(programs, "mnistdoctor demo ")) == {one.name for one in SCENES}
    assert set(offered(programs, "mnistdoctor list ")) == {one.id for one in load().datasets}
    assert set(offered(programs, "mnistdoctor check --as ")) == {one.name for one in load().clients}
    first = set(offered(programs, "mnistdoctor "))
    assert first >= {*cli.commands, "mnist", "torchvision:mnist"}
    assert set(offered(programs, "mnistdoctor check ")) == first - set(cli.commands)


def fish(programs: Path, line: str) -> list[str]:
    """What fish offers, without the descriptions."""
    program = shutil.which("fish")
    if program is None:
        pytest.skip("fish is not installed")
    code = f"source {FOLDER / FILES['fish']}; complete -C {line!r}"
    done = subprocess.run(
        [program, "--no-config", "-c", code], capture_output=True, text=True, timeout=60, cwd=programs,
        env={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(programs)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [word.split("\t")[0] for word in done.stdout.splitlines()]


@pytest.mark.parametrize(("line", "words"), LINES)
def test_fish_completes(programs: Path, line: str, words: list[str]) -> None:
    assert fish(programs, line) == words


ZSH = r"""
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' completer _complete
compadd() {
    local -a given
    builtin compadd -O given "$@"
    (( $#given )) && print -rl -- $given >> $OFFERED
    builtin compadd "$@"
}
finish() { exit }
zle -N finish
bindkey '^I' complete-word
bindkey '^X' finish
PS1='ready> '
"""


def zsh(programs: Path, line: str, folder: Path) -> list[str]:
    """What zsh offers: its completion runs in its line editor alone, so it gets a terminal and a Tab."""
    program = shutil.which("zsh")
    if program is None:
        pytest.skip("zsh is not installed")
    import pty  # no Windows has it

    (folder / "_mnistdoctor").write_text((FOLDER / FILES["zsh"]).read_text("utf-8"), "utf-8")
    (folder / ".zshrc").write_text(f"fpath=({folder} $fpath)\n{ZSH}", "utf-8")
    offered = folder / "offered"
    offered.touch()
    ours, theirs = pty.openpty()
    env = {
        "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "ZDOTDIR": str(folder), "TERM": "dumb",
        "OFFERED": str(offered),
    }  # fmt: skip
    with subprocess.Popen([program, "-d", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        try:
            while b"ready> " not in shown:
                shown += os.read(ours, 65536)
            os.write(ours, f"{line}\t\x18".encode())
            while os.read(ours, 65536):
                pass
        except OSError:  # on Linux a terminal ends with EIO
            pass
        process.wait(timeout=60)
    os.close(ours)
    return list(dict.fromkeys(offered.read_text("utf-8").splitlines()))


@pytest.mark.parametrize(("line", "words"), LINES)
def test_zsh_completes(programs: Path, tmp_path: Path, line: str, words: list[str]) -> None:
    assert zsh(programs, line, tmp_path) == words


@pytest.mark.parametrize(("line", "words"), LINES)
def test_powershell_completes(programs: Path, line: str, words: list[str]) -> None:
    program = shutil.which("pwsh")
    if program is None:
        pytest.skip("pwsh is not installed")
    code = f". {FOLDER / FILES['powershell']}; (TabExpansion2 {line!r} {len(line)}).CompletionMatches.CompletionText"
    done = subprocess.run(
        [program, "-NoProfile", "-NonInteractive", "-Command", code], capture_output=True, text=True, timeout=60,
        env={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(programs)},
    )  # fmt: skip
    assert [word for word in done.stdout.splitlines() if word] == words, done.stderr


@pytest.mark.parametrize(("line", "words"), LINES)
def test_what_powershell_is_told(programs: Path, line: str, words: list[str]) -> None:
    """The program's side of it, where there is no PowerShell."""
    before, _, current = line.rpartition(" ")
    done = subprocess.run(
        [programs / "mnistdoctor"], capture_output=True, text=True, timeout=60,
        env={"PATH": "/usr/bin", "_MNISTDOCTOR_COMPLETE": "powershell_complete",
             "COMP_WORDS": before.replace(" ", "\n"), "COMP_CWORD": current},
    )  # fmt: skip
    assert [word.split("\t")[0] for word in done.stdout.splitlines() if word] == words


NETWORK = ("socket", "ssl", "requests", "urllib3", "dns", "rich", "cryptography", "http.client")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--",
        "check --as ",
        "explain ",
        "demo ",
        "check --format ",
        "preflight --allow ",
        "preflight --report ",
        "list ",
    ],
)
def test_no_completion_waits_for_the_network_stack(line: str) -> None:
    code = (
        "import sys\nfrom mnistdoctor.cli import main\ntry: main()\nexcept SystemExit: pass\n"
        f"print([name for name in {NETWORK!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
        env={**os.environ, "_MNISTDOCTOR_COMPLETE": "fish_complete", "COMP_WORDS": f"mnistdoctor {line}",
             "COMP_CWORD": line.rpartition(" ")[2], "PYTHONPATH": str(FOLDER.parent)},
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout


@pytest.mark.parametrize("name", ["", *cli.commands])
def test_every_help_has_an_example(name: str) -> None:
    command = cli.commands[name] if name else cli
    text = command.help or ""
    whole = f"mnistdoctor {name} ".rstrip()
    assert f"\b\n{whole}" in text or re.search(rf"^.*\b{whole} ", text.partition("\b")[2], re.M), name
