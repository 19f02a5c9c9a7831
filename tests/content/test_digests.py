"""The digests that content would have in another form."""

from __future__ import annotations

import hashlib
import io

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.content.digests import other_forms

WHOLE = bytes(range(256)) * 40
DUE = ("sha256", hashlib.sha256(WHOLE).hexdigest())


@pytest.mark.parametrize(
    ("before", "joined"),
    [
        (WHOLE[:1], True),
        (WHOLE[:5000], True),
        (WHOLE, True),
        (b"\xef\xbb\xbf", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", False),
        (b"", False),
    ],
    ids=["a byte", "half", "twice", "byte order mark", "head", "nothing"],
)
def test_a_whole_file_behind_a_part_of_itself(before: bytes, joined: bool) -> None:
    subject = ev.Subject(
        id="", stage=None, url="http://a.test/x", size=len(WHOLE), digests=(DUE,), digest_of="file", client="requests"
    )
    body = before + WHOLE
    own = (("sha256", hashlib.sha256(body).hexdigest()),)
    assert (DUE in other_forms(io.BytesIO(body), subject, own).get("tail_digests", ())) is joined
