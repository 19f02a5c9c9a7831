"""Which kind of content begins so: by magic numbers, and for texts by their first words."""

from __future__ import annotations

import json
import re
import zlib

from mnistdoctor.content.tar import is_header
from mnistdoctor.content.unpack import LAYERS

LFS = b"version https://git-lfs.github.com/spec/v1"
"""The first line of a Git LFS pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""

_MAGIC = (
    *((magic, name) for name, magic in LAYERS.items()),
    (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"), (b"PK\x07\x08PK\x03\x04", "zip"),
    (b"PAR1", "parquet"), (b"PARE", "parquet"), (b"ARROW1\0\0", "arrow"), (b"FEA1", "feather"), (b"ORC", "orc"),
    (b"Obj\x01", "avro"), (b"\x93NUMPY", "npy"), (b"GGUF", "gguf"), (b"SQLite format 3\0", "sqlite"),
    (b"MATLAB 5.0 MAT-file", "matlab"), (b"CDF\x01", "netcdf"), (b"CDF\x02", "netcdf"), (b"CDF\x05", "netcdf"),
    (b"\x0e\x03\x13\x01", "hdf4"), (b"SIMPLE  =", "fits"),
    (b"\x28\xb5\x2f\xfd", "zstd"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07", "rar"), (b"LZIP", "lzip"),
    (b"\x04\x22\x4d\x18", "lz4"), (b"\x1f\x9d", "compress"),
    (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"II+\0", "tiff"), (b"MM\0+", "tiff"), (b"8BPS", "psd"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jpeg2000"), (b"\xffO\xffQ", "jpeg2000"),
    (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3"), (b"\x1aE\xdf\xa3", "matroska"), (b"FORM", "aiff"),
    (b"%PDF-", "pdf"), (b"\x7fELF", "program"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    *((bytes((0x80, protocol)), "pickle") for protocol in range(2, 6)),
    # protocol 0 spells its opcodes in ASCII: MARK, then GLOBAL, DICT or LIST
    (b"((cnumpy", "pickle"), (b"(cnumpy", "pickle"), (b"cnumpy.", "pickle"), (b"(dp", "pickle"), (b"(lp", "pickle"),
)  # fmt: skip

_RIFF = {b"WAVE": "wav", b"AVI ": "avi", b"WEBP": "webp"}

_BMP = (12, 40, 52, 56, 64, 108, 124)
"""Lengths of the header that follows the file's own."""

HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_AT = (0, *(512 << n for n in range(7)))
"""A user block of 512 bytes or a doubled multiple may go before (HDF5 file format specification, section II.A)."""

IDX_BYTES = {0x08: 1, 0x09: 1, 0x0B: 2, 0x0C: 4, 0x0D: 4, 0x0E: 8}
"""Types and their widths, from the description at http://yann.lecun.com/exdb/mnist/"""

_PAGE = re.compile(
    r"<(!doctype\s+html|html|head|body|title|script|meta|link|style|center|div|h1|h2|p|table|iframe|frameset)\b"
    r"(?![^<>]{0,400}>\s{0,20}[,;|])",  # a column whose values are tags is no page
    re.IGNORECASE,
)
_DVC = re.compile(r"(md5: [0-9a-f]{32}(\.dir)?\n|frozen: \w+\n|wdir: [^\n]*\n)*outs:\n- (md5|etag|hash|size|path): ")
_ANNEX = re.compile(r"\s*(\S*/)?\.?(git/)?annex/objects/(\S+/)?[A-Z0-9_]+(-[smSC]\d+)*--\S+\s*\Z")

POINTERS = frozenset({"lfs-pointer", "dvc-pointer", "annex-pointer"})
"""Small texts that a tool keeps in a repository in the place of a large file."""

DOCUMENTS = frozenset({"html", "xml", "json", "text"})
"""What is text."""

UNSURE = frozenset({"unknown", "zlib", "idx", "mp3", "tfrecord", "onnx", "pickle", "empty"})
"""Kinds that other content may look like."""


