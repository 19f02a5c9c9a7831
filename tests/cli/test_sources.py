"""Settings by variables: each option has one, the command line stands before it, and `-v` says where each came from."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from mnistdoctor.cli import cli
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server
from tests.cli.test_commands import run

OPTIONS = [
    (name, one) for name, command in cli.commands.items() for one in command.params if isinstance(one, click.Option)
]


@pytest.mark.parametrize(("command", "option"), OPTIONS, ids=lambda one: one if isinstance(one, str) else one.opts[-1])
def test_every_option_has_its_variable(command: str, option: click.Option) -> None:
    long = next(name for name in option.opts if name.startswith("--"))
    assert option.envvar == "MNISTDOCTOR_" + long[2:].replace("-", "_").upper()


def told(*arguments: str, **variables: str) -> list[str]:
    with Server(respond(200, b"data")) as server:
        done = run("check", server.url("/x"), "--proxy", "", "-v", *arguments, **variables)
    return [line for line in done.err.splitlines() if line.startswith(("setting:", "warning:"))]


def test_the_command_line_stands_before_the_variable_and_that_before_the_default() -> None:
    lines = told("--jobs", "3", MNISTDOCTOR_JOBS="5", MNISTDOCTOR_TIMEOUT="7", MNISTDOCTOR_FULL="0")
    assert "setting: `--jobs 3` from the command line" in lines
    assert "setting: `--timeout 7.0` from MNISTDOCTOR_TIMEOUT" in lines
    assert "setting: no `--full` from MNISTDOCTOR_FULL" in lines
    assert lines[-1] == "setting: all other options have their defaults"


def test_a_misspelt_variable_is_named() -> None:
    assert "warning: MNISTDOCTOR_TIMOUT is set, and no option reads it" in told(MNISTDOCTOR_TIMOUT="1")


def test_no_secret_is_repeated() -> None:
    lines = told(
        "--header", "X-Key: hushhush", "--control", "http://127.0.0.1:9/?token=s3cretpw",
        MNISTDOCTOR_RESOLVE="a.example:80:127.0.0.1",
    )  # fmt: skip
    whole = "\n".join(lines)
    assert "hushhush" not in whole
    assert "s3cretpw" not in whole
    assert "`--header 'X-Key: ...'`" in whole
    assert "`--resolve a.example:80:127.0.0.1` from MNISTDOCTOR_RESOLVE" in whole


def test_a_value_that_cannot_be_names_the_variable() -> None:
    done = run("check", "http://127.0.0.1:1/", MNISTDOCTOR_JOBS="many")
    assert (done.code, done.out) == (2, "")
    assert "MNISTDOCTOR_JOBS" in done.err


@pytest.mark.parametrize("command", [("list", "mnist"), ("explain", "tls-intercepted"), ("demo", "mistyped")])
@pytest.mark.parametrize("form", ["plain", "auto", "junit"])
def test_a_form_of_reports_troubles_no_command_that_has_none(command: tuple[str, str], form: str) -> None:
    assert run(*command, MNISTDOCTOR_FORMAT=form).code == 0


def test_a_form_that_is_typed_must_be_one(tmp_path: Path) -> None:
    assert run("list", "--format", "junit").code == 2
    assert run("list", MNISTDOCTOR_FORMAT="nonsense").code == 2
