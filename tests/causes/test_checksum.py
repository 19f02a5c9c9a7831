"""Whole files that are not the right ones."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest

from mnistdoctor.causes.base import OpenQuestion
from tests.causes.bodies import DATA, FASHION, GZ, KNOWN, LABELS, PLAIN, answer, diagnosed, digests, judged
from tests.causes.build import URL, case

FLIPPED = LABELS[:2000] + bytes([LABELS[2000] ^ 1]) + LABELS[2001:]
TRAIN = (DATA / "mnist/train-labels-idx1-ubyte.gz").read_bytes()


def padded(data: bytes, size: int) -> bytes:
    """A sound gzip file of exactly that size: the rest goes into the header's comment (RFC 1952)."""
    packed = gzip.compress(data, 9, mtime=0)
    return packed[:3] + b"\x10" + packed[4:10] + b"c" * (size - len(packed) - 1) + b"\0" + packed[10:]


NEW = padded(gzip.decompress(LABELS)[:10000] + b"\0" * 8, len(LABELS) + 200)
SAME_SIZE: dict[str, Any] = {**KNOWN, "size": len(NEW)}


def test_another_catalogued_file() -> None:
    one, found = judged(case(*answer(FASHION), **KNOWN))
    assert one == "data-other-file"
    assert found is not None
    assert found.certain
    assert "Fashion-MNIST (t10k-labels-idx1-ubyte.gz) in the place of MNIST (t10k-labels" in found.title
    assert diagnosed(TRAIN) == "data-other-file"
    cached = judged(case(*answer(FASHION, fields=(("X-Cache", "HIT from proxy"),)), **KNOWN))[1]
    assert cached is not None
    assert cached.side == "network"
    md5 = tuple(one for one in digests(LABELS) if one[0] == "md5")
    assert judged(case(*answer(FASHION), **{**KNOWN, "digests": md5}))[0] == "data-other-file"
    assert judged(case(*answer(FASHION), url=PLAIN)) == (None, None)


def test_another_shape_without_a_known_digest_is_likely_another_file() -> None:
    other = padded(gzip.decompress(TRAIN), 40000)
    one, found = judged(case(*answer(other), **KNOWN))
    assert found is not None
    assert (one, found.certain) == ("data-other-file", False)
    assert "60000" in found.title
    assert "10000" in found.title


def test_a_wrong_constant() -> None:
    wrong = {**KNOWN, "digests": (("sha256", "0" * 64),)}
    one, found = judged(case(*answer(LABELS), **wrong))
    assert (one, found is not None and found.side) == ("data-wrong-constant", "you")
    one, found = judged(case(*answer(LABELS), loader="keras", client="keras", **wrong))
    assert (one, found is not None and found.side) == ("data-wrong-constant", "framework")
    assert judged(case(*answer(FASHION), **wrong))[0] == "data-other-file"
    assert judged(case(*answer(LABELS), **{**wrong, "url": PLAIN, "file": None}))[0] != "data-wrong-constant"
    fake = "179d0897fc5f609cfddc0229a20f5fe5a5c6a42688829ae84b5117d22fa98ff9"
    found = judged(case(*answer(LABELS), **{**wrong, "digests": (("sha256", fake),)}))[1]
    assert found is not None
    assert "a digest that no file ever had: it circulates in generated code" in found.evidence


def test_damage_that_the_format_shows() -> None:
    with pytest.raises(OpenQuestion, match="again"):
        judged(case(*answer(FLIPPED), asked=(), **KNOWN))
    one, found = judged(case(*answer(FLIPPED), **KNOWN))
    assert (one, found is not None and found.certain) == ("checksum-mismatch-corruption", True)
    steady = judged(case(*answer(FLIPPED), *answer(FLIPPED, control="again"), **KNOWN))[1]
    assert steady is not None
    assert (steady.side, steady.retry) == ("server", "later")
    assert diagnosed(LABELS[:-500] + bytes(500)) == "checksum-mismatch-corruption"


def test_a_second_fetch_that_differs() -> None:
    mended = judged(case(*answer(FLIPPED), *answer(LABELS, control="again"), **KNOWN))
    assert mended[0] == "checksum-mismatch-corruption"
    assert mended[1] is not None
    assert "a second fetch brought it whole" in mended[1].title
    random_bytes = [random.Random(seed).randbytes(len(LABELS)) for seed in (1, 2)]
    varying = case(*answer(random_bytes[0]), *answer(random_bytes[1], control="again"), **KNOWN)
    assert judged(varying)[0] == "checksum-mismatch-corruption"
    failed = answer(LABELS[:99], control="again", declared=4542, failure="body_incomplete")
    one, found = judged(case(*answer(random_bytes[0]), *failed, **KNOWN))
    assert (one, found is not None and found.certain) == ("checksum-mismatch-corruption", False)
    steady = case(*answer(random_bytes[0]), *answer(random_bytes[0], control="again"), **KNOWN)
    assert judged(steady)[0] == "checksum-mismatch-corruption"


def test_damage_where_nothing_is_known() -> None:
    one, found = judged(case(*answer(FLIPPED), url=PLAIN))
    assert found is not None
    assert (one, found.certain) == ("checksum-mismatch-corruption", False)
    assert judged(case(*answer(LABELS + b"tail"), url=GZ)) == (None, None)
    assert judged(case(*answer(random.Random(3).randbytes(99)), url=PLAIN)) == (None, None)


def test_upstream_changed() -> None:
    first, second = answer(NEW, fields=(("Last-Modified", "Sat, 01 Aug 2026 00:00:00 GMT"),)), "again"
    with pytest.raises(OpenQuestion, match="again"):
        judged(case(*first, asked=(), **SAME_SIZE))
    with pytest.raises(OpenQuestion, match="other-source"):
        judged(case(*first, *answer(NEW, control=second), asked=("again",), **SAME_SIZE))
    one, found = judged(case(*first, *answer(NEW, control=second), **SAME_SIZE))
    assert one == "checksum-upstream-changed"
    assert found is not None
    assert found.certain
    assert "Last-Modified: Sat, 01 Aug 2026 00:00:00 GMT" in found.evidence
    unsure = judged(case(*first, **SAME_SIZE))
    assert (unsure[0], unsure[1] is not None and unsure[1].certain) == ("checksum-upstream-changed", False)
    cached = answer(NEW, fields=(("Age", "3600"),))
    stale = judged(case(*cached, *answer(NEW, control=second), **SAME_SIZE))
    assert (stale[0], stale[1] is not None and stale[1].certain) == ("checksum-upstream-changed", False)


def test_upstream_changed_in_length_too_once_another_source_agrees() -> None:
    again = answer(NEW, control="again")
    assert judged(case(*answer(NEW), *again, **KNOWN))[0] == "length-differs-from-manifest"
    agreed = judged(case(*answer(NEW), *again, *answer(NEW, control="other-source"), **KNOWN))
    assert agreed[0] == "checksum-upstream-changed"
    old = judged(case(*answer(NEW), *again, *answer(LABELS, control="other-source"), **KNOWN))
    assert old[0] == "length-differs-from-manifest"


def test_upstream_changed_needs_a_known_digest() -> None:
    assert judged(case(*answer(NEW), url=URL, size=len(NEW))) == (None, None)
