"""An API's own report of an error, under whatever status."""

from __future__ import annotations

import json

from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http, openml
from mnistdoctor.causes.facts.body import completed
from mnistdoctor.causes.facts.pages import reports_error
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places
from mnistdoctor.wording import shortened

_MEANINGS = {
    "no-result": "it has no such data set",
    "needs-key": "it wants an API key",
    "busy": "its database is busy",
}
_ADVICE = {
    "needs-key": "Give the program a key in `OPENML_APIKEY`",
    "busy": "Try again in some minutes",
}


def http_api_error_body(case: Case) -> Finding | None:
    """Holds when an API answers with its own report of an error, under whatever status."""
    exchange = case.exchange
    if exchange is None:
        return None
    report = openml.error(http.body(case), http.host(exchange))
    message = report.message if report else _stated_error(case)
    if message is None:
        return None
    number, meaning = (f"error {report.number}", report.meaning) if report else ("an error", "other")
    meant, busy = _MEANINGS.get(meaning), meaning == "busy"
    return finding(
        f"{http.says(exchange)}: its API reports {number}" + (f": {meant}" if meant else ""),
        "The answer is an API's error report and not the data. The server is well and understood the question; its own "
        "words say what is wrong with it. A program that saves this as the data set will fail later, and less clearly.",
        http.exchange_evidence(case, exchange),
        message and f"the report says “{shortened(message, 150)}”",
        fixes=(
            other_places(case),
            Fix(
                title=_ADVICE.get(meaning, "Check the number, name and version of the data set"),
                untried="nothing more is known here",
            ),
        ),
        unlike={"body-html-instead-of-data": "the body is a machine's error report"},
        side="server" if busy else None,
        retry="later" if busy else None,
    )


def _stated_error(case: Case) -> str | None:
    """The message of an API other than OpenML's.

    Under a status of success only a reply that was to be an API's own is one: a file may hold any word.
    """
    reply = case.subject.content == "json" and completed(case) is not None and reports_error(case.content)
    if http.store_error(case) or not (reply or http.answer(case, 400, 406, 409, 412, 415, 422)):
        return None
    return _message(http.body(case)) or ("error" if reply else None)


def _message(text: str) -> str | None:
    """The message of a JSON error, RFC 9457's among them."""
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    inner = document["error"] if isinstance(document.get("error"), dict) else document
    members = [inner.get(name) for name in ("detail", "title", "message", "error", "error_description")]
    return next((value for value in members if isinstance(value, str) and value), None)


CAUSES: tuple[Cause, ...] = (cause(http_api_error_body),)
