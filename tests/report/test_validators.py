"""What others read, held against their own form by validators that know nothing of us."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import html5lib
import jsonschema
import pytest
import xmlschema
from html5lib.html5parser import ParseError

from mnistdoctor.catalogue import load
from mnistdoctor.diagnosis import Notice
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import gitlab, html, junit
from mnistdoctor.report.from_json import judge_again, load_file
from mnistdoctor.report.sanitize import sanitized
from tests.report import build
from tests.report.test_ci_formats import poisoned

SCHEMAS = Path(__file__).parent / "schemas"
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit.xsd")
CODE_QUALITY = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "gitlab.json").read_text("utf-8")))
CASES = sorted(path for path in (Path(__file__).parents[1] / "cases").glob("*.json"))


def stored(path: Path) -> Report:
    own = path.with_suffix(".toml")
    return sanitized(judge_again(load_file(path), load(own if own.is_file() else None)))


def allowed() -> Report:
    report = build.mixed()
    return dataclasses.replace(
        report, targets=tuple(dataclasses.replace(one, allowed=one.verdict == "ailing") for one in report.targets)
    )


def undecided() -> Report:
    late = Notice(cause=None, stage=None, title="the deadline came before an answer")
    return build.report(build.result(build.targets()[0], verdict="inconclusive", warnings=(late,)))


REPORTS = {"mixed": build.mixed(), "poisoned": poisoned(), "allowed": allowed(), "undecided": undecided()}


def hold(report: Report) -> None:
    """Raises where one of the three has not the form that its readers want."""
    JUNIT.validate(junit.render(report, 1))
    CODE_QUALITY.validate(json.loads(gitlab.render(report, 1)))
    page = html.render(report, 1)
    html5lib.HTMLParser(strict=True).parse(page)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_each_form_is_valid(report: Report) -> None:
    hold(report)


@pytest.mark.parametrize("path", CASES[::9], ids=lambda path: path.stem)
def test_so_is_that_of_what_was_really_seen(path: Path) -> None:
    hold(stored(path))


def test_the_validators_would_tell() -> None:
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        JUNIT.validate(junit.render(build.mixed(), 1).replace('<testcase classname="', '<testcase class="'))
    with pytest.raises(jsonschema.ValidationError):
        CODE_QUALITY.validate([{"description": "x"}])
    with pytest.raises(ParseError):
        html5lib.HTMLParser(strict=True).parse(html.render(build.mixed(), 1).replace("</h1>", ""))
