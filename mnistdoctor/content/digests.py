"""Digests: one while the bytes stream by, the others only where that one does not settle the matter."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import zlib
from typing import IO, Protocol

from mnistdoctor import evidence as ev

PIECE = 64 * 1024
MOST_DECODED = 2**30
"""Bytes after which decoding stops: no dataset file of the catalogue unpacks to more."""

_GZIP, _XZ, _BZIP2 = b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh"


class Hash(Protocol):
    """A digest in the making, as `hashlib.new` gives it."""

    def update(self, data: bytes, /) -> None:
        """Takes some more bytes."""

    def hexdigest(self) -> str:
        """The digest of all bytes so far."""


def _new(name: str) -> Hash:
    return hashlib.new(name, usedforsecurity=False)


class _Decoder(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...


def algorithms(subject: ev.Subject) -> tuple[str, ...]:
    """Those of the subject's digests that this Python can compute, strongest first, then those of the catalogue."""
    known = tuple(name for name, _ in subject.digests if name in hashlib.algorithms_available)
    return tuple(dict.fromkeys((*known, "sha256", "md5")))


def streamed(subject: ev.Subject) -> dict[str, Hash]:
    """The one digest that is computed while the bytes pass: a right one needs no second opinion."""
    return {name: _new(name) for name in algorithms(subject)[:1]}


def enough(spool: IO[bytes], found: dict[str, Hash], subject: ev.Subject) -> ev.Pairs:
    """The streamed digest where it is the expected one; else all that may tell which file this is."""
    expected = dict(subject.digests)
    if subject.digest_of == "file" and any(expected.get(name) == one.hexdigest() for name, one in found.items()):
        return pairs(found)
    rest = tuple(name for name in algorithms(subject) if name not in found)
    return pairs(found | of_file(spool, rest))


def of_file(file: IO[bytes], names: tuple[str, ...]) -> dict[str, Hash]:
    """Digests of a whole file. Raises `OSError` where it cannot be read."""
    made = {name: _new(name) for name in names}
    file.seek(0)
    while made and (piece := file.read(PIECE)):
        for digest in made.values():
            digest.update(piece)
    return made


def pairs(found: dict[str, Hash]) -> ev.Pairs:
    """(algorithm, hexadecimal) of each."""
    return tuple((name, digest.hexdigest()) for name, digest in found.items())


def decoded(file: IO[bytes], subject: ev.Subject) -> ev.Pairs:
    """Digests of the content without its own compression; empty where it cannot be undone."""
    file.seek(0)
    decoder = _decoder(file.read(6))
    file.seek(0)
    made = {name: _new(name) for name in algorithms(subject)}
    total = 0
    try:
        while piece := file.read(PIECE):
            part = decoder.decompress(piece) if decoder else piece
            total += len(part)
            if total > MOST_DECODED:
                return ()
            for digest in made.values():
                digest.update(part)
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return ()
    return pairs(made)


def _decoder(first: bytes) -> _Decoder | None:
    if first.startswith(_GZIP):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    if first == _XZ:
        return lzma.LZMADecompressor()
    return bz2.BZ2Decompressor() if first.startswith(_BZIP2) else None
