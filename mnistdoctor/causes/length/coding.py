"""Bytes changed between server and disk: a coding removed or untrue, a file sent unpacked, a bad resume."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, expected, formats, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.causes.length.fixes import without_coding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, shortened


def resume_corrupted(case: Case) -> Finding | None:
    """Holds when pieces of two downloads were joined, and the file is too long and broken at the seam."""
    transfer, exchange = expected.mismatch(case), case.exchange
    if transfer is not None and expected.joined_to_a_part(case, transfer):
        return _joined(case, transfer)
    if transfer is None or exchange is None:
        return None
    asked = ev.field(exchange.request_fields, "Range")
    if asked is None or (case.status == 200 and expected.size_right(case, transfer) is not False):
        return None
    ignored = case.status == 200 and case.subject.size is not None and transfer.written > case.subject.size
    guarded = ev.field(exchange.request_fields, "If-Range") is not None
    if not ignored and (case.status != 206 or guarded):
        return None
    how = "sent the whole file although only its end was asked for" if ignored else "sent a part of another version"
    return finding(
        f"the resumed download is spoilt: {case.host} {how}",
        "The beginning on disk and the part that came do not belong together. Delete the file and fetch it "
        f"whole; nothing of it can be saved.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"the request said Range: {asked}, the answer was {case.status}",
        fixes=(fetch_again(case, title="Delete the file and fetch it whole"), other_sources(case)),
        perhaps=not ignored and "checksum-mismatch-corruption",
    )


def _joined(case: Case, transfer: ev.Transfer) -> Finding:
    before = transfer.written - (case.subject.size or 0)
    return finding(
        f"what {case.host} sends is {exact_bytes(before)} too long: the whole file stands behind them",
        "A resumed download began anew, and the whole file was written behind the part that was there already. "
        f"Somebody published the result.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"the last {exact_bytes(case.subject.size or 0)} have the digest that was due",
        fixes=(other_sources(case), fetch_again(case)),
        unlike={"checksum-mismatch-corruption": "every byte of the file is there, and none of them is wrong"},
        side="server",
    )


def enc_content_decoded(case: Case) -> Finding | None:
    """Holds when the client removes a coding that was part of the file, or cannot undo the one that was declared."""
    if broken := body.interrupted(case, Failure.CODING):
        return _untrue(case, broken)
    transfer = pages.in_place_of_data(case)
    if transfer is None or case.content is None or case.subject.digest_of == "decoded":
        return None
    removed = transfer.coding is not None and transfer.decodes
    if removed and expected.received_right(case, transfer):
        return _unpacked(case, transfer, "before the client unpacked it, the digest was right")
    row = formats.promised(case)
    if row is None or not formats.fits_inside(case) or pages.is_report(case):
        return None
    if not removed:
        return _sent_unpacked(case, transfer, case.content, row)
    uncoded = body.fetched_by(case, Control.IDENTITY)
    if uncoded is None or case.subject.digests:
        right = uncoded is not None and expected.digest_right(case, uncoded)
        return (
            _unpacked(case, transfer, "without the coding it is right" if right else "")
            if not uncoded or right
            else None
        )
    packed = any(row.allows(one.what) for one in case.recorded(Control.IDENTITY, ev.Content))
    return _unpacked(case, transfer, f"without the coding a {row.ending} file came" if packed else "")


def _untrue(case: Case, transfer: ev.Transfer) -> Finding:
    label = f"Content-Encoding: {shortened(transfer.coding or '?', 30)}"
    return finding(
        f"{case.host} says {label}, and that is not true",
        "The server labels the body as packed in a way that it is not, and the client fails when it tries "
        "to undo that. Asking for the file without any coding usually avoids the label." + body.leftovers(case),
        label,
        transfer.detail,
        fixes=(without_coding(case), other_sources(case)),
        unlike={"body-truncated": "the bytes are there, their label is wrong"},
    )


def _unpacked(case: Case, transfer: ev.Transfer, proof: str = "") -> Finding:
    label, client = f"Content-Encoding: {shortened(transfer.coding or 'gzip', 30)}", case.subject.client
    return finding(
        f"{client} unpacks the file while it downloads, because {case.host} labels it as coded",
        f"The server sends {label} with a file that is itself a packed file. The client "
        "takes that for a wrapping of the transfer and removes it, so what lands on disk is the inside, with another "
        f"length and digest. The file is fine; only the label is wrong.{body.leftovers(case)}",
        f"{label}, and {client} removes it: {exact_bytes(transfer.received)} came, "
        f"{exact_bytes(transfer.written)} would be written",
        expected.comparison(case, transfer),
        proof,
        fixes=(without_coding(case), other_sources(case)),
        unlike=proof and {"checksum-upstream-changed": proof},
        perhaps=not proof and "checksum-upstream-changed",
    )


def _sent_unpacked(case: Case, transfer: ev.Transfer, content: ev.Content, row: formats.Format) -> Finding | None:
    file = expected.subject_file(case)
    whole = file is not None and file.decoded_size is not None and transfer.written == file.decoded_size
    right = expected.same_content(case, transfer)
    if not right and expected.known_contents(case, transfer):
        return None  # another file's content
    wrong = not right and bool(transfer.digests) and file is not None and bool(file.decoded_digests)
    if content.what == "idx" and not whole and not content.intact and not transfer.limited:
        return None
    return finding(
        f"{case.host} sends the file already unpacked",
        f"What came is the inside of the packed file: {content.what} where a {row.ending} file was due. The server, "
        "or a box on the way, unpacks it before sending (object stores call that decompressive transcoding). The data "
        f"may well be right, but no loader can check it.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"the first bytes are {transfer.head[:8] or '0000'}: {content.what}, and no {row.ending}",
        whole and "the length is that of the unpacked file",
        right and "its digest is that of the file's unpacked content",
        case.exchange and "the response names no Content-Encoding",
        fixes=other_sources(case),
        perhaps=(wrong and "checksum-mismatch-corruption", not whole and not right and "data-other-file"),
    )


CAUSES: tuple[Cause, ...] = (
    cause(resume_corrupted),
    cause(enc_content_decoded, needs=(Control.IDENTITY,)),
)
