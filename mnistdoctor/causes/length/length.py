"""Whole transfers of the wrong length: another length than the known one, or none declared."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Cause, Control, Finding, cause
from mnistdoctor.causes.facts.body import (
    arrived,
    compared,
    dated,
    digest_right,
    fetched,
    leftovers,
    same_bytes,
    size_of,
    size_right,
    unasked_part,
)
from mnistdoctor.causes.facts.pages import is_page
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.wording import exact_bytes


def length_differs_from_manifest(case: Case) -> Finding | None:
    """Holds when the whole body arrived, its length is not the expected one, and no other cause says why."""
    one = arrived(case)
    if one is None or one.complete is False or digest_right(case, one) or size_right(case, one) is not False:
        return None
    if is_page(case) or (one.written == 0 and not one.limited) or unasked_part(case):
        return None
    size = size_of(case, one, case.content) or 0
    second = None if one.limited else fetched(case, Control.AGAIN)
    if second is not None and (second.received != one.received or same_bytes(one, second) is False):
        return None
    due = case.subject.size or 0
    evidence = [*compared(case, one)]
    if one.declared is not None:
        evidence.append(f"{case.host} declares Content-Length: {one.declared}, and keeps to it")
    if second is not None:
        evidence.append("a second fetch brought the same bytes")
    evidence += dated(case)
    if case.content is not None and case.content.damage:
        evidence.append(f"the {case.content.what} content {case.content.damage}")
    elif case.content is not None and case.content.intact:
        evidence.append(f"the content is an intact {case.content.what} file")
    return finding(
        f"{case.host} has a file of {exact_bytes(size)} in the place of one of {exact_bytes(due)}",
        "The transfer was whole and the length is steady, but it is not the length this file has. The file "
        "on that server was replaced, cut or added to before anybody fetched it, so fetching again will not help. "
        f"Without a checksum that fits, the new length proves nothing.{leftovers(case)}",
        tuple(evidence),
        fixes=other_sources(case),
        unlike=one.declared is not None
        and not one.limited
        and {"body-truncated": "as many bytes came as were announced"},
        perhaps=not (second is not None and one.framing != "close") and "checksum-upstream-changed",
    )


def length_unknown(case: Case) -> Finding | None:
    """Holds when the body ended with the connection, and neither length nor digest says whether it is whole."""
    one = arrived(case)
    if one is None or one.limited or one.framing != "close" or digest_right(case, one):
        return None
    due = case.subject.size
    shorter = due is not None and case.subject.digest_of == "file" and one.written < due
    # Where the format itself says whether its end is there, a finer cause speaks.
    if not shorter or one.written == 0 or is_page(case) or (case.content and case.content.intact is not None):
        return None
    return finding(
        f"{case.host} declares no length, and only {exact_bytes(one.received)} of {exact_bytes(due or 0)} came",
        "Without a length or chunks the end of the connection is the end of the body, so a cut looks just "
        f"like a good end, to every client. The file is too short to be whole.{leftovers(case)}",
        compared(case, one),
        "the response has neither Content-Length nor Transfer-Encoding: chunked",
        fixes=(fetch_again(case), other_sources(case)),
        perhaps="body-truncated-silent",
    )


def _unprotected(case: Case) -> str | None:
    one = arrived(case)
    if one is None or one.framing != "close" or one.limited or digest_right(case, one) is not None:
        return None
    if case.content is not None and case.content.intact and case.subject.content == "json":
        return None  # a document whose end shows
    return f"{case.host} declares no length and no digest is known: a cut download would go unnoticed"


CAUSES: tuple[Cause, ...] = (
    cause(length_unknown, warns=_unprotected),
    cause(length_differs_from_manifest, needs=(Control.AGAIN,)),
)
