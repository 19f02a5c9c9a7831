"""What a test leaves behind is seen, waited for a while, named, and ended where it can be."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests import leftovers
from tests.leftovers import left_since, running

linux = pytest.mark.skipif(sys.platform != "linux", reason="seen in /proc alone")


@pytest.fixture
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE_S", 0.0)


@pytest.mark.usefixtures("_no_patience")
def test_a_thread_that_stays_is_named() -> None:
    before, stop = running(), threading.Event()
    thread = threading.Thread(target=stop.wait, name="the one that stays")
    thread.start()
    assert str(left_since(before)) == "thread the one that stays"
    stop.set()
    thread.join()
    assert not left_since(before)


@linux
@pytest.mark.usefixtures("_no_patience")
def test_a_child_is_named_and_ended() -> None:
    before = running()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert str(left_since(before)) == f"process {child.pid}"
    assert child.wait() == -signal.SIGKILL
    assert child.stdin is not None
    child.stdin.close()
    assert not left_since(before)


@linux
@pytest.mark.usefixtures("_no_patience")
def test_an_open_socket_is_named() -> None:
    before = running()
    with socket.socket():
        assert str(left_since(before)).startswith("socket:")
    assert not left_since(before)


def test_what_is_about_to_end_is_waited_for() -> None:
    before, stop = running(), threading.Event()
    threading.Thread(target=stop.wait).start()
    threading.Timer(0.05, stop.set).start()
    assert not left_since(before)
