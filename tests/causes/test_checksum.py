"""Whole files that are not the right ones."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Control, OpenQuestion
from tests.causes.evidence import DATA, FASHION, GZ, KNOWN, LABELS, PLAIN, URL, Evidence, answer, digests, rec
from tests.causes.judging import BODIES, diagnosed

FLIPPED = LABELS[:2000] + bytes([LABELS[2000] ^ 1]) + LABELS[2001:]
TRAIN = (DATA / "mnist/train-labels-idx1-ubyte.gz").read_bytes()


def padded(data: bytes, size: int) -> bytes:
    """A sound gzip file of exactly that size: the rest goes into the header's comment (RFC 1952)."""
    packed = gzip.compress(data, 9, mtime=0)
    return packed[:3] + b"\x10" + packed[4:10] + b"c" * (size - len(packed) - 1) + b"\0" + packed[10:]


NEW = padded(gzip.decompress(LABELS)[:10000] + b"\0" * 8, len(LABELS) + 200)
SAME_SIZE: dict[str, Any] = {**KNOWN, "size": len(NEW)}


def test_another_catalogued_file() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(FASHION).case())
    assert one == "data-other-file"
    assert found is not None
    assert found.certain
    assert "Fashion-MNIST (t10k-labels-idx1-ubyte.gz) in the place of MNIST (t10k-labels" in found.title
    assert diagnosed(TRAIN) == "data-other-file"
    cached = BODIES.first(Evidence(**KNOWN).body(FASHION, fields=(("X-Cache", "HIT from proxy"),)).case())[1]
    assert cached is not None
    assert cached.side == "network"
    md5 = tuple(one for one in digests(LABELS) if one[0] == "md5")
    assert BODIES.first(Evidence().body(FASHION).case(**{**KNOWN, "digests": md5}))[0] == "data-other-file"
    assert BODIES.first(Evidence(url=PLAIN).body(FASHION).case()) == (None, None)


def test_another_shape_without_a_known_digest_is_likely_another_file() -> None:
    other = padded(gzip.decompress(TRAIN), 40000)
    one, found = BODIES.first(Evidence(**KNOWN).body(other).case())
    assert found is not None
    assert (one, found.certain) == ("data-other-file", False)
    assert "60000" in found.title
    assert "10000" in found.title


def test_a_wrong_constant() -> None:
    wrong = {**KNOWN, "digests": (("sha256", "0" * 64),)}
    one, found = BODIES.first(Evidence().body(LABELS).case(**wrong))
    assert (one, found is not None and found.side) == ("data-wrong-constant", "you")
    one, found = BODIES.first(Evidence(loader="keras", client="keras").body(LABELS).case(**wrong))
    assert (one, found is not None and found.side) == ("data-wrong-constant", "framework")
    one, found = BODIES.first(Evidence(loader="sklearn", client="sklearn").body(LABELS).case(**wrong))
    assert found is not None
    assert [line.text for line in found.fixes[0].commands] == ["python -m pip install --upgrade scikit-learn"]
    assert BODIES.first(Evidence().body(FASHION).case(**wrong))[0] == "data-other-file"
    assert (
        BODIES.first(Evidence().body(LABELS).case(**{**wrong, "url": PLAIN, "file": None}))[0] != "data-wrong-constant"
    )
    fake = "179d0897fc5f609cfddc0229a20f5fe5a5c6a42688829ae84b5117d22fa98ff9"
    found = BODIES.first(Evidence().body(LABELS).case(**{**wrong, "digests": (("sha256", fake),)}))[1]
    assert found is not None
    assert "a digest that no file ever had: it circulates in generated code" in found.evidence


def test_damage_that_the_format_shows() -> None:
    with pytest.raises(OpenQuestion, match="again"):
        BODIES.first(Evidence(**KNOWN).body(FLIPPED).case(asked=()))
    one, found = BODIES.first(Evidence(**KNOWN).body(FLIPPED).case())
    assert (one, found is not None and found.certain) == ("checksum-mismatch-corruption", True)
    steady = BODIES.first(Evidence(**KNOWN).body(FLIPPED).control(Control.AGAIN).body(FLIPPED).case())[1]
    assert steady is not None
    assert (steady.side, steady.retry) == ("server", "later")
    assert diagnosed(LABELS[:-500] + bytes(500)) == "checksum-mismatch-corruption"


