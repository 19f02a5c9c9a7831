"""Whenever the user ends a run: what was seen is printed, the code says so, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
TELLS = """
import os, sys
from mnistdoctor.__main__ import main
def hook(module, name, number={number}):
    import importlib
    owner = importlib.import_module(module)
    whole = getattr(owner, name)
    def told(*arguments, **named):
        os.kill(os.getpid(), number)
        return whole(*arguments, **named)
    setattr(owner, name, told)
{hooks}
main()
"""


def ended(number: int, hooks: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run that is sent the signal when it calls one of these functions."""
    code = TELLS.format(number=int(number), hooks=hooks)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize(
    "place",
    [
        ("mnistdoctor.examine.conductor", "reconcile"),
        ("mnistdoctor.examine.conductor", "overall"),
        ("mnistdoctor.cli.output", "rendered"),
        ("mnistdoctor.cli.output", "show"),
    ],
)
def test_while_judging_and_while_rendering(place: tuple[str, str], number: int, code: int) -> None:
    with Server(respond(404)) as server:
        done = ended(
            number, f"hook{place!r}", "check", server.url("/f"), "--format", "json", "--no-try", "--no-controls"
        )
    assert (done.returncode, done.stderr) == (code, "")
    assert json.loads(done.stdout)["targets"][0]["diagnosis"]["stage"] == "http"


@pytest.mark.parametrize(("number", "code"), SIGNALS)
@pytest.mark.parametrize(
    "place", [("mnistdoctor.cli", "cli"), ("mnistdoctor.cli.session", "targets_of"), ("mnistdoctor.catalogue", "load")]
)
def test_before_anything_was_seen(place: tuple[str, str], number: int, code: int) -> None:
    done = ended(number, f"hook{place!r}", "check", "http://127.0.0.1:1/f")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_while_modules_are_read(number: int, code: int) -> None:
    hooks = (
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == 'requests': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Finder())"
    )
    done = ended(number, hooks, "check", "http://127.0.0.1:1/f")
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_an_error_that_the_signal_was_turned_into_is_none_of_ours(number: int, code: int) -> None:
    """The import machinery turns what a signal raises into an ImportError now and then."""
    hooks = (
        "import mnistdoctor.cli.session as s\n"
        "def turned(*_):\n"
        f"    try: os.kill(os.getpid(), {int(number)})\n"
        "    except BaseException: raise ImportError('cannot import')\n"
        "s.catalogue_of = turned"
    )
    done = ended(number, hooks, "check", "http://127.0.0.1:1/f")
    assert (done.returncode, done.stderr) == (code, "")


def test_a_swallowed_signal_ends_the_run_before_the_examination() -> None:
    hooks = (
        "import mnistdoctor.cli.session as s\n"
        "whole = s.catalogue_of\n"
        "def swallowed(*arguments):\n"
        f"    try: os.kill(os.getpid(), {int(signal.SIGINT)})\n"
        "    except BaseException: pass\n"
        "    return whole(*arguments)\n"
        "s.catalogue_of = swallowed"
    )
    with Server(respond(200, b"data")) as server:
        done = ended(signal.SIGINT, hooks, "check", server.url("/f"))
        assert not server.log.requests
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_many_signals_are_not_asked_for_patience(number: int, code: int) -> None:
    many = f"[os.kill(os.getpid(), {int(number)}) for _ in range(6)]"
    hooks = f"import mnistdoctor.cli.output as s\ns.rendered = lambda *_, **__: {many}"
    with Server(respond(404)) as server:
        done = ended(number, hooks, "check", server.url("/f"), "--no-try", "--no-controls")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_signal_cuts_no_output_short(unbuffered: str) -> None:
    """Without a buffer a write that a signal interrupts ends early, and says so only by what it returns."""
    code = "import mnistdoctor.interrupt as i, mnistdoctor.cli.output as o; i.listen(); o.show('x' * 10**6)"
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, bufsize=0) as process:
        assert process.stdout is not None
        seen = 0
        for _ in range(3):
            seen += len(process.stdout.read(1000))  # it is in the middle of the write, which waits for a reader
            process.send_signal(signal.SIGINT)
        while piece := process.stdout.read(2**16):
            seen += len(piece)
    assert seen == 10**6
