"""Small things that stand in for the data: Git LFS pointers, error documents, and data packed or written wrongly."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import body, expected, formats, http, openml, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import by_browser, command, download, fetch_again, for_programs, other_sources
from mnistdoctor.causes.length.fixes import lfs_content, lfs_pull
from mnistdoctor.content.unpack import LAYERS
from mnistdoctor.wording import exact_bytes, nbytes, shortened


def body_lfs_pointer(case: Case) -> Finding | None:
    """Holds when a pointer of Git LFS, DVC or git-annex came where the file that it stands for was due."""
    content = case.content
    if pages.in_place_of_data(case) is None or content is None or not pages.is_document(case):
        return None
    if content.what in _STORES:
        return _other_pointer(case, *_STORES[content.what])
    if content.what != "lfs-pointer":
        return None
    found = re.search(r"^size (\d{1,15})\s*$", http.body(case), re.MULTILINE)
    size = int(found[1]) if found else None
    sha256 = dict(case.subject.digests).get("sha256")
    fits = sha256 and (", the digest that was due" if sha256 == content.oid else ", another file")
    whole = f" of {nbytes(size)}" if size is not None else ""
    return finding(
        f"{case.host} sends a Git LFS pointer in place of the file{whole}",
        "The repository keeps large files in Git LFS, and this URL shows what git itself stores: three "
        "lines of text that name the true file. Nothing is damaged; another address has the content."
        + body.leftovers(case),
        "the body begins with version https://git-lfs.github.com/spec/v1",
        content.oid and f"it points to sha256 {content.oid[:16]}…{fits or ''}",
        size is not None and f"the file behind it has {exact_bytes(size)}",
        fixes=(lfs_content(case), other_sources(case), lfs_pull(case)),
        unlike={"checksum-mismatch-corruption": "the pointer is whole: it was never the file"},
    )


_STORES = {"dvc-pointer": ("DVC", "dvc pull"), "annex-pointer": ("git-annex", "git annex get .")}
"""Who keeps the file, and how its content is fetched in a clone."""


def _other_pointer(case: Case, store: str, pull: str) -> Finding:
    return finding(
        f"{case.host} sends a pointer of {store} in place of the file",
        f"The repository keeps large files with {store}, and this URL shows what git itself stores: a few lines of "
        f"text that name the true file. Nothing is damaged; the content lies elsewhere.{body.leftovers(case)}",
        f"it says: {shortened(' '.join(http.body(case).split()), 160)}",
        fixes=(
            other_sources(case),
            Fix(
                title=f"In a clone of the repository, have {store} fetch the content",
                commands=(command(case, pull),),
                untried="needs a clone of the repository",
            ),
        ),
        unlike={"checksum-mismatch-corruption": "the pointer is whole: it was never the file"},
    )


_KINDS = {
    "xml": "an XML document",
    "json": "a JSON document",
    "text": "a piece of text",
    "unknown": "something unreadable",
}


def body_error_document(case: Case) -> Finding | None:
    """Holds when an XML, JSON or text document, or nothing at all, came where data was due."""
    transfer, content = pages.in_place_of_data(case), case.content
    if transfer is None:
        return None
    if pages.is_nothing(case):
        return _empty(case, transfer)
    if content is None or content.what not in _KINDS or not pages.is_document(case):
        return None
    if formats.fits_inside(case) and not pages.is_report(case):
        return None  # the data itself, unpacked
    text, error = http.body(case), pages.named_error(case)
    if openml.error(text, case.host):
        return None
    kind = _KINDS[content.what] + (f" that {content.damage}" if content.damage else "")
    what = f'the error "{shortened(error, 60)}"' if error else kind
    received = exact_bytes(transfer.received)
    return finding(
        f"{case.host} answers {what} where the file was due, with status {case.status}",
        "The server reports its trouble in the body and yet says success in the status, so a client that "
        "looks at the status only saves the report as if it were the data. What went wrong is in its text."
        + body.leftovers(case),
        case.exchange and f"status {case.status}, and {kind} of {received} in place of data",
        expected.comparison(case, transfer),
        text and f"it says: {shortened(text, 160)}",
        fixes=(other_sources(case), fetch_again(case)),
        unlike={"checksum-upstream-changed": f"what came is {kind}, not a file of data"},
        perhaps=not error and "url-is-a-web-page",
    )


def _empty(case: Case, transfer: ev.Transfer) -> Finding | None:
    exchange, declared = case.exchange, transfer.declared
    if exchange and exchange.field("x-amzn-waf-action"):
        return None
    blanks = " of blanks" if transfer.received else ""
    return finding(
        f"{case.host} answers {case.status} with no data at all",
        "The response is a success and its body is empty where a file was due. A server with an empty "
        f"file, a job that is not ready yet, or a filter that swallows the body does this.{body.leftovers(case)}",
        exchange and f"status {case.status}, {exact_bytes(transfer.received)}{blanks}",
        exchange and (f"Content-Length: {declared}" if declared is not None else "no Content-Length"),
        expected.comparison(case, transfer),
        fixes=(fetch_again(case), for_programs(case), other_sources(case), case.status == 202 and by_browser(case)),
        unlike={"body-truncated": "no more was announced than came"},
    )


def body_double_packed(case: Case) -> Finding | None:
    """Holds when the file was packed once more, holds an archive where data is due, or went through a text mode."""
    transfer, content = pages.in_place_of_data(case), case.content
    if transfer is None or content is None:
        return None
    if ends := expected.other_line_ends(case, transfer):
        return _line_ends(case, transfer, *ends)
    if body.text_mode_damage(content):
        return _text_mode(case, transfer, content)
    twice = content.inner == content.what and content.what in LAYERS
    archive = content.inner == "tar" and case.subject.content in ("gzip-idx", "xz-idx")
    due = formats.layer_too_many(case)
    packing_expected = due or expected.layer(case) == content.what or expected.digest_right(case, transfer) is False
    kept = _kept_coding(case, transfer, content)
    row = formats.misfit(case)
    where_none_is_due = row is not None and not formats.is_layer(row) and formats.is_packed(content)
    twice = twice or due is not None
    if not (((twice or archive) and packing_expected) or kept or where_none_is_due):
        return None
    how = (
        "a tar archive inside"
        if archive
        else f"{content.inner} inside {content.what}"
        if twice
        else f"{content.what} where {row.ending if row else 'the bare file'} was due"
    )
    return finding(
        f"the file from {case.host} is packed twice: {how}"
        if twice or archive
        else f"the file from {case.host} is packed, and should not be: {how}",
        f"{kept or 'Somebody packed the file once more before it was put there.'} A loader that takes it as it is "
        f"finds a packed file where its data should begin, and stops with a bad magic number.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        content.inner not in (None, "unknown") and f"unpacked once, the content is {content.inner}",
        due is not None and f"a {due.ending} file was due inside",
        fixes=(
            kept
            and transfer.coding
            and Fix(
                title="Let curl remove the coding",
                commands=download(case, case.subject.url, "--compressed"),
                untried="the examined client cannot remove it",
            ),
            other_sources(case),
        ),
        unlike={"enc-content-decoded": "there is one layer too many, not one too few"},
        perhaps=not (twice or archive or kept) and "data-other-file",
        side="server",
        retry="no",
    )


def _line_ends(case: Case, transfer: ev.Transfer, came: str, due: str) -> Finding:
    return finding(
        f"the file from {case.host} has every byte but its line ends: {came} where {due} was due",
        "Nothing is missing and nothing is damaged. A program took the file for text on its way: git with "
        "`core.autocrlf` or a `text` attribute, an FTP client in text mode, an editor. The digest is that of the file "
        f"with {due}, and loaders that compare refuse this one.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"with {due} at the end of every line it has the digest that was due",
        fixes=other_sources(case),
        unlike={
            "checksum-upstream-changed": "the content is that of the file whose digest is known",
            "checksum-mismatch-corruption": "only line ends differ, and all of them",
        },
        side="server",
        retry="no",
    )


def _kept_coding(case: Case, transfer: ev.Transfer, content: ev.Content) -> str:
    """Why the bytes still wear a coding that was put on for the way; empty where they do not.

    A transfer coding other than ``chunked`` is undone by no client that is examined here (RFC 9112 section 6.1).
    """
    row, client, twice = formats.promised(case), case.subject.client, content.inner == content.what
    if row is not None and formats.is_layer(row) and not twice:
        return ""
    hop = (case.exchange and case.exchange.field("Transfer-Encoding")) or ""
    if {"gzip": "gzip", "zlib": "deflate"}.get(content.what) in _codings(hop):
        return (
            f"The server packed the file for the way (Transfer-Encoding: {shortened(hop, 40)}), unasked, and {client} "
            "undoes the chunks alone."
        )
    due_bare = row is not None and (twice or not row.allows(content.what))
    if due_bare and content.what in _codings(transfer.coding or "") and not transfer.decodes:
        return (
            f"The server wrapped the file in a content coding ({shortened(transfer.coding or '', 20)}), and {client} "
            "keeps that wrapping."
        )
    return ""


def _codings(field: str) -> frozenset[str]:
    """The codings that a field names; ``x-gzip`` is gzip (RFC 9110 section 8.4.1.3)."""
    return frozenset(one.strip().lower().removeprefix("x-") for one in field.split(","))


def _text_mode(case: Case, transfer: ev.Transfer, content: ev.Content) -> Finding:
    return finding(
        f"the file from {case.host} was spoilt by a text mode: it {content.damage}",
        "Somewhere before the server a program took the binary file for text and rewrote some of its "
        "bytes. The doctor fetched it as binary, so it is the copy on the server that is spoilt."
        + body.leftovers(case),
        expected.comparison(case, transfer),
        f"the {content.what} {content.damage}",
        fixes=other_sources(case),
        unlike={"checksum-mismatch-corruption": "the damage follows a rule, it is not random"},
        side="server",
        retry="no",
    )


CAUSES: tuple[Cause, ...] = (
    cause(body_lfs_pointer),
    cause(body_error_document),
    cause(body_double_packed),
)
