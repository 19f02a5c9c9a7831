"""The report as a section to paste into an issue (GitHub's Markdown), with a message ready to send at its end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from mnistdoctor import __version__, wording
from mnistdoctor import evidence as ev
from mnistdoctor.diagnosis import Verdict
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import phrasing
from mnistdoctor.report.advice import advice, of_no_help, shown
from mnistdoctor.report.groups import Group, groups
from mnistdoctor.report.letter import letter, utc
from mnistdoctor.report.stages import stages

MOST_CHARACTERS = 60_000
"""GitHub takes issues of up to 65 536 characters."""
LONGEST_TEXT = 600
"""Of a server's text in the list of observations."""

_SIGNS: dict[Verdict, str] = {"healthy": "✓", "ailing": "✗", "inconclusive": "?"}
_FENCES = {"posix": "sh", "powershell": "powershell", "python": "python"}


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """Markdown with a final line break. Every string of a server is escaped or fenced; nothing is wrapped.

    With `verbose` fixes that did not help are listed too; `width` and `encoding` change nothing.
    """
    del width, encoding
    found = tuple(reversed(groups(report)))
    parts = [] if len(found) == 1 else [f"## {_SIGNS[report.verdict]} {escape(phrasing.overall(report))}"]
    for group in found:
        parts += _group(group, report, level="##" if len(found) == 1 else "###", verbose=verbose)
    parts += ["### Environment", _environment(report), _run_line(report, exit_code)]
    letters = _letters(found, report)
    room = MOST_CHARACTERS - sum(len(part) + 2 for part in (*parts, *letters))
    parts += [_records(found, room), *letters]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """One line of text in which nothing is markup but pieces in single backticks; they stay code.

    Mentions and references (``@name``, ``#1``) are broken by an empty comment, so that pasting notifies nobody.
    """
    pieces = re.split(r"((?<![`\\])`[^`]+`(?!`))", wording.one_line(text))
    return "".join(_code_cell(piece) if number % 2 else _prose(piece) for number, piece in enumerate(pieces))


def fence(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside (CommonMark 4.5)."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{language}\n{text}\n{mark}"


def _prose(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]|~])", r"\\\1", text)
    text = re.sub(r"^(\s*)([#+=-])", r"\1\\\2", text)
    text = re.sub(r"^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    return re.sub(r"([@#])(?=\w)", r"\1<!-- -->", text)


def _code_cell(text: str) -> str:
    # A bar ends a table's cell even inside code (https://github.github.com/gfm/#tables-extension-).
    return text.replace("|", "\\|")


def _run_line(report: Report, exit_code: int) -> str:
    ended = ", interrupted" if report.interrupted else ""
    return (
        f"{utc(report.started, 0)} UTC, {wording.duration(report.duration_s)}{ended}, exit code {exit_code}, "
        f"mnistdoctor {__version__}"
    )


def _group(group: Group, report: Report, *, level: str, verbose: bool) -> list[str]:
    """The answer, what to do, why; then what was asked for, and the stages."""
    parts = [f"{level} {_SIGNS[group.verdict]} {escape(phrasing.headline(group, report))}"]
    found = group.diagnosis
    if found is not None:
        parts.append(f"{' · '.join(phrasing.second_line(group))} · cause `{found.cause}`")
        parts += _fixes(group, verbose=verbose)
        parts += ["**Why**", escape(found.explanation), "**Seen**", _list(found.evidence)]
        if phrasing.looks(group):
            parts += ["**Shown as**", _list(phrasing.looks(group))]
        if phrasing.likewise(group):
            parts += ["**Likewise**", _list(phrasing.likewise(group))]
        if found.ruled_out:
            parts += ["**Ruled out**", _list(f"`{cause}`: {by}" for cause, by in found.ruled_out)]
        if found.also_possible:
            parts.append("**Also possible**: " + ", ".join(f"`{cause}`" for cause in found.also_possible))
    notices = phrasing.notices(group)
    if notices:
        parts += ["**Warnings**", _list(notices)]
    parts += ["**Asked for**", _list(": ".join(filter(None, (one.target.name, one.url))) for one in group.results)]
    return [*parts, _table(group)]


def _list(entries: Iterable[str]) -> str:
    return "\n".join(f"- {escape(entry)}" for entry in entries)


def _table(group: Group) -> str:
    results = stages(group.first)
    if not results:
        return ""
    rows = ["| stage | outcome | time | what was seen |", "| --- | --- | ---: | --- |"]
    for stage in results:
        timed = stage.duration_s and stage.stage != "checksum"
        took = wording.duration(stage.duration_s) if timed else ""
        rows.append(f"| {stage.stage} | {stage.outcome} | {took} | {escape(stage.summary)} |")
    return "\n".join(rows)


def _fixes(group: Group, *, verbose: bool) -> list[str]:
    every = advice(group)
    printed = shown(every, verbose=verbose)
    parts = ["**What to do**"] if printed else []
    for number, one in enumerate(printed, 1):
        parts.append(f"{number}. {escape(one.title)} ({escape(one.trial)})")
        shell = one.commands[0].shell if one.commands else ""
        if one.commands:
            parts.append(fence("\n".join(command.text for command in one.commands), _FENCES.get(shell, "")))
    return [*parts, *(f"**Tried** {escape(one)}" for one in of_no_help(every, verbose=verbose))]


def _environment(report: Report) -> str:
    told = []
    for key, value in report.environment.items():
        if value in (None, [], {}, ""):
            continue
        told.append(f"- {escape(key.replace('_', ' '))}: {escape(phrasing.environment_value(value))}")
    return "\n".join(told)


def _records(found: tuple[Group, ...], room: int) -> str:
    """As many records as there is room for, those of the first ailing target of each group before all others."""
    ranked = [
        (group.verdict != "ailing" or result is not group.first, one.role != "target", one)
        for group in found
        for result in group.results
        for one in result.observations
    ]
    ranked.sort(key=lambda entry: entry[:2])
    lines: list[str] = []
    for _, _, one in ranked:
        line = json.dumps(_short(ev.to_json(one)), ensure_ascii=False)
        room -= len(line) + 2
        if room < 500:
            break
        lines.append(line)
    if not lines:
        return ""
    every = f"{len(ranked)} observations"
    title = every if len(lines) == len(ranked) else f"{len(lines)} of {every}; <code>--format json</code> has them all"
    block = "[\n" + ",\n".join(lines) + "\n]"
    return f"<details>\n<summary>{title}</summary>\n\n{fence(block, 'json')}\n\n</details>"


def _short(values: dict[str, object]) -> dict[str, object]:
    """The record's values, the beginnings of long texts only."""
    long = {key: value for key, value in values.items() if isinstance(value, str) and len(value) > LONGEST_TEXT}
    return values | {key: f"{value[:LONGEST_TEXT]}…" for key, value in long.items()}


def _letters(found: tuple[Group, ...], report: Report) -> list[str]:
    parts = []
    for group in found:
        written = letter(group, report)
        if written is not None:
            to, text = written
            parts += [f"### Message to {escape(to)}", fence(text, "text")]
    return parts
