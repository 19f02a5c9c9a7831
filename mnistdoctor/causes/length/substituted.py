"""Small things that stand in for the data: Git LFS pointers, error documents, and data packed or written wrongly."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.facts import openml
from mnistdoctor.causes.facts.body import compared, digest_right, expected_layer, in_place_of_data, leftovers
from mnistdoctor.causes.facts.pages import body_text, is_page, named_error
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, download, fetch_again, other_sources
from mnistdoctor.wording import exact_bytes, nbytes, shortened

_TEXT_MODE = ("had its line ends changed", "was decoded as text", "was written as UTF-16")


_KINDS = {
    "xml": "an XML document",
    "json": "a JSON document",
    "text": "a piece of text",
    "unknown": "something unreadable",
}


def body_lfs_pointer(case: Case) -> Finding | None:
    """Holds when a Git LFS pointer came where the file that it stands for was due."""
    if in_place_of_data(case) is None or case.content is None or case.content.what != "lfs-pointer":
        return None
    found = re.search(r"^size (\d{1,15})\s*$", body_text(case), re.MULTILINE)
    size = int(found[1]) if found else None
    evidence = ["the body begins with version https://git-lfs.github.com/spec/v1"]
    if case.content.oid:
        known = dict(case.subject.digests).get("sha256")
        fits = "" if known is None else ", the digest that was due" if known == case.content.oid else ", another file"
        evidence.append(f"it points to sha256 {case.content.oid[:16]}…{fits}")
    if size is not None:
        evidence.append(f"the file behind it has {exact_bytes(size)}")
    better = _lfs_url(case.subject.url)
    whole = f" of {nbytes(size)}" if size is not None else ""
    return finding(
        f"{case.host} sends a Git LFS pointer in place of the file{whole}",
        "The repository keeps large files in Git LFS, and this URL shows what git itself stores: three "
        "lines of text that name the true file. Nothing is damaged; another address has the content." + leftovers(case),
        tuple(evidence),
        fixes=(
            better
            and Fix(
                title="Take it from the address that serves LFS content",
                commands=(download(case, better),),
                change=Change(url=better),
            ),
            other_sources(case),
            Fix(
                title="In a clone of the repository, have git fetch the content",
                commands=(command(case, "git lfs install"), command(case, "git lfs pull")),
                untried="needs a clone of the repository",
            ),
        ),
        unlike={"checksum-mismatch-corruption": "the pointer is whole: it was never the file"},
    )


def _lfs_url(url: str) -> str | None:
    """Where GitHub and the Hugging Face Hub serve the content behind a pointer."""
    parts = split_url(url)
    words = parts.path.strip("/").split("/")
    if parts.hostname == "raw.githubusercontent.com" and len(words) >= 4:
        return f"https://media.githubusercontent.com/media/{'/'.join(words)}"
    if parts.hostname == "github.com" and len(words) >= 5 and words[2] == "raw":
        return f"https://media.githubusercontent.com/media/{'/'.join(words[:2] + words[3:])}"
    if parts.hostname == "huggingface.co" and "raw" in words[1:4]:
        return url.replace("/raw/", "/resolve/", 1)
    return None


def body_error_document(case: Case) -> Finding | None:
    """Holds when an XML, JSON or text document, or nothing at all, came where data was due."""
    one = in_place_of_data(case)
    content = case.content
    if one is not None and ((content and content.what == "empty") or (one.written == 0 and not one.limited)):
        return _empty(case, one)
    if one is None or content is None:
        return None
    if content.what not in _KINDS or not is_page(case) or openml.error(body_text(case), case.host):
        return None
    named = named_error(case)
    kind = _KINDS[content.what] + (f" that {content.damage}" if content.damage else "")
    what = f'the error "{shortened(named, 60)}"' if named else kind
    evidence = [
        f"status {case.status}, and {kind} of {exact_bytes(one.received)} in place of data",
        *compared(case, one),
    ]
    if body_text(case):
        evidence.append(f"it says: {shortened(body_text(case), 160)}")
    return finding(
        f"{case.host} answers {what} where the file was due, with status {case.status}",
        "The server reports its trouble in the body and yet says success in the status, so a client that "
        "looks at the status only saves the report as if it were the data. What went wrong is in its text."
        + leftovers(case),
        tuple(evidence),
        fixes=(other_sources(case), fetch_again(case)),
        unlike={"checksum-upstream-changed": f"what came is {kind}, not a file of data"},
        perhaps=not named and "url-is-a-web-page",
        certain=named is not None,
    )


def _empty(case: Case, one: ev.Transfer) -> Finding | None:
    if case.exchange is not None and case.exchange.field("x-amzn-waf-action"):
        return None
    return finding(
        f"{case.host} answers {case.status} with no data at all",
        "The response is a success and its body is empty where a file was due. A server with an empty "
        f"file, a job that is not ready yet, or a filter that swallows the body does this.{leftovers(case)}",
        f"status {case.status}, {exact_bytes(one.received)}{' of blanks' if one.received else ''}",
        f"Content-Length: {one.declared}" if one.declared is not None else "no Content-Length",
        compared(case, one),
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"body-truncated": "no more was announced than came"},
    )


def body_double_packed(case: Case) -> Finding | None:
    """Holds when the packed file was packed once more, or holds an archive where the data alone is due."""
    one = in_place_of_data(case)
    content = case.content
    if one is None or content is None:
        return None
    if content.damage.startswith(_TEXT_MODE) and content.intact is False:
        return _text_mode(case, one, content)
    twice = content.inner == content.what and content.what in ("gzip", "xz", "bzip2")
    tarred = content.inner == "tar" and case.subject.content in ("gzip-idx", "xz-idx")
    due = digest_right(case, one) is False or expected_layer(case) == content.what
    if not (twice or tarred) or not due:
        return None
    kept = one.coding if twice and one.coding and not one.decodes else None
    how = "a tar archive inside" if tarred else f"{content.what} inside {content.what}"
    why = (
        f"The server wrapped the file in a content coding ({shortened(kept, 20)}), and {case.subject.client} keeps "
        "that wrapping."
        if kept
        else "Somebody packed the packed file once more before it was put there."
    )
    return finding(
        f"the file from {case.host} is packed twice: {how}",
        f"{why} A loader that unpacks once finds a packed file where its data should begin, and stops with "
        f"a bad magic number.{leftovers(case)}",
        compared(case, one),
        f"unpacked once, the content is {content.inner}",
        fixes=(
            kept
            and Fix(
                title="Let curl remove the coding",
                commands=(download(case, case.subject.url, "--compressed"),),
                untried="the examined client cannot remove it",
            ),
            other_sources(case),
        ),
        unlike={"enc-content-decoded": "there is one layer too many, not one too few"},
        side="server",
        retry="no",
    )


def _text_mode(case: Case, one: ev.Transfer, content: ev.Content) -> Finding:
    return finding(
        f"the file from {case.host} was spoilt by a text mode: it {content.damage}",
        "Somewhere before the server a program took the binary file for text and rewrote some of its "
        "bytes. The doctor fetched it as binary, so it is the copy on the server that is spoilt." + leftovers(case),
        compared(case, one),
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