def test_a_second_fetch_that_differs() -> None:
    mended = BODIES.first(Evidence(**KNOWN).body(FLIPPED).control(Control.AGAIN).body(LABELS).case())
    assert mended[0] == "checksum-mismatch-corruption"
    assert mended[1] is not None
    assert "a second fetch brought it whole" in mended[1].title
    random_bytes = [random.Random(seed).randbytes(len(LABELS)) for seed in (1, 2)]
    varying = Evidence(**KNOWN).body(random_bytes[0]).control(Control.AGAIN).body(random_bytes[1]).case()
    assert BODIES.first(varying)[0] == "checksum-mismatch-corruption"
    failed = answer(LABELS[:99], control="again", declared=4542, failure="body_incomplete")
    one, found = BODIES.first(Evidence(**KNOWN).body(random_bytes[0]).add(*failed).case())
    assert (one, found is not None and found.certain) == ("checksum-mismatch-corruption", False)
    steady = Evidence(**KNOWN).body(random_bytes[0]).control(Control.AGAIN).body(random_bytes[0]).case()
    assert BODIES.first(steady)[0] == "checksum-mismatch-corruption"


def test_damage_over_tls_of_a_public_authority_is_not_the_networks() -> None:
    verified = rec(ev.Handshake, "tls", server_name="files.example", trust="certifi", verify_code=0)
    company = rec(ev.Handshake, "tls", server_name="files.example", trust="SSL_CERT_FILE", verify_code=0)
    noise = [random.Random(seed).randbytes(len(LABELS)) for seed in (1, 2)]
    for handshake, side in ((verified, "server"), (company, None)):
        for evidence in (
            Evidence(handshake, **KNOWN).body(FLIPPED),
            Evidence(handshake, url=GZ).body(FLIPPED),
            Evidence(handshake, url=GZ).body(noise[0]),
            Evidence(handshake, **KNOWN).body(noise[0]).control(Control.AGAIN).body(noise[1]),
        ):
            one, found = BODIES.first(evidence.case())
            assert found is not None
            assert (one, found.side) == ("checksum-mismatch-corruption", side)


def test_damage_where_nothing_is_known() -> None:
    one, found = BODIES.first(Evidence(url=PLAIN).body(FLIPPED).case())
    assert found is not None
    assert (one, found.certain) == ("checksum-mismatch-corruption", False)
    assert BODIES.first(Evidence(url=GZ).body(LABELS + b"tail").case()) == (None, None)
    assert BODIES.first(Evidence(url=PLAIN).body(random.Random(3).randbytes(99)).case()) == (None, None)


def test_upstream_changed() -> None:
    first, second = answer(NEW, fields=(("Last-Modified", "Sat, 01 Aug 2026 00:00:00 GMT"),)), "again"
    with pytest.raises(OpenQuestion, match="again"):
        BODIES.first(Evidence(*first).case(asked=(), **SAME_SIZE))
    with pytest.raises(OpenQuestion, match="other-source"):
        BODIES.first(Evidence(*first).body(NEW, control=second).case(asked=("again",), **SAME_SIZE))
    one, found = BODIES.first(Evidence(*first).body(NEW, control=second).case(**SAME_SIZE))
    assert one == "checksum-upstream-changed"
    assert found is not None
    assert found.certain
    assert "Last-Modified: Sat, 01 Aug 2026 00:00:00 GMT" in found.evidence
    unsure = BODIES.first(Evidence(*first).case(**SAME_SIZE))
    assert (unsure[0], unsure[1] is not None and unsure[1].certain) == ("checksum-upstream-changed", False)
    cached = answer(NEW, fields=(("Age", "3600"),))
    stale = BODIES.first(Evidence(*cached).body(NEW, control=second).case(**SAME_SIZE))
    assert (stale[0], stale[1] is not None and stale[1].certain) == ("checksum-upstream-changed", False)


def test_upstream_changed_in_length_too_once_another_source_agrees() -> None:
    again = answer(NEW, control="again")
    assert BODIES.first(Evidence(**KNOWN).body(NEW).add(*again).case())[0] == "length-differs-from-manifest"
    agreed = BODIES.first(Evidence(**KNOWN).body(NEW).add(*again).control(Control.OTHER_SOURCE).body(NEW).case())
    assert agreed[0] == "checksum-upstream-changed"
    old = BODIES.first(Evidence(**KNOWN).body(NEW).add(*again).control(Control.OTHER_SOURCE).body(LABELS).case())
    assert old[0] == "length-differs-from-manifest"


def test_upstream_changed_needs_a_known_digest() -> None:
    assert BODIES.first(Evidence(url=URL, size=len(NEW)).body(NEW).case()) == (None, None)
