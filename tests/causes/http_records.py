"""Records of answers, for the tests of the HTTP causes."""

from __future__ import annotations

from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding
from mnistdoctor.causes.order import CAUSES
from tests.causes.build import URL, case, rec

FAMILY: tuple[Cause, ...] = tuple(cause for cause in CAUSES if cause.id.startswith("http-"))
FALLBACKS = {"http-403-unexplained", "http-404-unexplained", "http-4xx-other"}
"""What holds whenever the status is theirs, and stands last."""

S3 = (("x-amz-request-id", "0A49CE4060975EAC"), ("Content-Type", "application/xml"), ("Server", "AmazonS3"))
CLOUDFLARE = (("Server", "cloudflare"), ("CF-RAY", "8c1f-FRA"), ("Content-Type", "text/html"))
HTML = (("Server", "nginx"), ("Content-Type", "text/html"))


def store(code: str, message: str = "words", more: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'
    )


def got(
    code: int | None, text: str = "", fields: ev.Fields = (), *, url: str = URL, control: str | None = None, **more: Any
) -> tuple[Any, ...]:
    """An exchange that was answered, with the body's beginning."""
    hop = more.pop("hop", 0)
    what = more.pop("what", "html" if text.lstrip().lower().startswith(("<html", "<!doctype")) else "text")
    title = more.pop("title", "")
    more.setdefault("method", "GET")
    more.setdefault("request_fields", (("User-Agent", "python-requests/2.34.2"),))
    if code is not None and (code >= 400 or code < 200):
        more.setdefault("failure", "http_request_failed")
    shared = {"control": control, "hop": hop} if control else {"hop": hop}
    head = rec(ev.Exchange, "http", url=url, status=code, fields=fields, **shared, **more)
    if code is None or 300 <= code < 400:
        return (head,)
    body = rec(ev.Transfer, "length", status=code, received=len(text), written=len(text), text=text, **shared)
    return (head, body, rec(ev.Content, "length", what=what, title=title, **shared))


def answered(code: int, text: str = "", fields: ev.Fields = (), *others: Any, **subject: Any) -> Case:
    """A case whose last answer this is; records of controls may follow."""
    url = subject.get("url", URL)
    return case(*got(code, text, fields, url=url), *others, **subject)


def holding(given: Case) -> set[str]:
    """The ids of the HTTP causes that hold, without the fallbacks where a better one holds."""
    found = {cause.id for cause in FAMILY if cause.found_in(given)}
    return found - FALLBACKS or found


def finding(identity: str, given: Case) -> Finding:
    found = next(cause for cause in FAMILY if cause.id == identity).found_in(given)
    assert found is not None, identity
    return found


__all__ = [
    "CLOUDFLARE",
    "FAMILY",
    "HTML",
    "S3",
    "URL",
    "answered",
    "case",
    "finding",
    "got",
    "holding",
    "rec",
    "store",
]
