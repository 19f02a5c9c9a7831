"""Stages `length` and `checksum`: one streamed transfer that counts, digests, and keeps the bytes for a closer look."""

from __future__ import annotations

import io
import lzma
import time
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import urllib3
import urllib3.exceptions

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.content import digests
from mnistdoctor.content.charset import decoded_text
from mnistdoctor.content.kinds import kind
from mnistdoctor.content.look import look
from mnistdoctor.failure import Failure, Late, classify
from mnistdoctor.probe import codings
from mnistdoctor.probe.stream import Stream
from mnistdoctor.probe.tally import Tally, check_stored, spool_of, write
from mnistdoctor.run import Recorder
from mnistdoctor.settings.model import BODY_LIMIT, HEAD_LIMIT

if TYPE_CHECKING:
    import requests

SLOW_BYTES_PER_S = 1000
SLOW_WINDOW_S = 30.0
"""A body slower than `SLOW_BYTES_PER_S` for so long has stalled, whatever the time-out: a pause is no drip."""

PIECE = 64 * 1024
TEXT_KEPT = 16 * 1024
MOST_DECLARED = 2**63 - 1
"""A length of more digits than a file's can have is recorded as this: no reader of a report need take more."""
LONGER = 8
"""A body of unknown length is left when it is so many times as long as the file that it should be."""


class SlowBody(Exception):  # noqa: N818 - an observation
    """The body came too slowly for too long."""


def transfer(
    rec: Recorder, stream: Stream, response: requests.Response, client: Client, subject: ev.Subject
) -> tuple[ev.Transfer, ev.Content | None]:
    """Reads the body within the run's limits and looks at what it is. Never raises for what a server does."""
    started = rec.run.clock()
    raw: urllib3.HTTPResponse = response.raw
    declared, framing = _framing(raw, response.status_code)
    coding = (raw.headers.get("content-encoding") or "").strip().lower() or None
    decoder = codings.decoder(coding) if coding and client.decodes_content else None
    tally = Tally(
        declared,
        framing,
        coding,
        decoder,
        limit=_limit(rec, declared, subject.size, error_page=response.status_code >= 400),
        as_written=digests.streamed(subject),
        as_received=digests.streamed(subject) if decoder else {},
    )
    content_type = raw.headers.get("content-type")
    with spool_of(rec, response.status_code) as spool:
        _pump(rec, stream, raw, tally, spool)
        check_stored(tally, spool)
        plain = codings.beginning(coding, spool) if coding and not decoder else b""
        head = _beginning(spool)
        record = rec.add(
            ev.Transfer,
            "length",
            started,
            status=response.status_code,
            text=as_text(plain[:TEXT_KEPT] or head, content_type),
            head=head[:64].hex(),
            **_counted(tally, stream, subject),
            **_digested(tally, spool, subject),
        )
        content = None
        if tally.written or record.complete:
            content = _looked_at(rec, spool, record, subject, plain, content_type, whole=tally.stored)
    raw.close()
    return record, content


def _limit(rec: Recorder, declared: int | None, known: int | None, *, error_page: bool) -> int:
    if error_page:
        return HEAD_LIMIT
    if rec.run.settings.full:
        # What is far longer than the file is not the file; a coding may make it somewhat longer, or it is unpacked.
        return max(BODY_LIMIT, LONGER * known) if known and declared is None else 2**62
    return BODY_LIMIT if declared is None or declared <= BODY_LIMIT else HEAD_LIMIT


def _framing(raw: urllib3.HTTPResponse, status: int) -> tuple[int | None, ev.Framing]:
    """RFC 9112 section 6.3, as http.client has decided it."""
    if status in (204, 304) or status < 200:
        return 0, "none"
    if getattr(raw, "chunked", False):
        return None, "chunked"
    length = raw.length_remaining
    return (min(length, MOST_DECLARED), "length") if length is not None else (None, "close")


def _pump(rec: Recorder, stream: Stream, raw: urllib3.HTTPResponse, tally: Tally, spool: IO[bytes]) -> None:
    """Moves the body from the connection to the spool, counting and digesting on the way."""
    settings = rec.run.settings
    stream.expect(None, settings.timeout_s)
    try:
        for piece in _paced(rec, raw, tally):
            tally.received += len(piece)
            for digest in tally.as_received.values():
                digest.update(piece)
            write(piece, tally, spool)
            if rec.role == "target":
                rec.run.on_progress(rec.key, tally.received, tally.declared)
            if tally.received >= tally.limit and (tally.declared is None or tally.received < tally.declared):
                tally.limited = True
                return
        if tally.complete is False:
            tally.failure = Failure.INCOMPLETE
    except (zlib.error, lzma.LZMAError) as error:
        tally.failure, tally.detail = Failure.CODING, str(error)
    except SlowBody:
        tally.failure = Failure.STALLED
        tally.detail = f"under {SLOW_BYTES_PER_S} bytes a second for {SLOW_WINDOW_S:.0f} s"
    except (OSError, Late, urllib3.exceptions.HTTPError, ValueError) as error:
        tally.slowest = max(tally.slowest, time.monotonic() - tally.last)
        tally.failure, tally.detail = _ended(stream, error)


