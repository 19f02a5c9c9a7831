"""The findings about a body, said of a file that is here already: no server sent it, and nobody fetched it just now."""

from __future__ import annotations

import dataclasses

from mnistdoctor.causes.base import Finding, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import body, expected, formats
from mnistdoctor.wording import exact_bytes, shortened

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
_POINTER = (
    "The repository keeps large files elsewhere, and git itself stores a few lines of text that name the true "
    "file. A clone without the tool that fetches them, or a `raw` URL, leaves these lines in the file's place."
)
_OTHER_LENGTH = (
    "The file was replaced, cut or added to. Its length is not that of the file that was expected, so a digest "
    "cannot fit either."
)
_HARMED = (
    "Some bytes are not what they were: memory, a disk, a bad copy, or a download that nobody compared with a digest. "
    "The file fails the check that its own format carries."
)
_JOINED = (
    "A download was resumed, the server sent the whole file all the same, and the program wrote it behind the part "
    "that was there already (`curl -C -`, `wget -c` and download managers ask for a range; not every server heeds it)."
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
_LINE_ENDS = (
    "A program took the file for text and wrote other line ends: git with `core.autocrlf`, an FTP client in text mode, "
    "an editor. Nothing else differs, so the file need only be converted back, or fetched as binary."
)
_SAME_DATA = (
    "The file was unpacked and packed again, with another program, level or name inside: the data are the same, byte "
    "by byte, and only a loader that compares the packed file's digest will refuse it."
)
_OTHER_VERSION = (
    "Its digest is nobody's that the catalogue knows. It is another release, the same data packed anew, or another "
    "file; whether it can be trusted only its publisher can say."
)
_UNKNOWN_VERSION = "it is not the version that was expected"


def of_local_file(case: Case, cause: str, finding: Finding) -> Finding:
    """The finding in fitting words, where the subject is a file on this disk; the same finding where it is not."""
    if not body.on_this_disk(case):
        return finding
    size = exact_bytes(case.transfer.received if case.transfer else 0)
    title, explanation = _account(case, cause, finding) or (finding.title, finding.explanation)
    return dataclasses.replace(
        finding,
        title=title,
        explanation=explanation,
        evidence=finding.evidence or (f"the file here has {size}",),
        fixes=finding.fixes
        or (Fix(title="Download it again from where it came", untried="only you know where that was"),),
        side="you",
    )


def _account(case: Case, cause: str, finding: Finding) -> tuple[str, str] | None:
    """Title and explanation of what this cause means for a file; None where the rule's own are as true of one."""
    match cause:
        case "body-html-instead-of-data" | "body-block-page" | "body-challenge-page" | "body-drive-interstitial":
            return _page(case), _SAVED
        case "body-error-document":
            return _document(case)
        case "body-lfs-pointer":
            return _pointer(case), _POINTER
        case "body-truncated-silent" if body.unfinished_name(case):
            return f"its download has not ended: {_size(case)}", finding.explanation
        case "body-truncated-silent":
            return _size(case), _CUT
        case "length-differs-from-manifest":
            return _size(case), _OTHER_LENGTH
        case "body-double-packed":
            return _packing(case)
        case "enc-content-decoded":
            return "it is unpacked already, and its name says otherwise", _UNPACKED
        case "checksum-mismatch-corruption":
            return _damage(case), _HARMED
        case "resume-corrupted":
            return "the whole file stands in it, behind a part of an earlier download", _JOINED
        case "checksum-upstream-changed":
            return _other_version(case)
        case _:
            return None


def _other_version(case: Case) -> tuple[str, str]:
    if case.transfer and expected.same_content(case, case.transfer):
        return "it holds the right data, packed anew", _SAME_DATA
    sound = case.content is not None and body.passes_own_check(case.content)
    return "it is sound, and not the version that was expected" if sound else _UNKNOWN_VERSION, _OTHER_VERSION


def _pointer(case: Case) -> str:
    store = {"dvc-pointer": "DVC", "annex-pointer": "git-annex"}.get(
        case.content.what if case.content else "", "Git LFS"
    )
    return f"it is a {store} pointer, not the file it stands for"


def _page(case: Case) -> str:
    title = case.content.title if case.content else ""
    return f'it is a web page, titled "{shortened(title, 60)}"' if title else "it is a web page"


def _document(case: Case) -> tuple[str, str]:
    what = case.content.what if case.content else ""
    kinds = {"xml": "an XML document", "json": "a JSON document", "text": "a piece of text", "empty": "empty"}
    return f"it is {kinds.get(what, 'not data')}", _EMPTY if what == "empty" else _SAVED


def _size(case: Case) -> str:
    size, due = exact_bytes(case.transfer.received if case.transfer else 0), case.subject.size
    return f"it ends early, after {size}" if due is None else f"it has {size}, and {exact_bytes(due)} are due"


def _damage(case: Case) -> str:
    content, row = case.content, formats.misfit(case)
    if row is not None:
        return f"it is no {row.ending} file, as its first bytes show"
    return "it is damaged inside" + (f": the {content.what} {content.damage}" if content and content.damage else "")


def _packing(case: Case) -> tuple[str, str]:
    what, inner = (case.content.what, case.content.inner) if case.content else ("", None)
    if ends := expected.other_line_ends(case, case.transfer):
        return f"its line ends are {ends[0]} where {ends[1]} is due, and all else is right", _LINE_ENDS
    if case.content and body.text_mode_damage(case.content):
        return f"a text mode spoilt it: {case.content.damage}", _TEXT_MODE
    if inner == "tar":
        return "it holds a tar archive, where the data alone is due", _PACKED
    return f"it is packed twice: {what} inside {what}", _PACKED
