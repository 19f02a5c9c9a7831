"""Every test keeps to this machine, and to an environment of its own."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import leftovers

# A busy machine is slow at times, and a slow example is no counterexample.
hypothesis.settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any-machine")

_PREFIXES = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle", "ssl_cert_file",
    "ssl_cert_dir", "mnistdoctor_", "netrc", "no_color", "force_color", "github_", "gitlab_ci", "tf_build",
    "jenkins_url", "teamcity_version",
)  # fmt: skip


_NOT_QUICK = {
    "bench", "cli", "demo", "probe", "strangers", "world", "test_black_holes.py", "test_ci_recipes.py",
    "test_client_behaviour.py", "test_completions.py", "test_html.py", "test_readme.py", "test_schema.py",
}  # fmt: skip
"""Folders and files whose tests play scenes, start other processes, or wait for time-outs."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`quick` is given by place, so that nobody has to think of it."""
    for item in items:
        if not _NOT_QUICK & set(item.path.relative_to(Path(__file__).parent).parts):
            item.add_marker("quick")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No proxy, CA or option variable of whoever runs the tests may reach them."""
    for name in list(os.environ):
        if name.lower().startswith(_PREFIXES):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """A thread, a process or a socket that a test leaves behind fails this test, and none of the later ones."""
    before = leftovers.running()
    yield
    if "world" in request.fixturenames:
        return  # its servers stand for the whole session
    if left := leftovers.left_since(before):
        pytest.fail(f"left behind: {left}")


@pytest.fixture(autouse=True)
def _only_this_machine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Connections to anything but loopback fail the test that makes them."""
    if request.node.get_closest_marker("world"):
        yield
        return
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        stays = self.type == socket.SOCK_DGRAM or not host or ipaddress.ip_address(host.partition("%")[0]).is_loopback
        if not stays:
            pytest.fail(f"a test connected to {host}")
        connect(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    yield
    patch.undo()
