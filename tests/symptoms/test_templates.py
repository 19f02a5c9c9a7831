"""The rows of templates.toml, one by one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import DataObject, data, from_regex

from mnistdoctor.symptoms.templates import Template, first_match, templates

FOUND_ALONE = [one for one in templates() if one.says is not None and one.counts(())]


@pytest.mark.parametrize("template", FOUND_ALONE, ids=lambda one: one.says.pattern[:40])
@settings(
    max_examples=40, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(drawn=data())
def test_what_it_says_is_not_passed_over(template: Template, drawn: DataObject) -> None:
    """Lines without a hint are passed over at once: a wording that gives none would never be found."""
    assert template.says is not None
    text = drawn.draw(from_regex(template.says, fullmatch=True))
    assert template.says.search(text) is None or first_match(text, ()) is not None, text