def kind(head: bytes, *, whole: bool) -> str:
    """The kind of content that begins with these bytes; ``whole`` where they are all of it."""
    if not head or (whole and not head.strip()):
        return "empty"
    binary = _binary(head)
    if binary:
        return binary
    if head.startswith(LFS):
        return "lfs-pointer"
    text = as_text(head)
    start = past_prologue(text)
    if _PAGE.match(start):
        return "html"
    if re.match(r"<[A-Za-z_?!]", text.lstrip("\ufeff \t\r\n")):
        return "xml"
    if not _readable(head, whole):
        return "zlib" if _is_zlib(head) else "unknown"
    if whole and _DVC.match(text):
        return "dvc-pointer"
    if whole and len(text) < 1000 and _ANNEX.match(text):
        return "annex-pointer"
    return "json" if _json(text, whole) else "text"


def _binary(head: bytes) -> str | None:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if any(head[at : at + 8] == HDF5 for at in _HDF5_AT):
        return "hdf5"
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and int.from_bytes(head[14:18], "little") in _BMP:
        return "bmp"
    if head[344:348] in (b"n+1\0", b"ni1\0") and head[:4] in (b"\x5c\1\0\0", b"\0\0\1\x5c"):
        return "nifti"
    if head[128:132] == b"DICM":
        return "dicom"
    if is_header(head[:512]):
        return "tar"
    if idx_header(head) is not None:
        return "idx"
    if _is_safetensors(head):
        return "safetensors"
    return "pdf" if b"%PDF-" in head[:1024] and b"\0" not in head[:16] else None


def idx_header(head: bytes) -> tuple[int, ...] | None:
    """The dimensions that an IDX header states, or None where it is none."""
    if len(head) < 8 or head[:2] != b"\0\0" or head[2] not in IDX_BYTES or not 1 <= head[3] <= 8:
        return None
    end = 4 + 4 * head[3]
    return tuple(int.from_bytes(head[at : at + 4], "big") for at in range(4, end, 4)) if len(head) >= end else None


def _is_safetensors(head: bytes) -> bool:
    """https://github.com/huggingface/safetensors#format: the header's length, then its JSON."""
    return (
        head[6:8] == b"\0\0" and 2 <= int.from_bytes(head[:8], "little") <= 100_000_000 and head[8:10] in (b'{"', b"{}")
    )


def _is_zlib(head: bytes) -> bool:
    """RFC 1950: two bytes that are divisible by 31, and then what inflates."""
    if len(head) < 8 or head[0] != 0x78 or int.from_bytes(head[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, 1 << 16))
    except zlib.error:
        return False


def as_text(head: bytes) -> str:
    """The bytes as text, by their byte order mark or as UTF-8, with replacement characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


def past_prologue(text: str) -> str:
    """What follows a byte order mark, blanks, comments and an XML declaration."""
    at = 0
    while True:
        while at < len(text) and text[at] in "\ufeff \t\r\n\f":
            at += 1
        closing = "-->" if text.startswith("<!--", at) else "?>" if text.startswith("<?", at) else None
        end = text.find(closing, at) if closing else -1
        if closing is None or end < 0:
            return text[at : at + 512]
        at = end + len(closing)


def _readable(head: bytes, whole: bool) -> bool:
    """Whether these bytes are text in UTF-8, apart from a last character that may be cut."""
    coding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        text = head.decode(coding)
    except UnicodeDecodeError as error:
        if whole or error.start < len(head) - 4:
            return False
        text = head[: error.start].decode(coding, "replace")
    return sum(not (one.isprintable() or one in "\t\r\n\f\ufeff") for one in text) * 100 <= len(text)


def _json(text: str, whole: bool) -> bool:
    if whole:
        try:
            return isinstance(json.loads(text), (dict, list))
        except (ValueError, RecursionError):
            return False
    return re.match(r"\s*(\{\s*[\"}]|\[\s*[\"{\[\]\d-])", text) is not None
