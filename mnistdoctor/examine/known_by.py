"""Which file of the catalogue this is, whatever it is called: known by a digest that is stated, or by its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue, File
from mnistdoctor.content import digests as sums
from mnistdoctor.content.unpack import LAYERS
from mnistdoctor.examine.target import Target, about, strongest_first

_HEX = re.compile(r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9a-fA-F])")
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256"}


def digests(given: ev.Pairs, catalogue: Catalogue) -> File | None:
    """The file that has all of these digests, or whose unpacked content has; None where there is none."""
    for known in (catalogue.by_digest, catalogue.by_content):
        found = [set(known(*one)) for one in given]
        if found and (files := set.intersection(*found)):
            return next(one for one in catalogue.files if one in files)
    return None


def in_url(url: str) -> ev.Pairs:
    """The digest that the URL's path names, as stores that keep files under their digests do; empty for none."""
    try:
        found = _HEX.findall(urlsplit(url).path)
    except ValueError:
        return ()
    return ((_BY_LENGTH[len(found[-1])], found[-1].lower()),) if found else ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the bytes of a file on this disk are."""

    file: File
    form: Literal["file", "packed", "bare"]
    """``file``: as it is served; ``packed``: its content, packed anew; ``bare``: its content, unpacked."""

    def of(self, target: Target) -> Target:
        """The target with what is known of the file in this form."""
        known = about(target, self.file)
        if self.form == "file":
            return known
        content = strongest_first(self.file.content_digests)
        if self.form == "packed":
            return replace(known, size=None, digests=content, digest_of="decoded")
        kind = "idx" if self.file.kind.endswith("-idx") else self.file.kind
        return replace(known, size=self.file.decoded_size, digests=content, digest_of="file", content=kind)


def content(path: Path, catalogue: Catalogue) -> Known | None:
    """Which file's bytes, or content, lie at the path; None for what nobody knows, or what cannot be read.

    Only what has the length of a known file, packed or unpacked, is read.
    """
    packed = {one.size for one in catalogue.files if one.digests and one.digest_of == "file"}
    bare = {one.decoded_size for one in catalogue.files if one.content_digests}
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            taken = sums.of_whole(file) if size in packed | bare else ()
            if found := next(_known(taken, catalogue.by_digest), None):
                return Known(found, "file")
            if found := next(_known(taken, catalogue.by_content), None):
                return Known(found, "bare")
            if _inside(file, size) in bare and (
                found := next(_known(sums.of_content(file), catalogue.by_content), None)
            ):
                return Known(found, "packed")
    except OSError:
        pass
    return None


def _known(taken: ev.Pairs, asked: Callable[[str, str], tuple[File, ...]]) -> Iterator[File]:
    return (file for one in taken for file in asked(*one))


def _inside(file: BinaryIO, size: int) -> int | None:
    """The length of its content that a gzip file states at its end (RFC 1952 section 2.3.1); None for another file."""
    file.seek(0)
    if file.read(2) != LAYERS["gzip"] or size < 18:
        return None
    file.seek(size - 4)
    return int.from_bytes(file.read(4), "little")
