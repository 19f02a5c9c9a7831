"""Stage `tcp`: one attempt for each address, in the client's order, until one connects."""

from __future__ import annotations

import contextlib
import errno
import socket
from functools import cache

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure, Late, classify, errno_name
from mnistdoctor.probe.stream import PlainStream
from mnistdoctor.run import Recorder, Stopped

MOST_ADDRESSES = 8
"""A hostile or generous zone may hold many; a client would wait for each of them as well."""


def connect(rec: Recorder, lookup: ev.Lookup, port: int) -> tuple[PlainStream, ev.Connect]:
    """The connection to the first address that answers. Raises `Stopped` with the last record where none does."""
    addresses = lookup.addresses[:MOST_ADDRESSES]
    if not addresses:
        raise Stopped(rec.add(ev.Lookup, "dns", rec.run.clock(), name=lookup.name, failure=Failure.NO_ANSWER))
    record: ev.Connect | None = None
    for address in addresses:
        stream, record = attempt(rec, address, port, lookup.peer, lookup.name)
        if stream is not None:
            return stream, record
        if record.failure == Failure.DEADLINE:
            break
    assert record is not None
    raise Stopped(record)


_FORBIDDEN = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT)


@cache
def may_open() -> bool:
    """Whether this process may make a socket at all, of either family: a sandbox (seccomp, Android) may forbid it."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.socket(family, socket.SOCK_STREAM).close()
        except OSError as error:
            if error.errno in _FORBIDDEN:
                continue
        return True
    return False


def attempt(
    rec: Recorder, address: str, port: int, peer: ev.Peer = "origin", name: str = ""
) -> tuple[PlainStream | None, ev.Connect]:
    """One attempt on one address, and its record; where another target has met silence there, that is the record."""
    made: list[PlainStream | None] = []

    def first() -> ev.Connect:
        stream, record = _attempt(rec, address, port, peer, name)
        made.append(stream)
        return record

    if rec.role != "target":
        return _attempt(rec, address, port, peer, name)
    record, shared = rec.run.connects.get((address, port), first)
    if not shared:
        return made[0], record
    if record.failure == Failure.TIMEOUT:
        return None, rec.record_reuse(record, record.duration_s)
    stream, own = _attempt(rec, address, port, peer, name)
    if own.failure == Failure.TIMEOUT:  # it fell silent: the next one finds that out for all
        rec.run.connects.forget(lambda known: known is record)
    return stream, own


def _attempt(rec: Recorder, address: str, port: int, peer: ev.Peer, name: str) -> tuple[PlainStream | None, ev.Connect]:
    started = rec.run.clock()
    family = 6 if ":" in address else 4
    about = {"address": address, "port": port, "family": family, "peer": peer, "name": name}
    sock: socket.socket | None = None
    try:
        sock = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(rec.run.limit(rec.run.settings.timeout_s))
        sock.connect(_sockaddr(address, port))
        # A client that waits for small segments measures its own delay, not the server's.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, Late) as error:
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()
        if isinstance(error, TimeoutError) and rec.run.is_late():
            error = Late()
        return None, rec.add(
            ev.Connect, "tcp", started, failure=classify(error), errno=errno_name(error), detail=str(error), **about
        )
    return PlainStream(rec.run, sock), rec.add(ev.Connect, "tcp", started, **about)


def _sockaddr(address: str, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    host, percent, zone = address.partition("%")
    if not percent:
        return host, port
    return host, port, 0, int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
