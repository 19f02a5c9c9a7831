"""A page in the place of data: whether data was expected, what the body is taken for, and the error that it names."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts import body, expected, http
from mnistdoctor.causes.facts.urls import split_url

_DATA_NAME = re.compile(r"(\.(gz|tgz|xz|bz2|zip|npz|npy|parquet|h5|hdf5|pkl|pt|tar|mat|arff)|-ubyte)\Z", re.IGNORECASE)
_TEXTS = ("arff", "csv", "other", "html", "json", "xml", "text")


def in_place_of_data(case: Case) -> ev.Transfer | None:
    """The transfer of a success response at a place where data was expected, unless its digest is right.

    Without any expectation only a URL that promises data by its ending counts: a page may well be wanted.
    """
    transfer = body.completed(case)
    if transfer is None or expected.digest_right(case, transfer):
        return None
    known = expected.mismatch(case) or case.subject.content or case.subject.digests
    return transfer if known or _promises_data(case) else None


def _promises_data(case: Case) -> bool:
    """Whether the URL, or the one that it led to, ends as the names of data files do."""
    paths = (split_url(case.subject.url).path, case.address.path if case.address else "")
    return any(_DATA_NAME.search(path) for path in paths)


def is_html(case: Case) -> bool:
    """Whether the last body is a web page."""
    return case.content is not None and case.content.what == "html"


def html_in_place_of_data(case: Case) -> ev.Transfer | None:
    """The transfer of a web page that a success response brought where data was expected."""
    return in_place_of_data(case) if is_html(case) else None


def html_answered(case: Case) -> bool:
    """Whether the last answer is a web page; by its Content-Type where nobody looked at the body."""
    media_type = (case.exchange and case.exchange.field("Content-Type")) or ""
    return is_html(case) if case.content else media_type.lower().startswith("text/html")


def cannot_be_data(case: Case) -> bool:
    """Whether the body cannot be the data that was expected, although no length or digest is known."""
    content = case.content
    if content is None or in_place_of_data(case) is None:
        return False
    return body.fails_own_check(content) or content.what in ("html", "xml", "lfs-pointer", "empty")


def file_missed(case: Case) -> bool:
    """Whether the file was not had: something failed, or what came is wrong, or cannot be data."""
    missed = case.stopped_by or expected.mismatch(case) or html_in_place_of_data(case)
    return missed is not None or cannot_be_data(case)


def html_expected(case: Case) -> bool:
    """Whether a web page was asked for on purpose: nothing is known of the file, and its name says HTML."""
    return case.subject.content is None and split_url(case.subject.url).path.lower().endswith((".html", ".htm", "/"))


def is_document(case: Case) -> bool:
    """Whether the body is a page, a document or a pointer rather than data of any kind."""
    what = case.content.what if case.content else ""
    if case.content and case.subject.content == "json":  # an API's reply
        return what in ("html", "xml", "text", "unknown") or (what == "json" and case.content.intact is False)
    if what in ("xml", "json", "text"):
        return not _text_expected(case) or (case.subject.content is None and named_error(case) is not None)
    return what == "lfs-pointer" or (what == "html" and not html_expected(case))


def _text_expected(case: Case) -> bool:
    """Whether a text may be the file itself: by its kind, or, of an unknown file, by a name that promises no data."""
    return case.subject.content in _TEXTS or (case.subject.content is None and not _promises_data(case))


def named_error(case: Case) -> str | None:
    """The error that the body names: a store's code, or what a JSON document says."""
    store = http.store_error(case)
    if store:
        return store.code
    return _json_error(http.body(case)) if case.content is not None and case.content.what == "json" else None


def _json_error(text: str) -> str | None:
    """The error that a JSON document names: ``error``, or the members of problem+json (RFC 9457)."""
    if not re.search(r'"(error|errors|error_code|detail|fault|errorMessage)"\s*:|"status"\s*:\s*"?[45]\d\d\b', text):
        return None
    found = re.search(r'"(?:message|error|detail|title|code)"\s*:\s*"((?:[^"\\]|\\.){1,200})"', text)
    return found[1] if found else "error"


def reports_error(content: ev.Content | ev.CachedFile | None) -> bool:
    """Whether an API's reply in JSON has a member for errors at its top, as OpenML's reports of errors have."""
    return content is not None and not {"error", "errors"}.isdisjoint(content.members)
