"""Whole transfers of the wrong length: another length than the known one, or none declared."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, expected, formats, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.wording import exact_bytes


def length_differs_from_manifest(case: Case) -> Finding | None:
    """Holds when the whole body arrived, its length is not the expected one, and no other cause says why."""
    transfer, content = body.completed(case), case.content
    if transfer is None or transfer.complete is False or expected.digest_right(case, transfer):
        return None
    if expected.size_right(case, transfer) is not False or pages.is_document(case) or body.unasked_part(case):
        return None
    if transfer.written == 0 and not transfer.limited:
        return None
    second = None if transfer.limited else body.fetched_by(case, Control.AGAIN)
    if second and (second.received != transfer.received or body.same_bytes(transfer, second) is False):
        return None
    size = exact_bytes(expected.comparable_size(case, transfer) or 0)
    if transfer.limited and transfer.declared is None:
        return _too_long(case, transfer, size)
    declared, damage = case.exchange and transfer.declared is not None, content.damage if content else ""
    return finding(
        f"{case.host} has a file of {size} in the place of one of {exact_bytes(case.subject.size or 0)}",
        "The transfer was whole and the length is steady, but it is not the length this file has. The file "
        "on that server was replaced, cut or added to before anybody fetched it, so fetching again will not help. "
        f"Without a checksum that fits, the new length proves nothing.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        declared and f"{case.host} declares Content-Length: {transfer.declared}, and keeps to it",
        second and "a second fetch brought the same bytes",
        body.age_evidence(case),
        content and damage and f"the {content.what} content {damage}",
        content and content.intact and not damage and f"the content is an intact {content.what} file",
        fixes=other_sources(case),
        unlike=transfer.declared is not None
        and not transfer.limited
        and {"body-truncated": "as many bytes came as were announced"},
        perhaps=not (second and transfer.framing != "close") and "checksum-upstream-changed",
    )


def _too_long(case: Case, transfer: ev.Transfer, size: str) -> Finding:
    """More than the whole file came, and no end was in sight when reading stopped."""
    return finding(
        f"{case.host} sends more than {size} in the place of a file of {exact_bytes(case.subject.size or 0)}",
        "The body is longer than the file that is known, and it does not say where it ends. Whatever it is, a program "
        f"that reads it to its end gets another file, or never comes to an end.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        "the response declares no length, and reading was stopped",
        body.age_evidence(case),
        fixes=other_sources(case),
        perhaps="checksum-upstream-changed",
    )


def _longer_and_right(case: Case) -> str | None:
    """The digest decides, and a loader that compares the length too refuses the file all the same."""
    transfer = body.completed(case)
    if (
        transfer is None
        or not expected.digest_right(case, transfer)
        or expected.size_right(case, transfer) is not False
    ):
        return None
    due, came = case.subject.size or 0, expected.comparable_size(case, transfer) or 0
    return f"the digest is right, and the length is not: {exact_bytes(due)} were due, {exact_bytes(came)} came"


def length_unknown(case: Case) -> Finding | None:
    """Holds when the body ended with the connection, and neither length nor digest says whether it is whole."""
    transfer, size = body.completed(case), case.subject.size
    if transfer is None or transfer.limited or transfer.framing != "close" or expected.digest_right(case, transfer):
        return None
    if size is None or case.subject.digest_of != "file" or not 0 < transfer.written < size:
        return None
    # Where the format itself says whether its end is there, a finer cause speaks.
    if pages.is_document(case) or formats.shows_its_end(case):
        return None
    return finding(
        f"{case.host} declares no length, and only {exact_bytes(transfer.received)} of {exact_bytes(size)} came",
        "Without a length or chunks the end of the connection is the end of the body, so a cut looks just "
        f"like a good end, to every client. The file is too short to be whole.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        "the response has neither Content-Length nor Transfer-Encoding: chunked",
        fixes=(fetch_again(case), other_sources(case)),
        perhaps="body-truncated-silent",
    )


def _unprotected(case: Case) -> str | None:
    transfer = body.completed(case)
    if transfer is None or transfer.framing != "close" or transfer.limited:
        return None
    if expected.digest_right(case, transfer) is not None:
        return None
    if case.content is not None and case.content.intact and case.subject.content == "json":
        return None  # a document whose end shows
    return f"{case.host} declares no length and no digest is known: a cut download would go unnoticed"


CAUSES: tuple[Cause, ...] = (
    cause(length_unknown, warns=_unprotected),
    cause(length_differs_from_manifest, needs=(Control.AGAIN,), warns=_longer_and_right),
)
