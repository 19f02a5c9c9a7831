"""A command run as if nobody stood beside it, while the end of what it prints is kept.

It has the caller's own standard input, process group and terminal. Where standard output or error was a terminal, it is
one for the command too: a pseudo-terminal of the same size, whose bytes go on unchanged. Signals that were sent to us
alone are sent on; those of the terminal reach the whole process group by themselves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 2**20
"""Bytes that are kept of what a command printed: the last ones."""
_PIECE = 65536


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code, 128 + n where signal n ended it, as a shell has it."""
    tail: bytes
    """The last bytes that it printed, standard output and error in the order in which they came."""


class NotStarted(Exception):  # noqa: N818 - a moment, not a mistake
    """The command could not be started: `code` is the shell's 126 or 127."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def run(command: Sequence[str]) -> Ended:
    """Run it, without a shell, and wait for its end. Raises `NotStarted`."""
    path = shutil.which(command[0])
    if path is None:
        there = os.path.exists(command[0])  # noqa: PTH110 - pathlib is not needed here
        reason = "it cannot be executed" if there else "no such command"
        raise NotStarted(f"{command[0]!r} was not started: {reason}", 126 if there else 127)
    try:
        return _run_with_pipes(path, command) if sys.platform == "win32" else _run(path, command)
    except OSError as error:
        raise NotStarted(f"{command[0]!r} was not started: {error.strerror}", 126) from None


class _Tail:
    """The last `KEPT` bytes of what was added."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._lock = threading.Lock()

    def add(self, data: bytes) -> None:
        """Keep these bytes, and forget the oldest."""
        with self._lock:
            self._bytes += data
            if len(self._bytes) > 2 * KEPT:
                del self._bytes[:-KEPT]

    def bytes(self) -> bytes:
        """What is kept."""
        return bytes(self._bytes[-KEPT:])


if sys.platform != "win32":
    import fcntl
    import select
    import termios
    import tty

    _FORWARDED = {
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGQUIT,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGTSTP,
        signal.SIGCONT,
        signal.SIGWINCH,
    }
    _KERNEL = 128
    """SI_KERNEL of Linux: a signal of the terminal, which the whole process group has had (sigaction(2))."""

    class _Outlet:
        """One stream of the command, or both where they lead to the same place."""

        def __init__(self, to: int) -> None:
            self.to = to
            self.terminal = os.isatty(to)
            if self.terminal:
                self.read, self.write = os.openpty()
                _as_bytes(self.write)
                self.resize()
            else:
                self.read, self.write = os.pipe()

        def resize(self) -> None:
            """Give the pseudo-terminal the size of the true one."""
            if self.terminal:
                with contextlib.suppress(OSError):
                    fcntl.ioctl(self.read, termios.TIOCSWINSZ, fcntl.ioctl(self.to, termios.TIOCGWINSZ, bytes(8)))

        def forward(self, tail: _Tail) -> bool:
            """Send on what has come; false at the end, or where nobody reads any more."""
            try:
                data = os.read(self.read, _PIECE)
            except OSError:  # EIO: nobody holds the other side of a pseudo-terminal (pty(7))
                return False
            if not data:
                return False
            tail.add(data)
            while data:
                try:
                    data = data[os.write(self.to, data) :]
                except BlockingIOError:
                    select.select([], [self.to], [])
                except OSError:
                    return False
            return True

    def _as_bytes(terminal: int) -> None:
        """Let what is written pass as it is: the true terminal turns line feeds into what it needs."""
        mode = termios.tcgetattr(terminal)
        mode[tty.OFLAG] &= ~termios.OPOST
        termios.tcsetattr(terminal, termios.TCSANOW, mode)

    def _same_place(first: int, second: int) -> bool:
        """Whether two descriptors lead to one terminal, pipe or file."""
        try:
            return os.path.samestat(os.fstat(first), os.fstat(second))
        except OSError:
            return False

    def _run(path: str, command: Sequence[str]) -> Ended:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        out = _Outlet(1)
        err = out if _same_place(1, 2) else _Outlet(2)
        outlets = [out] if err is out else [out, err]
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
        closing = [(os.POSIX_SPAWN_CLOSE, number) for outlet in outlets for number in (outlet.read, outlet.write)]
        try:
            child = os.posix_spawn(
                path,
                list(command),
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, out.write, 1),
                    (os.POSIX_SPAWN_DUP2, err.write, 2),
                    *closing,
                ],
                setsigmask=before,
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # Python ignores them, and its child would
            )
        except OSError:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            raise
        for outlet in outlets:
            os.close(outlet.write)
        tail, over = _Tail(), threading.Event()
        threading.Thread(target=_pass_signals, args=(child, outlets, over), daemon=True).start()
        _forward_all(outlets, tail, child)
        _, status = os.waitpid(child, 0)
        over.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        code = os.waitstatus_to_exitcode(status)
        return Ended(code if code >= 0 else 128 - code, tail.bytes())

    def _forward_all(outlets: list[_Outlet], tail: _Tail, child: int) -> None:
        """Until every stream has ended, or the command has, and what it left in them was read."""
        live = {outlet.read: outlet for outlet in outlets}
        ended = False
        while live:
            ready, _, _ = select.select(list(live), [], [], 0 if ended else 0.2)
            for number in ready:
                if not live[number].forward(tail):
                    os.close(number)  # a command that writes on meets a closed pipe, as it would have
                    del live[number]
            if not ready and ended:
                break  # what it started in the background still holds the streams
            ended = ended or _has_ended(child)
        for number in live:
            os.close(number)

    def _has_ended(child: int) -> bool:
        return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _pass_signals(child: int, outlets: list[_Outlet], over: threading.Event) -> None:
        while not over.is_set():
            number, of_terminal = _next_signal()
            with contextlib.suppress(ProcessLookupError):
                if number == signal.SIGWINCH:
                    for outlet in outlets:
                        outlet.resize()
                if number in (signal.SIGWINCH, signal.SIGCONT) or (number and not of_terminal):
                    os.kill(child, number)
            if number == signal.SIGTSTP:
                os.kill(os.getpid(), signal.SIGSTOP)

    def _next_signal() -> tuple[int, bool]:
        """Its number (0: none came) and whether it is the terminal's, which the command has had itself."""
        if sys.platform == "darwin":  # it does not say who sent it
            number = signal.sigwait(_FORWARDED)
            return number, number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP) and os.isatty(0)
        told = signal.sigtimedwait(_FORWARDED, 0.2)
        return (told.si_signo, told.si_code == _KERNEL) if told else (0, False)


def _run_with_pipes(path: str, command: Sequence[str]) -> Ended:
    """Where there are no pseudo-terminals: the command sees pipes."""
    tail = _Tail()
    with (
        subprocess.Popen(  # noqa: S603 - it is the user's own command
            [path, *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process
    ):
        pairs = ((process.stdout, sys.stdout.buffer), (process.stderr, sys.stderr.buffer))

        def forward(source: object, to: object) -> None:
            for data in iter(lambda: source.read1(_PIECE), b""):  # type: ignore[attr-defined]
                tail.add(data)
                to.write(data)  # type: ignore[attr-defined]
                to.flush()  # type: ignore[attr-defined]

        threads = [threading.Thread(target=forward, args=pair, daemon=True) for pair in pairs]
        for thread in threads:
            thread.start()
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                continue  # the console sent it to the command as well
        for thread in threads:
            thread.join()
    return Ended(code, tail.bytes())
