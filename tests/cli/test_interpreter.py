"""An interpreter without TLS or without sockets gets one sentence and exit 3, and no traceback."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys

import pytest

RUN = "import sys; sys.modules[{module!r}] = None; sys.argv = ['mnistdoctor', *{words!r}]; {start}"
START = "import runpy; runpy.run_module('mnistdoctor', run_name='__main__')"


def started(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """`python -m mnistdoctor WORDS` where that module cannot be imported."""
    code = RUN.format(module=module, words=words, start=START)
    # Whoever runs the tests may have a width in the environment, at which sentences would wrap.
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)


@pytest.mark.parametrize(
    ("module", "cause"),
    [
        ("_ssl", "tls-module-missing"),
        ("ssl", "tls-module-missing"),
        ("_socket", "env-no-sockets"),
        ("socket", "env-no-sockets"),
    ],
)
@pytest.mark.parametrize("words", [("check", "https://127.0.0.1:1/x"), ("--format", "json", "http://127.0.0.1:1/x")])
def test_one_sentence_instead_of_a_traceback(module: str, cause: str, words: tuple[str, ...]) -> None:
    done = started(module, *words)
    assert done.returncode == 3
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first.startswith("error: this Python ")
    assert cause in first
    assert second.startswith("hint: ")


def test_another_module_that_is_missing_is_our_own_fault() -> None:
    done = started("requests", "check", "http://127.0.0.1:1/x")
    assert done.returncode == 3
    assert "mnistdoctor itself failed, ModuleNotFoundError" in done.stdout


@pytest.mark.parametrize("words", [("--help",), ("list",)])
def test_what_needs_no_network_works_without(words: tuple[str, ...]) -> None:
    assert started("_ssl", *words).returncode == 0


SYSCALL = {"x86_64": 41, "aarch64": 198}.get(platform.machine(), 0)
FORBID = f"""
import ctypes, struct
# seccomp(2): load the number of the call; where it is socket(2), EPERM; else go on.
code = [(0x20, 0, 0, 0), (0x15, 0, 1, {SYSCALL}), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
"""


@pytest.mark.skipif(sys.platform != "linux" or not SYSCALL, reason="seccomp is Linux's")
def test_a_sandbox_that_forbids_sockets() -> None:
    code = f"{FORBID}\nimport sys; sys.argv = ['m', 'check', '--format', 'json', 'https://127.0.0.1:1/x']; {START}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["targets"][0]["diagnosis"]
    assert (found["cause"], found["certainty"]) == ("env-no-sockets", "certain")
    assert "the system refuses to make a socket for this process" in found["evidence"]
