"""The examiner's scenes, written from the facts alone: what arrives instead of the file, and how it arrives."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from typing import Any

from . import files
from .files import GCS, IMAGES, TRAIN_LABELS, genuine
from .raw import Fault, reset
from .raw import reply as raw_reply
from .replies import Answer, Asked, Chunks, answers, drip, html, ok, page, reply, store
from .scenes import LABELS, PLAIN, S3_LABELS, Scene
from .scenes_independent_http import GOOD, HUB, OTHER, row

BIG = genuine("mnist", IMAGES)
IMAGES_URL = GCS + IMAGES
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
UNKNOWN = OTHER + "table.csv"
CSV = b"name,value\n" + b"".join(b"row%d,%d\n" % (n, n * n) for n in range(400))
WRONG = hashlib.sha256(b"another file").hexdigest()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n"
HTML = page("Welcome", "A page.")
LENGTH, SUM = "length", "checksum"


def _with(body: bytes, *fields: str, **more: Any) -> bytes:
    return ok(body, "Content-Type: application/octet-stream", *fields, **more)


def _chunked(body: bytes, end: bytes = b"0\r\n\r\n", *fields: str) -> bytes:
    head = HEAD + "Transfer-Encoding: chunked\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n"
    pieces = b"".join(b"%x;q=1\r\n%s\r\n" % (len(part), part) for part in (body[:1000], body[1000:]) if part)
    return head.encode() + pieces + end


def _cut(body: bytes, *, by_reset: bool = False) -> Fault:
    """The head of a body, then the end of the connection."""
    return raw_reply(body, reset) if by_reset else answers(body)


def _stall(asked: Asked) -> Iterable[bytes | float]:
    del asked
    yield _with(BIG[:200_000], length=len(BIG))
    yield 40.0


def _slow(asked: Asked) -> Iterable[bytes | float]:
    del asked
    return drip(_with(b"", length=len(BIG)), BIG, 200, 0.5)


def _tiny(_asked: Asked) -> Chunks:
    return drip(_with(b"", length=4542), GOOD, 97, 0.002)


def _varies(asked: Asked) -> bytes:
    damaged = bytearray(GOOD)
    damaged[2000 + asked.number] ^= 0xFF
    return _with(bytes(damaged))


def _flipped(body: bytes, place: int) -> bytes:
    damaged = bytearray(body)
    damaged[place] ^= 0x40
    return bytes(damaged)


def _packed(body: bytes, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return packer.compress(body) + packer.flush()


def _honest_coding(asked: Asked) -> bytes:
    """Labels a .gz with a coding unless it is asked for none."""
    return _with(GOOD) if asked.fields.get("accept-encoding") == "identity" else _with(GOOD, "Content-Encoding: gzip")


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 4542\n"
DRIVE = "https://drive.google.com/uc?export=download&id=1EXAM"
STAND_IN = "body-html-instead-of-data"
PAGES = tuple(
    row(name, "A page in the file's place.", said, cause, url, stage=stage)
    for name, said, cause, url, stage in (
        ("html", ok(HTML, "Content-Type: text/html"), STAND_IN, LABELS, LENGTH),
        ("html-bom", ok(b"\xef\xbb\xbf" + HTML, "Content-Type: text/html"), STAND_IN, LABELS, LENGTH),
        ("html-upper", _with(HTML.upper()), STAND_IN, LABELS, LENGTH),
        ("xhtml",
        _with(b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">\n<html></html>'),
         STAND_IN, LABELS, LENGTH),
        ("script-first", _with(b"<script>location='/x'</script>" + HTML), STAND_IN, LABELS, LENGTH),
        ("comment-first", _with(b"<!-- made by exam 1.2 -->\n" + HTML), STAND_IN, LABELS, LENGTH),
        ("html-typed-as-gzip", ok(HTML, "Content-Type: application/gzip"), STAND_IN, LABELS, LENGTH),
        ("html-utf16", ok(HTML.decode().encode("utf-16"), "Content-Type: text/html; charset=utf-16"), STAND_IN,
        LABELS, LENGTH),
        ("html-for-unknown-gz", ok(HTML, "Content-Type: text/html"), STAND_IN, OTHER + "x.tar.gz", LENGTH),
        ("xml-200", store("200 OK", "AccessDenied", "Access Denied"), "body-error-document", S3_LABELS, LENGTH),
        ("json-200", ok(b'{"error":{"code":404,"message":"no such file"}}', "Content-Type: application/json"),
         "body-error-document", LABELS, LENGTH),
        ("problem-200", ok(b'{"type":"about:blank","title":"Not found","status":404}',
         "Content-Type: application/problem+json"), "body-error-document", LABELS, LENGTH),
        ("empty-200", _with(b""), "body-error-document", LABELS, LENGTH),
        ("empty-204", reply("204 No Content", length=-1), ("body-error-document",), LABELS, LENGTH),
        ("empty-no-length", _with(b"", length=-1), ("body-error-document", "body-truncated"), LABELS, LENGTH),
        ("waf-202", reply("202 Accepted", b"", "x-amzn-waf-action: challenge", "Server: CloudFront"),
         ("http-403-challenge", "body-challenge-page"), LABELS, "http"),
        ("lfs", ok(POINTER, "Content-Type: text/plain; charset=utf-8"), "body-lfs-pointer",
         "https://raw.githubusercontent.com/exam/data/main/x.gz", LENGTH),
        ("lfs-known", _with(POINTER), "body-lfs-pointer", LABELS, LENGTH),
        ("drive-scan", html("200 OK", "Google Drive - Virus scan warning",
        '<form id="download-form" action="/x">'),
         "body-drive-interstitial", DRIVE, LENGTH),
        ("drive-quota", html("200 OK", "Google Drive - Quota exceeded",
        '<p class="uc-error-caption">Sorry, you can&#39;t '
         "view or download this file at this time.</p><p class=\"uc-error-subcaption\">Too many users have viewed or "
         "downloaded this file recently.</p>"), "body-drive-interstitial", DRIVE, LENGTH),
        ("anubis", html("200 OK", "Making sure you&#39;re not a bot!",
        "<script id='anubis_challenge'></script>"),
         "body-challenge-page", LABELS, LENGTH),
        ("just-a-moment", html("200 OK", "Just a moment...", "<script>window._cf_chl_opt={}</script>",
        "Server: cloudflare"),
         "body-challenge-page", LABELS, LENGTH),
        ("imperva-200", html("200 OK", "", '<script src="/_Incapsula_Resource?SWJIYLWA=719d"></script>'),
         ("body-challenge-page", "http-403-waf-block"), LABELS, LENGTH),
        ("f5-200", html("200 OK", "Request Rejected",
        "The requested URL was rejected. Please consult with your administrator."
         "<br>Your support ID is: 123"), ("http-403-waf-block", "body-block-page"), LABELS, "http"),
        ("block-page", html("200 OK", "Web Page Blocked", "Powered By FortiGuard"), "body-block-page", LABELS,
        LENGTH),
        ("block-page-http", html("200 OK", "Blocked", "<title>Lightspeed System - Web Access</title>"),
        "body-block-page",
         PLAIN, LENGTH),
        ("hub-page", html("200 OK", "ylecun/mnist at main", "files"), "url-is-a-web-page",
        HUB.replace("resolve", "blob"), LENGTH),
        ("github-page", html("200 OK", "mnist/t10k.gz at master", "code"), "url-is-a-web-page",
         "https://github.com/fgnt/mnist/blob/master/" + files.LABELS, LENGTH),
    )
)  # fmt: skip

CUTS = (
    row("cut-length", "Fewer bytes than announced.", _with(GOOD[:2000], length=4542), "body-truncated",
        stage=LENGTH),
    row("cut-length-torchvision", "The same, in silence.", _with(GOOD[:2000], length=4542),
        ("body-truncated-silent",
        "body-truncated"), LABELS, "--as", "torchvision", stage=LENGTH),
    row("cut-length-keras", "urlretrieve counts.", _with(GOOD[:2000], length=4542), "body-truncated", LABELS,
        "--as", "keras",
        stage=LENGTH),
    row("cut-length-curl", "curl 18.", _with(GOOD[:2000], length=4542), "body-truncated", LABELS, "--as",
        "curl", stage=LENGTH),
    row("cut-chunked", "No last chunk.", _chunked(GOOD[:3000], b""), "body-truncated", stage=LENGTH),
    row("cut-chunked-torchvision", "No last chunk.", _chunked(GOOD[:3000], b""), "body-truncated", LABELS,
        "--as", "torchvision",
        stage=LENGTH),
    row("cut-unframed", "No length at all, and short.", _with(GOOD[:3000], length=-1), ("body-truncated",
        "length-unknown",
        "body-truncated-silent"), stage=LENGTH),
    row("cut-short-length", "A short file honestly announced.", _with(GOOD[:3000]),
        ("length-differs-from-manifest",
        "body-truncated"), stage=LENGTH),
    row("reset", "Reset part-way.", None, "body-reset", play=_cut(_with(GOOD[:3000], length=4542),
        by_reset=True), stage=LENGTH),
    row("stall", "Silence part-way.", _stall, "body-stalled", IMAGES_URL, "--timeout", "2", stage=LENGTH),
    row("drip", "Under 1 kB/s.", _slow, "body-stalled", IMAGES_URL, "--no-try", stage=LENGTH),
    row("length-too-small", "The server announces less than it has.", _with(GOOD, length=3000),
        ("length-differs-from-manifest", "body-truncated"), stage=LENGTH),
    row("zero-tail", "The end is zeros.", _with(GOOD[:3000] + bytes(1542)), "checksum-mismatch-corruption",
        stage=SUM),
    row("flip-inside", "A bit of the payload.", _with(_flipped(GOOD, 2500)), ("checksum-mismatch-corruption",
        "checksum-upstream-changed"), stage=SUM),
    row("flip-outside", "A bit of the gzip header's time.", _with(_flipped(GOOD, 5)),
        ("checksum-upstream-changed",
        "checksum-mismatch-corruption"), stage=SUM),
    row("varies", "Another sum each time.", _varies, "checksum-mismatch-corruption", stage=SUM),
    row("varies-unknown", "The same for an unknown file.", lambda asked: ok(CSV.replace(b"9",
        b"%d" % (asked.number % 9))),
        "checksum-mismatch-corruption", UNKNOWN, "--sha256", WRONG, stage=SUM),
    row("user-wrong-sum", "The user's sum is another file's.", ok(CSV, "Content-Type: text/csv"),
        "checksum-upstream-changed",
        UNKNOWN, "--sha256", WRONG, stage=SUM),
    row("user-wrong-length", "The user's length is another file's.", ok(CSV, "Content-Type: text/csv"),
        "length-differs-from-manifest", UNKNOWN, "--length", "99", stage=LENGTH),
    row("train-for-test", "train in the place of t10k.", _with(genuine("mnist", TRAIN_LABELS)),
        "data-other-file", stage=SUM),
    row("fashion", "Fashion-MNIST under MNIST's name.", _with(genuine("fashion_mnist", files.LABELS)),
        "data-other-file",
        stage=SUM),
    row("trailing-html", "A page glued to the end.", _with(GOOD + HTML), ("checksum-mismatch-corruption",
        "length-differs-from-manifest", "checksum-upstream-changed"), stage=LENGTH),
    row("leading-bom", "Three bytes in front.", _with(b"\xef\xbb\xbf" + GOOD), ("body-double-packed",
        "checksum-mismatch-corruption", "length-differs-from-manifest"), stage=LENGTH),
    row("ascii-mode", "0a became 0d 0a.", _with(BIG.replace(b"\n", b"\r\n")), "body-double-packed", IMAGES_URL,
        stage=LENGTH),
    row("utf8-mode", "Decoded as text.", _with(GOOD.decode("utf-8", "replace").encode()), "body-double-packed",
        stage=LENGTH),
    row("double-gzip", "Packed twice.", _with(gzip.compress(GOOD, mtime=0)), "body-double-packed",
        stage=LENGTH),
    row("unpacked-by-server", "IDX where gzip was due.", _with(gzip.decompress(GOOD)), ("enc-content-decoded",
        "length-differs-from-manifest"), stage=LENGTH),
    row("parquet-cut", "A parquet without its end.", _with(b"PAR1" + bytes(5000)),
        ("checksum-mismatch-corruption",
        "body-truncated", "length-differs-from-manifest", "body-truncated-silent"), HUB, stage=LENGTH),
    row("npz-junk", "An npz that is none.", _with(b"PK\x03\x04" + bytes(5000)), ("checksum-mismatch-corruption",
        "body-truncated",
        "length-differs-from-manifest", "checksum-upstream-changed"), KERAS, stage=LENGTH),
    row("coding-gzip", "A .gz labelled with a coding.", _honest_coding, "enc-content-decoded", stage=LENGTH,
        proves=True),
    row("coding-x-gzip", "Its old name.", _with(GOOD, "Content-Encoding: x-gzip"), "enc-content-decoded",
        stage=LENGTH),
    row("coding-untrue", "Named, and not so.", _with(CSV, "Content-Encoding: gzip"), "enc-content-decoded",
        UNKNOWN, stage=LENGTH),
    row("coding-untrue-br", "Not brotli.", _with(GOOD, "Content-Encoding: deflate"), "enc-content-decoded",
        stage=LENGTH),
    row("early-hints", "Python's client takes 103 for the answer.", EARLY + _with(GOOD), "http-not-http"),
    row("page-changed", "A page asked for on purpose, with another sum.", ok(HTML, "Content-Type: text/html"),
        "checksum-upstream-changed", OTHER + "index.html", "--sha256", WRONG, stage=SUM),
    row("page-blocked", "A filter's page where a page was asked for.",
        html("200 OK", "Blocked", "Powered By FortiGuard"),
        "body-block-page", OTHER + "index.html", "--sha256", WRONG, stage=LENGTH),
    row("unframed-206", "A part that nobody asked for.", reply("206 Partial Content", GOOD[:1000],
        "Content-Range: bytes 0-999/4542"), "body-truncated", stage=LENGTH),
)  # fmt: skip

FNAME = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x02\x03t10k\x00" + gzip.compress(b"other", mtime=0)[10:]
OTHER_GZ = OTHER + "x.gz"
WELL: tuple[tuple[str, Answer | Chunks | None, str, tuple[str, ...]], ...] = (
        ("no-length", _with(GOOD, length=-1), LABELS, ()),
        ("length-twice", _with(GOOD, "Content-Length: 4542"), LABELS, ()),
        ("http-1.0", _with(GOOD).replace(b"HTTP/1.1", b"HTTP/1.0"), LABELS, ()),
        ("chunked", _chunked(GOOD), LABELS, ()),
        ("chunked-trailers", _chunked(GOOD, b"0\r\nX-Sum: 1\r\nExpires: 0\r\n\r\n", "Trailer: X-Sum"), LABELS,
        ()),
        ("lower-case", b"HTTP/1.1 200 OK\r\ncontent-length: 4542\r\nconnection: close\r\n\r\n" + GOOD, LABELS,
        ()),
        ("no-type", ok(GOOD, "Server: x"), LABELS, ()),
        ("type-html", ok(GOOD, "Content-Type: text/html"), LABELS, ()),
        ("type-text", ok(GOOD, "Content-Type: text/plain; charset=UTF-8"), LABELS, ()),
        ("type-nonsense", ok(GOOD, "Content-Type: ;;;"), LABELS, ()),
        ("type-x-gzip", ok(GOOD, "Content-Type: application/x-gzip"), LABELS, ()),
        ("etag", _with(GOOD, 'ETag: W/"unquoted', "Accept-Ranges: none"), LABELS, ()),
        ("etag-empty", _with(GOOD, "ETag:", "Last-Modified: yesterday"), LABELS, ()),
        ("slow-first-byte", [3.0, _with(GOOD)], LABELS, ()),
        ("pause-inside", [_with(GOOD[:1000], length=4542), 3.0, GOOD[1000:]], LABELS, ()),
        ("tiny-pieces", _tiny, LABELS, ()),
        ("long-reason", reply("200 " + "very " * 400 + "well", GOOD), LABELS, ()),
        ("no-reason", b"HTTP/1.1 200\r\nContent-Length: 4542\r\n\r\n" + GOOD, LABELS, ()),
        ("obs-fold", b"HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 4542\r\n\r\n" + GOOD, LABELS, ()),
        ("line-feeds", b"HTTP/1.1 200 OK\nContent-Length: 4542\n\n" + GOOD, LABELS, ()),
        ("latin-1-field",
        "HTTP/1.1 200 OK\r\nX-Name: Z\xfcrich\r\nContent-Length: 4542\r\n\r\n".encode("latin-1") + GOOD,
         LABELS, ()),
        ("continue", b"HTTP/1.1 100 Continue\r\n\r\n" + _with(GOOD), LABELS, ()),
        ("many-fields", _with(GOOD, *(f"X-N{n}: {n}" for n in range(80))), LABELS, ()),
        ("many-cookies", _with(GOOD, *(f"Set-Cookie: c{n}=1; Path=/" for n in range(40))), LABELS, ()),
        ("coding-identity", _with(GOOD, "Content-Encoding: identity"), LABELS, ()),
        ("coding-empty", _with(GOOD, "Content-Encoding:"), LABELS, ()),
        ("coding-gzip-urllib", _with(GOOD, "Content-Encoding: gzip"), LABELS, ("--as", "torchvision")),
        ("coding-gzip-curl", _with(GOOD, "Content-Encoding: gzip"), LABELS, ("--as", "curl")),
        ("coding-true", _with(gzip.compress(CSV), "Content-Encoding: gzip"), UNKNOWN, ()),
        ("coding-deflate", _with(_packed(CSV, 15), "Content-Encoding: deflate"), UNKNOWN, ()),
        ("coding-unknown", _with(GOOD, "Content-Encoding: aws-chunked"), LABELS, ()),
        ("fname", _with(FNAME), OTHER_GZ, ()),
        ("multi-member", _with(gzip.compress(CSV) + gzip.compress(CSV)), OTHER_GZ, ()),
        ("mtime", _with(gzip.compress(CSV, mtime=4_000_000_000)), OTHER_GZ, ()),
        ("unknown-csv", ok(CSV, "Content-Type: text/csv"), UNKNOWN, ()),
        ("unknown-sum", ok(CSV, "Content-Type: text/csv"), UNKNOWN, ("--sha256",
        hashlib.sha256(CSV).hexdigest())),
        ("unknown-sum-upper", ok(CSV), UNKNOWN, ("--sha256", hashlib.sha256(CSV).hexdigest().upper())),
        ("empty-expected", ok(b""), UNKNOWN, ("--length", "0", "--sha256", hashlib.sha256(b"").hexdigest())),
        ("page-on-purpose", ok(HTML, "Content-Type: text/html"), OTHER + "index.html", ()),
        ("page-of-a-folder", ok(HTML, "Content-Type: text/html"), OTHER, ()),
        ("api-on-purpose", ok(b'{"data":{"id":"554","name":"mnist_784"}}', "Content-Type: application/json"),
         "https://api.openml.org/api/v1/json/data/554", ()),
        ("json-file-with-errors-key", ok(b'{"errors":[],"rows":[1,2]}', "Content-Type: application/json"),
         OTHER + "rows.json", ()),
        ("xml-file", ok(b"<?xml version='1.0'?><rows><row/></rows>", "Content-Type: text/xml"),
        OTHER + "rows.xml", ()),
        ("text-about-lfs", ok(b"# notes\nversion https://git-lfs.github.com/spec/v1 is a pointer\n"),
        OTHER + "notes.txt", ()),
        ("svg", ok(b"<svg xmlns='http://www.w3.org/2000/svg'><title>x</title></svg>",
        "Content-Type: image/svg+xml"),
         OTHER + "a.svg", ()),
        ("cloudflare-fields", _with(GOOD, "Server: cloudflare", "CF-RAY: 8f-FRA", "x-iinfo: 1-2",
        "X-Cache: Hit from cloudfront"),
         LABELS, ()),
        ("proxy-fields", _with(GOOD, "Via: 1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)", "X-Squid: x",
        "Age: 99"),
         LABELS, ()),
        ("retry-after-200", _with(GOOD, "Retry-After: 100", "X-RateLimit-Remaining: 0"), LABELS, ()),
        ("location-200", _with(GOOD, "Location: https://accounts.google.com/"), LABELS, ()),
        ("plain-http", None, PLAIN, ()),
        ("query", _with(GOOD), LABELS + "?v=1&x=%2F", ()),
        ("over-32-mib", _with(bytes(40 << 20)), OTHER + "big.bin", ()),
        ("over-32-mib-full", _with(bytes(40 << 20)), OTHER + "big.bin",
         ("--full", "--sha256", hashlib.sha256(bytes(40 << 20)).hexdigest())),
)  # fmt: skip

HEALTHY = tuple(row(f"well-{name}", "Odd, and well.", said, (), url, *argv) for name, said, url, argv in WELL)

SCENES: tuple[Scene, ...] = PAGES + CUTS + HEALTHY
