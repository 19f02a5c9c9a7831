"""Each stored case is judged again by `check --from`, with no network, and has the same cause."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.cli import cli

from .record import FOLDER, names

CASES = sorted(FOLDER.glob("*.json"))


def verdicts(document: dict[str, Any]) -> list[tuple[object, ...]]:
    """(verdict, cause, stage, certainty) of each target."""
    found: list[tuple[object, ...]] = []
    for target in document["targets"]:
        told = target["diagnosis"] or {}
        found.append((target["verdict"], told.get("cause"), told.get("stage"), told.get("certainty")))
    return found


def again(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[dict[str, Any], int]:
    code = cli(["check", "--from", str(path), "--format", "json", *more], standalone_mode=False)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document, int(code or 0)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        pytest.fail("judging stored evidence needs no network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_scene_has_its_case() -> None:
    assert {path.stem for path in CASES} == set(names())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case_is_judged_alike_again(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads(path.read_text("utf-8"))
    document, code = again(path, capsys, "--catalogue", str(path.with_suffix(".toml")))
    assert verdicts(document) == verdicts(stored)
    assert code == stored["exit_code"]
    scene = names()[path.stem]
    assert {found[1] for found in verdicts(stored)} == {scene.cause}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_fixes_keep_what_they_came_to(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored = json.loads(path.read_text("utf-8"))
    document, _ = again(path, capsys, "--catalogue", str(path.with_suffix(".toml")))
    for then, now in zip(stored["targets"], document["targets"], strict=True):
        assert (now["diagnosis"] or {}).get("fixes") == (then["diagnosis"] or {}).get("fixes")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_stranger_without_that_catalogue_gets_an_answer(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document, code = again(path, capsys)
    assert code in (0, 1)
    assert document["verdict"] == json.loads(path.read_text("utf-8"))["verdict"]
