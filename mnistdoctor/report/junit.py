"""JUnit XML: a test case a target, so that a CI shows each download among its tests.

Kept to what the two schemas in use share: that of Ant (https://github.com/windyroad/JUnit-Schema), which wants every
part in its order, and that of Jenkins' xUnit plugin, which spells `error` otherwise: so what failed is a `failure`.
"""

from __future__ import annotations

import re
from datetime import timezone
from xml.etree import ElementTree as ET

from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import phrasing
from mnistdoctor.report.advice import advice, of_no_help, shown
from mnistdoctor.report.groups import Group, dataset_part, groups, reason
from mnistdoctor.report.stages import stages

# What XML 1.0 section 2.2 has no place for, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """One document in UTF-8 with a final line break. A target that is ailing, or undecided, is a failure.

    One whose failure is allowed is skipped, with the reason.
    """
    del exit_code, width, encoding
    allowed = sum(one.allowed for one in report.targets)
    failed = sum(one.verdict != "healthy" for one in report.targets) - allowed
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name="mnistdoctor",
        package="mnistdoctor",
        id="0",
        hostname="localhost",
        timestamp=report.started.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
        tests=str(len(report.targets)),
        failures=str(failed),
        errors="0",
        skipped=str(allowed),
        time=f"{report.duration_s:.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name in ("platform", "python", "openssl"):
        ET.SubElement(properties, "property", name=name, value=_text(str(report.environment.get(name) or "")))
    for group in groups(report):
        for result in group.results:
            place = dataset_part(result.target) or "mnistdoctor"
            seconds = sum(one.duration_s for one in stages(result))
            name = phrasing.file_name(result) if result.target.name else result.url
            case = ET.SubElement(suite, "testcase", classname=_text(place), name=_text(name), time=f"{seconds:.3f}")
            if group.allowed:
                ET.SubElement(case, "skipped", message=_text(phrasing.headline(group, report)))
            elif group.verdict != "healthy":
                kind = group.diagnosis.cause if group.diagnosis else "inconclusive"
                headline = _text(phrasing.headline(group, report))
                failure = ET.SubElement(case, "failure", type=kind, message=headline)
                failure.text = _text("\n".join(_lines(group, verbose=verbose)))
    notices = [
        f"{phrasing.subject(group, report).text}: {one}" for group in groups(report) for one in phrasing.notices(group)
    ]
    ET.SubElement(suite, "system-out").text = _text("\n".join(notices))
    ET.SubElement(suite, "system-err")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _lines(group: Group, *, verbose: bool) -> list[str]:
    """The fix first, as a CI shows the beginning; then why, and what was seen."""
    found = group.diagnosis
    if found is None:
        return [reason(group.first)]
    lines = []
    every = advice(group)
    for one in shown(every, verbose=verbose):
        lines += [f"Fix: {one.title} ({one.trial})", *(f"    {command.text}" for command in one.commands)]
    lines += [f"Tried {one}" for one in of_no_help(every, verbose=verbose)]
    summary = ", ".join(phrasing.second_line(group))
    return [*lines, "", summary, found.explanation, *found.evidence, "", f"More: mnistdoctor explain {found.cause}"]


def _text(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
