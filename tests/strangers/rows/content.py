"""Content that is not what was asked for, whatever its name."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import itertools
import random
import tarfile
import zipfile

from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.faults_http import respond
from tests.strangers.lab import Answer, Lab

PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>Please sign in.</body></html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"6" * 64 + b"\nsize 4596471\n"
NOISE = random.Random(55).randbytes(9000)
ARFF = b"% iris\n@RELATION iris\n@ATTRIBUTE a REAL\n@DATA\n" + b"5.1\n" * 900


def _tgz() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo("feeds/data.nii")
        member.size = 90000
        archive.addfile(member, io.BytesIO(bytes(90000)))
    return file.getvalue()


def _got(lab: Lab, name: str, body: bytes, *options: str, content_type: str = "application/octet-stream") -> Answer:
    server = lab.serve(respond(200, body, content_type=content_type))
    return lab.check(server.url(f"/{name}"), "--no-try", *options)


def _on_disk(lab: Lab, name: str, body: bytes, *options: str) -> Answer:
    (lab.folder / name).write_bytes(body)
    return lab.check(f"./{name}", *options)


def s1_page_that_was_asked_for(lab: Lab) -> None:
    """A page under a name that says page is what was asked for."""
    assert _got(lab, "page.html", PAGE, content_type="text/html").verdict == "healthy"


def s1_page_under_every_name(lab: Lab) -> None:
    """A sign-in page is not the table, the weights, the picture or the nameless file that was asked for."""
    for name in ("data.csv", "data.json", "a.png", "notes.txt", "page.safetensors", "download"):
        assert _got(lab, name, PAGE, content_type="text/html").cause == "body-html-instead-of-data", name


def s1_pointer_and_nothing(lab: Lab) -> None:
    """An LFS pointer is not the weights, and nothing at all is not the file."""
    assert _got(lab, "m.pth", POINTER, content_type="text/plain").cause == "body-lfs-pointer"
    assert _got(lab, "empty.bin", b"").cause == "body-error-document"


def s1_the_same_on_disk(lab: Lab) -> None:
    """A page, a pointer and nothing are told on the disk as well."""
    assert _on_disk(lab, "data.csv", PAGE).cause == "body-html-instead-of-data"
    assert _on_disk(lab, "m.pth", POINTER).cause == "body-lfs-pointer"
    assert _on_disk(lab, "empty.bin", b"").cause == "body-error-document"
    assert _on_disk(lab, "saved.html", PAGE).verdict == "healthy"


def s1_nothing_that_is_due(lab: Lab) -> None:
    """An empty file is right where its length or its digest says so."""
    assert _got(lab, "empty.bin", b"", "--length", "0").verdict == "healthy"
    assert _got(lab, "empty.csv", b"", "--sha256", hashlib.sha256(b"").hexdigest()).verdict == "healthy"


def s1_a_site_and_a_folder(lab: Lab) -> None:
    """A URL that names no file, and a page: healthy, with a warning."""
    for path in ("", "folder/"):
        answer = _got(lab, path, PAGE, content_type="text/html")
        assert (answer.verdict, answer.warnings) == ("healthy", ["url-is-a-web-page"])
    assert _got(lab, "folder/", PAGE, "--length", "9", content_type="text/html").verdict == "ailing"


def s1_texts_that_look_like_pages(lab: Lab) -> None:
    """A table that begins with `<`, a README with a piece of HTML, XML in a text, JSON named .html: all healthy."""
    for name, body in (
        ("tags.csv", b"<html>,1\n<p>,2\n" * 50), ("README.md", b"<p align='center'>\nData</p>\n\n# Data\n"),
        ("notes.txt", b"<?xml version='1.0'?>\n<notes/>\n"), ("api.html", b'{"rows": [1, 2]}'),
        ("bom.csv", b"\xef\xbb\xbfa,b\n1,2\n"),
    ):  # fmt: skip
        assert _got(lab, name, body, content_type="text/plain").verdict == "healthy", name


def s2_chance_is_no_format(lab: Lab) -> None:
    """Random bytes are no gzip, zip or parquet, whatever they are called."""
    for name in ("a.gz", "a.ZIP", "a.npz", "a.parquet", "a.tar", "a.h5", "a.pkl", "train-images-idx3-ubyte.gz"):
        answer = _got(lab, name, NOISE)
        assert (answer.cause, answer.certain) == ("checksum-mismatch-corruption", False), name
        assert _on_disk(lab, name, NOISE, *(("--length", "9000") if name == "a.gz" else ())).verdict == "ailing", name


def s2_chance_with_a_wrong_digest_is_not_sound(lab: Lab) -> None:
    """Random bytes under .gz and a wrong md5: nobody says that they are sound."""
    answer = _on_disk(lab, "a.gz", NOISE, "--md5", "0" * 32)
    assert answer.cause == "checksum-mismatch-corruption"
    assert "sound" not in answer.diagnosis["title"]
    assert "is sound" not in _on_disk(lab, "a.bin", NOISE, "--md5", "0" * 32).diagnosis["title"]


def s2_chance_that_is_due(lab: Lab) -> None:
    """The digest says more than the name; and an ending that promises nothing promises nothing."""
    assert _got(lab, "a.gz", NOISE, "--md5", hashlib.md5(NOISE).hexdigest()).verdict == "healthy"
    for name in ("a.bin", "a.data", "a.model", "a", "a.xyz"):
        assert _got(lab, name, NOISE).verdict == "healthy", name


def s3_a_coding_taken_off_a_packed_file(lab: Lab) -> None:
    """A label that requests believes: it saves the inside of the archive under the archive's name."""
    server = lab.serve(respond(200, _tgz(), (("Content-Encoding", "x-gzip"),), content_type="application/x-gzip"))
    assert lab.check(server.url("/coded.tar.gz")).cause == "enc-content-decoded"
    assert lab.check(server.url("/coded.tar.gz"), "--as", "urllib").verdict == "healthy"
    assert lab.check(server.url("/coded.tar"), "--no-try").verdict == "healthy"


