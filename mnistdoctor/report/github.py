"""GitHub's workflow commands: annotations on the run's page.

https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions
"""

from __future__ import annotations

from mnistdoctor import wording
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import phrasing
from mnistdoctor.report.advice import advice, shown
from mnistdoctor.report.groups import Group, groups, reason


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """One ``::error`` for each group of ailing targets, ``::warning`` for what was met and survived or left open.

    Empty where all is well; an undecided target is an error too where the exit code stops the job.
    """
    del width, verbose, encoding
    lines = []
    for group in groups(report):
        if group.verdict == "ailing":
            level = "warning" if group.allowed else "error"
            lines.append(_command(level, phrasing.headline(group, report), _body(group)))
        elif group.verdict == "inconclusive":
            level = "error" if exit_code else "warning"
            names = wording.first_few(phrasing.file_name(one) for one in group.results)
            lines.append(_command(level, phrasing.headline(group, report), f"{names}: {reason(group.first)}"))
        lines += [
            _command("warning", phrasing.subject(group, report).text, notice) for notice in phrasing.notices(group)
        ]
    return "".join(f"{line}\n" for line in lines)


def _body(group: Group) -> str:
    found = group.diagnosis
    if found is None:
        return "no diagnosis"
    names = wording.first_few(phrasing.file_name(one) for one in group.results)
    lines = [f"{names} ({' · '.join(phrasing.second_line(group))})", found.explanation, *found.evidence]
    for one in shown(advice(group), verbose=False):
        lines += [f"Fix: {one.title} ({one.trial})", *(f"    {command.text}" for command in one.commands)]
    return "\n".join((*lines, f"More: mnistdoctor explain {found.cause}"))


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """Escaped as actions/toolkit's `escapeData` does, so that no remote string can begin a command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as actions/toolkit's `escapeProperty` does."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
