"""Unpacking of what a stranger has packed: in pieces, within bounds of memory and of work, and to the last check.

Nothing is allocated by a size that the data claim, and no member of an archive decides a path.
"""

from __future__ import annotations

import bz2
import hashlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from mnistdoctor.content.damage import BROKEN, ENDLESS, ENDS_EARLY, FAILS_CRC, OTHER_LENGTH, trailing

PIECE = 1 << 16
"""Bytes held at once, of the packed and of the unpacked side."""

MOST = 1 << 30
"""Bytes after which unpacking is given up."""

_BOMB_FROM, _BOMB_RATIO = 1 << 26, 500
# Datasets of images shrink by 3 to 20; only runs of one byte come near deflate's limit of 1032.

_XZ_MEMORY = 1 << 27
# `xz -9` asks for 65 MiB; the header may ask for 4 GiB (https://tukaani.org/xz/xz-file-format.txt, section 5.3.1).

_DIRECTORY, _ENTRIES = 2 << 20, 20_000
# The largest zip directory that is read; EMNIST's holds 60 entries.


class _Gzip:
    """zlib with the interface that bz2 and lzma share; it checks the CRC and the length of each member."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, most: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, most)


class _Decoder(Protocol):
    """As `bz2.BZ2Decompressor` and `lzma.LZMADecompressor` are."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, most: int, /) -> bytes: ...


_DECODERS: dict[str, tuple[bytes, Callable[[], _Decoder]]] = {
    "gzip": (b"\x1f\x8b", _Gzip),
    "bzip2": (b"BZh", bz2.BZ2Decompressor),
    "xz": (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)),
}

LAYERS = {name: magic for name, (magic, _) in _DECODERS.items()}
"""The first bytes of each layer that can be unpacked here."""


class Unpacking:
    """Iterates over the pieces inside a gzip, bzip2 or xz layer, and says afterwards how that ended."""

    def __init__(self, file: BinaryIO, layer: str) -> None:
        self._file = file
        self._magic, self._new = _DECODERS[layer]
        self._taken = 0
        self.size = 0
        """Bytes that came out."""
        self.damage = ""
        """What was wrong, in words that follow the layer's name; empty where nothing was."""
        self.intact: bool | None = None
        """Whether every check of the format held; None where unpacking was given up."""

    def __iter__(self) -> Iterator[bytes]:
        rest = self._read()
        while True:
            decoder = self._new()
            yield from self._member(decoder, rest)
            if self.damage:
                return
            rest = decoder.unused_data
            if len(rest) < len(self._magic):
                rest += self._read()
            if not rest.startswith(self._magic):
                self._trailer(rest)
                return

    def _member(self, decoder: _Decoder, data: bytes) -> Iterator[bytes]:
        """The pieces of one gzip member, bzip2 stream or xz stream."""
        while True:
            try:
                piece = decoder.decompress(data, PIECE)
            except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, MemoryError) as error:
                self.damage = _damage_of(error)
                self.intact = None if self.damage == ENDLESS else False
                return
            self.size += len(piece)
            if self.size > MOST or (self.size > _BOMB_FROM and self.size > _BOMB_RATIO * self._taken):
                self.damage = ENDLESS
                return
            if piece:
                yield piece
            if decoder.eof:
                return
            ended = not piece and not data
            data = self._read() if decoder.needs_input else b""
            if ended and not data and decoder.needs_input:
                self.damage, self.intact = ENDS_EARLY, False
                return

    def _trailer(self, rest: bytes) -> None:
        """What follows the last member: nothing, padding with zeros (which gzip and tar ignore), or something else."""
        length, zeros = 0, True
        while rest:
            length, zeros = length + len(rest), zeros and not rest.strip(b"\0")
            rest = self._read()
        self.intact = zeros
        if length:
            self.damage = trailing(length, "zero " if zeros else "")

    def _read(self) -> bytes:
        data = self._file.read(PIECE)
        self._taken += len(data)
        return data


def _damage_of(error: Exception) -> str:
    text = str(error)
    if "incorrect data check" in text:
        return FAILS_CRC
    if "incorrect length check" in text:
        return OTHER_LENGTH
    if "Memory usage limit" in text or isinstance(error, MemoryError):
        return ENDLESS
    return BROKEN


def zip_state(file: BinaryIO, size: int) -> tuple[bool | None, str, tuple[str, ...], str]:
    """Whether a zip is intact (None where that was not found out), what is wrong, its members' names, its content.

    The directory at the end is read where it is of a sane size, and stored and deflated members are held
    against their CRC: other methods allocate by what the archive claims. The content is a digest of the members'
    names, lengths and CRCs, of an intact archive alone.
    """
    file.seek(max(0, size - _END))
    tail = file.read(_END)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        return False, ENDS_EARLY, (), ""
    entries, length = struct.unpack_from("<HL", tail, at + 10)
    if entries > _ENTRIES or length > _DIRECTORY or tail[max(0, at - 20) :].startswith(b"PK\6\7"):
        return None, "", (), ""
    names: tuple[str, ...] = ()
    try:
        with zipfile.ZipFile(file) as archive:
            members = sorted((one.filename, one.file_size, one.CRC) for one in archive.infolist())
            names = tuple(one.filename for one in archive.infolist())
            intact, damage = _members(archive)
    except Exception:  # zipfile raises a dozen types on what hostile archives hold
        return False, BROKEN, names, ""
    after = len(tail) - at - 22 - int.from_bytes(tail[at + 20 : at + 22], "little")
    contents = hashlib.sha256(repr(members).encode("utf-8", "replace")).hexdigest() if intact else ""
    return intact, damage or (trailing(after) if after > 0 else ""), names, contents


_END = 22 + 65535
"""Bytes of the record at the end and its longest comment (APPNOTE.TXT 4.3.16)."""


def has_members(file: BinaryIO) -> bool:
    """Whether a zip archive ends here, whatever stands before its first member."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END))
    tail = file.read(_END)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        return False
    entries, length, offset = struct.unpack_from("<HLL", tail, at + 10)
    if not entries or length + offset > size:
        return False
    file.seek(max(0, size - len(tail) + at - length))
    return file.read(4) == b"PK\1\2"


def _members(archive: zipfile.ZipFile) -> tuple[bool | None, str]:
    intact: bool | None = True
    total = 0
    for one in archive.infolist():
        if one.flag_bits & 1 or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            intact = None
            continue
        try:
            with archive.open(one) as member:
                while piece := member.read(PIECE):
                    total += len(piece)
                    if total > MOST:
                        return None, ENDLESS
        except zipfile.BadZipFile as error:
            return False, FAILS_CRC if "CRC" in str(error) else BROKEN
    return intact, ""
