"""Formats that people download, held against their own lengths and checks."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable

import pytest

from mnistdoctor.content.look import Look, look

NOISE = random.Random(5).randbytes(9000)


def seen(data: bytes, *, limited: bool = False) -> Look:
    return look(io.BytesIO(data), limited=limited)


def npy(descr: str = "<f4", shape: str = "(10, 20)", data: bytes = bytes(800)) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


def tar(form: int = tarfile.PAX_FORMAT, mtime: int = 0, name: str = "data/one.txt") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("data")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for member in (name, "data/two.bin"):
            info = tarfile.TarInfo(member)
            info.size, info.mtime = len(NOISE), mtime
            archive.addfile(info, io.BytesIO(NOISE))
        link = tarfile.TarInfo("data/link")
        link.type, link.linkname, link.size = tarfile.LNKTYPE, name, 0
        archive.addfile(link)
    return file.getvalue()


def v7() -> bytes:
    """A member as it was written before there was a magic number."""
    head = bytearray(
        b"old.txt".ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"00000000012\0" + b"0" * 11 + b"\0"
    )
    head += b" " * 8 + b"\0" * (512 - 156)
    head[148:156] = f"{sum(head):06o}\0 ".encode()
    return bytes(head) + b"ten bytes\n".ljust(512, b"\0") + bytes(1024)


def png() -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    pixels = zlib.compress(b"\0" + NOISE[:300])
    head = struct.pack(">LLBBBBB", 100, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def hdf5(size: int = 2048, block: int = 0) -> bytes:
    """A superblock of version 2, and what it says is there."""
    body = b"\x89HDF\r\n\x1a\n" + bytes((2, 8, 8, 0)) + struct.pack("<QQQQ", block, 2**64 - 1, size, 48)
    return bytes(block) + body.ljust(size, b"\1")


def safetensors() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [100], "data_offsets": [0, 400]}}).encode()
    return struct.pack("<Q", len(header)) + header + NOISE[:400]


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(NOISE)
    return file.getvalue()


def seven_zip() -> bytes:
    end = b"\x17\x06\x01" + bytes(20)
    start = struct.pack("<QQL", 600, len(end), zlib.crc32(end))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<L", zlib.crc32(start)) + start + NOISE[:600] + end


def tfrecord() -> bytes:
    """Two records of the bytes `abc`."""
    one = struct.pack("<Q", 3) + struct.pack("<L", _masked(struct.pack("<Q", 3))) + b"abc" + bytes(4)
    return one * 2


def _crc32c(data: bytes) -> int:
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _masked(data: bytes) -> int:
    assert _crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, appendix B.4
    crc = _crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def onnx() -> bytes:
    """ir_version 8, producer_name, a graph, and an opset."""
    graph = b"\x0a\x03abc" + b"\x12\x05graph"
    return b"\x08\x08\x12\x07pytorch" + b"\x3a" + bytes((len(graph),)) + graph + b"\x42\x02\x10\x11"


WHOLE: dict[str, Callable[[], bytes]] = {
    "npy": npy, "tar": tar, "png": png, "hdf5": hdf5, "safetensors": safetensors, "wav": wav, "7z": seven_zip,
    "tfrecord": tfrecord, "pickle": lambda: pickle.dumps({"data": NOISE, "names": ["a"] * 50}, 4),
}  # fmt: skip


@pytest.mark.parametrize("what", WHOLE)
def test_whole_and_cut(what: str) -> None:
    data = WHOLE[what]()
    assert (seen(data).what, seen(data).intact, seen(data).damage) == (what, True, "")
    cut = seen(data[: len(data) // 2 + 1])
    assert (cut.what, cut.intact, cut.damage) == (what, False, "ends early")
    part = seen(data[: len(data) // 2], limited=True)
    assert (part.intact, part.damage) == (None, "")


def test_checks_inside() -> None:
    for data in (png(), seven_zip()):
        damaged = bytearray(data)
        damaged[60 if data.startswith(b"\x89P") else 16] ^= 1
        assert seen(bytes(damaged)).damage == "fails its CRC check"
    broken = bytearray(tar())
    broken[512 + 148] ^= 1
    assert seen(bytes(broken)).intact is False
    assert seen(npy() + b"tail").damage == "has 4 trailing bytes"
    assert seen(b"\x93NUMPY\1\0\x10\0" + b"import os" + bytes(100)).damage == "is broken inside"


def test_what_has_no_length_to_check_by() -> None:
    assert seen(npy("|O", "(3,)", pickle.dumps([1]))).intact is None
    legacy = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + NOISE
    assert (seen(legacy).what, seen(legacy).intact) == ("pickle", None)
    joblib = pickle.dumps({"class": "joblib.numpy_pickle NumpyArrayWrapper"}, 4)[:-1] + NOISE
    assert (seen(joblib).what, seen(joblib).intact) == ("pickle", None)
    stream = bytearray(wav())
    stream[4:8] = b"\xff\xff\xff\xff"
    assert seen(bytes(stream[:5000])).intact is None


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_every_form(form: int) -> None:
    data = tar(form, name="data/" + ("long/" * 30 if form != tarfile.USTAR_FORMAT else "") + "näme.txt")
    assert (seen(data).what, seen(data).intact) == ("tar", True)
    packed = seen(gzip.compress(data))
    assert (packed.what, packed.inner, packed.intact) == ("gzip", "tar", True)
    inside = seen(gzip.compress(data[:9000]))
    assert (inside.intact, inside.damage) == (False, "holds a tar archive that ends early")


def test_an_old_tar_has_no_magic_number() -> None:
    assert (seen(v7()).what, seen(v7()).intact) == ("tar", True)
    assert (seen(v7()[:-1024]).what, seen(v7()[:-1024]).intact) == ("tar", True)
    assert seen(v7()[:600] + bytes(0)).intact is True  # the padding alone is missing
    assert seen(v7()[:515]).damage == "ends early"


def test_packed_anew_holds_the_same() -> None:
    first, second = seen(gzip.compress(tar(mtime=1), mtime=1)), seen(gzip.compress(tar(mtime=2), 1, mtime=2))
    assert first.contents == second.contents != ""
    assert seen(gzip.compress(tar(name="other"))).contents != first.contents

    def zipped(when: int, text: bytes = NOISE) -> str:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a", (2000 + when, 1, 1, 0, 0, 0)), text)
        return seen(file.getvalue()).contents

    assert zipped(1) == zipped(2) != ""
    assert zipped(1) != zipped(1, NOISE[1:])


def test_a_user_block_and_a_self_extracting_archive() -> None:
    assert (seen(hdf5(block=512)).what, seen(hdf5(block=512)).intact) == ("hdf5", True)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", NOISE)
    for before in (b"MZ" + NOISE[:500], b"#!/bin/sh\nexit\n"):
        found = seen(before + file.getvalue())
        assert (found.what, found.intact, found.members) == ("zip", True, ("a.txt",))
    assert seen(NOISE + b"PK\5\6" + bytes(18)).what == "unknown"


def test_pickles_without_a_magic_number() -> None:
    for protocol in (0, 1):
        data = pickle.dumps({"a": [1.5, "text", None, True], "b": (2, b"x")}, protocol)
        assert (seen(data).what, seen(data).intact) == ("pickle", True)
    assert seen(b"Some prose, and then it ends.").what == "text"
    assert seen(NOISE + b".").what == "unknown"


def test_onnx_and_its_kin() -> None:
    assert seen(onnx()).what == "onnx"
    assert seen(onnx()[:-1]).what == "unknown"
    assert seen(b"\x08\x08" + NOISE).what == "unknown"


def test_cut_json_and_what_only_looks_so() -> None:
    whole = json.dumps([{"text": "a, b", "n": n} for n in range(9000)]).encode()
    assert seen(whole) == Look(what="json")
    for at in (50, 20_000, 100_000, 200_001):
        assert seen(whole[:at]).damage == "ends early"
    lines = b'{"a": 1}\n{"a": 2}\n' * 5000
    assert seen(lines).damage == ""
    assert seen(lines[:-4]).damage == ""
    assert seen(b"[section]\nname = 1\n").damage == ""
    assert seen(b"{\\rtf1 text}").damage == ""


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x28\xb5\x2f\xfd" + NOISE, "zstd"), (b"Rar!\x1a\x07\1\0" + NOISE, "rar"), (b"%PDF-1.7\n" + NOISE, "pdf"),
        (b"\xff\xd8\xff\xe0" + NOISE, "jpeg"), (b"GIF89a" + NOISE, "gif"), (b"fLaC" + NOISE, "flac"),
        (bytes((0, 0, 0, 32)) + b"ftypisom" + NOISE, "mp4"), (zlib.compress(NOISE), "zlib"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"a" * 64 + b"\nsize 9\n", "lfs-pointer"),
        (b"outs:\n- md5: " + b"a" * 32 + b"\n  size: 12\n  path: data.csv\n", "dvc-pointer"),
        (b"/annex/objects/SHA256E-s123--" + b"a" * 64 + b".nii.gz\n", "annex-pointer"),
        (b"../.git/annex/objects/0q/7F/MD5E-s12--ab.nii.gz/MD5E-s12--ab.nii.gz", "annex-pointer"),
        (b"<html>,1,2\n<body>,3,4\n", "xml"), (b"<p>;<b>\n1;2\n", "xml"), (b"<!doctype html>\n<p>, <b>", "html"),
        (b"<html lang=en>\n<body>", "html"), (b"#!/bin/sh\necho\n", "text"), (NOISE, "unknown"),
        (bytes(900), "unknown"),
    ],
)  # fmt: skip
def test_other_kinds(data: bytes, what: str) -> None:
    assert seen(data).what == what


def test_nothing_hostile_raises() -> None:
    chance = random.Random(11)
    seeds = [make() for make in WHOLE.values()] + [onnx(), v7(), tar(tarfile.GNU_FORMAT), gzip.compress(tar())]
    for _ in range(600):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(min(len(data), 1200))
            data[at : at + chance.randrange(4)] = chance.randbytes(chance.randrange(5))
        found = seen(bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data))
        assert found.damage != "could not be examined"
