"""The control that tries the host's other port: at the address whose failure decided, not at the last one tried."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.case import Control
from mnistdoctor.examine.conductor import new_run
from mnistdoctor.examine.controls import registry
from mnistdoctor.failure import Failure
from mnistdoctor.probe import tcp
from mnistdoctor.probe.dns import SystemNames
from mnistdoctor.settings import Environment, Settings
from tests.causes.evidence import Evidence, rec

FOUR, SECOND, SIX = "93.184.216.10", "93.184.216.11", "2606:2800:220:1::10"


@pytest.mark.parametrize(
    ("failed", "asked"),
    [
        (((FOUR, Failure.TIMEOUT), (SIX, Failure.NETWORK_UNREACHABLE)), [FOUR]),
        (((SIX, Failure.TIMEOUT), (FOUR, Failure.TIMEOUT), (SECOND, Failure.TIMEOUT)), [FOUR, SECOND]),
        (((SIX, Failure.TIMEOUT),), [SIX]),
    ],
)
def test_it_goes_to_what_decided(failed: Any, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def attempt(_rec: Any, address: str, port: int, *_rest: str) -> tuple[None, None]:
        seen.append((address, port))
        return None, None

    monkeypatch.setattr(tcp, "attempt", attempt)
    records = [
        rec(ev.Connect, "tcp", address=one, port=443, family=6 if ":" in one else 4, name="h.example", failure=failure)
        for one, failure in failed
    ]
    run = new_run(Settings(), load(), (), Environment({}), SystemNames())
    registry.make(run, "t", Evidence(*records).case(), Control.OTHER_PORT, "https://h.example/a.gz")
    assert seen == [(one, 80) for one in asked]
