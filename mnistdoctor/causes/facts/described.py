"""Bytes that are not the catalogue's and yet the loader's own: its service describes them in the same run."""

from __future__ import annotations

from collections.abc import Iterable

from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.cached_file import file_in_place


def states_digest(case: Case, replies: Iterable[Case]) -> bool:
    """Whether one of these replies of the loader's service states the digest of what came.

    scikit-learn compares with the digest in OpenML's description, which it has asked for just before, and not with
    the catalogue's: it loads the file. A reply that lies in the cache is not asked for again, and may be older.
    """
    if case.transfer is None:
        return False
    digests = case.transfer.decoded_digests if case.subject.digest_of == "decoded" else case.transfer.digests
    texts = [one.transfer.text for one in replies if one.transfer and file_in_place(one) is None]
    return any(f'"{value}"' in text for _, value in digests for text in texts)
