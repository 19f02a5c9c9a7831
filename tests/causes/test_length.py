"""Cut, reset and stalled bodies; other lengths; codings."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change
from mnistdoctor.causes.case import Control, OpenQuestion
from mnistdoctor.causes.length import length, truncated
from tests.causes.evidence import GZ, HOST, KNOWN, LABELS, PLAIN, Evidence, answer, digests, rec
from tests.causes.judging import BODIES, diagnosed

IDX = gzip.decompress(LABELS)
INCOMPLETE: dict[str, Any] = {"declared": len(LABELS), "failure": "body_incomplete"}


def test_the_right_file_is_healthy_whatever_else_is_odd() -> None:
    assert diagnosed(LABELS) is None
    assert diagnosed(LABELS, fields=(("Content-Type", "text/html"),)) is None
    assert diagnosed(LABELS, declared=None) is None
    assert diagnosed(LABELS, framing="chunked", declared=None) is None
    assert diagnosed(LABELS, coding="gzip", came=LABELS) is None
    assert diagnosed(LABELS, coding="gzip", decodes=True, came=gzip.compress(LABELS)) is None
    assert BODIES.first(Evidence(url=PLAIN).body(LABELS).case()) == (None, None)
    assert BODIES.first(Evidence(**KNOWN).body(LABELS[:4000], limited=True, declared=len(LABELS)).case()) == (
        None,
        None,
    )


def test_the_right_digest_of_the_content_makes_other_packing_healthy() -> None:
    inside: dict[str, Any] = {"content": "gzip-idx", "digest_of": "decoded", "digests": digests(IDX), "size": len(IDX)}
    repacked = gzip.compress(IDX, 1)
    assert BODIES.first(Evidence().body(repacked, decoded_digests=digests(IDX)).case(**inside)) == (None, None)
    other = gzip.compress(IDX[:-1] + b"\1")
    assert (
        BODIES.first(Evidence().body(other, decoded_digests=digests(other)).case(**inside))[0]
        == "checksum-upstream-changed"
    )


def test_truncated() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(LABELS[:400], **INCOMPLETE).case())
    assert one == "body-truncated"
    assert found is not None
    assert (found.certain, found.also_possible) == (False, ("http-503-overload",))  # one fetch does not tell the side
    assert "400 of 4542 bytes" in found.title
    assert found.fixes[0].commands[0].text.startswith("curl -fL -C - --retry 5 -o ")
    assert [fix.change.url for fix in found.fixes[1:] if fix.change] == list(Evidence(**KNOWN).case().sources()[:2])
    assert diagnosed(LABELS[:400], declared=None, framing="chunked", failure="body_incomplete") == "body-truncated"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="eof_error") == "body-truncated"


def test_an_end_without_farewell_after_all_bytes_is_no_cut() -> None:
    assert diagnosed(LABELS, failure="eof_error") not in ("body-truncated", "body-truncated-silent")


def test_truncated_behind_a_proxy_asks_whether_the_cut_point_moves() -> None:
    route = rec(ev.Route, None, way="tunnel", proxy="http://proxy.example:3128")
    first = answer(LABELS[:400], **INCOMPLETE)
    with pytest.raises(OpenQuestion, match="again"):
        BODIES.first(Evidence(route, *first, **KNOWN).case(asked=()))
    fixed = BODIES.first(
        Evidence(route, *first, **KNOWN).control(Control.AGAIN).body(LABELS[:400], **INCOMPLETE).case()
    )[1]
    assert fixed is not None
    assert (fixed.certain, fixed.also_possible) == (False, ("proxy-size-or-type-limit",))
    moving = BODIES.first(
        Evidence(route, *first, **KNOWN).control(Control.AGAIN).body(LABELS[:900], **INCOMPLETE).case()
    )[1]
    assert moving is not None
    assert (moving.side, moving.also_possible) == (None, ("http-503-overload",))


@pytest.mark.parametrize(
    ("second", "side", "certain", "retry"),
    [
        (answer(LABELS[:400], **INCOMPLETE), "server", True, "no"),
        (answer(LABELS[:900], **INCOMPLETE), None, False, None),
        (answer(LABELS), None, False, None),
        (answer(b"busy", status=503), None, False, None),
        ((), None, False, None),
    ],
)
def test_a_second_fetch_tells_the_side(second: Any, side: str | None, certain: bool, retry: str | None) -> None:
    first = Evidence(**KNOWN).body(LABELS[:400], **INCOMPLETE)
    with pytest.raises(OpenQuestion, match="again"):
        BODIES.first(first.case(asked=()))
    found = BODIES.finding("body-truncated", first.control(Control.AGAIN).add(second).case())
    assert (found.side, found.certain, found.retry) == (side, certain, retry)


def test_a_limit_on_the_way_cuts_at_a_round_number_each_time() -> None:
    cut = {"declared": 2**21, "received": 2**20, "failure": "body_incomplete"}
    case = Evidence().body(LABELS, **cut).control(Control.AGAIN).body(LABELS, **cut).case()
    found = BODIES.finding("body-truncated", case)
    assert (found.certain, found.also_possible) == (False, ("proxy-size-or-type-limit",))


def test_a_length_too_large_beside_the_whole_file() -> None:
    found = BODIES.finding(
        "body-truncated",
        Evidence(**KNOWN)
        .body(LABELS, declared=len(LABELS) + 24, failure="body_incomplete", digests=digests(LABELS))
        .case(),
    )
    assert (found.certain, found.side, found.retry) == (True, "server", "no")
    assert "which are the whole file" in found.title


def test_a_second_reset_at_the_same_byte_is_told() -> None:
    reset = {"declared": len(LABELS), "failure": "connection_reset"}
    case = Evidence(**KNOWN).body(LABELS[:400], **reset).control(Control.AGAIN).body(LABELS[:400], **reset).case()
    found = BODIES.finding("body-reset", case)
    assert "a second fetch ended at the same byte, 400" in found.evidence


@pytest.mark.parametrize(
    ("client", "release", "told"),
    [
        ("keras", None, "keras counts the bytes, and ends with an error"),
        ("torchvision", None, "compares the md5, and goes on to its next mirror"),
        ("torchvision", "0.20", "compares the md5, and reports a wrong checksum"),
        ("torchvision", "0.4", "it keeps what came, and fails later"),
    ],
)
def test_one_cut_is_one_cause_whatever_the_client_makes_of_it(client: str, release: str | None, told: str) -> None:
    loader = {**KNOWN, "client": client, "loader": client, "release": release}
    found = BODIES.finding("body-truncated", Evidence().body(LABELS[:400], **INCOMPLETE).case(**loader))
    assert (found.side, found.title) == (None, f"{HOST} sent 400 of 4542 bytes and then closed the connection")
    assert told in found.explanation
    assert f"If {client} kept the bad file, remove it before the next try" in found.explanation
    chunked = answer(LABELS[:400], declared=None, framing="chunked", failure="body_incomplete")
    assert BODIES.first(Evidence(*chunked).case(**loader))[0] == "body-truncated"


def test_a_cut_without_a_declared_length_is_silent_for_all() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(LABELS[:400], declared=None).case())
    assert (one, found is not None and found.certain) == ("body-truncated-silent", True)
    one, found = BODIES.first(Evidence(url=PLAIN).body(LABELS[:400], declared=None).case())
    assert (one, found is not None and found.certain) == ("body-truncated-silent", True)
    one, found = BODIES.first(Evidence(url=GZ).body(LABELS[:400]).case())
    assert (one, found is not None and found.certain) == ("body-truncated-silent", False)


def test_a_cut_file_known_of_old() -> None:
    cut_before = answer(LABELS[:400])
    known = (*cut_before[:1], rec(ev.Transfer, "length", status=200, declared=98304, received=98304, written=98304,
             complete=True, digests=(("md5", "5e491b4e69d92ece6879852c6ad210c5"),)), cut_before[2])  # fmt: skip
    subject = {**KNOWN, "digests": (("md5", "bef4ecab320f06d8554ea6380940ec79"),), "size": 4422102}
    one, found = BODIES.first(Evidence(*known).case(**subject))
    assert (one, found is not None and found.side) == ("body-truncated-silent", "server")


def test_reset_and_stalled() -> None:
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="connection_reset") == "body-reset"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="connection_aborted") == "body-reset"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="body_stalled", slowest_s=3.0) == "body-stalled"
    one, found = BODIES.first(
        Evidence(**KNOWN).body(b"x" * 20000, declared=30000, failure="generic_timeout_error", slowest_s=10.0).case()
    )
    assert (one, found is not None and found.certain) == ("body-stalled", True)
    one, found = BODIES.first(
        Evidence(**KNOWN).body(LABELS[:400], declared=4542, failure="generic_timeout_error").case()
    )
    assert found is not None
    assert (one, found.certain, found.also_possible) == ("body-stalled", False, ("tcp-mtu-blackhole",))
    chain = rec(ev.Handshake, "tls", server_name="files.example", received=4100, verify_code=0)
    one, found = BODIES.first(Evidence(chain, **KNOWN).body(b"", declared=4542, failure="generic_timeout_error").case())
    assert (one, found is not None and found.certain) == ("body-stalled", True)


def test_cuts_of_error_responses_are_not_bodies_of_data() -> None:
    for cause in truncated.CAUSES:
        assert (
            cause.found_in(Evidence(**KNOWN).body(b"no", status=503, declared=9, failure="body_incomplete").case())
            is None
        )


def test_another_length_is_asked_for_twice() -> None:
    first = answer(LABELS[:400])
    with pytest.raises(OpenQuestion, match="again"):
        BODIES.first(Evidence(*first, **KNOWN).case(asked=()))
    one, found = BODIES.first(Evidence(*first, **KNOWN).control(Control.AGAIN).body(LABELS[:400]).case())
    assert (one, found is not None and found.certain) == ("length-differs-from-manifest", True)
    one, found = BODIES.first(Evidence(*first, **KNOWN).case())
    assert (one, found is not None and found.certain) == ("length-differs-from-manifest", False)
    assert diagnosed(LABELS + b"<html>appended") == "length-differs-from-manifest"
    assert diagnosed(b"\x55" * 100 + LABELS) == "length-differs-from-manifest"


def test_another_length_without_a_digest_and_in_part() -> None:
    bare: dict[str, Any] = {"size": 4542, "url": PLAIN}
    assert BODIES.first(Evidence().body(LABELS + LABELS).case(**bare))[0] == "length-differs-from-manifest"
    assert BODIES.first(Evidence().body(LABELS).case(**bare)) == (None, None)
    assert (
        BODIES.first(Evidence(**KNOWN).body(LABELS[:4000], limited=True, declared=999).case())[0]
        == "length-differs-from-manifest"
    )


def test_other_lengths_that_have_finer_causes() -> None:
    assert diagnosed(LABELS[:400], declared=None) != "length-differs-from-manifest"
    changing = Evidence(**KNOWN).body(LABELS + b"1").control(Control.AGAIN).body(LABELS + b"22").case()
    assert BODIES.first(changing)[0] == "checksum-mismatch-corruption"


def test_no_length_and_no_structure_to_tell_the_end() -> None:
    table: dict[str, Any] = {"url": PLAIN, "content": "csv", "size": 500, "digests": (("sha256", "0" * 64),)}
    one, found = BODIES.first(Evidence().body(b"1,2,3\n" * 50, declared=None).case(**table))
    assert found is not None
    assert (one, found.certain, found.also_possible) == ("length-unknown", False, ("body-truncated-silent",))
    assert BODIES.first(Evidence().body(b"1,2,3\n" * 50).case(**table))[0] == "length-differs-from-manifest"
    warns = {cause.id: cause.warning_in for cause in length.CAUSES}["length-unknown"]
    assert warns(Evidence(url=PLAIN).body(LABELS, declared=None).case())
    assert warns(Evidence(**KNOWN).body(LABELS, declared=None).case()) is None
    assert warns(Evidence(url=PLAIN).body(LABELS).case()) is None


def test_a_coding_that_the_client_removed() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(IDX, came=LABELS, coding="gzip", decodes=True).case())
    assert one == "enc-content-decoded"
    assert found is not None
    assert found.certain
    assert found.fixes[0].change == Change(accept_encoding_identity=True)
    assert 'headers={"Accept-Encoding": "identity"}' in found.fixes[0].commands[0].text
    compile(found.fixes[0].commands[0].text, "fix", "exec")
    curl = BODIES.first(Evidence(client="curl", **KNOWN).body(IDX, came=LABELS, coding="gzip", decodes=True).case())[1]
    assert curl is not None
    assert curl.fixes[0].commands[0].text.startswith("curl -fL -H 'Accept-Encoding: identity' -o ")


def test_a_removed_coding_without_a_digest_of_what_came_needs_the_identity_control() -> None:
    removed = answer(IDX, came=LABELS, coding="gzip", decodes=True, received_digests=())
    with pytest.raises(OpenQuestion, match="identity"):
        BODIES.first(Evidence(*removed, **KNOWN).case(asked=()))
    one, found = BODIES.first(Evidence(*removed, **KNOWN).control(Control.IDENTITY).body(LABELS).case())
    assert (one, found is not None and found.certain) == ("enc-content-decoded", True)
    one, found = BODIES.first(Evidence(*removed, **KNOWN).case())
    assert (one, found is not None and found.certain) == ("enc-content-decoded", False)
    still = Evidence(*removed, **KNOWN).control(Control.IDENTITY).body(IDX).case()
    assert BODIES.first(still)[0] != "enc-content-decoded"


def test_a_coding_that_is_untrue() -> None:
    one, found = BODIES.first(
        Evidence(**KNOWN).body(b"", came=LABELS, coding="gzip", failure="body_coding_invalid").case()
    )
    assert (one, found is not None and found.fixes[0].change) == (
        "enc-content-decoded",
        Change(accept_encoding_identity=True),
    )


def test_a_file_that_was_sent_unpacked() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(IDX).case())
    assert (one, found is not None and found.certain) == ("enc-content-decoded", True)
    assert diagnosed(IDX[:-50]) != "enc-content-decoded"
    labels: dict[str, Any] = {"url": PLAIN, "digests": digests(IDX), "content": None}
    assert BODIES.first(Evidence().body(IDX).case(**labels)) == (None, None)


def test_a_resumed_download() -> None:
    resumed = (("Range", "bytes=400-"),)
    one, found = BODIES.first(Evidence(**KNOWN).body(LABELS[:400] + LABELS, asked=resumed).case())
    assert (one, found is not None and found.certain) == ("resume-corrupted", True)
    spoilt = LABELS[:400] + bytes(100) + LABELS[500:]
    assert diagnosed(spoilt, asked=resumed, status=206) == "resume-corrupted"
    assert diagnosed(spoilt, asked=(*resumed, ("If-Range", '"x"')), status=206) != "resume-corrupted"
    assert diagnosed(spoilt) != "resume-corrupted"
    assert diagnosed(LABELS, asked=resumed, status=206) is None


PART = (("Content-Range", "bytes 0-999/4542"),)


@pytest.mark.parametrize(
    ("data", "said"), [(LABELS[:1000], "bytes 0-999/4542"), (LABELS[1000:], "BYTES 1000-4541/4542")]
)
def test_a_part_that_nobody_asked_for(data: bytes, said: str) -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(data, status=206, fields=(("Content-Range", said),)).case())
    assert one == "body-truncated"
    assert found is not None
    assert found.certain
    assert found.side == "server"
    assert not any("-C" in line.text for fix in found.fixes for line in fix.commands)


def test_a_part_of_another_file_is_only_likely() -> None:
    fields = (("Content-Range", "bytes 0-999/9999"),)
    one, found = BODIES.first(Evidence(**KNOWN).body(LABELS[:1000], status=206, fields=fields).case())
    assert one == "body-truncated"
    assert found is not None
    assert (found.certain, found.also_possible) == (False, ("length-differs-from-manifest",))


def test_206_that_is_no_part() -> None:
    whole = (("Content-Range", "bytes 0-4541/4542"),)
    assert BODIES.first(Evidence(**KNOWN).body(LABELS, status=206, fields=whole).case()) == (None, None)
    assert diagnosed(LABELS[:1000], status=206, fields=(("Content-Range", "bytes 0-999/*"),)) != "body-truncated"
    assert diagnosed(LABELS[:1000], fields=PART) != "body-truncated"  # 200 has no use for the field
    resumed = answer(LABELS[:1000], status=206, fields=PART, asked=(("Range", "bytes=0-999"),))
    assert BODIES.first(Evidence(*resumed, **KNOWN).case())[0] == "resume-corrupted"


def test_a_drip_is_not_said_to_have_stopped() -> None:
    slow: dict[str, Any] = {"declared": len(LABELS), "failure": "body_stalled", "slowest_s": 1.0, "duration_s": 40.0}
    _, found = BODIES.first(Evidence(**KNOWN).body(LABELS[:400], **slow).case())
    assert found is not None
    assert "in drips" in found.explanation
    assert "would hang" not in found.explanation
    assert "the rest would take 7 min" in found.explanation
