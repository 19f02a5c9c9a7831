"""Stage `proxy`: CONNECT spoken by ourselves, so that the proxy's own status and fields are seen.

requests and urllib3 hide the fields of a refused CONNECT, and Python before 3.12 throws them away. SOCKS is spoken in
`mnistdoctor.probe.socks`.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import threading
from collections.abc import Iterator
from typing import BinaryIO

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.failure import Failure, Late, classify
from mnistdoctor.probe.request_fields import client_fields
from mnistdoctor.probe.stream import Stream
from mnistdoctor.run import Recorder, Run, Stopped
from mnistdoctor.settings import Proxy

REFUSAL_TEXT = 16 * 1024
"""How much of a refusal's page is kept, in bytes."""


@contextlib.contextmanager
def credentials_once(run: Run, proxy: Proxy, target: str) -> Iterator[ev.Observation | None]:
    """Lets one request at a time carry credentials to a target for which no proxy has taken them yet.

    That a proxy lets one target through says nothing of the credentials: it may not have looked at them. Yields the
    record of their refusal, where they were refused in this run: then nothing carries them again, for accounts lock.
    """
    secret = authorization(proxy)
    if secret is None or ((secret, target) in run.accepted and secret not in run.refusals):
        yield None
        return
    with run.guard:
        lock = run.credentials.setdefault(secret, threading.Lock())
    with lock:
        yield run.refusals.get(secret)


def note_answer(run: Run, proxy: Proxy, target: str, record: ev.Observation, status: int | None) -> None:
    """Remembers whether the credentials that were sent were refused, or did no harm with this target."""
    secret = authorization(proxy)
    if secret is None or status is None:
        return
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        run.refusals.setdefault(secret, record)
    else:
        run.accepted.add((secret, target))


def authorization(proxy: Proxy) -> str | None:
    """The value of Proxy-Authorization (RFC 7617), or None without credentials."""
    if proxy.username is None:
        return None
    pair = f"{proxy.username}:{proxy.password or ''}".encode("utf-8", "surrogateescape")
    return "Basic " + base64.b64encode(pair).decode()


def schemes(fields: ev.Fields) -> tuple[str, ...]:
    """The authentication schemes of the Proxy-Authenticate fields, in their order (RFC 9110 section 11.6.1)."""
    found: list[str] = []
    for name, value in fields:
        if name.lower() != "proxy-authenticate":
            continue
        # A challenge begins with a token that no "=" follows; parameters have one. Quoted strings may hold commas.
        bare = re.sub(r'"(?:\\.|[^"\\])*"?', '""', value)
        for part in bare.split(","):
            words = part.split()
            if words and "=" not in words[0] and words[0] not in found:
                found.append(words[0])
    return tuple(found)


def tunnel(rec: Recorder, stream: Stream, proxy: Proxy, host: str, port: int, client: Client) -> ev.Tunnel:
    """Asks the proxy for a tunnel to the host. Raises `Stopped` with the record where it gives none."""
    target = f"{host}:{port}"
    with credentials_once(rec.run, proxy, target) as refusal:
        if refusal is not None:
            raise Stopped(rec.record_reuse(refusal))
        record = _connect_request(rec, stream, proxy, host, port, client)
        note_answer(rec.run, proxy, target, record, record.status)
    if record.failure:
        raise Stopped(record)
    return record


_TAKES_ANY_2XX = frozenset({"curl", "httpx", "httpx2"})
"""As RFC 9110 section 9.3.6 has it. http.client (below requests and urllib), wget and aria2 take 200 and no other."""


def _connect_request(rec: Recorder, stream: Stream, proxy: Proxy, host: str, port: int, client: Client) -> ev.Tunnel:
    started = rec.run.clock()
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    secret = authorization(proxy)
    about: dict[str, object] = {"protocol": "http", "target": target, "proxy": f"{proxy.host}:{proxy.port}"}
    about["credentials_sent"] = secret is not None
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if client.family == "curl":
        lines += [
            f"User-Agent: {dict(client_fields(client, rec.run.environment.python))['User-Agent']}",
            "Proxy-Connection: Keep-Alive",
        ]
    if secret:
        lines.append(f"Proxy-Authorization: {secret}")
    stream.expect(rec.run.settings.timeout_s)
    try:
        stream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
        response = http.client.HTTPResponse(_Unbuffered(stream), method="CONNECT")  # type: ignore[arg-type]
        response.begin()
        answer = _answer(response)
        if not (200 <= response.status < 300 if client.family in _TAKES_ANY_2XX else response.status == 200):
            text = _page(response)
            return rec.add(ev.Tunnel, "proxy", started, failure=Failure.TUNNEL, text=text, **answer, **about)
    except (OSError, Late) as error:
        return rec.add(ev.Tunnel, "proxy", started, failure=_ended(error), detail=str(error), **about)
    except http.client.RemoteDisconnected as error:
        return rec.add(ev.Tunnel, "proxy", started, failure=Failure.EOF, detail=str(error), **about)
    except (http.client.HTTPException, ValueError) as error:
        about |= {"detail": f"{type(error).__name__}: {error}"[:300], "text": str(error)[:300]}
        return rec.add(ev.Tunnel, "proxy", started, failure=Failure.PROXY_RESPONSE, **about)
    return rec.add(ev.Tunnel, "proxy", started, **answer, **about)


def _ended(error: BaseException) -> Failure:
    return Failure.EOF if isinstance(error, http.client.RemoteDisconnected) else classify(error)


def _answer(response: http.client.HTTPResponse) -> dict[str, object]:
    fields = tuple((name, value[:2048]) for name, value in list(response.headers.items())[:64])
    return {"status": response.status, "reason": response.reason[:200], "fields": fields, "schemes": schemes(fields)}


def _page(response: http.client.HTTPResponse) -> str:
    """The beginning of a refusal's page. http.client takes the answer to a CONNECT to have no body."""
    declared = response.headers.get("Content-Length", "")
    known = declared.isascii() and declared.isdigit() and len(declared) < 10  # int() refuses thousands of digits
    size = min(int(declared), REFUSAL_TEXT) if known else REFUSAL_TEXT
    page = b""
    with contextlib.suppress(OSError, Late, ValueError, AttributeError):
        while len(page) < size and (piece := response.fp.read(size - len(page))):
            page += piece
    return page.decode("utf-8", "replace")


class _Unbuffered:
    """Gives `http.client` a file that reads no byte beyond the proxy's answer: what follows belongs to TLS."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> _KeepOpen:
        return _KeepOpen(self._stream.makefile(mode, buffering=0))


class _KeepOpen:
    """A file whose closing is left to the stream: http.client closes it once a bodiless answer is read."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.closed = False

    def readline(self, size: int = -1) -> bytes:
        return self._raw.readline(size)

    def read(self, size: int = -1) -> bytes:
        return self._raw.read(size) or b""

    def flush(self) -> None:
        """Nothing is written through this file."""

    def close(self) -> None:
        """The stream stays open for the tunnel."""
