"""What another interpreter says of itself: one start of it, bounded in time and in what it may print."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from typing import Any

_MARK = "mnistdoctor:"
_MOST_BYTES = 1 << 20

_QUESTION = f"""
import json, platform, sys
told = {{"name": platform.python_implementation() + " " + platform.python_version()}}
told["program"], told["prefix"], told["base"], told["path"] = sys.executable, sys.prefix, sys.base_prefix, sys.path
told["lacks"] = lacks = []
for part in ("ssl", "socket"):
    try:
        __import__("_" + part)
    except ImportError:
        lacks.append(part)
try:
    import hashlib
    hashlib.md5()
except ValueError:
    lacks.append("md5")
try:
    import ssl
    paths = ssl.get_default_verify_paths()
    told["openssl"] = ssl.OPENSSL_VERSION
    told["cafile"], told["capath"] = paths.openssl_cafile, paths.openssl_capath
except ImportError:
    pass
print("\\n{_MARK}" + json.dumps(told))
"""
"""Run with ``-I``: nothing of the current folder, of PYTHON* variables or of the user's own packages is imported."""


class Silent(Exception):  # noqa: N818 - an outcome, not a mistake
    """It did not answer; the message says why, in words that follow "it"."""


def ask(interpreter: str, patience_s: float) -> dict[str, Any]:
    """What it says, of the types that are due. Raises `Silent`."""
    said, code, in_time = _output([interpreter, "-I", "-c", _QUESTION], patience_s)
    told = _told(said)
    if told is not None:
        return told
    if not in_time:
        raise Silent(f"did not answer within {patience_s:g} s")
    first = next((line.strip() for line in said.splitlines() if line.strip()), "")[:120]
    because = f": {first}" if first else ""
    if code:
        raise Silent(f"ended with exit code {code}{because}" if code > 0 else f"was ended by signal {-code}{because}")
    raise Silent("answers as no Python does")


def _output(command: list[str], patience_s: float) -> tuple[str, int, bool]:
    """What it printed (errors too), its exit code, and whether it ended by itself. Raises `Silent`."""
    ends = time.monotonic() + patience_s
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own interpreter
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Silent(f"cannot be started: {getattr(error, 'strerror', None) or error}") from None
    said = bytearray()
    # In a thread: what it has started may hold the pipe for longer than it lives itself.
    reader = threading.Thread(target=_read, args=(process, said), daemon=True)
    reader.start()
    in_time = True
    try:
        reader.join(patience_s)
        code = process.wait(max(0.1, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        in_time = False
        _kill(process)
        code = process.wait()
    except BaseException:  # an interruption
        _kill(process)
        process.wait()
        raise
    reader.join(0.1)
    return said.decode("utf-8", "replace"), code, in_time


def _read(process: subprocess.Popen[bytes], said: bytearray) -> None:
    assert process.stdout is not None
    with process.stdout as pipe:
        while piece := os.read(pipe.fileno(), 1 << 16):
            said += piece
            if len(said) > _MOST_BYTES:  # whatever prints so much is no Python that was asked this
                _kill(process)
                return


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With whatever it has started: a shim's shell waits for the program that it runs."""
    if process.returncode is not None:
        return
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _told(said: str) -> dict[str, Any] | None:
    """The answer; its packages (`*.pth`, sitecustomize) may have printed before it."""
    line = next((line for line in reversed(said.splitlines()) if line.startswith(_MARK)), "")
    try:
        told = json.loads(line.removeprefix(_MARK))
        texts = [told[key] for key in ("name", "program", "prefix", "base")]
        lists = [told["path"], told["lacks"]]
        texts += [told[key] for key in ("openssl", "cafile", "capath") if key in told]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    right = all(isinstance(one, list) for one in lists) and len(told["name"].split()) == 2
    if not right or not all(isinstance(one, str) for one in [*texts, *told["path"], *told["lacks"]]):
        return None
    return dict(told)
