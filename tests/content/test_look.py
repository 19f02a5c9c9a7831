"""What bytes really are, held against genuine files and against hostile ones."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import pickle
import random
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from mnistdoctor.content.kinds import LFS
from mnistdoctor.content.look import Look, look

DATA = Path(__file__).parent.parent / "data" / "mnist"
LABELS = (DATA / "t10k-labels-idx1-ubyte.gz").read_bytes()
IMAGES = (DATA / "t10k-images-idx3-ubyte.gz").read_bytes()
IDX = gzip.decompress(LABELS)


def seen(data: bytes, *, limited: bool = False, expected: str | None = None) -> Look:
    return replace(look(io.BytesIO(data), limited=limited, expected=expected), contents="")


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def zipped(names: tuple[str, ...], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in names:
            archive.writestr(name, IDX)
    return file.getvalue()


def test_a_genuine_gzip_file() -> None:
    assert seen(LABELS) == Look(what="gzip", inner="idx", intact=True, decoded=10008, magic=2049, dims=(10000,))
    images = seen(IMAGES)
    assert (images.intact, images.decoded, images.magic, images.dims) == (True, 7840016, 2051, (10000, 28, 28))


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz")])
def test_each_layer_whole_cut_broken_joined_and_followed(pack: object, name: str) -> None:
    assert callable(pack)
    data = pack(IDX)
    assert seen(data) == Look(what=name, inner="idx", intact=True, decoded=10008, magic=2049, dims=(10000,))
    cut = seen(data[:-20])
    assert (cut.what, cut.intact, cut.damage, cut.decoded) == (name, False, "ends early", None)
    assert seen(flipped(data, len(data) // 2)).intact is False
    joined = seen(pack(IDX[:5000]) + pack(IDX[5000:]))
    assert (joined.intact, joined.decoded) == (True, 10008)
    followed = seen(data + b"<html>")
    assert (followed.intact, followed.damage) == (False, "has 6 trailing bytes")
    padded = seen(data + bytes(512))
    assert (padded.intact, padded.damage) == (True, "has 512 trailing zero bytes")


def test_gzip_checks_of_crc_and_length() -> None:
    assert seen(flipped(LABELS, len(LABELS) - 6)).damage == "fails its CRC check"
    assert seen(flipped(LABELS, len(LABELS) - 1)).damage == "has another length than its trailer states"
    assert seen(LABELS[:-1]).damage == "ends early"
    assert seen(flipped(LABELS, 2000)).intact is False


def test_gzip_in_gzip_and_tar_in_gzip() -> None:
    twice = seen(gzip.compress(LABELS))
    assert (twice.what, twice.inner, twice.intact) == ("gzip", "gzip", True)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo("labels")
        member.size = len(IDX)
        archive.addfile(member, io.BytesIO(IDX))
    assert seen(file.getvalue()).inner == "tar"


def test_an_idx_header_is_held_against_its_length() -> None:
    assert seen(IDX) == Look(what="idx", intact=True, magic=2049, dims=(10000,))
    assert seen(IDX[:-1]).damage == "ends early"
    assert seen(IDX + b"12").damage == "has 2 trailing bytes"
    inside = seen(gzip.compress(IDX[:-1]))
    assert (inside.intact, inside.damage) == (False, "holds an IDX that ends early")
    wide = seen(b"\0\0\x0c\x02" + struct.pack(">LL", 3, 8) + bytes(96))
    assert (wide.intact, wide.magic, wide.dims) == (True, 3074, (3, 8))
    huge = seen(b"\0\0\x08\x04" + b"\xff" * 16 + b"x")
    assert (huge.intact, huge.damage) == (False, "ends early")


def test_the_first_part_of_a_file_is_not_called_cut() -> None:
    part = seen(IMAGES[:65536], limited=True)
    assert part == Look(what="gzip", inner="idx", magic=2051, dims=(10000, 28, 28))
    assert seen(IDX[:100], limited=True) == Look(what="idx", magic=2049, dims=(10000,))
    assert seen(zipped(("a.npy",))[:200], limited=True) == Look(what="zip")
    assert seen(b"PAR1" + bytes(100), limited=True) == Look(what="parquet")


def test_zip_and_npz() -> None:
    npz = zipped(("x_train.npy", "y_train.npy"))
    assert seen(npz) == Look(what="npz", intact=True, members=("x_train.npy", "y_train.npy"))
    assert seen(zipped(("a.txt",))).what == "zip"
    assert seen(npz[: len(npz) // 2]) == Look(what="zip", intact=False, damage="ends early")
    assert seen(npz + b"<html>").damage == "has 6 trailing bytes"
    stored = zipped(("a.npy",), zipfile.ZIP_STORED)
    assert seen(flipped(stored, 200)).damage == "fails its CRC check"
    assert seen(flipped(npz, 60)).intact is False
    assert len(seen(zipped(tuple(f"{n}.npy" for n in range(40)))).members) == 16
    assert seen(zipped(("a.npy",), zipfile.ZIP_LZMA)).intact is None


def test_a_zip_that_lies_about_its_directory_allocates_nothing() -> None:
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 0xFFFFFFF0, 0, 0)
    lying = seen(b"PK\3\4" + bytes(60) + record)
    assert (lying.what, lying.intact) == ("zip", None)
    record = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 1 << 20, 0, 0)
    assert seen(b"PK\3\4" + bytes(60) + record) == Look(what="zip", intact=False, damage="is broken inside")


def test_names_in_a_zip_are_made_safe() -> None:
    assert seen(zipped(("\x1b[31mred.npy",))).members == ("[31mred.npy",)


def test_other_binary_formats() -> None:
    assert seen(b"PAR1" + bytes(20) + struct.pack("<L", 12) + b"PAR1") == Look(what="parquet", intact=True)
    assert seen(b"PAR1" + bytes(20)).damage == "ends early"
    assert seen(b"PAR1" + b"\xff" * 20 + b"PAR1").damage == "is broken inside"
    assert seen(b"\x89HDF\r\n\x1a\n" + bytes(50)).what == "hdf5"
    assert seen(b"\x93NUMPY\1\0" + bytes(50)).what == "npy"
    assert seen(pickle.dumps([1, 2])).what == "pickle"
    assert seen(gzip.compress(pickle.dumps([1, 2], 2))).inner == "pickle"
    assert seen(random.Random(1).randbytes(5000)).what == "unknown"
    assert seen(bytes(5000)).what == "unknown"
    assert seen(b"") == Look(what="empty")
    assert seen(gzip.compress(b"")) == Look(what="gzip", inner="empty", intact=True, decoded=0)


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><title>Sign in</title>",
        b"\xef\xbb\xbf  \r\n<HTML><head><title>\n Sign\n in </title>",
        b"<!-- note --><html><title lang=en>Sign &#105;n</title>",
        b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C'><html><title>Sign in</title>",
        "<html><title>Sign in</title>".encode("utf-16"),
    ],
)
def test_html_by_its_beginning(page: bytes) -> None:
    assert seen(page) == Look(what="html", title="Sign in")


def test_a_title_is_made_safe_and_short() -> None:
    title = seen(b"<html><title>\x1b]0;x\x07" + b"a" * 250 + b"</title>").title
    assert "\x1b" not in title
    assert len(title) == 120
    assert seen(b"<html><title>" + b"a" * 400).title == "a" * 119 + "…"


def test_documents_and_text() -> None:
    assert seen(b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>").what == "xml"
    assert seen(b"\xef\xbb\xbf<Error>").what == "xml"
    assert seen(json.dumps({"error": "no"}).encode()).what == "json"
    assert seen(b'{"error": ').what == "text"
    assert seen(b'[{"a": 1}, ' * 20000).what == "json"
    assert seen(b"[" * 60000).what == "text"
    assert seen("naïve text\n".encode() * 9000).what == "text"
    assert seen(b"@relation mnist\n" * 4096 + "é".encode()).what == "text"


def test_a_git_lfs_pointer() -> None:
    pointer = LFS + b"\noid sha256:" + b"ab" * 32 + b"\nsize 9912422\n"
    assert seen(pointer) == Look(what="lfs-pointer", oid="ab" * 32)
    assert seen(LFS + b"\noid sha256:zz\n") == Look(what="lfs-pointer")


def test_what_a_text_mode_does() -> None:
    line_ends = seen(IMAGES.replace(b"\n", b"\r\n"))
    assert (line_ends.what, line_ends.intact) == ("gzip", False)
    assert line_ends.damage.startswith("had its line ends changed")
    assert seen(LABELS.replace(b"\n", b"\r\n")).damage.startswith("had its line ends changed")
    replaced = seen(LABELS.decode("utf-8", "replace").encode())
    assert (replaced.what, replaced.intact) == ("gzip", False)
    assert replaced.damage.startswith("was decoded as text")
    assert seen(LABELS.decode("cp437").encode("utf-16")).damage == "was written as UTF-16 text"


def test_a_page_or_a_table_with_crlf_is_no_damaged_file() -> None:
    rows = b"5,0,0,0\r\n" * 5000
    assert seen(rows, expected="csv") == Look(what="text")
    assert seen(b"<html>\r\n" + rows, expected="gzip-idx").damage == ""


def test_random_damage_is_not_taken_for_a_text_mode() -> None:
    assert seen(flipped(IMAGES, 800_000)).damage in ("is broken inside", "fails its CRC check")


def test_a_gzip_bomb_is_given_up_within_bounds() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31)
    file = io.BytesIO(b"".join(deflate.compress(bytes(1 << 20)) for _ in range(256)) + deflate.flush())
    assert look(file) == Look(what="gzip", inner="unknown", damage="expands without end")
    assert file.tell() < 200_000


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_bomb_of_another_kind(pack: object) -> None:
    assert callable(pack)
    packed = pack(bytes(80 << 20))
    tracemalloc.start()
    found = seen(packed)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found.damage, found.intact) == ("expands without end", None)
    assert most < 40 << 20


def test_an_xz_header_cannot_claim_memory() -> None:
    greedy = lzma.compress(IDX, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}])
    assert (seen(greedy).intact, seen(greedy).damage) == (None, "expands without end")


def test_nothing_hostile_raises() -> None:
    chance = random.Random(7)
    seeds = [LABELS, gzip.compress(LABELS), IDX, zipped(("a.npy", "b.npy")), lzma.compress(IDX), bz2.compress(IDX)]
    seeds += [b"<html><!--" * 3000, b"<title" * 10000, b"PAR1", b"\0\0\x08\x08" + b"\xff" * 40, b"PK\5\6" + bytes(18)]
    for _ in range(400):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4))
        data = data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data
        found = seen(bytes(data), limited=chance.random() < 0.2)
        assert found.what
        assert found.damage != "could not be examined"


def test_a_file_that_cannot_be_read_is_unknown() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("no")

    broken: BinaryIO = Broken(b"data")
    assert look(broken) == Look(what="unknown", damage="could not be examined")
