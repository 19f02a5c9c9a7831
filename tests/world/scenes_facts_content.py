"""Written from the facts alone: what comes in a file's place under odd names, and odd files that are well."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import itertools
import json
import lzma
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Iterable
from functools import partial

from . import files
from .raw import Fault
from .replies import Answer, Asked, Chunks, answers, html, ok, page, reply
from .scenes import LABELS, Arrange, How, Scene, Verdict
from .world import World

OTHER = "https://biometrics.nist.gov/mirror/"
GOOD = files.genuine("mnist", files.LABELS)
TYPE = "Content-Type: application/octet-stream"
_PREFIXES = {
    "dns": "dns", "env": "dns", "url": "dns", "tcp": "tcp", "proxy": "proxy", "tls": "tls", "http": "http",
    "length": "length", "body": "length", "enc": "length", "resume": "length", "disk": "length",
    "checksum": "checksum", "cache": "checksum", "data": "checksum",
}  # fmt: skip


def home(causes: tuple[str, ...]) -> str | None:
    """The one stage of the causes by the contract's prefixes; None where they differ or it is where it failed."""
    stages = {_PREFIXES.get(cause.partition("-")[0]) for cause in causes if cause != "env-no-network-link"}
    return stages.pop() if len(stages) == 1 and "env-no-network-link" not in causes else None


def from_facts(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    arrange: Arrange,
    *argv: str,
    stage: str | None = "",
    warns: str | None = None,
    verdict: Verdict | None = None,
) -> Scene:
    """A row: without a cause it is healthy; the stage follows from the cause."""
    causes = tuple(one for one in ((cause,) if isinstance(cause, str) else cause) if one)
    at = home(causes) if stage == "" else stage
    return Scene(f"facts-{name}", motive, arrange, verdict or ("ailing" if causes else "healthy"), causes,
                 at if causes else None, argv or (LABELS,), warns=warns)  # fmt: skip


def served(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    answer: Answer | Chunks,
    url: str = LABELS,
    *argv: str,
    play: Fault | None = None,
    how: How | None = None,
    stage: str | None = "",
) -> Scene:
    """A row at the host of a URL, which answers every request so; `url` may be a name below `OTHER`."""
    url = url if "://" in url else OTHER + url
    scheme, _, rest = url.partition("://")

    def arrange(world: World) -> How | None:
        port, certificate = (443, "good") if scheme == "https" else (80, None)
        world.raw(rest.partition("/")[0], play or answers(answer), port=port, certificate=certificate)
        return how

    return from_facts(name, motive, cause, arrange, url, *argv, stage=stage)


def _data(body: bytes, *fields: str) -> bytes:
    return ok(body, TYPE, *fields)


