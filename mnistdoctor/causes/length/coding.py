"""Bytes changed between server and disk: a coding removed or untrue, a file sent unpacked, a bad resume."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.body import (
    compared,
    digest_right,
    expected_layer,
    fetched,
    in_place_of_data,
    leftovers,
    own_file,
    received_right,
    size_right,
    wrong,
)
from mnistdoctor.causes.facts.urls import file_name
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import download, fetch_again, other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, shortened


def resume_corrupted(case: Case) -> Finding | None:
    """Holds when pieces of two downloads were joined, and the file is too long and broken at the seam."""
    one = wrong(case)
    if one is None or case.exchange is None:
        return None
    asked = ev.field(case.exchange.request_fields, "Range")
    if asked is None or (case.status == 200 and size_right(case, one) is not False):
        return None
    ignored = case.status == 200 and case.subject.size is not None and one.written > case.subject.size
    guarded = ev.field(case.exchange.request_fields, "If-Range") is not None
    if not ignored and (case.status != 206 or guarded):
        return None
    how = "sent the whole file although only its end was asked for" if ignored else "sent a part of another version"
    return finding(
        f"the resumed download is spoilt: {case.host} {how}",
        "The beginning on disk and the part that came do not belong together. Delete the file and fetch it "
        f"whole; nothing of it can be saved.{leftovers(case)}",
        compared(case, one),
        f"the request said Range: {asked}, the answer was {case.status}",
        fixes=(fetch_again(case, title="Delete the file and fetch it whole"), other_sources(case)),
        perhaps=not ignored and "checksum-mismatch-corruption",
    )


def enc_content_decoded(case: Case) -> Finding | None:
    """Holds when the client removes a coding that was part of the file, or cannot undo the one that was declared."""
    broken = case.stopped(ev.Transfer, Failure.CODING)
    if broken is not None:
        return _untrue(case, broken) if case.status is not None and 200 <= case.status < 300 else None
    one = in_place_of_data(case)
    content = case.content
    if one is None or content is None or case.subject.digest_of == "decoded":
        return None
    coded = one.coding is not None and one.decodes
    if coded and received_right(case, one):
        return _unpacked(case, one, "before the client unpacked it, the digest was right")
    if expected_layer(case) not in ("gzip", "xz") or content.what != "idx":
        return None
    if coded:
        asked = fetched(case, Control.IDENTITY)
        if asked is not None:
            return _unpacked(case, one, "without the coding it is right") if digest_right(case, asked) else None
        return _unpacked(case, one, "")
    return _sent_unpacked(case, one, content)


def _untrue(case: Case, one: ev.Transfer) -> Finding:
    return finding(
        f"{case.host} says Content-Encoding: {shortened(one.coding or '?', 30)}, and that is not true",
        "The server labels the body as packed in a way that it is not, and the client fails when it tries "
        "to undo that. Asking for the file without any coding usually avoids the label." + leftovers(case),
        f"Content-Encoding: {shortened(one.coding or '?', 30)}",
        one.detail and one.detail,
        fixes=(identity(case), other_sources(case)),
        unlike={"body-truncated": "the bytes are there, their label is wrong"},
    )


def _unpacked(case: Case, one: ev.Transfer, proof: str) -> Finding:
    coding = shortened(one.coding or "gzip", 30)
    evidence = [
        f"Content-Encoding: {coding}, and {case.subject.client} removes it: {exact_bytes(one.received)} came, "
        f"{exact_bytes(one.written)} would be written",
        *compared(case, one),
    ]
    return finding(
        f"{case.subject.client} unpacks the file while it downloads, because {case.host} labels it as coded",
        f"The server sends Content-Encoding: {coding} with a file that is itself a packed file. The client "
        "takes that for a wrapping of the transfer and removes it, so what lands on disk is the inside, with another "
        f"length and digest. The file is fine; only the label is wrong.{leftovers(case)}",
        (*evidence, proof) if proof else tuple(evidence),
        fixes=(identity(case), other_sources(case)),
        unlike=proof and {"checksum-upstream-changed": proof},
        perhaps=not proof and "checksum-upstream-changed",
        certain=bool(proof),
    )


def _sent_unpacked(case: Case, one: ev.Transfer, content: ev.Content) -> Finding | None:
    file = own_file(case)
    whole = file is not None and file.decoded_size is not None and one.written == file.decoded_size
    if not whole and not content.intact and not one.limited:
        return None
    return finding(
        f"{case.host} sends the file already unpacked",
        "What came is the inside of the packed file: an IDX file where its gzip file was due. The server, "
        "or a box on the way, unpacks it before sending (object stores call that decompressive transcoding). The data "
        f"may well be right, but no loader can check it.{leftovers(case)}",
        compared(case, one),
        f"the first bytes are {one.head[:8] or '0000'}, an IDX header, where 1f8b was due",
        whole and "the length is that of the unpacked file",
        "the response names no Content-Encoding",
        fixes=other_sources(case),
        perhaps=not whole and "data-other-file",
    )


def identity(case: Case) -> Fix:
    """The same URL, asked for without a content coding, in the words of this client's library."""
    url, name = case.subject.url, file_name(case.subject.url)
    if case.client.family in ("requests", "httpx"):
        follow = ", follow_redirects=True" if case.client.family == "httpx" else ""
        text = (
            f"import pathlib, {case.client.family} as http; answer = http.get({url!r}, "
            f'headers={{"Accept-Encoding": "identity"}}{follow}); answer.raise_for_status(); '
            f"pathlib.Path({name!r}).write_bytes(answer.content)"
        )
        return Fix(
            title='Ask for it with headers={"Accept-Encoding": "identity"}',
            commands=(Command(text, "python"),),
            change=Change(accept_encoding_identity=True),
        )
    return Fix(
        title="Ask for it with Accept-Encoding: identity",
        commands=(download(case, url, "-H", "Accept-Encoding: identity"),),
        change=Change(accept_encoding_identity=True),
    )


CAUSES: tuple[Cause, ...] = (
    cause(resume_corrupted),
    cause(enc_content_decoded, needs=(Control.IDENTITY,)),
)
