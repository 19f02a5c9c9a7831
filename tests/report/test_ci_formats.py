"""JUnit, Code Quality, annotations of several CIs: each in its own form, and no text that leaves its place."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from mnistdoctor import diagnosis as dx
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import Format, gitlab, junit, render
from mnistdoctor.report.ci import CI, lines_for, recognised
from mnistdoctor.report.sanitize import sanitized
from tests.report import build

POISON = "]]>&<\"' ##[stop-commands]x ##vso[task.complete] ##teamcity[x] \x0b\ufffe\U0001f600 |n\n::error::y"


def poisoned() -> Report:
    return sanitized(build.report(build.intercepted(build.targets()[0], title=f"a title {POISON}")))


class TestJUnit:
    @pytest.mark.parametrize("report", [build.mixed(), poisoned()], ids=["mixed", "poisoned"])
    def test_the_form(self, report: Report) -> None:
        root = ET.fromstring(junit.render(report, 1))
        (suite,) = root
        assert (root.tag, root.attrib) == ("testsuites", {})
        wanted = {"name", "package", "id", "hostname", "timestamp", "tests", "failures", "errors", "skipped", "time"}
        assert set(suite.attrib) == wanted
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        assert re.fullmatch(r"\d+\.\d{3}", suite.attrib["time"])
        cases = suite.findall("testcase")
        assert [one.tag for one in suite] == ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert len(cases) == int(suite.attrib["tests"]) == len(report.targets)
        assert all(set(one.attrib) == {"classname", "name", "time"} and len(one) <= 1 for one in cases)
        assert sum(len(one) for one in cases) == int(suite.attrib["failures"])

    def test_a_failure_is_the_cause_and_begins_with_the_fix(self) -> None:
        report = build.report(build.intercepted(build.targets()[0]))
        failure = ET.fromstring(junit.render(report, 1)).find(".//failure")
        assert failure is not None
        assert failure.attrib["type"] == "tls-intercepted"
        assert (failure.text or "").startswith("Fix: ")

    def test_texts_that_xml_cannot_hold(self) -> None:
        text = junit.render(poisoned(), 1)
        assert not set(text) & set("\x0b\ufffe")
        assert "😀" in text


class TestGitLab:
    def test_the_form(self) -> None:
        entries = json.loads(gitlab.render(build.mixed(), 1))
        assert entries
        for one in entries:
            assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
            assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
            assert set(one["location"]) == {"path", "lines"}
            assert one["location"]["lines"]["begin"] >= 1
            assert not one["location"]["path"].startswith(("/", "./"))
        assert len({one["fingerprint"] for one in entries}) == len(entries)

    def test_the_same_finding_has_the_same_fingerprint(self) -> None:
        first, second = (json.loads(gitlab.render(build.mixed(), 1)) for _ in range(2))
        assert [one["fingerprint"] for one in first] == [one["fingerprint"] for one in second]

    def test_nothing_to_say(self) -> None:
        assert json.loads(gitlab.render(build.report(build.result(build.targets()[0])), 0)) == []


class TestAnnotations:
    @pytest.mark.parametrize(
        ("variables", "ci"),
        [
            ({"GITHUB_ACTIONS": "true", "CI": "true"}, CI.GITHUB),
            ({"GITLAB_CI": "true"}, CI.GITLAB),
            ({"TF_BUILD": "True"}, CI.AZURE),
            ({"JENKINS_URL": "http://ci/"}, CI.JENKINS),
            ({"TEAMCITY_VERSION": "2025.11"}, CI.TEAMCITY),
            ({"CI": "true"}, None),
            ({"GITHUB_ACTIONS": "false"}, None),
            ({}, None),
        ],
    )
    def test_recognised(self, variables: dict[str, str], ci: CI | None) -> None:
        assert recognised(variables) is ci

    @pytest.mark.parametrize("ci", CI)
    def test_one_command_a_line_and_no_other(self, ci: CI) -> None:
        lines = lines_for(ci, poisoned(), 1).splitlines()
        begins = {CI.GITHUB: "::", CI.AZURE: "##vso[task.logissue ", CI.TEAMCITY: "##teamcity["}.get(ci)
        if begins is None:
            assert lines == []
            return
        assert lines
        for line in lines:
            assert line.startswith(begins)
            assert not re.search(r"##(\[|vso\[|teamcity\[)", line[len(begins) :])

    def test_teamcitys_own_marks_are_escaped(self) -> None:
        told = lines_for(CI.TEAMCITY, poisoned(), 1)
        inside = re.findall(r"(?:description|text)='(.*)'(?: status='WARNING')?\]", told)
        assert inside
        assert all(re.fullmatch(r"(?:[^|'\[\]\n]|\|['|\[\]nr])*", one) for one in inside)

    def test_a_long_message_is_cut_before_it_is_escaped(self) -> None:
        report = sanitized(build.report(build.intercepted(build.targets()[0], title="|" * 5000)))
        (inside,) = re.findall(r"description='(.*)'\]", lines_for(CI.TEAMCITY, report, 1))
        assert re.fullmatch(r"(?:[^|]|\|\|)*", inside)
        assert len(inside) <= 4000


def test_two_dead_mirrors_are_two_findings_of_code_quality() -> None:
    mirrors = [dx.Notice(cause="tcp-refused", stage="tcp", title=f"mirror {number} refuses") for number in (1, 2)]
    report = build.report(build.result(build.targets()[0], warnings=tuple(mirrors)))
    entries = json.loads(gitlab.render(report, 0))
    assert len(entries) == len({one["fingerprint"] for one in entries}) == 2


def test_an_undecided_target_is_one_finding_of_code_quality() -> None:
    late = dx.Notice(cause=None, stage=None, title="the deadline came before an answer")
    report = build.report(build.result(build.targets()[0], verdict="inconclusive", warnings=(late,)))
    assert [one["severity"] for one in json.loads(gitlab.render(report, 3))] == ["major"]


@pytest.mark.parametrize(
    ("words", "harmless"),
    [
        ("it said ::error title=x::y to us", "it said : :error title=x::y to us"),
        ("::stop-commands::t", ": :stop-commands::t"),
        (f"{'a' * 60}::error::y", f"{'a' * 60}: :error::y"),
        ("##VSO[task.complete]", "# #VSO[task.complete]"),
        ("##[set-output name=x;]y", "# #[set-output name=x;]y"),
        ("the address ::ffff:10.0.0.1 is mapped", "the address ::ffff:10.0.0.1 is mapped"),
        ("std::string::npos", "std::string::npos"),
        ("::1 port 80", "::1 port 80"),
    ],
)
def test_a_command_of_github_may_begin_where_a_line_is_wrapped(words: str, harmless: str) -> None:
    report = sanitized(build.report(build.intercepted(build.targets()[0], title=words)))
    assert report.targets[0].diagnosis is not None
    assert report.targets[0].diagnosis.title == harmless


@pytest.mark.parametrize("form", Format)
def test_no_form_lets_a_stranger_speak_to_the_ci(form: Format) -> None:
    report = build.report(build.intercepted(build.targets()[0], title=f"a title {POISON}"))
    told = render(report, 1, form, width=60, verbose=True, colour=False, encoding="utf-8", strict=False)
    assert not re.search(r"##(\[|vso\[|teamcity\[)", told)
