"""Whole transfers of the wrong length: another length than the known one, or none declared."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Cause, Finding
from mnistdoctor.causes.length import stand_in
from mnistdoctor.causes.length.expected import (
    arrived,
    compared,
    dated,
    digest_right,
    exact,
    fetch_again,
    fetched,
    leftovers,
    same_bytes,
    size_of,
    size_right,
    unasked_part,
)
from mnistdoctor.causes.remedies import other_sources


def _differs(case: Case) -> Finding | None:
    one = arrived(case)
    if one is None or one.complete is False or digest_right(case, one) or size_right(case, one) is not False:
        return None
    if stand_in.is_page(case) or (one.written == 0 and not one.limited) or unasked_part(case):
        return None
    size = size_of(case, one, case.content) or 0
    second = None if one.limited else fetched(case, "again")
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
    return Finding(
        title=f"{case.host} has a file of {exact(size)} in the place of one of {exact(due)}",
        explanation="The transfer was whole and the length is steady, but it is not the length this file has. The file "
        "on that server was replaced, cut or added to before anybody fetched it, so fetching again will not help. "
        f"Without a checksum that fits, the new length proves nothing.{leftovers(case)}",
        evidence=tuple(evidence),
        certain=second is not None and one.framing != "close",
        fixes=other_sources(case),
        ruled_out=(("body-truncated", "as many bytes came as were announced"),)
        if one.declared is not None and not one.limited
        else (),
        also_possible=() if second is not None and one.framing != "close" else ("checksum-upstream-changed",),
    )


def _unknown(case: Case) -> Finding | None:
    one = arrived(case)
    if one is None or one.limited or one.framing != "close" or digest_right(case, one):
        return None
    due = case.subject.size
    shorter = due is not None and case.subject.digest_of == "file" and one.written < due
    # Where the format itself says whether its end is there, a finer cause speaks.
    if not shorter or one.written == 0 or stand_in.is_page(case) or (case.content and case.content.intact is not None):
        return None
    return Finding(
        title=f"{case.host} declares no length, and only {exact(one.received)} of {exact(due or 0)} came",
        explanation="Without a length or chunks the end of the connection is the end of the body, so a cut looks just "
        f"like a good end, to every client. The file is too short to be whole.{leftovers(case)}",
        evidence=(*compared(case, one), "the response has neither Content-Length nor Transfer-Encoding: chunked"),
        certain=False,
        fixes=(fetch_again(case), *other_sources(case)),
        also_possible=("body-truncated-silent",),
    )


def _unprotected(case: Case) -> str | None:
    one = arrived(case)
    if one is None or one.framing != "close" or one.limited or digest_right(case, one) is not None:
        return None
    if case.content is not None and case.content.intact and case.subject.content == "json":
        return None  # a document whose end shows
    return f"{case.host} declares no length and no digest is known: a cut download would go unnoticed"


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="length-unknown",
        side="server",
        retry="yes",
        summary="The server declares no length, so a cut cannot be seen",
        story="""The response has neither Content-Length nor chunks; its body ends when the connection does
(RFC 9112 section 6.3, rule 8). A cut then looks like a good end.

With a last chunk missing it is `body-truncated`; where the format shows that its end is missing it is
`body-truncated-silent`.

Compare the checksum, which is the only witness here, and fetch again. Ask the server's owner for a Content-Length.
Never take a clean close for success.""",
        holds=_unknown,
        warns=_unprotected,
    ),
    Cause(
        id="length-differs-from-manifest",
        side="server",
        retry="no",
        summary="The server steadily has a file of another length than the one known",
        story="""All announced bytes came, every time the same number, and it is not the length of the file.

`body-truncated` brings fewer bytes than announced, `enc-content-decoded` announces the packed length and unpacks,
`body-html-instead-of-data` is a short page. If a second source has the same new file it is
`checksum-upstream-changed`.

Take a source whose checksum fits and tell the owner of this one. Do not accept a new length without a checksum from
an independent place.""",
        holds=_differs,
    ),
)