def s3_a_text_that_was_packed_for_the_way(lab: Lab) -> None:
    """A table that the server packs for the way, and a packed table: both arrive as they should."""
    text = b"a,b\n1,2\n" * 900
    server = lab.serve(respond(200, gzip.compress(text), (("Content-Encoding", "gzip"),), content_type="text/csv"))
    assert lab.check(server.url("/a.csv")).verdict == "healthy"
    assert _got(lab, "a.csv.gz", gzip.compress(text)).verdict == "healthy"


def _endless(conn: Connection) -> None:
    assert conn.request.method == "GET"
    conn.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n")
    with contextlib.suppress(OSError):  # the doctor has seen enough
        while not conn.stopping.is_set():
            conn.send(NOISE * 100)


def s4_a_body_without_end(lab: Lab) -> None:
    """More than the whole file came, and no end is in sight."""
    answer = lab.check(lab.serve(_endless).url("/a.bin"), "--length", "28881", "--no-try")
    assert answer.cause == "length-differs-from-manifest"
    assert answer.targets[0]["stages"][5]["outcome"] == "failed"


def s4_a_body_that_is_read_in_part(lab: Lab) -> None:
    """A body that is not read to its end and is as long as it is declared is well."""
    server = lab.serve(respond(200, bytes(40 << 20)))
    assert lab.check(server.url("/a.bin"), "--length", str(40 << 20)).verdict == "healthy"
    assert lab.check(server.url("/a.bin"), "--length", str(41 << 20), "--no-try").verdict == "ailing"


def s10_arff(lab: Lab) -> None:
    """A table in ARFF, with its comments, is a text and no report of an error."""
    assert _got(lab, "iris.arff", ARFF, content_type="text/plain").verdict == "healthy"
    assert _on_disk(lab, "iris.arff", ARFF).verdict == "healthy"
    assert _got(lab, "iris.arff", b'{"error": "no such data set"}').cause == "body-error-document"


def _zip_anew(numbers: itertools.count[int]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        when = (2001, 9, 9, 1, next(numbers) % 60, 0)
        archive.writestr(zipfile.ZipInfo("model.gfc", when), b"1 2 3\n" * 500)
    return file.getvalue()


def s16_an_archive_made_on_the_fly(lab: Lab) -> None:
    """Other bytes at each request, and the members' CRCs agree: the server makes it anew."""
    numbers = itertools.count(1)
    server = lab.serve(lambda conn: respond(200, _zip_anew(numbers))(conn))
    digest = hashlib.sha256(_zip_anew(itertools.count(0))).hexdigest()
    answer = lab.check(server.url("/onthefly.zip"), "--sha256", digest)
    assert (answer.cause, answer.diagnosis["side"]) == ("checksum-upstream-changed", "server")
    assert answer.certain


def s16_bytes_that_differ_at_each_request(lab: Lab) -> None:
    """Other content at each request is no archive made anew."""
    chance = random.Random(1)
    server = lab.serve(lambda conn: respond(200, gzip.compress(chance.randbytes(2000)))(conn))
    answer = lab.check(server.url("/a.gz"), "--sha256", "0" * 64)
    assert answer.cause == "checksum-mismatch-corruption"


def s26_a_wrong_length_is_never_a_tick(lab: Lab) -> None:
    """Fewer or more bytes than due came: the stage says so, whichever stage is diagnosed."""
    for body in (NOISE[:5000], NOISE * 2, gzip.compress(NOISE)):
        answer = _got(lab, "a.bin", body, "--length", "9000", "--sha256", "0" * 64)
        assert answer.verdict == "ailing"
        assert answer.targets[0]["stages"][5]["outcome"] in ("failed", "warning")


def s55_the_digest_is_right_and_the_length_is_not(lab: Lab) -> None:
    """The digest decides, and the wrong length is not passed over."""
    digest = hashlib.sha256(NOISE).hexdigest()
    answer = _got(lab, "a.bin", NOISE, "--length", "9001", "--sha256", digest)
    assert (answer.verdict, answer.warnings) == ("healthy", ["length-differs-from-manifest"])
    assert answer.targets[0]["stages"][5]["outcome"] == "warning"
    assert _got(lab, "a.bin", NOISE, "--length", "9000", "--sha256", digest).warnings == []


def s60_a_transfer_coding_that_stays_on(lab: Lab) -> None:
    """`Transfer-Encoding: gzip, chunked`: the client undoes the chunks alone, and nobody packed the file twice."""
    coding = (("Transfer-Encoding", "gzip, chunked"),)
    server = lab.serve(respond(200, gzip.compress(gzip.compress(NOISE)), coding, framing="chunked"))
    for name in ("a.gz", "a.bin"):
        answer = lab.check(server.url(f"/{name}"), "--no-try")
        assert answer.cause == "body-double-packed", name
        assert "undoes the chunks alone" in answer.diagnosis["explanation"]
