"""Content codings (RFC 9110 section 8.4.1), undone piece by piece."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import IO, Protocol

PIECE = 64 * 1024


class Decoder(Protocol):
    """As `zlib.decompressobj` makes it."""

    @property
    def unconsumed_tail(self) -> bytes:
        """What is still to be decoded after the most that was asked for."""

    def decompress(self, data: bytes, most: int, /) -> bytes:
        """At most so many decoded bytes."""


def decoder(coding: str) -> Decoder | None:
    """What undoes the coding, or None for one that this client would not undo either."""
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    if coding == "deflate":
        return _Deflate()
    return None


class _Deflate:
    """The coding ``deflate``, in its zlib wrapping (RFC 9110 section 8.4.1.2) or bare, as some servers send it."""

    def __init__(self) -> None:
        self._inner: Decoder | None = None
        self.unconsumed_tail = b""

    def decompress(self, data: bytes, most: int) -> bytes:
        """At most so many decoded bytes; raises `zlib.error` where it is neither."""
        if self._inner is None:
            self._inner = zlib.decompressobj()
            try:
                zlib.decompressobj().decompress(data[:2])
            except zlib.error:
                self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
        part = self._inner.decompress(data, most)
        self.unconsumed_tail = self._inner.unconsumed_tail
        return part


def pieces(undo: Decoder, piece: bytes) -> Iterator[bytes]:
    """The decoded bytes in pieces, so that a small body cannot fill the memory."""
    while piece:
        part = undo.decompress(piece, PIECE * 16)
        piece = undo.unconsumed_tail
        if part:
            yield part
        elif not piece:
            return


def beginning(coding: str, spool: IO[bytes]) -> bytes:
    """The beginning of a body without the coding that this client leaves on it: for looking only."""
    undo = decoder(coding)
    spool.seek(0)
    try:
        return undo.decompress(spool.read(PIECE), PIECE) if undo else b""
    except zlib.error:
        return b""
