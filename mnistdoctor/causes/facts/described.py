"""Bytes that are not the catalogue's and yet the loader's own: its service describes them in the same run."""

from __future__ import annotations

from collections.abc import Iterable

from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts.cached_file import in_place

_OTHER_BYTES = ("checksum-upstream-changed", "checksum-mismatch-corruption")


def described(case: Case, cause: str, title: str, replies: Iterable[Case]) -> str | None:
    """The warning that takes the diagnosis's place, where a reply of the service states the digest of what came.

    scikit-learn compares with the digest in OpenML's description, which it has asked for just before, and not with
    ours: it loads the file. A reply that lies in the cache is not asked for again, and may be older.
    """
    if case.transfer is None or cause not in _OTHER_BYTES:
        return None
    here = case.transfer.decoded_digests if case.subject.digest_of == "decoded" else case.transfer.digests
    stated = [one.transfer.text for one in replies if one.transfer and in_place(one) is None]
    if not any(f'"{value}"' in text for _, value in here for text in stated):
        return None
    loader = case.subject.loader or "the loader"
    return f"{title}; its service's description states the digest of what came, and {loader} goes by that"
