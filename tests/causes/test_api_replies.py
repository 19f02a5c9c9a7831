"""An API's replies in JSON: what comes instead of them, under a status of success."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor.causes.case import Case
from mnistdoctor.causes.length import length
from mnistdoctor.causes.registry import by_id
from tests.causes.evidence import Evidence, page
from tests.causes.judging import BODIES

URL = "https://www.openml.org/api/v1/json/data/554"
GOOD = b'{"data_set_description": {"id": "554", "status": "deactivated", "error_rate": 0, "citation": "<html>"}}'
CALL: dict[str, Any] = {"url": URL, "content": "json", "client": "sklearn", "loader": "sklearn", "release": "1.9.1"}

API_ERROR = by_id()["http-api-error-body"]


def replied(body: bytes, *, subject: dict[str, Any] = CALL, **more: Any) -> Case:
    return Evidence().body(body, due=subject.get("content"), url=subject["url"], **more).case(**subject)


@pytest.mark.parametrize(
    "body",
    [GOOD, b'{"data_qualities":{"quality":[]}}', b"[]", b'{"message":"ok"}', b'\xef\xbb\xbf{"data":1}', GOOD + b"\n"],
)
def test_answers_are_many_and_none_is_a_fault(body: bytes) -> None:
    assert BODIES.first(replied(body)) == (None, None)
    assert API_ERROR.found_in(replied(body)) is None


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (page("OpenML"), "body-html-instead-of-data"),
        (b"", "body-error-document"),
        (b" \n", "body-error-document"),
        (b"no results", "body-error-document"),
        (b"<note>no</note>", "body-error-document"),
        (b'Warning: mysqli\n{"data":1}', "body-error-document"),
        (b'{"data":1}{"data":1}', "body-error-document"),
        (b'{"data_features": {"feature": [{"index": "0"', "body-truncated-silent"),
    ],
    ids=["page", "empty", "blank", "text", "XML", "text before it", "twice", "cut"],
)
def test_what_comes_instead(body: bytes, cause: str) -> None:
    found, finding = BODIES.first(replied(body))
    assert found == cause
    assert finding is not None
    assert finding.certain or finding.also_possible
    assert API_ERROR.found_in(replied(body)) is None


def test_a_cut_that_nobody_announced_may_be_the_servers_own() -> None:
    _, finding = BODIES.first(replied(b'{"data": ['))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("body-error-document",))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"error":{"code":"111","message":"Unknown dataset"}}', "error 111: it has no such data set"),
        (b'{"error":{"code":"111"}}', "error 111: it has no such data set"),
        (b'{"error":{"code":"107","message":"Database connection error"}}', "error 107: its database is busy"),
        (b'{"error":"no such thing"}', "an error"),
        (b'{"errors":[1, 2]}', "an error"),
    ],
)
def test_an_error_under_200_is_the_apis_own(body: bytes, words: str) -> None:
    finding = API_ERROR.found_in(replied(body))
    assert finding is not None
    assert finding.title == f"www.openml.org answers 200: its API reports {words}"
    assert finding.retry == ("later" if "busy" in words else None)


def test_the_number_is_read_under_412_too() -> None:
    finding = API_ERROR.found_in(replied(b'{"error":{"code":"372","message":"No results"}}', status=412))
    assert finding is not None
    assert finding.title.endswith("answers 412: its API reports error 372: it has no such data set")


def test_a_file_may_hold_any_word() -> None:
    body = b'{"error":"a column of this table"}'
    assert API_ERROR.found_in(replied(body, subject={"url": "https://files.example/table.json"})) is None


def test_a_reply_shows_its_own_end() -> None:
    warns = {one.id: one.warning_in for one in length.CAUSES}["length-unknown"]
    assert warns(replied(GOOD, declared=None)) is None
    assert warns(replied(GOOD, declared=None, subject={"url": URL})) is not None
