"""The README is held true: its help blocks, its picture, its examples."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mnistdoctor.catalogue import load
from mnistdoctor.causes.order import by_id
from mnistdoctor.cli import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- (help|example|picture): (.+?) -->\n```\w*\n(.*?)```\n<!-- end -->", re.S)
WIDTH = 88


def blocks(kind: str) -> dict[str, str]:
    return {name: text for found, name, text in BLOCK.findall(README) if found == kind}


def help_of(command: str) -> str:
    """What the command prints, at the README's width."""
    arguments = command.split()[1:]
    result = CliRunner().invoke(cli, arguments, prog_name="mnistdoctor", terminal_width=WIDTH)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("command", sorted(blocks("help")))
def test_help_blocks(command: str) -> None:
    assert blocks("help")[command] == help_of(command), "`python -m tests.test_readme` writes the help blocks anew"


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


@pytest.mark.parametrize("name", sorted(blocks("picture")))
def test_pictures_are_what_is_printed(name: str) -> None:
    def settled(text: str) -> str:
        """Without what differs from run to run: times, the breaks that their widths cause, and ports."""
        text = " ".join(re.sub(r" *\d+(\.\d+)? m?s\b", " TIME", text).replace("– none", "–").split())
        return re.sub(r":\d{4,5}\b", ":PORT", text)

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
    """Writes the help blocks and pictures of the README anew."""

    def renewed(match: re.Match[str]) -> str:
        kind, name, _ = match.groups()
        if kind == "example":
            return match[0]
        text = help_of(name) if kind == "help" else picture_of(name)
        return f"<!-- {kind}: {name} -->\n```\n{text}```\n<!-- end -->"

    (ROOT / "README.md").write_text(BLOCK.sub(renewed, README), encoding="utf-8")


if __name__ == "__main__":
    write_blocks()
    sys.exit()
