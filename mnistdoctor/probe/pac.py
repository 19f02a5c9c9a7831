"""Asks a proxy auto-configuration file (PAC) which way a URL goes: in a child process, within a second of its work.

The file is a program by others. It runs in an interpreter that is no part of this process, and that is ended when its
time is over. https://developer.mozilla.org/docs/Web/HTTP/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure
from mnistdoctor.run import Recorder, Run
from mnistdoctor.settings.proxy_setting import without_credentials

EVALUATION_S = 1.0
"""Processor time for the evaluation alone: a busy machine, on which the interpreter starts late, takes none of it."""
PATIENCE_S = 10.0
"""For all that the child does, and for systems that cannot end it by its processor time (Windows)."""
LARGEST = 2**20
"""Bytes of a PAC file."""
MOST_WAYS = 4

_CHILD = """
import sys
sys.path[:] = [one for one in sys.path if one]  # nothing of the folder that we happen to be in
import json, signal
try:
    from pypac.parser import PACFile, parse_pac_value
except ImportError:
    print(json.dumps({"missing": True})); sys.exit()
given = json.load(sys.stdin)
if hasattr(signal, "setitimer"):
    signal.setitimer(signal.ITIMER_PROF, given["seconds"])  # SIGPROF ends us, also within the engine's C code
if sys.platform == "linux":
    import ctypes, os
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, prctl(2): when whoever asks is gone
    if os.getppid() != given["parent"]:
        sys.exit()
try:
    said = PACFile(given["text"]).find_proxy_for_url(given["url"], given["host"])
    print(json.dumps({"ways": [str(one) for one in parse_pac_value(said)], "said": str(said)[:400]}))
except Exception as error:
    print(json.dumps({"error": f"{type(error).__name__}: {error}"[:400]}))
"""


class _Unusable(Exception):  # noqa: N818 - an outcome, not a mistake
    """Why the file says nothing."""


def evaluate(rec: Recorder, where: str, url: str) -> None:
    """Records the ways that the PAC file at a path or URL returns for the URL, in its order, or why there is none."""
    started = rec.run.clock()
    try:
        text = _read(where, rec.run.limit(rec.run.settings.timeout_s))
        ways = _evaluated(rec.run, text, url)
    except _Unusable as problem:
        _record(rec, started, where, failure=Failure.PAC, detail=str(problem))
        return
    for way in ways[:MOST_WAYS]:
        proxy, has_credentials = ("", False) if way == "DIRECT" else without_credentials(way)
        if way != "DIRECT" and not proxy:
            continue  # an empty one would say that the file leads directly
        _record(rec, started, where, proxy=proxy, has_credentials=has_credentials)


def _record(rec: Recorder, started: float, where: str, **fields: object) -> None:
    rec.add(ev.KnownProxy, None, started, place="pac", key="FindProxyForURL", where=where, **fields)


def _read(where: str, patience: float) -> str:
    """The file's text. Raises `_Unusable`."""
    try:
        parts = urlsplit(where)
        if parts.scheme in ("http", "https"):
            body = _fetched(where, min(patience, 5.0))
        else:
            path = Path(urllib.request.url2pathname(parts.path) if parts.scheme == "file" else where).expanduser()
            if path.exists() and not path.is_file():
                raise _Unusable("it is no file")  # to open a pipe is to wait for its other end
            with path.open("rb") as file:
                body = file.read(LARGEST + 1)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unread(error) from None
    if len(body) > LARGEST:
        raise _Unusable("it is larger than 1 MiB")
    return body.decode("utf-8", "replace")


def _unread(error: Exception) -> _Unusable:
    return _Unusable(f"it cannot be read: {getattr(error, 'reason', None) or error}")


def _fetched(where: str, patience: float) -> bytes:
    """The file's bytes, one more than `LARGEST` at most. Raises `_Unusable`."""
    came: list[bytes | _Unusable] = []

    def fetch() -> None:
        try:
            came.append(_body(where, patience))
        except (OSError, ValueError, http.client.HTTPException) as error:  # URLError is an OSError
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it is the answer itself, with its connection
            came.append(_unread(error))

    # urllib's time-out is for each piece that comes; a server that drips could stretch it without end.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    thread.join(patience)
    if not came:
        raise _Unusable("it cannot be read: it did not come in time")
    if isinstance(came[0], _Unusable):
        raise came[0]
    return came[0]


def _body(where: str, patience: float) -> bytes:
    ends = time.monotonic() + patience
    parts = urlsplit(where)
    given, at, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(parts._replace(netloc=host).geturl())  # noqa: S310 - http or https
    if at:  # urllib would take user name and password for a part of the host
        pair = base64.b64encode(unquote(given).encode("utf-8", "surrogateescape")).decode()
        request.add_unredirected_header("Authorization", f"Basic {pair}")
    # Straight to it: a PAC file cannot be behind the proxy that it is there to name.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    body = b""
    with opener.open(request, timeout=patience) as answer:
        while len(body) <= LARGEST and (piece := answer.read1(LARGEST + 1 - len(body))):
            body += piece
            if time.monotonic() > ends:
                raise TimeoutError("it did not come in time")
    return body


def _evaluated(run: Run, text: str, url: str) -> list[str]:
    """What `FindProxyForURL` returns, taken apart. Raises `_Unusable`."""
    about = {"url": url, "host": urlsplit(url).hostname or "", "seconds": EVALUATION_S, "parent": os.getpid()}
    try:
        code, printed = _child(run, json.dumps({"text": text, **about}))
        if code < 0 and -code == signal.SIGPROF:
            raise _Unusable("it did not answer within a second")
        said = json.loads(printed[:65536] or "{}")
    except (OSError, ValueError):
        raise _Unusable("it ended the interpreter that ran it") from None
    if said.get("missing"):
        raise _Unusable('reading it needs pypac: `pip install "mnistdoctor[pac]"`')
    if "ways" not in said:
        error = str(said.get("error") or "the interpreter ended")
        raise _Unusable(f"it is no PAC file that runs: {_message_of(error)}")
    ways = [str(way) for way in said["ways"]]
    if not ways:
        raise _Unusable(f"it returned {_harmless(str(said.get('said') or 'nothing'))}, which names no way")
    return ways


def _child(run: Run, given: str) -> tuple[int, str]:
    """How the interpreter ended, and what it printed. Raises `_Unusable` where it is not waited for any longer."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter with our own text
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        ends = run.clock() + PATIENCE_S
        more: str | None = given
        try:
            while True:
                try:
                    printed, _ = child.communicate(more, timeout=0.1)
                except subprocess.TimeoutExpired:
                    more = None  # it may be handed over once
                    if run.is_late() or run.clock() > ends:
                        raise _Unusable("it did not answer in time") from None
                else:
                    return child.returncode, printed
        finally:
            child.kill()


def _message_of(error: str) -> str:
    """The first line of the engine's message, without what pypac writes around it."""
    found = re.match(r"MalformedPacError: Malformed PAC file \((.*)\)\s*$", error.splitlines()[0])
    return found[1] if found else error.splitlines()[0]


def _harmless(text: str) -> str:
    """What the file returned, in quotes, unless it may hold a password."""
    return "something" if re.search("@|%40|\uff20", text) else repr(text)
