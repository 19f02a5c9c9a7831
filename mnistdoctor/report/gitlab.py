"""GitLab's Code Quality report: an entry a target, shown in the merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import phrasing
from mnistdoctor.report.advice import advice, shown
from mnistdoctor.report.groups import groups, reason

PLACE = ".gitlab-ci.yml"
"""An entry wants a file of the repository; no report says which of them asked for the target."""


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """A JSON list with a final line break; empty where all is well and nothing was survived."""
    del exit_code, width, encoding
    entries: list[dict[str, object]] = []
    for group in groups(report):
        found = group.diagnosis
        for result in group.results:
            name = result.target.name or result.url
            if group.verdict != "healthy":
                fixes = [one.title for one in shown(advice(group), verbose=verbose)]
                told = ". ".join([phrasing.headline(group, report), *(f"Fix: {one}" for one in fixes[:1])])
                severity = "minor" if group.allowed else "blocker" if group.verdict == "ailing" else "major"
                entries.append(_entry(name, found.cause if found else "inconclusive", told, severity))
            said = reason(result) if group.verdict == "inconclusive" else None
            warnings = [one for one in result.warnings if one.title != said]
            entries += [_entry(name, one.cause or "warning", one.title, "minor") for one in warnings]
    seen: Counter[object] = Counter()
    for entry in entries:  # two of the same target and cause, such as two dead mirrors, are two findings
        seen[entry["fingerprint"]] += 1
        if (number := seen[entry["fingerprint"]]) > 1:
            entry["fingerprint"] = hashlib.sha256(f"{entry['fingerprint']} {number}".encode()).hexdigest()
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(target: str, check: str, description: str, severity: str) -> dict[str, object]:
    # The fingerprint tells whether a finding is new: the same target with the same cause is the same finding.
    fingerprint = hashlib.sha256(f"{target}\n{check}\n{severity}".encode(errors="replace")).hexdigest()
    return {
        "description": f"{target}: {description}",
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": PLACE, "lines": {"begin": 1}},
    }
