"""Digests: one while the bytes stream by, the others only where that one does not settle the matter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import IO, BinaryIO, Protocol

from mnistdoctor import evidence as ev
from mnistdoctor.content.damage import BROKEN, ENDLESS, FAILS_CRC, OTHER_LENGTH
from mnistdoctor.content.unpack import LAYERS, Unpacking

PIECE = 64 * 1024

_USELESS = (BROKEN, ENDLESS, FAILS_CRC, OTHER_LENGTH)


class Hash(Protocol):
    """A digest in the making, as `hashlib.new` gives it."""

    def update(self, data: bytes, /) -> None:
        """Takes some more bytes."""

    def hexdigest(self) -> str:
        """The digest of all bytes so far."""


def _new(name: str) -> Hash:
    return hashlib.new(name, usedforsecurity=False)


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


def first_mib(file: BinaryIO) -> ev.Pairs:
    """The MD5 of the first MiB, which is all that fastdownload compares besides the length. Raises `OSError`."""
    file.seek(0)
    digest = _new("md5")
    digest.update(file.read(2**20))
    return (("md5_first_mib", digest.hexdigest()),)


_CATALOGUED = ("sha256", "sha1", "md5")


def of_whole(file: BinaryIO) -> ev.Pairs:
    """The digests by which the catalogue may know this file. Raises `OSError` where it cannot be read."""
    return pairs(of_file(file, _CATALOGUED))


def of_content(file: BinaryIO) -> ev.Pairs:
    """Those of its content without its own compression; empty where that cannot be undone."""
    return _decoded(file, _CATALOGUED)


def unpacked(file: BinaryIO, subject: ev.Subject) -> ev.Pairs:
    """Digests of the content of a packed file; empty where it is not packed, or cannot be unpacked."""
    return decoded(file, subject) if _layer(file) else ()


def decoded(file: BinaryIO, subject: ev.Subject) -> ev.Pairs:
    """Digests of the content without its own compression; empty where that cannot be undone."""
    return _decoded(file, algorithms(subject))


def _decoded(file: BinaryIO, names: tuple[str, ...]) -> ev.Pairs:
    made = {name: _new(name) for name in names}
    unpacking = _unpacking(file)
    for piece in unpacking or _pieces(file):
        for digest in made.values():
            digest.update(piece)
    return () if unpacking and unpacking.damage in _USELESS else pairs(made)


def other_forms(file: BinaryIO, subject: ev.Subject, own: ev.Pairs) -> dict[str, ev.Pairs]:
    """Digests of the same content in other forms, where its own are not the expected ones.

    Unpacked, with either line end throughout, and without what stands before the length that is due: so one packed
    anew, one that went through a text mode, or one joined to a part is known for what it is.
    Empty where nothing is expected.
    """
    expected = dict(subject.digests)
    found: dict[str, ev.Pairs] = {}
    if subject.digest_of == "decoded":
        own = found["decoded_digests"] = decoded(file, subject)
    if not (expected or subject.file) or any(expected.get(name) == value for name, value in own):
        return found
    if subject.digest_of == "file" and (inside := unpacked(file, subject)):
        found["decoded_digests"] = inside
    if expected and subject.digest_of == "file" and (tail := _tail(file, subject)):
        found["tail_digests"] = tail
    return found | _with_line_ends(file, subject) if expected else found


def _tail(file: BinaryIO, subject: ev.Subject) -> ev.Pairs:
    """Digests of the last bytes, as many as are due, of a file that is longer and begins twice as that one does."""
    due, length = subject.size, file.seek(0, 2)
    if not due or length <= due or not _begins_alike(file, length - due):
        return ()
    made = {name: _new(name) for name in algorithms(subject)}
    file.seek(length - due)
    while piece := file.read(PIECE):
        for digest in made.values():
            digest.update(piece)
    return pairs(made)


def _begins_alike(file: BinaryIO, second: int) -> bool:
    """Whether what stands before that place could be the beginning of what stands behind it, and no mark or banner."""
    size = min(second, PIECE)
    file.seek(0)
    first = file.read(size)
    file.seek(second)
    behind = file.read(size)
    return first[: len(behind)] == behind


def _with_line_ends(file: BinaryIO, subject: ev.Subject) -> dict[str, ev.Pairs]:
    """The digests that the content would have with LF, and with CR LF, at every line's end; only where they differ.

    Binary data that a text mode rewrote are undone likewise: what has one CR too many before each LF loses it.
    """
    names = algorithms(subject)
    lf, crlf = {name: _new(name) for name in names}, {name: _new(name) for name in names}
    lone = paired = 0
    held = b""
    unpacking = _unpacking(file) if subject.digest_of == "decoded" else None
    for piece in chain(unpacking or _pieces(file), (b"",)):
        data = held + piece
        held = b"\r" if piece and data.endswith(b"\r") else b""
        data = data[: len(data) - len(held)]
        pairs_here = data.count(b"\r\n")
        paired, lone = paired + pairs_here, lone + data.count(b"\n") - pairs_here
        short = data.replace(b"\r\n", b"\n")
        for digest in lf.values():
            digest.update(short)
        for digest in crlf.values():
            digest.update(short.replace(b"\n", b"\r\n"))
    return ({"lf_digests": pairs(lf)} if paired else {}) | ({"crlf_digests": pairs(crlf)} if lone else {})


def _unpacking(file: BinaryIO) -> Unpacking | None:
    """The way through the file's own compression; None where it has none."""
    layer = _layer(file)
    return Unpacking(file, layer) if layer else None


def _layer(file: BinaryIO) -> str | None:
    file.seek(0)
    first = file.read(6)
    file.seek(0)
    return next((name for name, magic in LAYERS.items() if first.startswith(magic)), None)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece
