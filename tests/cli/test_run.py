"""`mnistdoctor run`: a command beside itself without us, and the cause below what it printed where it failed."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .test_commands import command

PYTHON = sys.executable
COMMANDS = {
    "nothing": ["true"],
    "a failure": ["false"],
    "both streams": ["sh", "-c", "echo out; echo err >&2"],
    "their order in one file": ["sh", "-c", "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done; exit 4"],
    "a code": ["sh", "-c", "exit 77"],
    "a signal": ["sh", "-c", "kill -9 $$"],
    "SIGTERM": ["sh", "-c", "kill -TERM $$"],
    "bytes that are no text": [PYTHON, "-c", "import sys; sys.stdout.buffer.write(bytes(range(256)))"],
    "a megabyte": [PYTHON, "-c", "print('x' * 2**20)"],
    "no line break at the end": ["printf", "abc"],
    "carriage returns": ["printf", "10%%\\r20%%\\r\\n"],
    "standard input": ["cat"],
    "input that is not read": ["true"],
    "options of its own": ["echo", "--help", "-v", "--"],
    "an environment": ["sh", "-c", "echo $HOME"],
    "the folder": ["pwd"],
    "closed output": ["sh", "-c", "exec >&-; echo x"],
    "a child that ends first": ["sh", "-c", "(exit 3) & wait $!; exit $?"],
    "no terminal": [PYTHON, "-c", "import sys; print(sys.stdin.isatty(), sys.stdout.isatty(), sys.stderr.isatty())"],
    "make's way to fail": ["sh", "-c", "echo 'make: *** [all] Error 2' >&2; exit 2"],
}


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*arguments], input=b"hello\n", capture_output=True, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
def test_a_command_is_as_it_is_alone(words: list[str]) -> None:
    alone, ours = run(*words), run(*command("run", "--offline", "--", *words))
    code = alone.returncode if alone.returncode >= 0 else 128 - alone.returncode
    assert (ours.returncode, ours.stdout, ours.stderr) == (code, alone.stdout, alone.stderr)


def test_one_place_for_both_streams_keeps_their_order() -> None:
    words = COMMANDS["their order in one file"]
    done = subprocess.run(command("run", "--offline", "--", *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.stdout.split() == [part for n in b"12345" for k in (b"out", b"err") for part in (k, bytes([n]))]


@pytest.mark.parametrize(("name", "code"), [("no-such-command", 127), ("./plain", 126)])
def test_what_cannot_be_started(name: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    done = run(*command("run", "--", name), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, b"")
    assert name.encode() in done.stderr


def test_a_failed_download_is_explained_below() -> None:
    words = [PYTHON, "-c", "raise ConnectionRefusedError(111, 'Connection refused')"]
    alone, ours = run(*words), run(*command("run", "--offline", "--", *words))
    assert ours.returncode == alone.returncode == 1
    assert ours.stderr.startswith(alone.stderr)
    assert b"tcp-refused" in ours.stderr[len(alone.stderr) :]


WAITING = """
import signal, sys, time
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(number)
for name in sys.argv[1:]:
    signal.signal(getattr(signal, name), told)
print("ready", flush=True)
while True:
    time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGQUIT"])
def test_a_signal_to_us_alone_reaches_the_command(name: str) -> None:
    with subprocess.Popen(
        command("run", "--offline", "--", PYTHON, "-c", WAITING, name), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(getattr(signal, name))
        out, _ = process.communicate(timeout=60)
    assert (out, process.returncode) == (f"{name}\n".encode(), getattr(signal, name))


def test_a_command_that_does_not_mind_ends_by_the_signal() -> None:
    words = ["sh", "-c", "echo ready; exec sleep 600"]
    with subprocess.Popen(command("run", "--", *words), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


def test_a_closed_pipe_ends_the_command() -> None:
    with subprocess.Popen(command("run", "--", "yes"), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 128 + signal.SIGPIPE


SEES = """
import os, signal, sys, time
sizes = []
signal.signal(signal.SIGWINCH, lambda *_: sizes.append(tuple(os.get_terminal_size(1))))
print(sys.stdout.isatty(), sys.stderr.isatty(), *os.get_terminal_size(1), flush=True)
while (100, 50) not in sizes:
    time.sleep(0.01)
print("resized", flush=True)
"""


def test_a_terminal_stays_one_of_the_same_size() -> None:
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
    with subprocess.Popen(
        command("run", "--offline", "--", PYTHON, "-c", SEES), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while b"\n" not in shown:
            shown += os.read(ours, 1024)
        assert shown.split() == [b"True", b"True", b"90", b"40"]
        assert b"\r\r" not in shown
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 100, 0, 0))
        process.send_signal(signal.SIGWINCH)
        while b"resized" not in shown:
            shown += os.read(ours, 1024)
        assert process.wait(timeout=60) == 0
    os.close(ours)


def test_a_stopped_command_goes_on() -> None:
    words = ["sh", "-c", "echo ready; read line; echo $line"]
    with subprocess.Popen(command("run", "--", *words), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGTSTP)
        assert os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT) is not None
        process.send_signal(signal.SIGCONT)
        process.stdin.write(b"on\n")
        process.stdin.close()
        assert process.stdout.read() == b"on\n"
        assert process.wait(timeout=60) == 0
