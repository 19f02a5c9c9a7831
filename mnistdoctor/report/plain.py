"""The report for logs and grep: one fact a line, every line with its target's number, no ornaments."""

from __future__ import annotations

from mnistdoctor import __version__, wording
from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.report import layout, phrasing, records
from mnistdoctor.report.advice import advice, shown


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """Lines of ``[N] key: value``, N the target's number; a diagnosis that several share is told once.

    Nothing is wrapped, whatever the `width`; times stand in the lines ``timings`` and ``time`` only.
    """
    del width
    numbers = {id(result): number for number, result in enumerate(report.targets, 1)}
    lines = [f"mnistdoctor {__version__}: {report.verdict}"]
    for group in phrasing.groups(report):
        first = numbers[id(group.first)]
        for result in group.results:
            number = numbers[id(result)]
            lines += [f"[{number}] {line}" for line in _target(result)]
            if result is not group.first and group.diagnosis is not None:
                lines.append(f"[{number}] same reason as: [{first}]")
            if verbose:
                lines += [f"[{number}] {line}" for line in _details(result)]
        lines += [f"[{first}] {line}" for line in _shared(group, report, verbose=verbose)]
    lines.append(f"time: {wording.duration(report.duration_s)}")
    lines.append(f"result: {report.verdict}, {_counts(report)}, exit code {exit_code}")
    return layout.writable("".join(f"{line}\n" for line in lines), encoding)


def _counts(report: Report) -> str:
    counts = ((sum(one.verdict == verdict for one in report.targets), verdict) for verdict in phrasing.VERDICTS)
    every = len(report.targets)
    return f"{every} target{'' if every == 1 else 's'}: " + ", ".join(f"{count} {verdict}" for count, verdict in counts)


def _target(result: TargetResult) -> list[str]:
    seen = phrasing.stages(result)
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
    lines += [_pair("warning", one.title) for one in result.warnings]
    return lines


def _timed(seen: tuple[dx.StageResult, ...]) -> tuple[dx.StageResult, ...]:
    """Stages that took time; the checksum is taken while the bytes arrive."""
    return tuple(one for one in seen if one.duration_s and one.stage != "checksum" and one.outcome != "skipped")


def _shared(group: phrasing.Group, report: Report, *, verbose: bool) -> list[str]:
    found = group.diagnosis
    if found is None:
        what = phrasing.subject(group, report)
        facts = [fact for fact in phrasing.arrived(group, what)[:-1] if group.verdict == "healthy"]
        return [_pair("summary", ", ".join((what, *facts)))] if facts else []
    lines = [
        _pair("problem", phrasing.headline(group, report)),
        _pair("summary", ", ".join(phrasing.second_line(group))),
        _pair("why", found.explanation),
        *(_pair("seen", one) for one in found.evidence),
        *(_pair("ruled out", f"{cause}: {by}") for cause, by in found.ruled_out),
    ]
    if found.also_possible:
        lines.append(_pair("also possible", ", ".join(found.also_possible)))
    for number, one in enumerate(shown(advice(group), verbose=verbose), 1):
        lines.append(_pair(f"fix {number}", one.title))
        lines.append(_pair(f"fix {number} {one.status}", one.trial))
        for command in one.commands:
            lines += [_pair(f"fix {number} {command.shell}", row) for row in command.text.split("\n")]
    lines.append(_pair("hint", f"`mnistdoctor explain {found.cause}` tells the whole story"))
    return lines


def _details(result: TargetResult) -> list[str]:
    lines = [_pair("record", records.line(one)) for one in result.observations]
    exchanges = (one for one in result.observations if isinstance(one, ev.Exchange))
    return lines + [_pair("request", records.curl_of(one, result.observations)) for one in exchanges]


def _pair(key: str, value: str) -> str:
    return f"{key}: {wording.one_line(value)}".rstrip()
