"""Small things that stand in for the data: Git LFS pointers, error documents, and data packed or written wrongly."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts import body, expected, http, openml, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import by_browser, download, fetch_again, for_programs, other_sources
from mnistdoctor.causes.length.fixes import lfs_content, lfs_pull
from mnistdoctor.wording import exact_bytes, nbytes, shortened


def body_lfs_pointer(case: Case) -> Finding | None:
    """Holds when a Git LFS pointer came where the file that it stands for was due."""
    content = case.content
    if pages.in_place_of_data(case) is None or content is None or content.what != "lfs-pointer":
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
    if (content and content.what == "empty") or (transfer.written == 0 and not transfer.limited):
        return _empty(case, transfer)
    if content is None or content.what not in _KINDS or not pages.is_document(case):
        return None
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
    """Holds when the packed file was packed once more, or holds an archive where the data alone is due."""
    transfer, content = pages.in_place_of_data(case), case.content
    if transfer is None or content is None:
        return None
    if body.text_mode_damage(content):
        return _text_mode(case, transfer, content)
    twice = content.inner == content.what and content.what in ("gzip", "xz", "bzip2")
    archive = content.inner == "tar" and case.subject.content in ("gzip-idx", "xz-idx")
    packing_expected = expected.layer(case) == content.what or expected.digest_right(case, transfer) is False
    if not (twice or archive) or not packing_expected:
        return None
    coding = transfer.coding if twice and not transfer.decodes else None
    how = "a tar archive inside" if archive else f"{content.what} inside {content.what}"
    why = (
        f"The server wrapped the file in a content coding ({shortened(coding, 20)}), and {case.subject.client} keeps "
        "that wrapping."
        if coding
        else "Somebody packed the packed file once more before it was put there."
    )
    return finding(
        f"the file from {case.host} is packed twice: {how}",
        f"{why} A loader that unpacks once finds a packed file where its data should begin, and stops with "
        f"a bad magic number.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"unpacked once, the content is {content.inner}",
        fixes=(
            coding
            and Fix(
                title="Let curl remove the coding",
                commands=download(case, case.subject.url, "--compressed"),
                untried="the examined client cannot remove it",
            ),
            other_sources(case),
        ),
        unlike={"enc-content-decoded": "there is one layer too many, not one too few"},
        side="server",
        retry="no",
    )


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
