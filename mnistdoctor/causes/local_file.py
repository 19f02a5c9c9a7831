"""The findings about a body, said of a file that is here already: no server sent it, and nobody fetched it just now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from mnistdoctor.causes.base import Case, Finding, Fix
from mnistdoctor.wording import exact_bytes, shortened

SCHEME = "file:"
"""What the URL of a file on this disk begins with."""

_SAVED = (
    "A program asked for the file, got this in its place with a status that says success, and saved it under the "
    "file's name. Loaders open it later and stop with a bad magic number or `Not a gzipped file`."
)
_CUT = (
    "A download was broken off, a disk was full, or a copy was stopped, and what had come so far kept the file's "
    "name. Loaders stop at its end, with an EOFError or a bad digest."
)
_EMPTY = (
    "A download that failed before its first byte, a full disk, or a program that made the file and never wrote to it "
    "leaves an empty one. Loaders find a file of the right name and stop at its end."
)
_HARMED = (
    "Some bytes are not what they were: memory, a disk, a bad copy, or a download that nobody compared with a digest. "
    "The file fails the check that its own format carries."
)
_PACKED = (
    "Somebody packed the packed file once more, or a client kept a coding that the server had put around it. A loader "
    "unpacks once and finds a packed file where its data should begin."
)
_UNPACKED = (
    "A browser or an HTTP library unpacked the file while it saved it, and left the name as it was. Loaders try to "
    "unpack it once more, and digests of the packed file do not fit."
)
_TEXT_MODE = (
    "A program took the binary file for text and rewrote some of its bytes: an FTP client in text mode, an editor, or "
    "git's `autocrlf`."
)


def _page(case: Case) -> str:
    title = case.content.title if case.content else ""
    return f'it is a web page, titled "{shortened(title, 60)}"' if title else "it is a web page"


def _document(case: Case) -> str:
    what = case.content.what if case.content else ""
    kind = {"xml": "an XML document", "json": "a JSON document", "text": "a piece of text", "empty": "empty"}
    return f"it is {kind.get(what, 'not data')}"


def _size(case: Case) -> str:
    transfer, due = case.transfer, case.subject.size
    here = exact_bytes(transfer.received) if transfer else "something"
    return f"it has {here}, and {exact_bytes(due)} are due" if due is not None else f"it ends early, after {here}"


def _damage(case: Case) -> str:
    content = case.content
    if content is None or not content.damage:
        return "it is damaged inside"
    return f"it is damaged inside: the {content.what} {content.damage}"


def _packing(case: Case) -> str:
    content = case.content
    if content is not None and content.inner == "tar":
        return "it holds a tar archive, where the data alone is due"
    return f"it is packed twice: {content.what} inside {content.what}" if content else "it is packed twice"


_WORDS: dict[str, tuple[Callable[[Case], str], str]] = {
    "body-html-instead-of-data": (_page, _SAVED),
    "body-block-page": (_page, _SAVED),
    "body-challenge-page": (_page, _SAVED),
    "body-drive-interstitial": (_page, _SAVED),
    "body-error-document": (_document, _SAVED),
    "body-lfs-pointer": (
        lambda _: "it is a Git LFS pointer, not the file it stands for",
        "The repository keeps large files in Git LFS, and git itself stores three lines of text that name the true "
        "file. A clone without LFS, or a `raw` URL, leaves these lines in the file's place.",
    ),
    "body-truncated-silent": (_size, _CUT),
    "body-truncated": (_size, _CUT),
    "length-differs-from-manifest": (
        _size,
        "The file was replaced, cut or added to. Its length is not that of the file that was expected, so a digest "
        "cannot fit either.",
    ),
    "body-double-packed": (_packing, _PACKED),
    "enc-content-decoded": (lambda _: "it is unpacked already, and its name says otherwise", _UNPACKED),
    "resume-corrupted": (
        lambda _: "two downloads were joined in it",
        "A download was resumed, and the pieces do not belong together: one was appended to the other from its "
        "beginning. The file is longer than it should be, and broken where they meet.",
    ),
    "checksum-mismatch-corruption": (_damage, _HARMED),
    "checksum-upstream-changed": (
        lambda _: "it is sound, and not the version that was expected",
        "The file is whole, and its digest is nobody's that the catalogue knows. It is another release, or the same "
        "data packed anew; whether it can be trusted only its publisher can say.",
    ),
}
_AGAIN = Fix(title="Download it again from where it came", untried="only you know where that was")
_OF_A_RESPONSE = ("Content-Length", "Content-Encoding", "status ", "second fetch", "Last-Modified")
"""Words of evidence that only a response can give."""


def of_local_file(case: Case, cause: str, finding: Finding) -> Finding:
    """The finding in fitting words, where the subject is a file on this disk; the same finding where it is not."""
    if not case.subject.url.startswith(SCHEME):
        return finding
    if cause not in _WORDS:
        return _kept(case, finding)
    title, explanation = _WORDS[cause]
    if case.content is not None and case.content.what == "empty":
        explanation = _EMPTY
    text_mode = cause == "body-double-packed" and case.content is not None and case.content.inner != case.content.what
    if text_mode and case.content is not None and case.content.intact is False:
        return dataclasses.replace(_kept(case, finding), title=f"a text mode spoilt it: {case.content.damage}",
                                   explanation=_TEXT_MODE)  # fmt: skip
    return dataclasses.replace(_kept(case, finding), title=title(case), explanation=explanation)


def _kept(case: Case, finding: Finding) -> Finding:
    """Without what speaks of a response, and without fetching the file from itself."""
    own = case.subject.url
    fixes = tuple(fix for fix in finding.fixes if not any(own in line.text for line in fix.commands))
    return dataclasses.replace(
        finding,
        evidence=tuple(line for line in finding.evidence if not any(word in line for word in _OF_A_RESPONSE))
        or (f"the file here has {exact_bytes(case.transfer.received if case.transfer else 0)}",),
        fixes=fixes or (_AGAIN,),
        side="you",
    )
