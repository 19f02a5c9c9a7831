"""The world as a fixture: one for the session, in good health at the start of each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .world import World, missing


@pytest.fixture(scope="session")
def _session_world() -> Iterator[World]:
    reason = missing()
    if reason:
        if os.environ.get("MNISTDOCTOR_REQUIRE_WORLD") == "1":
            pytest.fail(f"MNISTDOCTOR_REQUIRE_WORLD=1, but {reason}")
        pytest.skip(f"no closed world: {reason}")
    world = World()
    try:
        yield world
    finally:
        world.close()


@pytest.fixture
def world(_session_world: World) -> World:
    """The closed world, with every fault of the test before taken back."""
    _session_world.clear()
    return _session_world


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end what was not tested here, and what it takes."""
    skipped = [one for one in terminalreporter.stats.get("skipped", ()) if one.nodeid.startswith("tests/world/")]
    reason = missing()
    if skipped and reason:
        terminalreporter.write_line(
            f"{len(skipped)} tests of tests/world were skipped: {reason}. They play faults with real servers in "
            "network namespaces, and need Linux, root and the Debian packages that .ci/run installs."
        )
