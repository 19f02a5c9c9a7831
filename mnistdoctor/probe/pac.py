"""Asks a proxy auto-configuration file (PAC) which way a URL goes: in a child process, within a second.

The file is a program by others. It runs in an interpreter that is no part of this process, and that is ended when its
time is over. https://developer.mozilla.org/docs/Web/HTTP/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file
"""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure
from mnistdoctor.run import Recorder

PATIENCE_S = 1.0
"""For the evaluation; fetching the file has a time-out of its own."""
LARGEST = 2**20
"""Bytes of a PAC file."""
MOST_WAYS = 4

_CHILD = """
import json, sys
try:
    from pypac.parser import PACFile, parse_pac_value
except ImportError:
    print(json.dumps({"missing": True})); sys.exit()
given = json.load(sys.stdin)
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
        ways = _evaluated(text, url)
    except _Unusable as problem:
        rec.add(
            ev.KnownProxy, None, started, place="pac", key="FindProxyForURL", where=where, failure=Failure.PAC,
            detail=str(problem),
        )  # fmt: skip
        return
    for way in ways[:MOST_WAYS]:
        proxy = "" if way == "DIRECT" else way
        rec.add(ev.KnownProxy, None, started, place="pac", key="FindProxyForURL", where=where, proxy=proxy)


def _read(where: str, patience: float) -> str:
    """The file's text. Raises `_Unusable`."""
    parts = urlsplit(where)
    try:
        if parts.scheme in ("http", "https"):
            # Straight to it: a PAC file cannot be behind the proxy that it is there to name.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(where, timeout=min(patience, 5.0)) as answer:
                body: bytes = answer.read(LARGEST + 1)
        else:
            path = Path(urllib.request.url2pathname(parts.path) if parts.scheme == "file" else where).expanduser()
            with path.open("rb") as file:
                body = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # URLError and HTTPError are OSErrors
        raise _Unusable(f"it cannot be read: {getattr(error, 'reason', None) or error}") from None
    if len(body) > LARGEST:
        raise _Unusable("it is larger than 1 MiB")
    return body.decode("utf-8", "replace")


def _evaluated(text: str, url: str) -> list[str]:
    """What `FindProxyForURL` returns, taken apart. Raises `_Unusable`."""
    given = json.dumps({"text": text, "url": url, "host": urlsplit(url).hostname or ""})
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter with our own text
            [sys.executable, "-c", _CHILD], input=given, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        said = json.loads(done.stdout[:65536] or "{}")
    except subprocess.TimeoutExpired:
        raise _Unusable("it did not answer within a second") from None
    except (OSError, ValueError):
        raise _Unusable("it ended the interpreter that ran it") from None
    if said.get("missing"):
        raise _Unusable('reading it needs pypac: `pip install "mnistdoctor[pac]"`')
    if "ways" not in said:
        raise _Unusable(f"it is no PAC file that runs: {said.get('error', 'the interpreter ended')}")
    ways = [str(way) for way in said["ways"]]
    if not ways:
        raise _Unusable(f"it returned {said.get('said', 'nothing')!r}, which names no way")
    return ways
