"""``pytest -p mnistdoctor.pytest_plugin``: the report of a test that failed by a download says why. Sends nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Adds a section to the report of a failure."""
    del item
    outcome = yield
    report = outcome.get_result()
    if report.failed and call.excinfo is not None:
        from mnistdoctor.api import explanation

        text = explanation(call.excinfo.value)
        if text:
            report.sections.append(("mnistdoctor", text))
