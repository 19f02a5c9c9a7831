"""Whether a format's own lengths and checks hold: what its headers promise, held against what is there.

Everything is read in pieces and passed over by seeking; nothing is unpickled, and nothing is allocated by a size that
the data claim. Each check answers with whether the content is intact (None where it has nothing to check by, or where
looking would take too long) and what is wrong, in words that follow the format's name.
"""

from __future__ import annotations

import ast
import json
import re
import struct
import zlib
from collections.abc import Callable
from typing import BinaryIO

from mnistdoctor.content import streams
from mnistdoctor.content.damage import BROKEN, ENDS_EARLY, FAILS_CRC, MOST_STEPS, Integrity, trailing
from mnistdoctor.content.kinds import HDF5
from mnistdoctor.content.tar import Tar
from mnistdoctor.content.unpack import PIECE

Check = Callable[[BinaryIO, int], Integrity]

_LONGEST_HEADER = 16 << 20
"""Bytes of a header that are read: the safetensors of the largest models have a few MiB."""


def state(file: BinaryIO, size: int, what: str) -> Integrity:
    """Whether content of this kind holds to its end. Raises `OSError` alone."""
    check = _CHECKS.get(what)
    if check is None:
        return None, ""
    file.seek(0)
    return check(file, size)


def _fits(end: int, size: int) -> Integrity:
    """Held against the place where the content has to end."""
    if size < end:
        return False, ENDS_EARLY
    return (True, "") if size == end else (False, trailing(size - end))


def _parquet(file: BinaryIO, size: int) -> Integrity:
    """The length of the footer and the magic number again close the file (Apache Parquet, file format)."""
    magic = file.read(4)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if size < 12 or tail[4:] != magic:
        return False, ENDS_EARLY
    fits = int.from_bytes(tail[:4], "little") <= size - 12
    return fits, "" if fits else BROKEN


def _arrow(file: BinaryIO, size: int) -> Integrity:
    """As parquet, with magic numbers of six and two bytes (Arrow columnar format, "IPC File Format")."""
    file.seek(max(0, size - 10))
    tail = file.read(10)
    if size < 20 or tail[4:] != b"ARROW1":
        return False, ENDS_EARLY
    fits = int.from_bytes(tail[:4], "little") <= size - 18
    return fits, "" if fits else BROKEN


def _feather(file: BinaryIO, size: int) -> Integrity:
    file.seek(max(0, size - 4))
    return (True, "") if size >= 12 and file.read(4) == b"FEA1" else (False, ENDS_EARLY)


_DESCR = re.compile(r"[<>|=]?[biufcSVUmM]\d{1,6}(\[[^\]]{1,12}\])?")


def _npy(file: BinaryIO, size: int) -> Integrity:
    """https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"""
    start = file.read(12)
    if len(start) < 12:
        return False, ENDS_EARLY
    wide = start[6] > 1
    length = int.from_bytes(start[8:12] if wide else start[8:10], "little")
    begins = (12 if wide else 10) + length
    if begins > size:
        return False, ENDS_EARLY
    if length > 1 << 16:
        return None, ""
    file.seek(begins - length)
    try:
        header = ast.literal_eval(file.read(length).decode("latin-1").strip())
        descr, shape = header["descr"], header["shape"]
        if not isinstance(descr, str) or not _DESCR.fullmatch(descr):
            return None, ""  # fields, or objects, which are pickled
        wide_chars = 4 if "U" in descr else 1
        due = int(re.sub(r"\[.*|\D", "", descr)) * wide_chars
        for one in shape:
            due *= int(one)
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return False, BROKEN
    return _fits(begins + due, size)


def _hdf5(file: BinaryIO, size: int) -> Integrity:
    """The superblock states where the file ends (HDF5 file format specification, section II.A)."""
    head = file.read(1 << 16)
    at = head.find(HDF5)
    block = head[at : at + 96]
    if at < 0 or len(block) < 12:
        return False, ENDS_EARLY
    version, old = block[8], block[8] < 2
    width = block[13] if old else block[9]
    if version > 3 or width not in (4, 8):
        return None, ""
    first = (24 + (4 if version == 1 else 0)) if old else 12
    base, _, end = (int.from_bytes(block[first + n * width :][:width], "little") for n in range(3))
    if len(block) < first + 3 * width or size < end:
        return False, ENDS_EARLY
    return (True, "") if base in (0, at) else (None, "")


def _safetensors(file: BinaryIO, size: int) -> Integrity:
    """https://github.com/huggingface/safetensors#format"""
    length = int.from_bytes(file.read(8), "little")
    if 8 + length > size:
        return False, ENDS_EARLY
    if length > _LONGEST_HEADER:
        return None, ""
    try:
        header = json.loads(file.read(length))
        ends = [int(one["data_offsets"][1]) for name, one in header.items() if name != "__metadata__"]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return False, BROKEN
    return _fits(8 + length + max(ends, default=0), size)


def _tar(file: BinaryIO, _size: int) -> Integrity:
    archive = Tar()
    while piece := file.read(PIECE):
        archive.feed(piece)
    return not archive.damage, archive.damage


def _png(file: BinaryIO, size: int) -> Integrity:
    """Chunks with their CRC, the last of them IEND (PNG specification, section 5)."""
    file.seek(8)
    at = 8
    for _ in range(MOST_STEPS):
        length, name = struct.unpack(">L4s", file.read(8).ljust(8, b"\0"))
        at += 12 + length
        if at > size or not name.strip(b"\0"):
            return False, ENDS_EARLY if at > size or file.tell() >= size else BROKEN
        crc, left = zlib.crc32(name), length
        while left:
            piece = file.read(min(left, PIECE))
            crc, left = zlib.crc32(piece, crc), left - len(piece)
        if int.from_bytes(file.read(4), "big") != crc:
            return False, FAILS_CRC
        if name == b"IEND":
            return _fits(at, size)
    return None, ""


def _riff(file: BinaryIO, size: int) -> Integrity:
    """A program that wrote to a pipe leaves the length 0 or the largest; what follows the end is passed over."""
    start = file.read(8)
    length = int.from_bytes(start[4:], "little")
    if length == 0 or length >= 0x7FFFFFFF or start[:4] != b"RIFF":
        return None, ""
    return (False, ENDS_EARLY) if 8 + length > size + 1 else (True, "")


def _seven_zip(file: BinaryIO, size: int) -> Integrity:
    """The start header has a CRC, and says where the end header lies, and its CRC (7-Zip, 7zFormat.txt)."""
    start = file.read(32)
    if len(start) < 32:
        return False, ENDS_EARLY
    if zlib.crc32(start[12:]) != int.from_bytes(start[8:12], "little"):
        return False, FAILS_CRC
    offset, length, crc = struct.unpack("<QQL", start[12:])
    end = 32 + offset + length
    if end > size:
        return False, ENDS_EARLY
    if length > _LONGEST_HEADER:
        return None, ""
    file.seek(32 + offset)
    return _fits(end, size) if zlib.crc32(file.read(length)) == crc else (False, FAILS_CRC)


_CHECKS: dict[str, Check] = {
    "7z": _seven_zip,
    "arrow": _arrow,
    "avi": _riff,
    "feather": _feather,
    "hdf5": _hdf5,
    "npy": _npy,
    "parquet": _parquet,
    "pickle": streams.pickle,
    "png": _png,
    "safetensors": _safetensors,
    "tar": _tar,
    "tfrecord": streams.tfrecord,
    "wav": _riff,
    "webp": _riff,
}
