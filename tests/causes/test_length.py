"""Cut, reset and stalled bodies; other lengths; codings."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, OpenQuestion
from mnistdoctor.causes.length import length, truncated
from tests.causes.bodies import GZ, KNOWN, LABELS, PLAIN, answer, diagnosed, digests, judged
from tests.causes.build import case, rec

IDX = gzip.decompress(LABELS)
INCOMPLETE: dict[str, Any] = {"declared": len(LABELS), "failure": "body_incomplete"}


def test_the_right_file_is_healthy_whatever_else_is_odd() -> None:
    assert diagnosed(LABELS) is None
    assert diagnosed(LABELS, fields=(("Content-Type", "text/html"),)) is None
    assert diagnosed(LABELS, declared=None) is None
    assert diagnosed(LABELS, framing="chunked", declared=None) is None
    assert diagnosed(LABELS, coding="gzip", came=LABELS) is None
    assert diagnosed(LABELS, coding="gzip", decodes=True, came=gzip.compress(LABELS)) is None
    assert judged(case(*answer(LABELS), url=PLAIN)) == (None, None)
    assert judged(case(*answer(LABELS[:4000], limited=True, declared=len(LABELS)), **KNOWN)) == (None, None)


def test_the_right_digest_of_the_content_makes_other_packing_healthy() -> None:
    inside: dict[str, Any] = {"content": "gzip-idx", "digest_of": "decoded", "digests": digests(IDX), "size": len(IDX)}
    repacked = gzip.compress(IDX, 1)
    assert judged(case(*answer(repacked, decoded_digests=digests(IDX)), **inside)) == (None, None)
    other = gzip.compress(IDX[:-1] + b"\1")
    assert judged(case(*answer(other, decoded_digests=digests(other)), **inside))[0] == "checksum-upstream-changed"


def test_truncated() -> None:
    one, found = judged(case(*answer(LABELS[:400], **INCOMPLETE), **KNOWN))
    assert one == "body-truncated"
    assert found is not None
    assert found.certain
    assert "400 of 4542 bytes" in found.title
    assert found.fixes[0].commands[0].text.startswith("curl -fL -C - --retry 5 -o ")
    assert [fix.change.url for fix in found.fixes[1:] if fix.change] == list(case(**KNOWN).sources()[:2])
    assert diagnosed(LABELS[:400], declared=None, framing="chunked", failure="body_incomplete") == "body-truncated"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="eof_error") == "body-truncated"


def test_an_end_without_farewell_after_all_bytes_is_no_cut() -> None:
    assert diagnosed(LABELS, failure="eof_error") not in ("body-truncated", "body-truncated-silent")


def test_truncated_behind_a_proxy_asks_whether_the_cut_point_moves() -> None:
    route = rec(ev.Route, None, way="tunnel", proxy="http://proxy.example:3128")
    first = answer(LABELS[:400], **INCOMPLETE)
    with pytest.raises(OpenQuestion, match="again"):
        judged(case(route, *first, asked=(), **KNOWN))
    fixed = judged(case(route, *first, *answer(LABELS[:400], control="again", **INCOMPLETE), **KNOWN))[1]
    assert fixed is not None
    assert (fixed.certain, fixed.also_possible) == (False, ("proxy-size-or-type-limit",))
    moving = judged(case(route, *first, *answer(LABELS[:900], control="again", **INCOMPLETE), **KNOWN))[1]
    assert moving is not None
    assert moving.certain


def test_a_client_that_does_not_count_is_cut_silently() -> None:
    silent = {**KNOWN, "client": "torchvision", "loader": "torchvision"}
    one, found = judged(case(*answer(LABELS[:400], **INCOMPLETE), **silent))
    assert one == "body-truncated-silent"
    assert found is not None
    assert found.certain
    assert "torchvision does not notice" in found.title
    assert "If torchvision kept the bad file, remove it before the next try" in found.explanation
    chunked = answer(LABELS[:400], declared=None, framing="chunked", failure="body_incomplete")
    assert judged(case(*chunked, **silent))[0] == "body-truncated"


def test_a_cut_without_a_declared_length_is_silent_for_all() -> None:
    one, found = judged(case(*answer(LABELS[:400], declared=None), **KNOWN))
    assert (one, found is not None and found.certain) == ("body-truncated-silent", True)
    one, found = judged(case(*answer(LABELS[:400], declared=None), url=PLAIN))
    assert (one, found is not None and found.certain) == ("body-truncated-silent", True)
    one, found = judged(case(*answer(LABELS[:400]), url=GZ))
    assert (one, found is not None and found.certain) == ("body-truncated-silent", False)


def test_a_cut_file_known_of_old() -> None:
    cut_before = answer(LABELS[:400])
    known = (*cut_before[:1], rec(ev.Transfer, "length", status=200, declared=98304, received=98304, written=98304,
             complete=True, digests=(("md5", "5e491b4e69d92ece6879852c6ad210c5"),)), cut_before[2])  # fmt: skip
    subject = {**KNOWN, "digests": (("md5", "bef4ecab320f06d8554ea6380940ec79"),), "size": 4422102}
    one, found = judged(case(*known, **subject))
    assert (one, found is not None and found.side) == ("body-truncated-silent", "server")


def test_reset_and_stalled() -> None:
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="connection_reset") == "body-reset"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="connection_aborted") == "body-reset"
    assert diagnosed(LABELS[:400], declared=len(LABELS), failure="body_stalled", slowest_s=3.0) == "body-stalled"
    one, found = judged(
        case(*answer(b"x" * 20000, declared=30000, failure="generic_timeout_error", slowest_s=10.0), **KNOWN)
    )
    assert (one, found is not None and found.certain) == ("body-stalled", True)
    one, found = judged(case(*answer(LABELS[:400], declared=4542, failure="generic_timeout_error"), **KNOWN))
    assert found is not None
    assert (one, found.certain, found.also_possible) == ("body-stalled", False, ("tcp-mtu-blackhole",))
    chain = rec(ev.Handshake, "tls", server_name="files.example", received=4100, verify_code=0)
    one, found = judged(case(chain, *answer(b"", declared=4542, failure="generic_timeout_error"), **KNOWN))
    assert (one, found is not None and found.certain) == ("body-stalled", True)


def test_cuts_of_error_responses_are_not_bodies_of_data() -> None:
    for cause in truncated.CAUSES:
        assert cause.found_in(case(*answer(b"no", status=503, declared=9, failure="body_incomplete"), **KNOWN)) is None


def test_another_length_is_asked_for_twice() -> None:
    first = answer(LABELS[:400])
    with pytest.raises(OpenQuestion, match="again"):
        judged(case(*first, asked=(), **KNOWN))
    one, found = judged(case(*first, *answer(LABELS[:400], control="again"), **KNOWN))
    assert (one, found is not None and found.certain) == ("length-differs-from-manifest", True)
    one, found = judged(case(*first, **KNOWN))
    assert (one, found is not None and found.certain) == ("length-differs-from-manifest", False)
    assert diagnosed(LABELS + b"<html>appended") == "length-differs-from-manifest"
    assert diagnosed(b"\x55" * 100 + LABELS) == "length-differs-from-manifest"


def test_another_length_without_a_digest_and_in_part() -> None:
    bare: dict[str, Any] = {"size": 4542, "url": PLAIN}
    assert judged(case(*answer(LABELS + LABELS), **bare))[0] == "length-differs-from-manifest"
    assert judged(case(*answer(LABELS), **bare)) == (None, None)
    assert (
        judged(case(*answer(LABELS[:4000], limited=True, declared=999), **KNOWN))[0] == "length-differs-from-manifest"
    )


def test_other_lengths_that_have_finer_causes() -> None:
    assert diagnosed(LABELS[:400], declared=None) != "length-differs-from-manifest"
    changing = case(*answer(LABELS + b"1"), *answer(LABELS + b"22", control="again"), **KNOWN)
    assert judged(changing)[0] == "checksum-mismatch-corruption"


def test_no_length_and_no_structure_to_tell_the_end() -> None:
    table: dict[str, Any] = {"url": PLAIN, "content": "csv", "size": 500, "digests": (("sha256", "0" * 64),)}
    one, found = judged(case(*answer(b"1,2,3\n" * 50, declared=None), **table))
    assert found is not None
    assert (one, found.certain, found.also_possible) == ("length-unknown", False, ("body-truncated-silent",))
    assert judged(case(*answer(b"1,2,3\n" * 50), **table))[0] == "length-differs-from-manifest"
    warns = {cause.id: cause.warning_in for cause in length.CAUSES}["length-unknown"]
    assert warns(case(*answer(LABELS, declared=None), url=PLAIN))
    assert warns(case(*answer(LABELS, declared=None), **KNOWN)) is None
    assert warns(case(*answer(LABELS), url=PLAIN)) is None


def test_a_coding_that_the_client_removed() -> None:
    one, found = judged(case(*answer(IDX, came=LABELS, coding="gzip", decodes=True), **KNOWN))
    assert one == "enc-content-decoded"
    assert found is not None
    assert found.certain
    assert found.fixes[0].change == Change(accept_encoding_identity=True)
    assert 'headers={"Accept-Encoding": "identity"}' in found.fixes[0].commands[0].text
    compile(found.fixes[0].commands[0].text, "fix", "exec")
    curl = judged(case(*answer(IDX, came=LABELS, coding="gzip", decodes=True), client="curl", **KNOWN))[1]
    assert curl is not None
    assert curl.fixes[0].commands[0].text.startswith("curl -fL -H 'Accept-Encoding: identity' -o ")


def test_a_removed_coding_without_a_digest_of_what_came_needs_the_identity_control() -> None:
    removed = answer(IDX, came=LABELS, coding="gzip", decodes=True, received_digests=())
    with pytest.raises(OpenQuestion, match="identity"):
        judged(case(*removed, asked=(), **KNOWN))
    one, found = judged(case(*removed, *answer(LABELS, control="identity"), **KNOWN))
    assert (one, found is not None and found.certain) == ("enc-content-decoded", True)
    one, found = judged(case(*removed, **KNOWN))
    assert (one, found is not None and found.certain) == ("enc-content-decoded", False)
    still = case(*removed, *answer(IDX, control="identity"), **KNOWN)
    assert judged(still)[0] != "enc-content-decoded"


def test_a_coding_that_is_untrue() -> None:
    one, found = judged(case(*answer(b"", came=LABELS, coding="gzip", failure="body_coding_invalid"), **KNOWN))
    assert (one, found is not None and found.fixes[0].change) == (
        "enc-content-decoded",
        Change(accept_encoding_identity=True),
    )


def test_a_file_that_was_sent_unpacked() -> None:
    one, found = judged(case(*answer(IDX), **KNOWN))
    assert (one, found is not None and found.certain) == ("enc-content-decoded", True)
    assert diagnosed(IDX[:-50]) != "enc-content-decoded"
    labels: dict[str, Any] = {"url": PLAIN, "digests": digests(IDX), "content": None}
    assert judged(case(*answer(IDX), **labels)) == (None, None)


def test_a_resumed_download() -> None:
    resumed = (("Range", "bytes=400-"),)
    one, found = judged(case(*answer(LABELS[:400] + LABELS, asked=resumed), **KNOWN))
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
    one, found = judged(case(*answer(data, status=206, fields=(("Content-Range", said),)), **KNOWN))
    assert one == "body-truncated"
    assert found is not None
    assert found.certain
    assert found.side == "server"
    assert not any("-C" in line.text for fix in found.fixes for line in fix.commands)


def test_a_part_of_another_file_is_only_likely() -> None:
    fields = (("Content-Range", "bytes 0-999/9999"),)
    one, found = judged(case(*answer(LABELS[:1000], status=206, fields=fields), **KNOWN))
    assert one == "body-truncated"
    assert found is not None
    assert (found.certain, found.also_possible) == (False, ("length-differs-from-manifest",))


def test_206_that_is_no_part() -> None:
    whole = (("Content-Range", "bytes 0-4541/4542"),)
    assert judged(case(*answer(LABELS, status=206, fields=whole), **KNOWN)) == (None, None)
    assert diagnosed(LABELS[:1000], status=206, fields=(("Content-Range", "bytes 0-999/*"),)) != "body-truncated"
    assert diagnosed(LABELS[:1000], fields=PART) != "body-truncated"  # 200 has no use for the field
    resumed = answer(LABELS[:1000], status=206, fields=PART, asked=(("Range", "bytes=0-999"),))
    assert judged(case(*resumed, **KNOWN))[0] == "resume-corrupted"


def test_a_drip_is_not_said_to_have_stopped() -> None:
    slow: dict[str, Any] = {"declared": len(LABELS), "failure": "body_stalled", "slowest_s": 1.0, "duration_s": 40.0}
    _, found = judged(case(*answer(LABELS[:400], **slow), **KNOWN))
    assert found is not None
    assert "in drips" in found.explanation
    assert "would hang" not in found.explanation
    assert "the rest would take 7 min" in found.explanation
