"""What a CI shows beside its log: annotations, in the words that each one reads from the log.

GitHub: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
Azure Pipelines: https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
TeamCity: https://www.jetbrains.com/help/teamcity/service-messages.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from mnistdoctor.examine.conductor import Report
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.report import github, phrasing
from mnistdoctor.report.advice import advice, shown
from mnistdoctor.report.groups import groups


class CI(str, Enum):
    """A CI that is recognised by the variables it sets."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    AZURE = "Azure Pipelines"
    JENKINS = "Jenkins"
    TEAMCITY = "TeamCity"


_VARIABLES = {
    CI.GITHUB: ("GITHUB_ACTIONS", "true"),
    CI.GITLAB: ("GITLAB_CI", "true"),
    CI.AZURE: ("TF_BUILD", "true"),
    CI.JENKINS: ("JENKINS_URL", None),
    CI.TEAMCITY: ("TEAMCITY_VERSION", None),
}
"""The variable of each, and its value in lower case where it must have one."""


def recognised(variables: Mapping[str, str]) -> CI | None:
    """The CI that runs this process, by the variables that it documents; None for any other, and for none."""
    for ci, (name, value) in _VARIABLES.items():
        given = variables.get(name, "")
        if given and (value is None or given.lower() == value):
            return ci
    return None


def lines_for(ci: CI, report: Report, exit_code: int) -> str:
    """Lines for the CI's log, empty where it reads none (GitLab and Jenkins take files), or all is well."""
    match ci:
        case CI.GITHUB:
            return github.render(report, exit_code)
        case CI.AZURE:
            return _lines(report, exit_code, _azure)
        case CI.TEAMCITY:
            return _lines(report, exit_code, _teamcity)
        case CI.GITLAB | CI.JENKINS:
            return ""
        case other:
            assert_never(other)


def _lines(report: Report, exit_code: int, command: Callable[[str, str], str]) -> str:
    lines = []
    for group in groups(report):
        if group.verdict != "healthy":
            stops = exit_code if group.verdict == "inconclusive" else not group.allowed
            level = "error" if stops else "warning"
            fixes = [f"Fix: {one.title}" for one in shown(advice(group), verbose=False)]
            lines.append(command(level, ". ".join([phrasing.headline(group, report), *fixes[:1]])))
        for notice in phrasing.notices(group):
            lines.append(command("warning", f"{phrasing.subject(group, report).text}: {notice}"))
    return "".join(f"{line}\n" for line in lines)


def _azure(level: str, message: str) -> str:
    # `%` first, as the agent decodes it last: `AzureLoggingCommand` in azure-pipelines-agent.
    for character, code in (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A"), (";", "%3B"), ("]", "%5D")):
        message = message.replace(character, code)
    return f"##vso[task.logissue type={level}]{message}"


_TEAMCITY_MOST = 2000
"""Characters of a message; each may take two, and the description of a build problem has room for 4000."""


def _teamcity(level: str, message: str) -> str:
    escaped = "".join(f"|{one}" if one in "|'[]" else one for one in message[:_TEAMCITY_MOST])
    escaped = escaped.replace("\n", "|n").replace("\r", "|r")
    if level == "error":
        return f"##teamcity[buildProblem description='{escaped}']"
    return f"##teamcity[message text='{escaped}' status='WARNING']"
