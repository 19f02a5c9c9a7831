"""Scenes of the body: its length, what it is, and its digest."""

from __future__ import annotations

import gzip
import random
import struct

from . import files, raw
from .scenes import HOST, LABELS, collect, scene
from .scenes_http import page, xml
from .world import World

PATH = "/cvdf-datasets/mnist/" + files.LABELS
QUICK = (LABELS, "--timeout", "2")


def _labels() -> bytes:
    return files.genuine("mnist", files.LABELS)


def other_release(length: int | None) -> bytes:
    """Another valid gzip of ten thousand labels; padded to `length` by the file name in its header (RFC 1952)."""
    source = random.Random(7)
    plain = struct.pack(">II", 2049, 10_000) + bytes(source.choice((1, 2, 3, 4)) for _ in range(10_000))
    packed = gzip.compress(plain, 9, mtime=0)
    if length is None:
        return packed
    name = b"n" * (length - len(packed) - 1) + b"\0"
    return packed[:3] + b"\x08" + packed[4:10] + name + packed[10:]


@scene("ailing", "length-differs-from-manifest", "length")
def other_length(world: World) -> None:
    """A complete and valid file, of another length than the catalogue's."""
    world.serve(HOST, PATH, other_release(None))


@scene("ailing", "body-truncated", "length")
def cut_short(world: World) -> None:
    """Half the bytes, then a clean close; requests says so."""
    world.raw(HOST, raw.reply(raw.response(_labels()[:2000], length=4542)), certificate="good")


@scene("ailing", "body-truncated", "length", argv=(LABELS, "--as", "torchvision"))
def cut_short_unnoticed(world: World) -> None:
    """torchvision's read loop takes the short body for the whole, and blames the file later: the cut is the cause."""
    world.raw(HOST, raw.reply(raw.response(_labels()[:2000], length=4542)), certificate="good")


@scene("ailing", "body-truncated-silent", "length")
def cut_short_unannounced(world: World) -> None:
    """Half the bytes, and no length that would say so: no client notices."""
    world.raw(HOST, raw.reply(raw.response(_labels()[:2000], length=-1)), certificate="good")


@scene("ailing", "body-reset", "length")
def reset_in_the_body(world: World) -> None:
    """RST inside TLS, which Python's own sockets show as a clean end."""
    world.raw(HOST, raw.reply(raw.response(_labels()[:2000], length=4542), raw.reset), certificate="good")


@scene("ailing", "body-stalled", "length", argv=QUICK)
def stalled_body(world: World) -> None:
    """The bytes stop and the connection stands."""
    world.raw(HOST, raw.reply(raw.response(_labels()[:2000], length=4542), raw.silent), certificate="good")


@scene("ailing", "enc-content-decoded", "length")
def decoded_by_the_client(world: World) -> None:
    """A .gz with Content-Encoding: gzip: requests writes the unpacked file, and the digest is wrong."""
    world.serve(HOST, PATH, _labels(), headers={"Content-Encoding": "gzip"})


@scene("ailing", "body-html-instead-of-data", "length")
def page_for_a_file(world: World) -> None:
    """A soft 404: status 200, and a page."""
    world.host(HOST, status=200, body=page("Our new data portal", "The files have moved."))


@scene("ailing", "body-error-document", "length")
def error_with_200(world: World) -> None:
    """The store's error document, by a gateway that says 200."""
    world.host(HOST, status=200, body=xml("InternalError", "We encountered an internal error"), kind="application/xml")


@scene("ailing", "body-lfs-pointer", "length")
def pointer_for_a_file(world: World) -> None:
    """The repository holds a pointer, the bytes lie in LFS."""
    digest = "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 4542\n"
    world.serve(HOST, PATH, pointer.encode())


@scene(
    "ailing",
    "body-drive-interstitial",
    "length",
    argv=("https://drive.google.com/uc?export=download&id=0B7EVK8r0v71p",),
)
def drive_warning(world: World) -> None:
    """Google Drive asks before it hands out what it could not scan."""
    form = '<form id="download-form" action="https://drive.usercontent.google.com/download" method="get">'
    text = f"Google Drive can't scan this file for viruses. {form}<input type=submit value='Download anyway'></form>"
    world.host("drive.google.com", status=200, body=page("Google Drive - Virus scan warning", text))


@scene(
    "ailing",
    "url-is-a-web-page",
    "length",
    argv=("https://github.com/zalandoresearch/fashion-mnist/blob/master/data/fashion/t10k-labels-idx1-ubyte.gz",),
    proves=True,
)
def page_about_the_file(world: World) -> None:
    """`/blob/` is GitHub's page about the file; the URL was never the data."""
    world.host("github.com", status=200, body=page("fashion-mnist/t10k-labels-idx1-ubyte.gz at master"))


@scene("ailing", "checksum-mismatch-corruption", "checksum", proves=True)
def flipped_bits(world: World) -> None:
    """The right length, damaged in the middle: gzip's own CRC is against it."""
    body = bytearray(_labels())
    body[2200] ^= 0x55
    body[2201] ^= 0xAA
    world.serve(HOST, PATH, bytes(body))


@scene("ailing", "checksum-upstream-changed", "checksum")
def replaced_upstream(world: World) -> None:
    """Right length, sound inside, steady, and another digest: the publisher replaced the file."""
    body = other_release(4542)
    assert len(body) == 4542
    assert len(gzip.decompress(body)) == 10_008
    world.serve(HOST, PATH, body)


@scene("ailing", "data-other-file", "checksum")
def fashion_under_mnists_name(world: World) -> None:
    """Fashion-MNIST has the same file names, and a cache mixed them up; the digest knows."""
    world.serve(HOST, PATH, files.genuine("fashion_mnist", files.LABELS))


@scene("healthy")
def label_in_html_type(world: World) -> None:
    """A careless media type on the right bytes."""
    world.serve(HOST, PATH, _labels(), kind="text/html")


@scene("healthy", argv=(LABELS, "--as", "urllib"))
def encoding_left_alone_by_urllib(world: World) -> None:
    """The same label that harms requests: urllib writes the bytes as they come."""
    world.serve(HOST, PATH, _labels(), headers={"Content-Encoding": "gzip"})


SCENES = collect(globals())
