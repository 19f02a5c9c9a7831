"""A page in the place of data: what a body is taken for, and whether a page was due."""

from __future__ import annotations

import re

from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.body import (
    promises_data,
)
from mnistdoctor.causes.facts.urls import split_url


def is_page(case: Case) -> bool:
    """Whether the body is a page, a document or a pointer rather than data of any kind."""
    what = case.content.what if case.content else ""
    if case.content and case.subject.content == "json":  # an API's reply
        return what in ("html", "xml", "text", "unknown") or (what == "json" and case.content.intact is False)
    if what in ("xml", "json", "text"):
        return not _text_due(case) or (case.subject.content is None and named_error(case) is not None)
    return what == "lfs-pointer" or (what == "html" and not page_expected(case))


def page_expected(case: Case) -> bool:
    """Whether a web page was asked for on purpose: nothing is known of the file, and its name says HTML."""
    return case.subject.content is None and split_url(case.subject.url).path.lower().endswith((".html", ".htm", "/"))


def _text_due(case: Case) -> bool:
    """Whether a text may be the file itself: by its kind, or, of an unknown file, by a name that promises no data."""
    return case.subject.content in _TEXTS or (case.subject.content is None and not promises_data(case))


_TEXTS = ("arff", "csv", "other", "html", "json", "xml", "text")


def body_text(case: Case) -> str:
    """The beginning of the last hop's body, where it is text."""
    return case.transfer.text if case.transfer else ""


def named_error(case: Case) -> str | None:
    """The error that the body names: a store's code, or what a JSON document says."""
    store = marks.store_error(case.exchange, body_text(case))
    is_json = case.content is not None and case.content.what == "json"
    return store.code if store else _json_error(body_text(case)) if is_json else None


def _json_error(body: str) -> str | None:
    """The error that a JSON document names: ``error``, or the members of problem+json (RFC 9457)."""
    if not re.search(r'"(error|errors|error_code|detail|fault|errorMessage)"\s*:|"status"\s*:\s*"?[45]\d\d\b', body):
        return None
    found = re.search(r'"(?:message|error|detail|title|code)"\s*:\s*"((?:[^"\\]|\\.){1,200})"', body)
    return found[1] if found else "error"
