"""What is counted of a body while it comes, and where its bytes wait to be looked at."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from typing import IO

from mnistdoctor import evidence as ev
from mnistdoctor.content import digests
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.failure import Failure
from mnistdoctor.probe import codings
from mnistdoctor.run import Recorder

SPOOL_IN_MEMORY = 16 * 2**20


ROOM_STEP = 16 * 2**20
"""After so many bytes more it is looked whether they may still be kept."""


MOST_DECODED = 2**30
"""Bytes after which decoding stops: no dataset file of the catalogue unpacks to more."""


BOMB_FROM, BOMB_RATIO = 2**26, 500
"""Past so many bytes, decoding stops at this ratio too: datasets shrink by 3 to 20, a bomb by up to 1032."""


@dataclass
class Tally:
    """What the head says of the body, and what has been counted so far."""

    declared: int | None
    framing: ev.Framing
    coding: str | None
    decoder: codings.Decoder | None
    """None where this client leaves the coding on."""
    limit: int
    """Bytes after which reading stops on purpose."""
    as_written: dict[str, digests.Hash]
    as_received: dict[str, digests.Hash]
    received: int = 0
    written: int = 0
    slowest: float = 0.0
    last: float = 0.0
    """When the last piece came, by the monotonic clock."""
    failure: Failure | None = None
    detail: str = ""
    limited: bool = False
    stored: bool = True
    """Whether all that was counted also lies in the spool."""

    @property
    def complete(self) -> bool | None:
        """Whether the framing says that all has come; None where it cannot tell."""
        match self.framing:
            case "close":
                return False if self.failure else None
            case "length" | "file":
                return self.received == self.declared
            case "chunked" | "none":
                return self.failure is None and not self.limited
            case other:
                assert_never(other)


def spool_of(rec: Recorder, status: int) -> IO[bytes]:
    """Where the bytes wait until they have been looked at: a file of the caller's, where the run keeps bodies.

    Without a buffer of its own it holds what was written and nothing else, also on a disk that is full.
    """
    if rec.run.keep_body is not None and rec.role == "target" and status < 300:
        return rec.run.keep_body(rec.key)
    return tempfile.SpooledTemporaryFile(max_size=SPOOL_IN_MEMORY, buffering=0)


def write(piece: bytes, tally: Tally, spool: IO[bytes]) -> None:
    """Counts and digests a piece as the client would write it, and keeps it. Raises `zlib.error` for a bomb."""
    for part in codings.pieces(tally.decoder, piece) if tally.decoder else (piece,):
        tally.written += len(part)
        for digest in tally.as_written.values():
            digest.update(part)
        _store(part, tally, spool)
        if tally.decoder and tally.written > min(MOST_DECODED, max(BOMB_FROM, BOMB_RATIO * tally.received)):
            raise zlib.error("the content coding expands without end")


def _store(part: bytes, tally: Tally, spool: IO[bytes]) -> None:
    """Keeps the bytes for a second look. A temporary folder that is full or closed costs that look, and no verdict."""
    if tally.stored:
        try:
            before = tally.written - len(part)
            if tally.declared is None and before // ROOM_STEP != tally.written // ROOM_STEP:
                _check_room(spool, tally.written)
            spool.write(part)
        except OSError as error:
            tally.stored, tally.detail = False, f"it could not be kept: {error.strerror or error}"[:300]


def _check_room(spool: IO[bytes], kept: int) -> None:
    """Raises `OSError` where a body without an end would take more of the disk than it leaves to everybody else."""
    name = getattr(spool, "name", None)
    folder = os.path.dirname(name) if isinstance(name, str) else tempfile.gettempdir()  # noqa: PTH120 - may be empty
    if kept > shutil.disk_usage(folder or ".").free:
        raise OSError(errno.ENOSPC, "it has no length, and would fill the disk")


def check_stored(tally: Tally, spool: IO[bytes]) -> None:
    """A write that came short says so only by what lies there afterwards."""
    if tally.stored and spool.seek(0, 2) != tally.written:
        tally.stored, tally.detail = False, "it could not be kept whole"