def sha(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _tar(kind: int = tarfile.PAX_FORMAT, mtime: int = 0) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as made:
        info = tarfile.TarInfo("a/data.csv")
        info.size, info.mtime = len(CSV), mtime
        made.addfile(info, io.BytesIO(CSV))
    return out.getvalue()


def _tar_v7() -> bytes:
    """As tar was before POSIX: the magic is not there, and the sum of the header is right."""
    whole = bytearray(_tar(tarfile.USTAR_FORMAT))
    whole[257:512] = bytes(255)
    whole[148:156] = b" " * 8
    whole[148:156] = b"%06o\0 " % sum(whole[:512])
    return bytes(whole)


def _zip(comment: bytes = b"", *, stored: bool = False, when: int = 2020, prefix: bytes = b"") -> bytes:
    out = io.BytesIO(prefix)
    out.seek(0, 2)
    with zipfile.ZipFile(out, "a") as made:
        made.comment = comment
        member = zipfile.ZipInfo("a/data.csv", (when, 1, 1, 0, 0, 0))
        made.writestr(member, CSV, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _anew(asked: Asked) -> bytes:
    """A gzip of a tar whose times are those of the request."""
    return _data(gzip.compress(_tar(mtime=1_700_000_000 + asked.number), mtime=1_700_000_000 + asked.number))


def _zip_anew(asked: Asked) -> bytes:
    return _data(_zip(when=2000 + asked.number % 20))


def _slow_head(_asked: Asked) -> Iterable[bytes | float]:
    text = _data(GOOD)
    for start in range(0, 60, 10):
        yield text[start : start + 10]
        yield 1.2
    yield text[60:]


def _slow_body(_asked: Asked) -> Iterable[bytes | float]:
    text = _data(GOOD)
    cut = len(text) - len(GOOD)
    yield text[:cut]
    for start in range(cut, len(text), 400):
        yield text[start : start + 400]
        yield 0.3


CSV = b"".join(b"%d,%d\n" % (n, n * n % 97) for n in range(900))
CRLF = CSV.replace(b"\n", b"\r\n")
NOISE = bytes((n * 73 + n // 251) % 256 or 7 for n in range(9000))
OID = sha(b"the true file")
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n".encode()
EXTENDED = (
    f"version https://git-lfs.github.com/spec/v1\next-0-foo sha256:{'cd' * 32}\noid sha256:{OID}\nsize 12345\n"
).encode()
PAGE = page("Project moved", "<p>This project has a new home.</p>")
BROKEN = ("checksum-mismatch-corruption", "body-truncated", "body-truncated-silent", "unexplained")
HTML, LFS, ERROR = "body-html-instead-of-data", "body-lfs-pointer", "body-error-document"
PARQUET = b"PAR1" + bytes(range(256)) * 8 + struct.pack("<I", 40) + b"PAR1"
EMPTY_CHUNKS = f"HTTP/1.1 200 OK\r\n{TYPE}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n".encode()


def _chunks(body: bytes) -> bytes:
    return EMPTY_CHUNKS[: -len(b"0\r\n\r\n")] + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


STAND_INS = (
    served("lfs-crlf", "A pointer whose line ends a Windows checkout changed", LFS,
           _data(POINTER.replace(b"\n", b"\r\n")), "weights.pth"),
    served("lfs-extended", "A pointer with an extension's line", LFS, _data(EXTENDED), "model.onnx"),
    served("lfs-packed", "A pointer that is packed on the way", LFS,
           _data(gzip.compress(POINTER), "Content-Encoding: gzip"), "weights.safetensors"),
    served("lfs-due", "The digest that is due is the one the pointer names", LFS, _data(POINTER), "w.bin", "--sha256", OID),
    served("lfs-urllib", "The same as urllib meets it", LFS, ok(POINTER, "Content-Type: text/plain"), "train.jsonl",
           "--as", "urllib"),
    served("page-onnx", "A page of type text/plain", HTML, ok(PAGE, "Content-Type: text/plain"), "net.onnx"),
    served("page-npy", "Blanks and line ends before the page", HTML, _data(b"\r\n \t\n" + PAGE), "x.npy"),
    served("page-wav", "A page for a sound", HTML, ok(PAGE, "Content-Type: text/html"), "yes.wav"),
    served("page-no-name", "A page said to be a zip, for a name without an ending", HTML,
           ok(PAGE.upper(), "Content-Type: application/zip"), "dataset"),
    served("page-tsv", "A page for a table", HTML, ok(PAGE, "Content-Type: text/html"), "rows.tsv", "--as", "urllib"),
    served("page-refresh", "A page that a Refresh field would leave", HTML,
           ok(PAGE, "Content-Type: text/html", "Refresh: 0; url=/mirror/real.npz"), "d.npz"),
    served("page-body-first", "A fragment of a page: it begins with <body>", HTML,
           ok(b"<body class=x>\n<h1>Oops</h1></body>\n", "Content-Type: text/html"), "d.msgpack"),
    served("empty-zst", "Nothing at all", ERROR, _data(b""), "d.tar.zst"),
    served("empty-chunks", "Nothing at all, in chunks", ERROR, EMPTY_CHUNKS, "m.pt"),
    served("empty-keras", "Nothing, for a loader's known file", ERROR, _data(b""), LABELS, "--as", "keras"),
    served("json-parquet", "The API's error", ERROR,
           ok(b'{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest"}',
              "Content-Type: application/json"), "d.parquet"),
    served("json-npz-plain", "An error in JSON of type text/plain", ERROR,
           ok(b'{"detail":"Not found."}', "Content-Type: text/plain"), "d.npz"),
    served("json-jsonl", "An error where lines of JSON were due", ERROR,
           ok(b'{"error":"Rate limit exceeded","code":429}\n', "Content-Type: application/json"), "d.jsonl"),
    served("azure-200", "A store's error with 200", ERROR,
           ok(b"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>BlobNotFound</Code><Message>The "
              b"specified blob does not exist.</Message></Error>", "Content-Type: application/xml"), "m.h5"),
    served("words-200", "A mirror hands on `404: Not Found` with 200", (ERROR, HTML, *BROKEN),
           ok(b"404: Not Found", "Content-Type: text/plain"), "d.npz"),
    served("preparing", "202: the archive is being made", (ERROR, "http-503-overload"),
           reply("202 Accepted", b'{"status":"preparing"}', "Content-Type: application/json", "Retry-After: 30"), "d.zip"),
    served("challenge-csv", "A bot wall for a table", ("body-challenge-page", "http-403-challenge"),
           html("200 OK", "Just a moment...", "<script>window._cf_chl_opt={}</script>", "Server: cloudflare"), "d.csv"),
    served("block-pth", "A filter's page for weights", ("body-block-page", "http-403-corporate-filter"),
           html("200 OK", "Web Filter Violation", "FortiGuard Intrusion Prevention - Access Blocked. "
                "You have tried to access a web page which is in violation of your internet usage policy."), "w.pth"),
    served("noise-xz", "Bytes that are no xz", BROKEN, _data(NOISE), "d.tar.xz"),
    served("noise-bz2", "Bytes that are no bzip2", BROKEN, _data(NOISE), "d.csv.bz2"),
    served("gz-cut-inside", "The server's own gzip is cut; the length agrees", BROKEN,
           _data(gzip.compress(os.urandom(5000))[:4000]), "d.csv.gz"),
    served("zip-cut-inside", "The server's own zip has no directory", BROKEN, _data(_zip()[:-60]), "d.zip"),
    served("parquet-cut-inside", "A parquet without its end", BROKEN, _data(PARQUET[:-300]), "d.parquet"),
    served("bz2-cut-inside", "The server's own bzip2 is cut", BROKEN, _data(bz2.compress(NOISE)[:-500]), "d.csv.bz2"),
    served("tar-packed-twice", "A gzip in a gzip, no digest known", "body-double-packed",
           _data(gzip.compress(gzip.compress(_tar()))), "d.tar.gz"),
    served("zip-packed", "A zip that somebody packed with gzip", "body-double-packed", _data(gzip.compress(_zip())), "d.zip"),
    served("csv-crlf", "The digest is that of the text with other line ends", "body-double-packed", _data(CRLF), "d.csv",
           "--sha256", sha(CSV)),
    served("csv-lf", "The same the other way round, by md5", "body-double-packed", _data(CSV), "d.csv",
           "--md5", hashlib.md5(CRLF).hexdigest()),
    served("tar-anew", "A tar.gz is made at each request", "checksum-upstream-changed", _anew, "d.tar.gz",
           "--sha256", sha(gzip.compress(_tar(mtime=1), mtime=1))),
    served("zip-anew", "A zip is made at each request", "checksum-upstream-changed", _zip_anew, "d.zip",
           "--md5", hashlib.md5(_zip(when=2026)).hexdigest()),
    served("length-24-more", "Content-Length is always 24 too large", "body-truncated",
           ok(gzip.compress(CSV), TYPE, length=len(gzip.compress(CSV)) + 24), "d.csv.gz"),
    served("longer-than-known", "More than the known length, in chunks", "length-differs-from-manifest",
           _chunks(gzip.compress(CSV)), "d.csv.gz", "--length", "1000"),
    served("shorter-than-known", "Whole, and shorter than the known length", "length-differs-from-manifest",
           _data(gzip.compress(CSV)), "d.csv.gz", "--length", "28881"),
    served("coded-nii", "A coding on a packed file: httpx undoes it", "enc-content-decoded",
           _data(gzip.compress(NOISE), "Content-Encoding: gzip"), "scan.nii.gz", "--as", "huggingface"),
    served("coded-tgz", "A coding on a packed archive: requests undoes it", "enc-content-decoded",
           _data(gzip.compress(_tar()), "Content-Encoding: GZIP"), "d.tgz"),
)  # fmt: skip

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(600)
NPY2_HEAD = b"{'descr': '|u1', 'fortran_order': False, 'shape': (9,), }"
NPY2_HEAD += b" " * (-(12 + len(NPY2_HEAD) + 1) % 64) + b"\n"
NPY2 = b"\x93NUMPY\x02\x00" + struct.pack("<I", len(NPY2_HEAD)) + NPY2_HEAD
BGZF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
IDX_FLOAT = struct.pack(">HBBII", 0, 13, 2, 10, 4) + bytes(160)
SOUND = (
    ("csv-markup", "A table whose first cell is markup", ok(b"<b>name</b>,value\nx,1\n", "Content-Type: text/csv"), "d.csv", ()),
    ("csv-header-alone", "A table of one line", ok(b"name,value\n", "Content-Type: text/csv"), "d.csv", ()),
    ("page-on-purpose", "A page that was asked for", ok(PAGE, "Content-Type: text/html"), "index.htm", ()),
    ("geojson", "An object with a key `message`", ok(
        b'{"type":"FeatureCollection","message":"ok","features":[{"type":"Feature","geometry":null}]}',
        "Content-Type: application/geo+json"), "d.geojson", ()),
    ("json-bom", "JSON behind a byte order mark", ok(b'\xef\xbb\xbf[{"a": 1}, {"a": 2}]', "Content-Type: application/json"),
     "d.json", ()),
    ("empty-and-right", "An empty file that is due", _data(b""), ".keep", ("--md5", hashlib.md5(b"").hexdigest(), "--length", "0")),
    ("gz-padded", "Zeros behind the end of a gzip", _data(gzip.compress(_tar()) + bytes(512)), "d.tgz", ()),
    ("gz-blocks", "A gzip of blocks, as bgzip writes it", _data(gzip.compress(CSV) + BGZF), "d.vcf.gz", ()),
    ("zip-script-first", "A zip behind a script", _data(_zip(prefix=b"#!/usr/bin/env python3\n")), "d.zip", ()),
    ("zip-comment", "A zip with a long comment", _data(_zip(b"made by hand " * 900)), "d.zip", ()),
    ("zip-stored", "A zip whose members are not packed", _data(_zip(stored=True)), "d.zip", ()),
    ("tar-v7", "A tar as old as can be: no magic", _data(_tar_v7()),
     "d.tar", ()),
    ("tar-gnu", "A GNU tar", _data(_tar(tarfile.GNU_FORMAT)), "d.tar", ()),
    ("npy-2", "The second version of npy", _data(NPY2 + bytes(9)), "x.npy", ()),
    ("pickle-0", "A pickle in letters", _data(pickle.dumps({"a": [1, 2]}, 0)), "d.pkl", ()),
    ("pth-pickle", "Weights as old torch wrote them: pickles in a row", _data(pickle.dumps(0x1950A86A20F9469CFC6C, 2) * 3),
     "w.pth", ()),
    ("h5-user-block", "HDF5 behind a user block of 512 bytes", _data(b"my notes".ljust(512, b"\0") + HDF5), "d.h5", ()),
    ("mat-73", "A MAT file of version 7.3", _data(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
     + bytes(384) + HDF5), "d.mat", ()),
    ("xz-two-streams", "Two streams of xz", _data(lzma.compress(CSV) + lzma.compress(CSV)), "d.csv.xz", ()),
    ("idx-float", "An IDX of floats", _data(gzip.compress(IDX_FLOAT)), "features-idx2-float.gz", ()),
    ("gitattributes", "A text about LFS", ok(b"*.bin filter=lfs diff=lfs merge=lfs -text\n", "Content-Type: text/plain"),
     ".gitattributes", ()),
    ("pointer-on-purpose", "The pointer's own digest is the one that is due", _data(POINTER), "w.ptr", ("--sha256", sha(POINTER))),
    ("csv-coded", "A coding that is right: a table packed on the way", ok(gzip.compress(CSV), "Content-Type: text/csv",
     "Content-Encoding: gzip"), "d.csv", ("--sha256", sha(CSV))),
    ("tgz-coded-curl", "curl leaves a coding alone", _data(gzip.compress(_tar()), "Content-Encoding: gzip"), "d.tgz", ("--as", "curl")),
    ("disposition", "Another name in Content-Disposition", _data(gzip.compress(CSV), 'Content-Disposition: attachment; '
     'filename="other.zip"'), "d.csv.gz", ()),
    ("arff-comments", "An ARFF behind comments, in small letters", ok(b"% one\n\n% two\n@relation x\n@attribute a numeric\n"
     b"@data\n1\n2\n", "Content-Type: text/plain"), "d.arff", ()),
    ("slow-head", "The head comes in seven seconds", _slow_head, LABELS, ()),
    ("slow-body", "1.3 kB a second", _slow_body, LABELS, ()),
)  # fmt: skip
WELL = tuple(served(f"well-{name}", motive, "", said, url, *argv) for name, motive, said, url, argv in SOUND)


def _local(name: str, motive: str, cause: str | tuple[str, ...], file: str, body: bytes, *argv: str) -> Scene:
    def arrange(world: World) -> None:
        path = world.home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    return from_facts(f"file-{name}", motive, cause, arrange, f"./{file}", *argv, stage=None)


_file = partial(_local)
STALE = "cache-stale-bad-file"
LOCAL = (
    _file("lfs", "A pointer under a checkpoint's name", (LFS, STALE), "m.ckpt", POINTER),
    _file("page", "A page under a table's name", (HTML, STALE), "val.csv", PAGE),
    _file("nothing", "Nothing under weights' name", (ERROR, STALE), "w.pt", b""),
    _file("noise-bz2", "No bzip2", (STALE, *BROKEN), "d.csv.bz2", NOISE),
    _file("noise-xz", "No xz", (STALE, *BROKEN), "d.xz", NOISE),
    _file("zip-cut", "A cut zip", (STALE, *BROKEN), "d.zip", _zip()[:-60]),
    _file("unpacked", "Safari unpacked it, and the name stayed", ("enc-content-decoded", STALE), files.LABELS, gzip.decompress(GOOD)),
    _file("joined", "A resume that began anew: a part and the whole; three datasets have that name, so it is said which is due",
          ("resume-corrupted", STALE), files.LABELS, GOOD[:2000] + GOOD, "--expect", "mnist/t10k-labels"),
    _file("other", "Test labels under the name of train labels", "data-other-file", files.TRAIN_LABELS, GOOD),
    _file("crdownload", "A browser's unfinished download", ("body-truncated", "body-truncated-silent", STALE),
          files.LABELS + ".crdownload", GOOD[:3000], "--expect", "mnist/t10k-labels"),
    _file("well-renamed", "Known by its digest, whatever its name", "", "labels.bin", GOOD),
    _file("well-second", "A browser's second download", "", "t10k-labels-idx1-ubyte (1).gz", GOOD),
    _file("well-capitals", "In capitals", "", files.LABELS.upper(), GOOD),
    _file("well-h5", "HDF5 behind a user block", "", "d.hdf5", bytes(1024) + HDF5),
    _file("well-json", "JSON of one number", "", "n.json", json.dumps(7).encode()),
)  # fmt: skip

SCENES = tuple(itertools.chain(STAND_INS, WELL, LOCAL))
