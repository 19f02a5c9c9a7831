"""No rule raises, whatever the evidence, and the list of causes is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.base import Cause, Finding
from mnistdoctor.causes.case import Case, Control, OpenQuestion
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.registry import CAUSES
from mnistdoctor.report.from_json import case_of, load_file
from mnistdoctor.report.stages import stage_results
from tests.strategies import evidence

FAMILIES = {"http-403"}
"""Names of whole families that stories mention."""

SIDES = {"you", "network", "proxy", "server", "framework", "unknown"}


def consistent(cause: Cause, finding: Finding) -> None:
    """What is ruled out is not possible, a certain cause has no runner-up, and none is its own."""
    also, out = set(finding.also_possible), {one for one, _ in finding.ruled_out}
    assert not also & out, (cause.id, also, out)
    assert cause.id not in also | out, cause.id
    assert not (finding.certain and also), (cause.id, also)
    assert also | out <= set(ORDER), cause.id


def stored() -> list[Path]:
    """Every report that the tests keep, made by hand or recorded."""
    return sorted(Path(__file__).parents[1].joinpath("cases").rglob("*.json"))


@pytest.mark.parametrize("path", stored(), ids=lambda path: path.stem)
def test_stored_evidence_brings_no_contradiction(path: Path) -> None:
    """Whatever of the evidence is left out: each look at a part of it is another case."""
    catalogue = load()
    for kept in load_file(path).targets:
        whole = case_of(kept, catalogue)
        controls = {one.control for one in whole.observations if one.control} if whole else set()
        for left_out in (None, *sorted(controls)):
            assert whole is not None
            part = (one for one in whole.observations if left_out is None or one.control != left_out)
            case = Case(tuple(part), catalogue, asked=whole.asked)
            for cause in CAUSES:
                finding = cause.found_in(case)
                if finding is not None:
                    consistent(cause, finding)


@pytest.mark.parametrize(
    ("sent", "title"), [("Negotiate,\r\nNTLM", "it wants Negotiate, NTLM"), ("Basic  x", "it wants Basic  x")]
)
def test_a_title_is_one_line_whatever_a_server_sent(sent: str, title: str) -> None:
    assert finding(f"it wants {sent}", "").title == title


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(observations=evidence(), asked=st.sets(st.sampled_from(Control)), controls_allowed=st.booleans())
def test_no_rule_raises(observations: tuple[ev.Observation, ...], asked: set[Control], controls_allowed: bool) -> None:
    case = Case(observations, load(), asked=frozenset(asked), controls_allowed=controls_allowed)
    for cause in CAUSES:
        asks = None
        try:
            finding = cause.found_in(case)
        except OpenQuestion as question:
            asks = question.control
            continue
        finally:
            assert asks is None or (controls_allowed and asks not in asked)
        title = cause.warning_in(case)
        assert title is None or title
        if finding is not None:
            assert finding.title
            assert not finding.title.endswith(".")
            assert "\n" not in finding.title
            assert finding.evidence, cause.id
            consistent(cause, finding)
            found = dx.diagnosis(case, cause, finding)
            assert stage_results(case, found, ())


def test_every_cause_is_in_the_order_once() -> None:
    assert len(set(ORDER)) == len(ORDER)
    assert tuple(cause.id for cause in CAUSES) == ORDER
    assert ORDER[-1] == "unexplained"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_what_users_read_is_whole(cause: Cause) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cause.id)
    assert cause.text.side in SIDES
    assert cause.text.retry in {"no", "yes", "wait", "later"}
    assert cause.text.summary
    assert not cause.text.summary.endswith(".")
    assert len(cause.text.story.strip().split("\n\n")) >= 3
    named = set(re.findall(r"`([a-z]+-[a-z0-9-]+)`", cause.text.story))
    unknown = {
        name for name in named if name.split("-")[0] in {"dns", "tcp", "tls", "http", "body", "proxy", "checksum"}
    }
    assert unknown <= set(ORDER) | FAMILIES, unknown - set(ORDER)
