"""The report as one HTML file that stands alone: no script, nothing from elsewhere, readable by day and by night.

Every text is escaped, and a content security policy forbids what an escape could miss
(https://www.w3.org/TR/CSP3/#directives-fetch): styles in the file, and nothing else at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escaped
from importlib.resources import files

from mnistdoctor import __version__
from mnistdoctor.diagnosis import Verdict
from mnistdoctor.evidence import STAGES, Observation
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import phrasing, records
from mnistdoctor.report.advice import Advice, advice, of_no_help, shown
from mnistdoctor.report.groups import Group, groups
from mnistdoctor.report.letter import letter, utc
from mnistdoctor.report.stages import StageOutcome, StageResult, stages
from mnistdoctor.wording import duration, one_line

_SIGNS: dict[StageOutcome, str] = {"ok": "✓", "warning": "!", "failed": "✗", "skipped": "·"}
_MEANINGS: dict[StageOutcome, str] = {
    "ok": "well", "warning": "well, with a warning", "failed": "failed", "skipped": "not needed, or not reached",
}  # fmt: skip
_VERDICTS: dict[Verdict, str] = {"healthy": "✓", "ailing": "✗", "inconclusive": "?"}
# What a document may not hold (https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream):
# controls, surrogates and noncharacters.
_NO_HTML = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
MOST_RECORDS = 400
"""Rows of the waterfall of one target."""


def render(report: Report, exit_code: int, *, width: int = 80, verbose: bool = False, encoding: str = "utf-8") -> str:
    """The whole page, in UTF-8 whatever the stream, with a final line break."""
    del width, encoding
    worst_first = tuple(reversed(groups(report)))
    several = len(worst_first) != 1
    answer = phrasing.overall(report) if several else phrasing.headline(worst_first[0], report)
    body = [f'<h1><span class="{report.verdict}">{_VERDICTS[report.verdict]}</span> {_safe(answer)}</h1>']
    for group in worst_first:
        body += _group(group, report, headed=several, verbose=verbose)
    body += ["<h3>All targets</h3>", _matrix(report), *_environment(report)]
    made = f"{_run(report, exit_code)}, mnistdoctor {__version__}"
    body.append(f"<footer>{_safe(made)}. This page holds no script and asks nobody for anything.</footer>")
    return _page(f"{report.verdict}: {answer}", "\n".join(body))


def _page(title: str, body: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    whole = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_safe(title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return _NO_HTML.sub("\N{REPLACEMENT CHARACTER}", whole)


def _style() -> str:
    return files("mnistdoctor.report").joinpath("page.css").read_text(encoding="utf-8")


def _safe(text: str) -> str:
    return _escaped(one_line(text), quote=True)


def _prose(text: str) -> str:
    """A sentence, its pieces in backticks as code."""
    pieces = _safe(text).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))


def _run(report: Report, exit_code: int) -> str:
    ended = ", interrupted" if report.interrupted else ""
    return f"{utc(report.started, 0)} UTC, {duration(report.duration_s)}{ended}, exit code {exit_code}"


def _group(group: Group, report: Report, *, headed: bool, verbose: bool) -> list[str]:
    parts = []
    if headed:
        sign = f'<span class="{group.verdict}">{_VERDICTS[group.verdict]}</span>'
        parts.append(f"<h2>{sign} {_safe(phrasing.headline(group, report))}</h2>")
    found = group.diagnosis
    if found is not None:
        cause = f"cause <code>{_safe(found.cause)}</code>"
        parts.append(f'<p class="soft">{_safe(" · ".join(phrasing.second_line(group)))} · {cause}</p>')
        parts += _fixes(group, verbose=verbose)
        parts += ["<h3>Why</h3>", f"<p>{_prose(found.explanation)}</p>", "<h3>Seen</h3>", _list(found.evidence)]
        if phrasing.likewise(group):
            parts += ["<h3>Likewise</h3>", _list(phrasing.likewise(group))]
        if found.ruled_out:
            parts += ["<h3>Ruled out</h3>", _list(f"`{cause}`: {by}" for cause, by in found.ruled_out)]
        if found.also_possible:
            parts += ["<h3>Also possible</h3>", _list(f"`{cause}`" for cause in found.also_possible)]
    notices = phrasing.notices(group)
    if notices:
        parts += ["<h3>Warnings</h3>", _list(notices)]
    parts += ["<h3>Where the time went</h3>", _waterfall(group.first.observations)]
    written = letter(group, report)
    if written is not None:
        to, text = written
        parts.append(f"<details><summary>Message to {_safe(to)}</summary><pre>{_escaped(text)}</pre></details>")
    return parts


def _list(entries: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_prose(one)}</li>" for one in entries) + "</ul>"


def _fixes(group: Group, *, verbose: bool) -> list[str]:
    every = advice(group)
    printed = shown(every, verbose=verbose)
    parts = ["<h3>What to do</h3>"] if printed else []
    for one in printed:
        parts += _fix(one)
    return [*parts, *(f'<p class="soft">Tried {_prose(one)}</p>' for one in of_no_help(every, verbose=verbose))]


def _fix(one: Advice) -> list[str]:
    state = "proven" if one.status == "proven" else "soft"
    parts = [f'<p>{_prose(one.title)}<br><span class="{state}">{_prose(one.trial)}</span></p>']
    if one.commands:
        text = "\n".join(command.text for command in one.commands)
        parts.append(f"<pre><code>{_escaped(text)}</code></pre>")
    return parts


def _matrix(report: Report) -> str:
    head = "".join(f"<th>{stage}</th>" for stage in STAGES)
    rows = []
    for result in report.targets:
        by_stage = {one.stage: one for one in stages(result)}
        cells = "".join(_cell(by_stage.get(stage)) for stage in STAGES)
        sign = f'<span class="{result.verdict}">{_VERDICTS[result.verdict]}</span>'
        rows.append(f"<tr><td>{sign} {_safe(result.target.name or result.url)}</td>{cells}</tr>")
    meanings = " · ".join(f"{_SIGNS[outcome]} {meaning}" for outcome, meaning in _MEANINGS.items())
    table = f"<thead><tr><th>target</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table>{table}</table></div>\n<p class="soft">{meanings}</p>'


def _cell(stage: StageResult | None) -> str:
    if stage is None:
        return "<td>·</td>"
    took = f" {duration(stage.duration_s)}" if stage.duration_s and stage.stage != "checksum" else ""
    return f'<td class="{stage.outcome}" title="{_safe(stage.summary)}">{_SIGNS[stage.outcome]}{took}</td>'


def _waterfall(observations: tuple[Observation, ...]) -> str:
    """Each operation as a bar from when it began to when it ended, as a browser's network panel draws them."""
    rows = [one for one in observations if one.stage is not None and one.reused is None][:MOST_RECORDS]
    whole = max((one.started_s + one.duration_s for one in rows), default=0.0)
    if not whole:
        return '<p class="soft">Nothing was sent.</p>'
    first = min(one.started_s for one in rows)
    whole = max(whole - first, 0.001)
    left, right, step = 300, 640, 20
    lines = [
        f'<svg viewBox="0 0 {left + right + 70} {step * len(rows) + 6}" role="img" aria-label="the operations in time">'
    ]
    for number, one in enumerate(rows):
        y = number * step
        x = left + right * (one.started_s - first) / whole
        long = max(2.0, right * one.duration_s / whole)
        style = "bar failed" if one.failure else "bar"
        label = one_line(records.operation_text(one))
        label = label if len(label) <= 44 else label[:43] + "…"
        lines.append(f'<line class="rule" x1="0" x2="{left + right + 70}" y1="{y + step}" y2="{y + step}"/>')
        lines.append(f'<text x="0" y="{y + 14}">{_safe(label)}</text>')
        lines.append(f'<rect class="{style}" x="{x:.1f}" y="{y + 5}" width="{long:.1f}" height="10" rx="2"/>')
        lines.append(
            f'<text x="{min(x + long + 6, left + right + 6):.1f}" y="{y + 14}">{duration(one.duration_s)}</text>'
        )
    return "".join(lines) + "</svg>"


def _environment(report: Report) -> list[str]:
    rows = []
    for key, value in report.environment.items():
        if value not in (None, [], {}, ""):
            rows.append(
                f"<tr><td>{_safe(key.replace('_', ' '))}</td><td>{_safe(phrasing.environment_value(value))}</td></tr>"
            )
    return [f"<details><summary>Environment</summary><table>{''.join(rows)}</table></details>"] if rows else []
