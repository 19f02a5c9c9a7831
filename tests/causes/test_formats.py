"""What a file's name promises, held against what came."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import pickle
import random
import tarfile
import zipfile
from typing import Any

import pytest

from mnistdoctor.causes.case import Control
from mnistdoctor.causes.facts import formats
from tests.causes.evidence import LABELS, Evidence, answer, digests, page
from tests.causes.judging import BODIES
from tests.content.test_structure import hdf5, npy, onnx, png, safetensors, tar, tfrecord, v7, wav


def packed(data: bytes) -> bytes:
    """As gzip, without a time: it would stand in the names of the tests."""
    return gzip.compress(data, mtime=0)


NOISE = random.Random(8).randbytes(9000)
TEXT = b"a,b,c\n" + b"1,2,3\n" * 900
JSON = json.dumps([{"a": 1, "b": "two"}] * 90).encode()
PAGE = page("Sign in", "Please")
ERROR = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"6" * 64 + b"\nsize 4596471\n"
DVC = b"outs:\n- md5: " + b"a" * 32 + b"\n  size: 12\n  path: data.csv\n"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return file.getvalue()


def cause(name: str, data: bytes, *fields: tuple[str, str], **more: Any) -> str | None:
    subject = {key: more.pop(key) for key in ("size", "digests", "client") if key in more}
    url = f"https://files.example/download/{name}"
    return BODIES.first(Evidence(url=url, **subject).body(data, fields=fields, **more).case())[0]


NAMES = [
    "m.gz", "m.tar.gz", "m.zip", "m.npz", "m.npy", "m.parquet", "m.tar", "m.h5", "m.pkl", "m.pth", "m.pt",
    "m.safetensors", "m.onnx", "m.tfrecord", "m.png", "m.JPG", "m.wav", "m.pdf", "m.csv", "m.json", "m.txt",
    "m.bin", "m.data",
    "m.model", "m", "m.arff", "m.xml", "m.md", "m.mat", "t10k-labels-idx1-ubyte", "get?file=m.csv", "m.unknown", "m.py",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_page_a_pointer_and_nothing_are_no_file(name: str) -> None:
    assert cause(name, PAGE, ("Content-Type", "text/html")) == "body-html-instead-of-data"
    assert cause(name, PAGE) == "body-html-instead-of-data"
    assert cause(name, POINTER) == "body-lfs-pointer"
    assert cause(name, DVC) == "body-lfs-pointer"
    assert cause(name, b"") == "body-error-document"
    assert cause(name, ERROR, ("x-amz-request-id", "1")) == "body-error-document"


@pytest.mark.parametrize(
    "name", ["m.gz", "m.GZ", "m.tgz", "m.zip", "m.npz", "m.npy", "m.parquet", "m.tar", "m.h5", "m.pkl", "m.safetensors",
             "m.onnx", "m.tfrecord", "m.png", "m.wav", "m.xz", "m.bz2", "m.7z", "train-images-idx3-ubyte.gz"],
)  # fmt: skip
def test_chance_is_no_format(name: str) -> None:
    assert cause(name, NOISE) == "checksum-mismatch-corruption"
    assert cause(name, NOISE, digests=digests(b"other")) == "checksum-mismatch-corruption"
    assert cause(name, NOISE, size=9000) == "checksum-mismatch-corruption"
    assert cause(name, NOISE, digests=digests(NOISE)) is None
    assert cause(name, TEXT) == "body-error-document"
    found = BODIES.first(Evidence(url=f"https://files.example/{name}").body(NOISE).case())[1]
    assert found is not None
    assert not found.certain


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.GZ", packed(NOISE)), ("m.gz", packed(packed(TEXT))), ("m.gz", packed(b"")),
        ("m.tar.gz", packed(tar())), ("m.tar", v7()),
        ("m.tar", packed(tar())), ("m.tar", tar(tarfile.GNU_FORMAT)), ("m.zip", zipped("a.txt")),
        ("m.zip", b"MZ" + NOISE + zipped("a.txt")), ("m.npz", zipped("a.npy")), ("m.npz", zipped("a.npy", "b.txt")),
        ("m.zip", zipped("a.npy")), ("m.npy", npy()), ("m.h5", hdf5()), ("m.h5", hdf5(block=512)),
        ("m.pkl", pickle.dumps([1, 2], 0)), ("m.pkl", pickle.dumps([1, 2], 4)), ("m.pkl", packed(b"\x80\4N.")),
        ("m.pkl", zipped("archive/data.pkl")), ("m.pt", tar()), ("m.pt", pickle.dumps([1], 2)), ("m.pt", NOISE),
        ("m.pth", zipped("archive/data.pkl")), ("m.onnx", onnx()), ("m.tfrecord", tfrecord()), ("m.png", png()),
        ("m.jpg", png()), ("m.wav", wav()), ("m.safetensors", safetensors()), ("m.bin", NOISE), ("m.bin", TEXT),
        ("m.data", JSON), ("m.data", bytes(900)), ("m.model", NOISE), ("m", NOISE), ("m", TEXT), ("m", npy()),
        ("m", packed(TEXT)), ("m.xyz", zipped("a")), ("m.txt", b"<?xml version='1.0'?><a/>"), ("m.csv", TEXT),
        ("m.csv", b"\xef\xbb\xbf" + TEXT), ("m.csv", TEXT.decode().encode("utf-16")), ("m.csv", b"caf\xe9,1\n" * 99),
        ("m.csv", b"<a>,1\n<b>,2\n"), ("m.csv", b"<html>,1\n<body>,2\n"), ("m.csv", b"<p>;1\n<h1>;2\n"),
        ("m.csv", JSON),
        ("README.md", b"<p align='center'>\n<b>Data</b></p>\n\n# Title\n"), ("README", b"<h1>Data</h1>\ntext"),
        ("m.json", JSON), ("m.json", b'{"a": 1}\n{"a": 2}\n'), ("m.json", b'{"error": null, "rows": [1]}'),
        ("m.json", b'{"errors": {"a": "b"}, "data": []}'), ("m.html", JSON), ("m.html", PAGE),
        ("m.arff", b"% x\n@RELATION a\n"),
        ("m.csv.dvc", DVC), ("m.xml", b"<!-- a --><feed/>"), ("m.svg", b"<svg xmlns=''/>"),
        ("m.csv.gz", packed(TEXT)),
        ("m.py", b"import os\n"), ("get?file=m.gz", packed(TEXT)), ("m.gz?download=true", packed(TEXT)),
    ],
)  # fmt: skip
def test_what_is_right_under_its_name(name: str, data: bytes) -> None:
    assert cause(name, data, ("Content-Type", "text/plain")) is None


def test_a_text_that_is_no_json() -> None:
    for said in (b"Not Found", b"Access denied", b"<error>no</error>", b"Rate limit exceeded, try later\n"):
        assert cause("m.json", said) == "body-error-document"
        assert cause("m.txt", said) is None
    for said in (b'callback({"a": 1});', b")]}'\n{}", b"// a comment\n{}", b"null", b"17", b'{"a": NaN}', b"{a: 1}"):
        assert cause("m.json", said) is None, said


def test_a_page_at_an_address_without_an_ending_may_be_one_of_a_page() -> None:
    for name, certain in (("mnist", False), ("mnist.zip", True), ("get?id=7", False), ("get?file=a.csv", True)):
        one, found = BODIES.first(Evidence(url=f"https://files.example/dataset/{name}").body(PAGE).case())
        assert found is not None
        assert (one, found.certain) == ("body-html-instead-of-data", certain), name


def test_the_answer_names_the_file() -> None:
    disposition = ("Content-Disposition", 'attachment; filename="m.tar.gz"')
    assert cause("7", NOISE, disposition) == "checksum-mismatch-corruption"
    assert cause("7", packed(tar()), disposition) is None
    assert cause("7", NOISE, ("Content-Disposition", "attachment; filename*=UTF-8''a%20b.npz")) is not None
    assert cause("x", PAGE, ("Content-Disposition", "inline; filename=report.html")) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [("m.gz", zipped("a")), ("m.zip", packed(TEXT)), ("m.h5", zipped("a")), ("m.npy", zipped("a.npy")),
     ("m.parquet", hdf5()), ("m.csv", zipped("a.xml")), ("m.png", zipped("a")),
     ("m.safetensors", zipped("archive/data.pkl")),
     ("m.tar.gz", packed(PAGE)), ("m.tgz", packed(NOISE)), ("m.pkl", hdf5()), ("m.json", png()),
     ("m.csv.gz", packed(PAGE)), ("m.tar.bz2", bz2.compress(TEXT))],
)  # fmt: skip
def test_a_sound_file_of_another_format(name: str, data: bytes) -> None:
    one = cause(name, data)
    assert one in ("data-other-file", "body-double-packed"), one


def test_cut_files_of_many_formats() -> None:
    whole = {"npy": npy(), "tar": tar(), "h5": hdf5(), "safetensors": safetensors(), "png": png(), "wav": wav(),
             "tfrecord": tfrecord(), "json": JSON, "pkl": pickle.dumps({"a": NOISE}, 4), "zip": zipped("a",
             "b")}  # fmt: skip
    for ending, data in whole.items():
        assert cause(f"m.{ending}", data) is None
        assert cause(f"m.{ending}", data[: len(data) // 2 + 1]) == "body-truncated-silent", ending
    assert cause("m", JSON[:-50]) is None
    assert cause("m.jsonl", b'{"a": 1}\n' * 90 + b'{"a"') is None
    assert cause("m.bin", pickle.dumps({"a": NOISE}, 4)[:-50]) is None


@pytest.mark.parametrize(
    ("name", "data"),
    [("m.tgz", packed(packed(tar()))), ("m.tar.gz", packed(packed(tar()))), ("m.csv.gz", packed(packed(TEXT))),
     ("m.tar.gz", packed(bz2.compress(tar()))), ("m.tar.bz2", bz2.compress(bz2.compress(tar()))),
     ("m.json.bz2", bz2.compress(packed(JSON)))],
)  # fmt: skip
def test_a_layer_too_many(name: str, data: bytes) -> None:
    """tarfile and GNU tar take one layer off and refuse what is inside."""
    assert cause(name, data) == "body-double-packed"


@pytest.mark.parametrize("name", ["m.csv.bz2", "m.csv.gz", "m.json.xz", "m.pkl.gz", "m.npy.bz2", "m.txt.zst"])
def test_noise_is_not_something_unpacked(name: str) -> None:
    assert cause(name, NOISE) == "checksum-mismatch-corruption"
    assert cause("m.csv.gz", "a;\u00e4\u00f6\n".encode("latin-1") * 900) == "enc-content-decoded"


def test_another_name_in_the_answer_breaks_no_promise() -> None:
    other = ("Content-Disposition", 'attachment; filename="other.zip"')
    assert cause("m.csv.gz", packed(TEXT), other) is None
    assert cause("m.csv.gz", NOISE, other) is not None
    assert (
        cause("m.csv.gz", PAGE, ("Content-Disposition", "attachment; filename=m.html")) == "body-html-instead-of-data"
    )
    assert cause("m.csv", zipped("a"), ("Content-Disposition", "attachment; filename=m.zip")) is None


def test_a_coding_taken_off_a_packed_file() -> None:
    removed: dict[str, Any] = {"coding": "gzip", "decodes": True}
    for name, inside in (("m.tar.gz", tar()), ("m.tgz", tar()), ("m.csv.gz", TEXT), ("m.gz", TEXT), ("m.gz", NOISE),
                         ("m.json.gz", JSON), ("m.npy.gz", npy())):  # fmt: skip
        assert cause(name, inside, came=packed(inside), **removed) == "enc-content-decoded", name
    assert cause("m.csv", TEXT, came=packed(TEXT), **removed) is None
    assert cause("m.gz", PAGE, came=packed(PAGE), **removed) == "body-html-instead-of-data"
    assert cause("m.csv.gz", b'{"error": "no"}', came=packed(b'{"error": "no"}'), **removed) == "body-error-document"
    evidence = Evidence(url="https://files.example/m.tar.gz").body(tar(), came=packed(tar()), **removed)
    one, found = BODIES.first(evidence.control(Control.IDENTITY).body(packed(tar())).case())
    assert found is not None
    assert (one, found.certain) == ("enc-content-decoded", True)


def test_a_file_that_is_sent_unpacked() -> None:
    assert cause("m.tar.gz", tar()) == "enc-content-decoded"
    assert cause("m.csv.gz", TEXT) == "enc-content-decoded"
    assert cause("m.gz", TEXT) == "body-error-document"
    assert cause("m.npy.gz", npy()) == "enc-content-decoded"


def test_a_coding_that_stays_on() -> None:
    hop = ("Transfer-Encoding", "gzip, chunked")
    chunked: dict[str, Any] = {"framing": "chunked", "declared": None}
    assert cause("m.gz", packed(packed(TEXT)), hop, **chunked) == "body-double-packed"
    assert cause("m.csv", packed(TEXT), hop, **chunked) == "body-double-packed"
    assert cause("m", packed(TEXT), hop, **chunked) == "body-double-packed"
    assert cause("m.gz", packed(TEXT), hop, **chunked) is None
    assert cause("m.gz", packed(TEXT), ("Transfer-Encoding", "chunked"), **chunked) is None
    found = BODIES.first(Evidence(url="https://files.example/m.bin").body(packed(TEXT), fields=(hop,)).case())[1]
    assert found is not None
    assert "undoes the chunks alone" in found.explanation
    assert cause("m.csv", packed(TEXT), coding="gzip", client="urllib") == "body-double-packed"
    assert cause("m.gz", packed(TEXT), coding="gzip", client="urllib") is None
    assert cause("m", packed(TEXT), coding="gzip", client="urllib") is None


def made(when: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("model.gfc", (2001, 9, 9, 1, 0, when)), b"1 2 3\n" * 500)
    return file.getvalue()


def test_an_archive_that_is_made_for_each_request() -> None:
    subject: dict[str, Any] = {"url": "https://files.example/m.zip", "digests": digests(made(2))}
    again = Evidence(**subject).body(made(4)).control(Control.AGAIN)
    one, found = BODIES.first(again.body(made(6)).case())
    assert found is not None
    assert (one, found.certain, found.side) == ("checksum-upstream-changed", True, None)
    other = Evidence(**subject).body(made(4)).control(Control.AGAIN).body(zipped("model.gfc"))
    assert BODIES.first(other.case())[0] == "checksum-mismatch-corruption"
    right = Evidence(**subject).body(made(4)).control(Control.AGAIN).body(made(2))
    assert BODIES.first(right.case())[0] == "checksum-mismatch-corruption"


def test_a_body_without_end_is_no_file_of_a_known_length() -> None:
    endless = answer(NOISE, limited=True, declared=None, framing="chunked")
    assert BODIES.first(Evidence(*endless, size=4000).case())[0] == "length-differs-from-manifest"
    assert BODIES.first(Evidence(*endless, size=9_000_000).case()) == (None, None)
    declared = answer(packed(NOISE)[:4096], limited=True, declared=99_000_000)
    assert BODIES.first(Evidence(*declared, size=99_000_000).case()) == (None, None)
    assert BODIES.first(Evidence(*declared, size=98_000_000).case())[0] == "length-differs-from-manifest"


def test_the_beginning_alone_does_not_show_a_format_that_is_known_by_its_end() -> None:
    part: dict[str, Any] = {"limited": True, "declared": 99_000_000}
    assert cause("m.zip", NOISE, **part) is None
    assert cause("m.onnx", NOISE, **part) is None
    assert cause("m.gz", LABELS[:4000], **part) is None
    assert cause("m.bin", NOISE, **part) is None


def test_endings() -> None:
    csv = formats.promised_by("train.CSV.gz")
    assert csv is not None
    assert csv.inside is not None
    assert (set(csv.kinds), csv.inside.ending) == ({"gzip"}, "csv")
    shard = formats.promised_by("mnist-train.tfrecord-00000-of-00001")
    assert shard is not None
    assert shard.ending == "tfrecord"
    for name in ("csv", "download-csv", "data.1", "v1.0", "", "archive", "a.gz.part"):
        assert formats.promised_by(name) is None
