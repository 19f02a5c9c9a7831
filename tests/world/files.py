"""Files to serve: the genuine small ones, and made ones of the big files' true shape, with a catalogue that knows them.

The true train images are too big to keep here, so a made file stands in: a valid gzip of a valid IDX (or an npz) of
the right dimensions, with so much noise that it shrinks to about the true length and not to nothing. Its digests go
to the tool by `--catalogue`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import struct
import zipfile
from collections.abc import Mapping

from mnistdoctor.demo.scenes.files import DataFile

from . import sites

GCS = "https://storage.googleapis.com/cvdf-datasets/mnist/"
S3 = "https://ossci-datasets.s3.amazonaws.com/mnist/"
LABELS = "t10k-labels-idx1-ubyte.gz"
IMAGES = "t10k-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"


def genuine(dataset: str, name: str) -> bytes:
    """A file of `tests/data`."""
    return (sites.DATA / dataset / name).read_bytes()


class Made(DataFile):
    """A file that exists nowhere else."""

    @property
    def length(self) -> int:
        return len(self.body)

    @property
    def md5(self) -> str:
        return hashlib.md5(self.body).hexdigest()


def _pixels(count: int, seed: int) -> bytes:
    """Rows of 28 with five of noise: about what the ink of true digits leaves of a file when packed.

    A thousand images are made and repeated; DEFLATE looks back 32 KiB only, so it does not notice.
    """
    noise = random.Random(seed).randbytes(5 * 28 * min(count, 1000))
    block = b"".join(noise[start : start + 5] + bytes(23) for start in range(0, len(noise), 5))
    return (block * -(-count // 1000))[: count * 784]


def idx_images(name: str = "train-images-idx3-ubyte.gz", count: int = 60_000, seed: int = 1) -> Made:
    """A gzip of an IDX file of `count` images of 28 by 28."""
    packed = gzip.compress(struct.pack(">IIII", 2051, count, 28, 28) + _pixels(count, seed), 1, mtime=0)
    return Made(name, packed)


def _array(shape: tuple[int, ...], body: bytes) -> bytes:
    """An array of bytes as numpy saves it (NEP 1, version 1.0)."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}"
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


def npz(train: int = 60_000, test: int = 10_000, seed: int = 2) -> Made:
    """An `mnist.npz` with Keras' four arrays."""
    labels = random.Random(seed)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part, count in (("train", train), ("test", test)):
            images, marks = _pixels(count, seed), bytes(labels.randrange(10) for _ in range(count))
            for name, array in (("x", _array((count, 28, 28), images)), ("y", _array((count,), marks))):
                member = zipfile.ZipInfo(f"{name}_{part}.npy", (2020, 1, 1, 0, 0, 0))
                archive.writestr(member, array, zipfile.ZIP_DEFLATED, 1)
    return Made("mnist.npz", target.getvalue())


def catalogue(made: Mapping[str, Made], decoded_size: int | None = None) -> str:
    """A catalogue in the tool's own form, in which these files, by their ids, have the place of the genuine ones.

    `decoded_size` is that of each gzip file unpacked.
    """
    entries = []
    for file_id, file in made.items():
        kind = {"npz": "npz", "parquet": "parquet"}.get(file.name.rpartition(".")[2], "gzip-idx")
        entries.append(
            f"[[file]]\nid = {file_id!r}\nname = {file.name!r}\nkind = {kind!r}\nsize = {file.length}\n"
            f"md5 = {file.md5!r}\nsha256 = {file.sha256!r}\n"
            + (f"decoded_size = {decoded_size}\n" if decoded_size and kind == "gzip-idx" else "")
        )
    return "\n".join(entries)
