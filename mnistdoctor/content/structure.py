"""Whether a format's own lengths and checks hold: what its headers promise, held against what is there.

Everything is read in pieces and passed over by seeking; nothing is unpickled, and nothing is allocated by a size that
the data claim. Each check answers with whether the content is intact (None where it has nothing to check by, or where
looking would take too long) and what is wrong, in words that follow the format's name.
"""

from __future__ import annotations

import ast
import json
import os
import pickletools
import re
import struct
import zlib
from collections.abc import Callable
from typing import BinaryIO

from mnistdoctor.content.damage import BROKEN, ENDS_EARLY, FAILS_CRC, trailing
from mnistdoctor.content.kinds import HDF5
from mnistdoctor.content.tar import Tar
from mnistdoctor.content.unpack import PIECE

State = tuple[bool | None, str]
Check = Callable[[BinaryIO, int], State]

_MOST_STEPS = 500_000
"""Records, chunks or opcodes after which looking is given up."""
_LONGEST_HEADER = 16 << 20
"""Bytes of a header that are read: the safetensors of the largest models have a few MiB."""


def state(file: BinaryIO, size: int, what: str) -> State:
    """Whether content of this kind holds to its end. Raises `OSError` alone."""
    check = _CHECKS.get(what)
    if check is None:
        return None, ""
    file.seek(0)
    return check(file, size)


def recognised(file: BinaryIO, size: int) -> str | None:
    """The kind of what has no magic number at its beginning, but a structure that chance does not make."""
    for what, fits in (("tfrecord", _begins_as_tfrecord), ("onnx", _onnx), ("pickle", _is_whole_pickle)):
        file.seek(0)
        if fits(file, size):
            return what
    return None


def _fits(end: int, size: int) -> State:
    """Held against the place where the content has to end."""
    if size < end:
        return False, ENDS_EARLY
    return (True, "") if size == end else (False, trailing(size - end))


def _parquet(file: BinaryIO, size: int) -> State:
    """The length of the footer and the magic number again close the file (Apache Parquet, file format)."""
    magic = file.read(4)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if size < 12 or tail[4:] != magic:
        return False, ENDS_EARLY
    fits = int.from_bytes(tail[:4], "little") <= size - 12
    return fits, "" if fits else BROKEN


def _arrow(file: BinaryIO, size: int) -> State:
    """As parquet, with magic numbers of six and two bytes (Arrow columnar format, "IPC File Format")."""
    file.seek(max(0, size - 10))
    tail = file.read(10)
    if size < 20 or tail[4:] != b"ARROW1":
        return False, ENDS_EARLY
    fits = int.from_bytes(tail[:4], "little") <= size - 18
    return fits, "" if fits else BROKEN


def _feather(file: BinaryIO, size: int) -> State:
    file.seek(max(0, size - 4))
    return (True, "") if size >= 12 and file.read(4) == b"FEA1" else (False, ENDS_EARLY)


_DESCR = re.compile(r"[<>|=]?[biufcSVUmM]\d{1,6}(\[[^\]]{1,12}\])?")


def _npy(file: BinaryIO, size: int) -> State:
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


def _hdf5(file: BinaryIO, size: int) -> State:
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


def _safetensors(file: BinaryIO, size: int) -> State:
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


def _tar(file: BinaryIO, _size: int) -> State:
    archive = Tar()
    while piece := file.read(PIECE):
        archive.feed(piece)
    return not archive.damage, archive.damage


def _png(file: BinaryIO, size: int) -> State:
    """Chunks with their CRC, the last of them IEND (PNG specification, section 5)."""
    file.seek(8)
    at = 8
    for _ in range(_MOST_STEPS):
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


def _riff(file: BinaryIO, size: int) -> State:
    """A program that wrote to a pipe leaves the length 0 or the largest; what follows the end is passed over."""
    start = file.read(8)
    length = int.from_bytes(start[4:], "little")
    if length == 0 or length >= 0x7FFFFFFF or start[:4] != b"RIFF":
        return None, ""
    return (False, ENDS_EARLY) if 8 + length > size + 1 else (True, "")


def _seven_zip(file: BinaryIO, size: int) -> State:
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


_TORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"
"""The magic number with which torch.save began before release 1.6; behind the pickles come bare bytes."""


def _pickle(file: BinaryIO, _size: int) -> State:
    if _TORCH in file.read(32):
        return None, ""
    end = _end_of_pickle(file)
    if end == _CUT and not _names_joblib(file):
        return False, ENDS_EARLY
    return (True, "") if end is not None and end >= 0 else (None, "")


def _names_joblib(file: BinaryIO) -> bool:
    """Whether joblib wrote it, which lays arrays between the opcodes, as they are."""
    file.seek(0)
    last = b""
    while piece := file.read(PIECE):
        if b"NumpyArrayWrapper" in last + piece:
            return True
        last = piece[-32:]
    return False


_CUT, _NO_PICKLE = -1, -2
_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes}
_COUNTED = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}


def _end_of_pickle(file: BinaryIO) -> int | None:
    """Where the first pickle ends; `_CUT`, `_NO_PICKLE`, or None where looking was given up. Nothing is executed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    for _ in range(_MOST_STEPS):
        code = file.read(1)
        opcode = _OPCODES.get(code)
        if not code:
            return _CUT
        if opcode is None:
            return _NO_PICKLE
        if code == b".":
            return file.tell()
        argument = opcode.arg
        if argument is None:
            continue
        if argument.n == pickletools.UP_TO_NEWLINE:
            for _ in range(2 if argument.name == "stringnl_noescape_pair" else 1):
                if not file.readline(PIECE).endswith(b"\n"):
                    return _CUT if file.tell() >= size else _NO_PICKLE
            continue
        width = _COUNTED.get(argument.n)
        counted = file.read(width) if width else b""
        length = int.from_bytes(counted, "little") if width else argument.n
        if len(counted) < (width or 0) or file.tell() + length > size:
            return _CUT
        file.seek(length, os.SEEK_CUR)
    return None


def _is_whole_pickle(file: BinaryIO, size: int) -> bool:
    """Protocols 0 and 1 have no magic number: only a pickle that is the whole file counts."""
    file.seek(max(0, size - 1))
    return file.read(1) == b"." and size > 2 and _end_of_pickle(file) == size


def _crc32c(data: bytes) -> int:
    """CRC-32C (RFC 3720, appendix B.4), bit by bit: for a few bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _begins_as_tfrecord(file: BinaryIO, _size: int) -> bool:
    """A record's length has a masked CRC of its own (https://www.tensorflow.org/tutorials/load_data/tfrecord)."""
    start = file.read(12)
    if len(start) < 12:
        return False
    crc = _crc32c(start[:8])
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return masked == int.from_bytes(start[8:], "little")


def _tfrecord(file: BinaryIO, size: int) -> State:
    at = 0
    for _ in range(_MOST_STEPS):
        if at == size:
            return True, ""
        file.seek(at)
        at += 16 + int.from_bytes(file.read(8), "little")
        if at > size:
            return False, ENDS_EARLY
    return None, ""


_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""The fields of ModelProto and their wire types (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto)."""


def _onnx(file: BinaryIO, size: int) -> bool:
    """Whether it is, to its end, a message of the fields that an ONNX model has, with a version and a graph."""
    seen: set[int] = set()
    for _ in range(10_000):
        if file.tell() == size:
            return {1, 7} <= seen
        tag = _varint(file)
        field, wire = (tag >> 3, tag & 7) if tag is not None else (0, 7)
        value = _varint(file) if _MODEL_FIELDS.get(field) == wire else None
        if value is None:
            return False
        seen.add(field)
        if wire == 2:
            if file.tell() + value > size:
                return False
            file.seek(value, os.SEEK_CUR)
    return False


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    return None


_CHECKS: dict[str, Check] = {
    "7z": _seven_zip,
    "arrow": _arrow,
    "avi": _riff,
    "feather": _feather,
    "hdf5": _hdf5,
    "npy": _npy,
    "parquet": _parquet,
    "pickle": _pickle,
    "png": _png,
    "safetensors": _safetensors,
    "tar": _tar,
    "tfrecord": _tfrecord,
    "wav": _riff,
    "webp": _riff,
}
