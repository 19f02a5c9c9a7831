"""Bytes that came whole and have not the digest expected: damage, or a new release."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, expected, formats, pages, resigned
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.content.damage import ENDS_EARLY
from mnistdoctor.wording import exact_bytes


def checksum_mismatch_corruption(case: Case) -> Finding | None:
    """Holds when the bytes fail the check of their own format, or a second fetch brought others."""
    transfer, content = body.completed(case), case.content
    if transfer is None or transfer.limited or transfer.complete is False:
        return None
    if expected.digest_right(case, transfer) or pages.is_document(case):
        return None
    row = None if formats.fits_inside(case) else formats.misfit(case)
    if expected.mismatch(case) is None:
        return _no_such_format(case, transfer, row) if row else _broken_unknown(case, transfer)
    if expected.same_content(case, transfer):
        return None
    second = body.fetched_by(case, Control.AGAIN)
    same = body.same_bytes(transfer, second) if second else None
    if same is False and body.same_contents(case) and not expected.digest_right(case, second):
        return None
    if second is not None and (same is False or expected.digest_right(case, second)):
        return _varies(case, transfer, second)
    layer, size_right = row.ending if row else None, expected.size_right(case, transfer)
    if content is None or size_right is False:
        return None
    broken = content.intact is False and (size_right is True or content.damage != ENDS_EARLY)
    if not broken and layer is None:
        return None
    sealed = resigned.sealed(case)
    damage = f"the {content.what} {content.damage}" if content.damage else f"nothing of a {layer} file is left in it"
    return finding(
        f"the file from {case.host} has the right length, but is damaged inside",
        "Every byte came that was announced, and some of them are wrong: the file fails the check that its "
        "own format carries. Memory, a disk, a proxy's cache or the server's copy did this."
        + (" A second fetch brought the same damage, so it sits on the server or in a cache." if same else "")
        + (_SEALED if sealed else "")
        + body.leftovers(case),
        expected.comparison(case, transfer),
        f"its structure says so too: {damage}",
        body.age_evidence(case),
        fixes=(other_sources(case), fetch_again(case)) if same else (fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": f"a new release would be sound, this is not: {damage}"},
        perhaps=not (broken or same) and "checksum-upstream-changed",
        side="server" if same or sealed else None,
        retry="later" if same else None,
    )


_SEALED = " It came over TLS that a public authority vouches for, so nobody on the way altered it."


def _no_such_format(case: Case, transfer: ev.Transfer, row: formats.Format) -> Finding | None:
    """Bytes that show no format at all under a name that promises one; no digest is known."""
    if expected.size_right(case, transfer) is False:
        return None
    return finding(
        f"what {case.host} sends is no {row.ending} file",
        f"The name ends in `.{row.ending}`, and nothing of that format is in the bytes: they were damaged, encrypted, "
        "or are something else. A loader stops at the first of them, with a bad magic number or `not a gzip file`."
        + (_SEALED if resigned.sealed(case) else "")
        + body.leftovers(case),
        f"it begins with the bytes {transfer.head[:16]}, which begin no {row.ending} file",
        f"{exact_bytes(transfer.received)} came",
        body.age_evidence(case),
        fixes=(other_sources(case), fetch_again(case)),
        perhaps="data-other-file",
        side="server" if resigned.sealed(case) else None,
    )


def _varies(case: Case, transfer: ev.Transfer, second: ev.Transfer) -> Finding:
    mended = expected.digest_right(case, second) is True
    return finding(
        "the file was damaged on the way, and a second fetch brought it whole"
        if mended
        else f"{case.host} brought different bytes at each of two fetches",
        "The same URL gave two different files within seconds, so the bytes are altered on the way or by a "
        "machine that is failing: a proxy's cache, a bad line without TLS, memory, or servers that do not agree."
        + (_SEALED if resigned.sealed(case) else "")
        + body.leftovers(case),
        expected.comparison(case, transfer),
        f"first {body.strongest_digest(transfer)}, then {body.strongest_digest(second)}",
        mended and "the second one is right",
        body.age_evidence(case),
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": "a new release would be the same at each fetch"},
        side="server" if resigned.sealed(case) else None,
    )


def _broken_unknown(case: Case, transfer: ev.Transfer) -> Finding | None:
    """Damage that a format shows by itself, where nobody knows length or digest."""
    content, size_right = case.content, expected.size_right(case, transfer)
    if content is None or not body.fails_own_check(content) or size_right is False:
        return None
    if content.damage == ENDS_EARLY and not size_right:
        return None
    return finding(
        f"the {content.what} file from {case.host} is damaged: it {content.damage}",
        "All announced bytes came, but the file fails the check that its own format carries. No digest is "
        f"known for it, so nobody can say what it should have been.{body.leftovers(case)}",
        f"the {content.what} {content.damage}",
        f"{exact_bytes(transfer.received)} came",
        body.age_evidence(case),
        fixes=(fetch_again(case), other_sources(case)),
        perhaps="body-truncated-silent",
        side="server" if resigned.sealed(case) else None,
    )


def checksum_upstream_changed(case: Case) -> Finding | None:
    """Holds when the bytes are sound by their own format, and their digest is not the one expected."""
    transfer, content = expected.mismatch(case), case.content
    if transfer is None or transfer.limited or transfer.complete is False or transfer.written == 0:
        return None
    if pages.is_document(case) or (content and content.intact is False):
        return None
    if expected.same_content(case, transfer):
        return _packed_anew(case, transfer)
    second = body.fetched_by(case, Control.AGAIN)
    if second is not None and body.same_bytes(transfer, second) is False:
        return _made_anew(case, transfer, second) if body.same_contents(case) else None
    if not case.subject.digests:
        return None
    other = body.fetched_by(case, Control.OTHER_SOURCE) if case.sources() else None
    agrees = other is not None and body.same_bytes(transfer, other) is True
    if expected.size_right(case, transfer) is False and not agrees:
        return None
    sound = content is not None and body.passes_own_check(content)
    sure = agrees or (sound and second is not None and not body.cache_hit(case))
    return finding(
        f"{case.host} has another version of this file than the one that was expected",
        "The file is whole and steady, and it is not the one whose digest is known. Its owner replaced it, "
        "or packed it anew. The check did its work; whether the new file can be trusted only its publisher can say."
        + body.leftovers(case),
        expected.comparison(case, transfer),
        body.age_evidence(case),
        content and sound and f"the content is sound: the {content.what} checks hold",
        second and "a second fetch brought the same bytes",
        agrees and "another source has the same new bytes",
        not agrees and expected.digest_right(case, other) and "another source still has the file that was due",
        fixes=not agrees and other_sources(case),
        unlike=sure
        and sound
        and {"checksum-mismatch-corruption": "the bytes are steady and the format's own checks hold"},
        perhaps=not sure and "checksum-mismatch-corruption",
    )


def _packed_anew(case: Case, transfer: ev.Transfer) -> Finding:
    return finding(
        f"{case.host} has the same data packed anew: another digest, and the same content",
        "Unpacked, what came is byte by byte the content of the file that was due. Its owner packed it once more, "
        "with another program, level or name inside, so the packed file has another length and digest. The data can "
        f"be trusted; a loader that compares the packed file's digest refuses it all the same.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"unpacked, its digest is that of the file's own content ({body.strongest_of(transfer.decoded_digests)})",
        body.age_evidence(case),
        fixes=other_sources(case),
        unlike={"checksum-mismatch-corruption": "the unpacked content is right to the last byte"},
    )


def _made_anew(case: Case, transfer: ev.Transfer, second: ev.Transfer) -> Finding:
    """An archive that the server makes for each request."""
    what = case.content.what if case.content else "archive"
    return finding(
        f"{case.host} makes this {what} file anew for each request, so no digest can be right",
        "Two fetches brought different bytes, and each is whole and holds the same: only times, order or packing "
        "differ. The archive is made on the fly, as many sites do of a folder or a branch. A digest holds for one "
        f"download; what can be compared is what is inside.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"first {body.strongest_digest(transfer)}, then {body.strongest_digest(second)}",
        "what is inside is the same both times, by its names, lengths and CRCs",
        fixes=(
            other_sources(case),
            Fix(title="Unpack it, and compare what is inside", untried="only its publisher knows the digests inside"),
        ),
        unlike={"checksum-mismatch-corruption": "both files are whole, and hold the same"},
        retry="no",
    )


CAUSES: tuple[Cause, ...] = (
    cause(checksum_mismatch_corruption, needs=(Control.AGAIN, Control.UNRELATED_TLS, Control.TRUST)),
    cause(checksum_upstream_changed, needs=(Control.AGAIN, Control.OTHER_SOURCE)),
)
