"""A page in the place of data: whether data was expected, what the body is taken for, and the error that it names."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import body, expected, formats, http
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.content.kinds import POINTERS, past_prologue

_TEXTS = ("arff", "csv", "html", "json", "xml", "text")


def in_place_of_data(case: Case) -> ev.Transfer | None:
    """The transfer of a success response, unless its digest is right: of what was asked for, by any name."""
    transfer = body.completed(case)
    return None if transfer is None or expected.digest_right(case, transfer) else transfer


_WHOLE_PAGE = re.compile(r"<(!doctype|html|head|body|title|script|meta)\b", re.IGNORECASE)


def is_html(case: Case) -> bool:
    """Whether the last body is a web page. Under a name that texts may bear, a mere piece of HTML is no page.

    README files begin with ``<p align="center">``, and so may any column of a table.
    """
    if case.content is None or case.content.what != "html":
        return False
    named = formats.promised(case)
    if named is not None and not named.of_text:
        return True
    media_type = (case.exchange and case.exchange.field("Content-Type")) or ""
    start = past_prologue(http.body(case))
    return "html" in media_type.lower() or not start or _WHOLE_PAGE.match(start) is not None


def html_in_place_of_data(case: Case) -> ev.Transfer | None:
    """The transfer of a web page that a success response brought where data was expected."""
    wanted = html_expected(case) and expected.mismatch(case) is None
    return in_place_of_data(case) if is_html(case) and not wanted else None


def html_answered(case: Case) -> bool:
    """Whether the last answer is a web page; by its Content-Type where nobody looked at the body."""
    media_type = (case.exchange and case.exchange.field("Content-Type")) or ""
    return is_html(case) if case.content else media_type.lower().startswith("text/html")


def cannot_be_data(case: Case) -> bool:
    """Whether the body cannot be the data that was expected, although no length or digest is known."""
    content = case.content
    if content is None or in_place_of_data(case) is None:
        return False
    return body.fails_own_check(content) or is_document(case) or is_nothing(case)


def is_nothing(case: Case) -> bool:
    """Whether nothing came where something was due: a length of 0, or a name, may say that nothing is right."""
    transfer, content = in_place_of_data(case), case.content
    if transfer is None or formats.may_be_empty(case) or expected.size_right(case, transfer):
        return False
    return (content is not None and content.what == "empty") or (transfer.written == 0 and not transfer.limited)


def file_missed(case: Case) -> bool:
    """Whether the file was not had: something failed, or what came is wrong, or cannot be data."""
    missed = case.stopped_by or expected.mismatch(case) or html_in_place_of_data(case)
    return missed is not None or cannot_be_data(case)


def html_expected(case: Case) -> bool:
    """Whether a web page was asked for: nothing is known of the file, and its name says HTML, or it has no name."""
    if case.subject.content not in (None, "html"):
        return False
    named = (split_url(case.subject.url).path, *formats.names(case)[:1])
    return names_no_file(case) or any(re.search(r"\.(x|s)?html?\Z", name, re.IGNORECASE) for name in named)


_NAMES_A_FILE = re.compile(
    r"(file|data|doc|object|persistent)?[_-]?id\Z|file|path|key|name|doi|download|export|url|hash", re.I
)
"""Parameters by which a query says which file is meant."""


def names_no_file(case: Case) -> bool:
    """Whether the URL is that of a site or a folder, as it was given or by a redirect to itself with a `/`."""
    subject, asked = case.subject, split_url(case.subject.url)
    if subject.digests or subject.size is not None or subject.content or asked.scheme == "file":
        return False
    if any(_NAMES_A_FILE.match(name) or re.search(r"\.\w{1,8}\Z", value) for name, value in parse_qsl(asked.query)):
        return False
    last = case.address.path if case.address else asked.path
    return asked.path in ("", "/") or asked.path.endswith("/") or last == f"{asked.path}/"


def may_be_an_address_of_a_page(case: Case) -> bool:
    """Whether nothing says that the URL is of a file: nothing is known of it, and what it is called has no ending."""
    subject, called = case.subject, formats.names(case)
    known = subject.digests or subject.size is not None or subject.content or case.exchange is None
    return not known and not any("." in name for name in called)


def is_document(case: Case) -> bool:
    """Whether the body is a page, a document or a pointer rather than data of any kind."""
    what = case.content.what if case.content else ""
    if expected.other_line_ends(case, case.transfer):
        return False
    if case.content and case.subject.content == "json":  # an API's reply
        return what in ("html", "xml", "text", "unknown") or (what == "json" and case.content.intact is False)
    if what in ("xml", "json", "text"):
        return not _text_expected(case) or (case.subject.content is None and is_report(case))
    if what in POINTERS:
        return not any(name.lower().endswith(".dvc") for name in formats.names(case))
    return is_html(case) and not html_expected(case)


def _text_expected(case: Case) -> bool:
    """Whether a text may be the file itself: by its kind, or, of an unknown file, by a name that promises no data."""
    return case.subject.content in _TEXTS or (
        case.subject.content in (None, "other") and not formats.promises_data(case)
    )


def _is_no_json(case: Case) -> bool:
    """Whether the name promises JSON, and a text came that begins as no JSON does, nor a script that wraps it."""
    row = formats.promised(case)
    if (
        row is None
        or row.ending not in formats.JSON
        or case.content is None
        or case.content.what not in ("text", "xml")
    ):
        return False
    text = http.body(case).lstrip("\ufeff \t\r\n")
    return re.match(r"[{\[\"\d/#)-]|(true|false|null|NaN)\b|[\w.]+\s*[(=]", text) is None and bool(text)


_ABOUT_AN_ERROR = frozenset({
    "error", "errors", "error_code", "error_description", "error_message", "errorcode", "errormessage", "fault",
    "message", "msg", "code", "status", "statuscode", "status_code", "success", "ok", "detail", "details", "title",
    "type", "instance", "reason", "cause", "timestamp", "path", "method", "requestid", "request_id", "traceid",
    "trace_id", "documentation_url", "doc_url", "help",
})  # fmt: skip
"""Members that reports of errors have, and data have others beside them."""


def is_report(case: Case) -> bool:
    """Whether a text that may well be data is nothing but a report of an error: a store's, or an API's in JSON."""
    if http.store_error(case) is not None or _is_no_json(case):
        return True
    try:
        said = json.loads(http.body(case)) if case.content and case.content.what == "json" else None
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or not {str(key).lower() for key in said} <= _ABOUT_AN_ERROR:
        return False
    named = {str(key).lower(): value for key, value in said.items() if value}
    status = named.get("status", named.get("statuscode", named.get("status_code", named.get("code"))))
    wrong = re.fullmatch(r"[45]\d\d", str(status)) is not None
    return (
        wrong
        or not named.keys().isdisjoint({"error", "errors", "error_code", "errormessage", "fault"})
        or (set(named) == {"detail"} and isinstance(named["detail"], str))
    )


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
