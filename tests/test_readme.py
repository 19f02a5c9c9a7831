"""The README is held true: its pictures, its sessions, its examples, and every command and option that it names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.causes.registry import by_id
from mnistdoctor.cli import cli
from mnistdoctor.demo.faults_http import respond, sequence, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.servers import Server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (session|example|picture): (.+?) -->\n```\w*\n(.*?)```\n<!-- end -->", re.S)
LONGEST = 220
"""Lines: it is read by whoever has just met a failure."""

ERROR = """\
Traceback (most recent call last):
  File "train.py", line 4, in <module>
    data = MNIST(root="data", download=True)
  File "torchvision/datasets/mnist.py", line 99, in __init__
    self.download()
RuntimeError: File not found or corrupted.
"""
PROGRAM = """\
import sys
sys.exit("OSError: [Errno 28] No space left on device: '/data/mnist.npz'")
"""
SERVER = "http://127.0.0.1:8000"


def blocks(kind: str) -> dict[str, str]:
    return {name: text for found, name, text in BLOCK.findall(README + CONTRIBUTING) if found == kind}


def session_of(block: str) -> str:
    """The block's commands, each run as a shell would, and what each prints."""
    told = ""
    with tempfile.TemporaryDirectory() as name, Server(sequence(respond(503), serve(digits().body))) as server:
        folder = Path(name)
        (folder / "error.txt").write_text(ERROR, encoding="utf-8")
        (folder / "train.py").write_text(PROGRAM, encoding="utf-8")
        environment = {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "HOME": name, "COLUMNS": "80",
            "PYTHONUTF8": "1", "MNISTDOCTOR_NO_CONTROLS": "1",
        }  # fmt: skip
        program = folder / "bin" / "mnistdoctor"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m mnistdoctor "$@"\n', encoding="utf-8"
        )
        program.chmod(0o755)
        for line in re.findall(r"^\$ (.+)$", block, re.M):
            done = subprocess.run(
                ["sh", "-c", line.replace(SERVER, server.url("").rstrip("/"))], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, env=environment, timeout=60, check=False,
            )  # fmt: skip
            printed = done.stdout.decode("utf-8").replace(server.url("").rstrip("/"), SERVER)
            told += f"$ {line}\n{printed}"
    return "".join(f"{line.rstrip()}\n" for line in told.splitlines())


@pytest.mark.parametrize("name", sorted(blocks("session")))
def test_sessions_are_what_is_printed(name: str) -> None:
    block = blocks("session")[name]
    assert settled(block) == settled(session_of(block)), "`python -m tests.test_readme` writes the blocks anew"


def test_it_is_short_and_shows_each_way_of_use() -> None:
    assert len(README.splitlines()) <= LONGEST
    assert {*blocks("session"), *blocks("picture")} == {"mistyped", "healthy", "triage", "fetch", "run", "preflight"}


def test_every_option_that_is_named_exists() -> None:
    known = {name for one in cli.commands.values() for option in one.params for name in option.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", README)) <= {*known, "--help"}


def test_files_go_where_it_says() -> None:
    rows = re.findall(r"^\| (\w+) \| `([^`]+)`.*? \| (?:`\$(\w+)`)? ?\|$", README, re.M)
    known = load(None)
    assert {name for name, _, _ in rows} == {"keras", "torchvision", "sklearn", "tfds", "huggingface"}
    for name, folder, variable in rows:
        plan = known.loader(name).plan("mnist_784" if name == "sklearn" else "mnist")
        if plan.cache.roots:
            assert plan.cache.roots[-1] == folder
            assert variable in plan.cache.variables
        else:
            assert all(one.path.startswith(f"{folder}/") for file in plan.files for one in file.cached)


def test_the_catalogue_example_loads_and_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text(blocks("example")["catalogue"], encoding="utf-8")
    source, url = load(file).sources_of("mnist/t10k-labels")[0]
    assert (source.id, url) == ("our-mirror", "https://mirror.example.org/mnist/t10k-labels-idx1-ubyte.gz")


def picture_of(name: str) -> str:
    """What a person sees who plays the scene in a terminal of 80 columns."""
    from mnistdoctor.demo import player
    from mnistdoctor.demo.scenes import SCENES
    from mnistdoctor.report import Format, render

    scene = next(one for one in SCENES if one.name == name)
    report, code = player.play(scene)
    told = render(report, code, Format.RICH, width=80, verbose=False, colour=False, encoding="utf-8", strict=False)
    printed = f"$ mnistdoctor demo {name}\n{player.introduction(scene, 80)}{told}"
    return "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


def settled(text: str) -> str:
    """Without what differs from run to run: times and their bars, the breaks that their widths cause, and ports."""
    text = re.sub(r" [▏▎▍▌▋▊▉█]+", "", text.replace("– none", "–"))
    text = " ".join(re.sub(r"[ =]*\b\d+(\.\d+)? ?m?s\b", " TIME", text).split())
    return re.sub(r":\d{4,5}\b", ":PORT", text)


@pytest.mark.parametrize("name", sorted(blocks("picture")))
def test_pictures_are_what_is_printed(name: str) -> None:
    assert settled(blocks("picture")[name]) == settled(picture_of(name))


def test_every_command_and_cause_that_is_named_exists() -> None:
    assert set(re.findall(r"`mnistdoctor ([a-z]+)", README)) <= {*cli.commands}
    families = "|".join({one.partition("-")[0] for one in by_id()} - {"http", "length"})
    explained = set(re.findall(r"explain ([a-z0-9]+(?:-[a-z0-9]+)+)", README))
    named = explained | set(re.findall(rf"`((?:http-\d|(?:{families})-)[a-z0-9-]+)`", README))
    assert explained
    assert named <= set(by_id())


def test_the_test_command_is_what_ci_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "<!-- test-command -->" in script
    assert README.count("<!-- test-command -->") == 1
    assert "pytest" in README.split("<!-- test-command -->")[1].split("<!-- end -->")[0]


def write_blocks() -> None:
    """Writes the sessions and pictures of the README anew."""

    def renewed(match: re.Match[str]) -> str:
        kind, name, block = match.groups()
        if kind == "example":
            return match[0]
        text = session_of(block) if kind == "session" else picture_of(name)
        return f"<!-- {kind}: {name} -->\n```\n{text}```\n<!-- end -->"

    (ROOT / "README.md").write_text(BLOCK.sub(renewed, README), encoding="utf-8")


if __name__ == "__main__":
    write_blocks()
    sys.exit()