def _paced(rec: Recorder, raw: urllib3.HTTPResponse, tally: Tally) -> Iterator[bytes]:
    """The pieces of the body as they come; raises `SlowBody` when too few come for too long."""
    window_start, window_bytes = time.monotonic(), 0
    tally.last = window_start
    for piece in _pieces(raw):
        now = time.monotonic()
        tally.slowest = max(tally.slowest, now - tally.last)
        tally.last = now
        window_bytes += len(piece)
        if now - window_start >= SLOW_WINDOW_S:
            if window_bytes < SLOW_BYTES_PER_S * SLOW_WINDOW_S:
                yield piece
                raise SlowBody
            window_start, window_bytes = now, 0
        rec.run.left()
        yield piece


def _pieces(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """What each read of the connection brought, so that a slow body is seen while it is slow."""
    if getattr(raw, "chunked", False) and raw.supports_chunked_reads():
        yield from raw.read_chunked(PIECE, decode_content=False)
        return
    while piece := raw.read1(PIECE, decode_content=False):
        yield piece


def _ended(stream: Stream, error: BaseException) -> tuple[Failure, str]:
    if stream.error is not None:
        return classify(stream.error), str(stream.error)[:300]
    if isinstance(error, Late):
        return Failure.DEADLINE, ""
    # urllib3 wraps the library's complaint and its own: the last one says how many bytes were missing.
    message = error.args[-1] if error.args else error
    return Failure.INCOMPLETE, str(message)[:300]


def _counted(tally: Tally, stream: Stream, subject: ev.Subject) -> dict[str, object]:
    # A digest of the unpacked content is taken from what was kept: without it, there is only the beginning to judge.
    unread = not tally.stored and subject.digest_of != "file"
    ragged = getattr(stream, "ragged_end", False)
    return {
        "declared": tally.declared,
        "framing": tally.framing,
        "coding": tally.coding,
        "received": tally.received,
        "written": tally.written,
        "decodes": tally.decoder is not None,
        "complete": tally.complete,
        "limited": tally.limited or unread,
        "failure": tally.failure,
        "detail": tally.detail or ("closed without close_notify" if ragged else ""),
        "slowest_s": tally.slowest,
    }


def _digested(tally: Tally, spool: IO[bytes], subject: ev.Subject) -> dict[str, object]:
    """Digests of the whole body; none where only its beginning was read."""
    if tally.limited:
        return {}
    if not tally.stored:
        return {"digests": digests.pairs(tally.as_written), "received_digests": digests.pairs(tally.as_received)}
    own = digests.enough(spool, tally.as_written, subject)
    return {
        "digests": own,
        "received_digests": digests.pairs(tally.as_received),
        **digests.other_forms(cast(BinaryIO, spool), subject, own),
    }


def _beginning(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(TEXT_KEPT)


def as_text(head: bytes, content_type: str | None = None) -> str:
    """The bytes as text where they are text, else an empty string."""
    if not head or b"\x00" in head[:1024]:
        return ""
    odd = sum(byte < 9 or 13 < byte < 32 for byte in head[:1024])
    if odd > len(head[:1024]) // 50:
        return ""
    text = decoded_text(head, content_type)
    return "" if text.count("�") > len(text) // 20 else text


def _looked_at(
    rec: Recorder,
    spool: IO[bytes],
    record: ev.Transfer,
    subject: ev.Subject,
    plain: bytes = b"",
    content_type: str | None = None,
    *,
    whole: bool = True,
) -> ev.Content | None:
    """What the bytes are; a body whose digest is right needs no look. A page under a coding is looked at as a page."""
    expected = dict(subject.digests)
    found = dict(record.decoded_digests if subject.digest_of == "decoded" else record.digests)
    if any(expected.get(name) == value for name, value in found.items()):
        return None
    started = rec.run.clock()
    if kind(plain, whole=False) == "html":
        spool = io.BytesIO(plain)
    file = cast(BinaryIO, spool)
    seen = look(file, limited=record.limited or not whole, expected=subject.content, content_type=content_type)
    return rec.add(ev.Content, "checksum", started, **seen.of(ev.Content))


def from_file(rec: Recorder, file: IO[bytes], subject: ev.Subject) -> None:
    """The same records of a file that is here already. Raises `OSError` where it cannot be read."""
    started = rec.run.clock()
    found = digests.pairs(digests.of_file(file, digests.algorithms(subject)))
    size = file.seek(0, 2)
    head = _beginning(file)
    record = rec.add(
        ev.Transfer,
        "length",
        started,
        declared=size,
        framing="file",
        received=size,
        written=size,
        complete=True,
        digests=found,
        **digests.other_forms(cast(BinaryIO, file), subject, found),
        head=head[:64].hex(),
        text=as_text(head),
    )
    _looked_at(rec, file, record, subject)
