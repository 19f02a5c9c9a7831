"""The bench runs; what it measures is for a quiet machine to say."""

from __future__ import annotations

import pytest

from . import many
from .__main__ import main


def test_each_contender_gets_both_bodies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "1", "--large", "100000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "bytes" in line] == [
        "200 bytes over TLS, median of 1",
        "100,000 bytes over TLS, median of 1",
    ]
    assert sum("mnistdoctor check" in line for line in lines) == 2


def test_many_files_and_many_machines(capsys: pytest.CaptureFixture[str]) -> None:
    """Right exit code, every target in its order, the planted setting first; the figures are for a quiet machine."""
    assert many.main(["--urls", "60", "--reports", "100"]) == 0, capsys.readouterr().out
    assert len(capsys.readouterr().out.splitlines()) == 7
