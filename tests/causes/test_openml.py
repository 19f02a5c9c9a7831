"""OpenML's reports of errors."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.facts import openml

XML = "<oml:error><oml:code>372</oml:code><oml:message>No results</oml:message></oml:error>"
JSON = '{"error":{"code":"372","message":"No results","additional_information":""}}'


@pytest.mark.parametrize(("text", "host"), [(XML, "anywhere.example"), (JSON, "www.openml.org"), (JSON, "openml.org")])
def test_number_meaning_and_words(text: str, host: str) -> None:
    assert openml.error(text, host) == (372, "no-result", "No results")
    assert openml.error(text.replace("372", "107"), host) == (107, "busy", "No results")
    assert openml.error(text.replace("372", "999"), host) == (999, "other", "No results")


def test_a_report_without_words() -> None:
    assert openml.error('{ "error": {"code": 111} }', "api.openml.org") == (111, "no-result", "")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("<code>372</code>", "www.openml.org"),
        (JSON, "api.example"),
        (JSON, "notopenml.org"),
        ('{"data":' + JSON + "}", "www.openml.org"),
        ('{"error":"no code"}', "www.openml.org"),
        ("", "www.openml.org"),
    ],
    ids=["other XML", "another API", "a host that only ends so", "inside an answer", "no number", "nothing"],
)
def test_what_is_none(text: str, host: str) -> None:
    assert openml.error(text, host) is None
