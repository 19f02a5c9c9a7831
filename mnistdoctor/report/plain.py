"""The report for logs and grep: the answer, what to do, why, the stages; one fact a line, no ornaments."""

from __future__ import annotations

from mnistdoctor import __version__, wording
from mnistdoctor import evidence as ev
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.report import layout, phrasing, records
from mnistdoctor.report.advice import Advice, advice, of_no_help, shown
from mnistdoctor.report.groups import VERDICTS, Group, groups
from mnistdoctor.report.stages import StageResult, stages


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """A block for each reason, the worst first; below it a block of ``[N] key: value`` for each of its targets.

    Nothing is wrapped, whatever the `width`; times stand in the lines ``timings`` and ``time`` only.
    """
    del width
    numbers = {id(result): number for number, result in enumerate(report.targets, 1)}
    found = tuple(reversed(groups(report)))
    lines = [] if len(found) == 1 else [f"{report.verdict}: {phrasing.overall(report, timed=False)}", ""]
    for group in found:
        lines += _block(group, report, verbose=verbose)
        for result in group.results:
            lines += [f"[{numbers[id(result)]}] {line}" for line in _target(result)]
            if verbose:
                lines += [f"[{numbers[id(result)]}] {line}" for line in _details(result)]
        lines.append("")
    lines += [_pair("python", one) for one in [phrasing.interpreter(report)] if one]
    lines.append(f"time: {wording.duration(report.duration_s)}")
    lines.append(f"result: {report.verdict}, {_counts(report)}, exit code {exit_code}, mnistdoctor {__version__}")
    return layout.writable("".join(f"{line}\n" for line in lines), encoding)


def _counts(report: Report) -> str:
    counts = ((sum(one.verdict == verdict for one in report.targets), verdict) for verdict in VERDICTS)
    every = len(report.targets)
    return f"{every} target{'' if every == 1 else 's'}: " + ", ".join(f"{count} {verdict}" for count, verdict in counts)


def _block(group: Group, report: Report, *, verbose: bool) -> list[str]:
    """What holds for all targets of a group."""
    answer = _pair(group.verdict, phrasing.headline(group, report, timed=False))
    notices = [_pair("warning", one) for one in phrasing.notices(group)]
    found = group.diagnosis
    if found is None:
        return [answer, *notices]
    every = advice(group)
    fixes = [line for one in shown(every, verbose=verbose) for line in _fix(one)]
    return [
        answer,
        _pair("summary", ", ".join(phrasing.second_line(group))),
        *fixes,
        *(_pair("tried", one) for one in of_no_help(every, verbose=verbose)),
        _pair("cause", found.cause),
        _pair("why", found.explanation),
        *(_pair("seen", one) for one in found.evidence),
        *(_pair("shown as", one) for one in phrasing.looks(group)),
        *(_pair("likewise", one) for one in phrasing.likewise(group)),
        *(_pair("ruled out", f"{cause}: {by}") for cause, by in found.ruled_out),
        *([_pair("also possible", ", ".join(found.also_possible))] if found.also_possible else []),
        *notices,
        _pair("hint", f"`mnistdoctor explain {found.cause}` tells the whole story"),
    ]


def _fix(one: Advice) -> list[str]:
    """The fix, what came of it, and its lines as they can be pasted: Python and here-documents mind leading blanks."""
    lines = [_pair("fix", one.title + (f" ({one.shell})" if one.shell else "")), f"    {wording.one_line(one.trial)}"]
    for command in one.commands:
        indent = "" if command.shell == "python" or "\n" in command.text else "    "
        lines += [f"{indent}{row}".rstrip() for row in command.text.split("\n")]
    return lines


def _target(result: TargetResult) -> list[str]:
    seen = stages(result)
    lines = [
        _pair("target", result.target.name or result.url),
        _pair("verdict", result.verdict),
        _pair("url", result.url),
    ]
    if result.final_url and result.final_url != result.url:
        lines.append(_pair("final url", result.final_url))
    lines.append(_pair("client", result.target.client))
    if seen:
        lines.append(_pair("stages", " ".join(f"{one.stage}={one.outcome}" for one in seen)))
        timings = " ".join(f"{one.stage}={one.duration_s * 1000:.0f}ms" for one in _timed(seen))
        lines += [_pair("timings", timings)] if timings else []
    if result.diagnosis:
        lines.append(_pair("cause", result.diagnosis.cause))
    return lines


def _timed(seen: tuple[StageResult, ...]) -> tuple[StageResult, ...]:
    """Stages that took time; the checksum is taken while the bytes arrive."""
    return tuple(one for one in seen if one.duration_s and one.stage != "checksum" and one.outcome != "skipped")


def _details(result: TargetResult) -> list[str]:
    lines = [_pair("record", records.line(one)) for one in result.observations]
    exchanges = (one for one in result.observations if isinstance(one, ev.Exchange))
    return lines + [_pair("request", records.curl_of(one, result.observations)) for one in exchanges]


def _pair(key: str, value: str) -> str:
    return f"{key}: {wording.one_line(value)}".rstrip()
