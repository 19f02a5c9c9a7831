"""No text of a report moves the cursor, and a stored one is read with care."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.report import Format, from_json, render
from mnistdoctor.report.sanitize import sanitized
from tests.report import build

ESCAPE = "\x1b[31mred\x9b\u202e\udcff"
CASE = Path(__file__).parents[1] / "cases" / "http-404-moved.json"


@pytest.mark.parametrize("form", Format)
def test_names_cannot_paint(form: Format) -> None:
    target = dataclasses.replace(build.targets()[0], name=f"torchvision:mnist/{ESCAPE}")
    report = build.report(build.intercepted(target, title=f"a title {ESCAPE}"))
    told = render(report, 1, form, width=80, verbose=True, colour=False, encoding="utf-8", strict=False)
    assert not set(told) & set("\x1b\x9b\u202e\udcff")
    told.encode("utf-8")


def test_what_needs_no_change_is_left_as_it_is() -> None:
    report = build.report(build.intercepted(build.targets()[0]))
    assert sanitized(report).targets is report.targets


def stored(change: Any) -> from_json.StoredReport:
    values = json.loads(CASE.read_text("utf-8"))
    change(values)
    return from_json.loads(json.dumps(values), "r.json")


def test_a_strangers_secrets_are_hidden_on_reading() -> None:
    def change(values: dict[str, Any]) -> None:
        values["targets"][0]["url"] = "http://u:hunter2secret@h/?X-Amz-Signature=deadbeefdeadbeef"
        exchange = next(one for one in values["targets"][0]["observations"] if one["kind"] == "exchange")
        exchange["request_fields"] = [["Authorization", "Bearer hunter2secret"]]

    assert "hunter2" not in repr(stored(change))
    assert "deadbeef" not in repr(stored(change))


@pytest.mark.parametrize("number", ["1e308", "NaN", "-Infinity", "1" + "0" * 400, "9" * 5000])
def test_numbers_that_nobody_measured(number: str) -> None:
    text = CASE.read_text("utf-8").replace('"duration_s": ', f'"duration_s": {number}, "was": ', 1)
    with pytest.raises(from_json.BadReport):
        from_json.loads(text, "r.json")


def test_a_report_nested_too_deeply() -> None:
    def change(values: dict[str, Any]) -> None:
        inner: dict[str, Any] = {}
        for _ in range(100):
            inner = {"a": inner}
        values["environment"] = inner

    with pytest.raises(from_json.BadReport, match="nested too deeply"):
        stored(change)


def test_a_device_without_an_end() -> None:
    with pytest.raises(from_json.BadReport, match="larger than any report"):
        from_json.load_file(Path("/dev/zero"))
