"""What a loader's own cache says of a file there: which revision is the current one, and which digest is due."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from mnistdoctor import evidence as ev
from mnistdoctor.disk.place import Place

_LONGEST = 1 << 20
"""Bytes of a reply that are read, packed or not; OpenML's description of MNIST has 4000."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_MD5 = re.compile(rb'"md5_checksum"\s*:\s*"([0-9a-fA-F]{32})"')


def revision(place: Place) -> str | None:
    """The commit that the loader's reference names; None where there is none, or where it says anything else."""
    if place.revision_in is None:
        return None
    found = _read(place.root / place.revision_in, 100).strip().decode("ascii", "replace")
    return found if _COMMIT.fullmatch(found) else None


def digests(place: Place) -> ev.Pairs:
    """The digest that the loader will compare the file with; empty where no cached reply states one."""
    found = _MD5.search(description(place))
    return (("md5", found[1].decode().lower()),) if found else ()


def description(place: Place) -> bytes:
    """The API's stored answer that describes the file; empty where there is none."""
    if place.digest_in is None:
        return b""
    body = _read(place.root / place.digest_in, _LONGEST)
    if body.startswith(b"\x1f\x8b"):
        try:
            body = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, _LONGEST)
        except zlib.error:
            return b""
    return body


def _read(path: Path, most: int) -> bytes:
    """The beginning of a regular file; empty where there is none, or where it may not be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        return b""
