"""The files of the scenes: small, made when asked for, and genuine (gzip round IDX, as MNIST's own labels are)."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import struct
from dataclasses import dataclass
from functools import cache, cached_property

COUNT = 1000
"""Labels in each file."""
MAGIC = 2049
"""The first four bytes of an IDX file of labels: unsigned bytes, one dimension."""


@dataclass(frozen=True)
class DataFile:
    """A file with what a catalogue states of it."""

    name: str
    body: bytes
    id: str = ""
    """In the scene's catalogue, such as `demo-digits/labels`."""

    @cached_property
    def sha256(self) -> str:
        """The digest in lower-case hex."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def dataset(self) -> str:
        """The id of its dataset."""
        return self.id.partition("/")[0]


def _labels(seed: str) -> bytes:
    """Return `COUNT` labels from 0 to 9, the same for the same seed."""
    blocks = (hashlib.sha256(f"{seed} {number}".encode()).digest() for number in itertools.count())
    digits = bytes(value % 10 for value in itertools.islice(itertools.chain.from_iterable(blocks), COUNT))
    return gzip.compress(struct.pack(">II", MAGIC, COUNT) + digits, 9, mtime=0)


@cache
def digits() -> DataFile:
    """Return the file that nearly every scene is about."""
    return DataFile("t10k-labels-idx1-ubyte.gz", _labels("digits"), "demo-digits/labels")


@cache
def fashion() -> DataFile:
    """Return another data set's file of the same name."""
    return DataFile("t10k-labels-idx1-ubyte.gz", _labels("fashion"), "demo-fashion/labels")


@cache
def parts() -> tuple[DataFile, ...]:
    """Return four files of one data set, as MNIST has."""
    return tuple(DataFile(f"part-{n}-idx1-ubyte.gz", _labels(f"part {n}"), f"demo-parts/{n}") for n in range(1, 5))


def catalogue_text(sources: tuple[tuple[str, str, str], ...]) -> str:
    """Return a catalogue file in TOML with all files, and sources of id, status and URL of `digits`."""
    files = (digits(), fashion(), *parts())
    tables = [f'[[dataset]]\nid = "{name}"\n' for name in dict.fromkeys(file.dataset for file in files)]
    tables += [
        f'[[file]]\nid = "{file.id}"\nname = "{file.name}"\nkind = "gzip-idx"\nsize = {len(file.body)}\n'
        f'sha256 = "{file.sha256}"\nmagic = {MAGIC}\ndims = [{COUNT}]\n'
        for file in files
    ]
    tables += [
        f'[[source]]\nid = "{name}"\ndataset = "{digits().dataset}"\nurl = "{url}"\nfiles = ["{digits().id}"]\n'
        f'status = "{status}"\n'
        for name, status, url in sources
    ]
    return "\n".join(tables)
