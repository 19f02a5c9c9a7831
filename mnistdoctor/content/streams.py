"""Formats that are a run of records without a magic number: pickle, TFRecord, an ONNX model.

Chance does not make their structure, so they are recognised by it, and by it their end is found. Nothing is unpickled.
"""

from __future__ import annotations

import os
import pickletools
from typing import BinaryIO

from mnistdoctor.content.damage import ENDS_EARLY, MOST_STEPS, Integrity
from mnistdoctor.content.unpack import PIECE


def recognised(file: BinaryIO, size: int) -> str | None:
    """The kind of what has no magic number at its beginning, but a structure that chance does not make."""
    for what, fits in (("tfrecord", _begins_as_tfrecord), ("onnx", _onnx), ("pickle", _is_whole_pickle)):
        file.seek(0)
        if fits(file, size):
            return what
    return None


_TORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"
"""The magic number with which torch.save began before release 1.6; behind the pickles come bare bytes."""


def pickle(file: BinaryIO, _size: int) -> Integrity:
    """Whether a pickle ends where it says so: its opcodes are walked, and none is carried out."""
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
    for _ in range(MOST_STEPS):
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


def tfrecord(file: BinaryIO, size: int) -> Integrity:
    """Whether the last record ends with the file (lengths only: a CRC-32C of all would take minutes)."""
    at = 0
    for _ in range(MOST_STEPS):
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
