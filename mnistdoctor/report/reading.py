"""What `triage` prints: what the text shows, why, what to do, and whether an examination agrees."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict

from mnistdoctor.causes.base import Fix
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import layout
from mnistdoctor.report.advice import SHELLS
from mnistdoctor.report.sanitize import sanitized
from mnistdoctor.report.sides import RETRIES, SIDES
from mnistdoctor.symptoms.matches import Match, Reading
from mnistdoctor.wording import joined

FORMAT_VERSION = 1

_FIRST = {
    "download-failure": "a download failed",
    "not-a-download-failure": "this is no failed download",
    "inconclusive": "the text does not tell what failed",
}


def values(reading: Reading, examination: Report | None, exit_code: int) -> dict[str, object]:
    """The document of ``--format json`` (`triage.schema.json`)."""
    from mnistdoctor.report import document

    examined = None
    if examination is not None:
        examined = json.loads(document.render(sanitized(examination, strict=False), exit_code))
    return {
        "format_version": FORMAT_VERSION,
        "verdict": reading.verdict,
        "matches": [_match(match) for match in reading.matches],
        "dangers": [asdict(danger) for danger in reading.dangers],
        "agreement": agreement(reading, examination),
        "examination": examined,
    }


def _match(match: Match) -> dict[str, object]:
    return {
        "cause": match.cause,
        "certainty": match.certainty,
        "stage": match.stage,
        "side": match.side,
        "retry": match.retry,
        "loader": match.loader,
        "url": match.url,
        "excerpt": match.excerpt,
        "title": match.title,
        "explanation": match.explanation,
        "also_possible": list(match.also_possible),
        "fixes": [
            {
                "title": fix.title,
                "commands": [{"shell": command.shell, "text": command.text} for command in fix.commands],
                "trial": {
                    "status": "untried",
                    "duration_s": None,
                    "reason": fix.untried or "a text was read, and nothing was tried",
                },
            }
            for fix in match.fixes
        ],
    }


def agreement(reading: Reading, examination: Report | None) -> str | None:
    """Whether the world agrees with the text, in a sentence; None where nothing was examined."""
    if examination is None or not examination.targets:
        return None
    first = examination.targets[0]
    if first.verdict == "healthy":
        return (
            "the same URL was examined just now, and it is healthy from here: the text tells of a failure that is over"
        )
    if first.diagnosis is None:
        return "the same URL was examined just now, without a result"
    causes = [match.cause for match in reading.matches]
    if first.diagnosis.cause in causes[:1]:
        return f"the same URL was examined just now, and fails for the same reason: {first.diagnosis.title}"
    if first.diagnosis.cause in causes:
        return f"the same URL was examined just now, and this is the reason: {first.diagnosis.title}"
    return f"the same URL was examined just now, and fails for another reason here: {first.diagnosis.title}"


def text(
    reading: Reading, *, width: int, encoding: str, examination: Report | None = None, verbose: bool = False
) -> str:
    """The answer in the first line; what to do last."""
    signs = layout.signs_for(encoding)
    width = min(width, 100)
    lines = _headline(reading, signs, width)
    best = reading.matches[0] if reading.matches else None
    if best is not None:
        facts = [f"`{best.cause}`", best.certainty, SIDES[best.side].whose, RETRIES[best.retry].short]
        lines += _hanging("  ", f" {signs.dot} ".join(facts), width)
        lines.append("")
        lines += _hanging("  Said   ", best.excerpt, width)
        lines += _hanging("  Why    ", best.explanation, width)
        others = [f"`{cause}`" for cause in best.also_possible[:3]]
        if others and best.certainty == "likely":
            lines += _hanging("  Or     ", f"{joined(others)}: an examination tells them apart", width)
        if not best.of_program and best.url:
            lines += _hanging("  URL    ", best.url, width)
    elif reading.survived:
        lines += ["", *_hanging("  Said   ", reading.survived, width)]
        lines += _hanging("  Why    ", "what was said did not end the program: it went on by itself", width)
    agreed = agreement(reading, examination)
    if agreed:
        lines += ["", *_hanging("  Now    ", agreed, width)]
    if best is not None and best.fixes:
        lines.append("")
        for number, fix in enumerate(best.fixes if verbose else best.fixes[:3]):
            lines += _fix("  Fix    " if number == 0 else "         ", fix, width)
    for danger in reading.dangers:
        lines.append("")
        lines += _hanging("  Not a fix: ", f"`{danger.quote}`. {danger.instead}", width, indent=2)
    hint = _hint(reading, best, examination)
    lines += ["", *_hanging("  hint: ", hint, width, indent=2)] if hint else []
    return layout.writable("".join(f"{line.rstrip()}\n" for line in lines), encoding)


def _headline(reading: Reading, signs: layout.Signs, width: int) -> list[str]:
    sign = {"download-failure": signs.failed, "not-a-download-failure": signs.ok, "inconclusive": signs.unknown}
    first = _FIRST[reading.verdict]
    if reading.matches:
        who = f"{reading.matches[0].loader}: " if reading.matches[0].loader else ""
        likely = "likely: " if reading.matches[0].certainty == "likely" else ""
        first = who + likely + reading.matches[0].title
        if reading.verdict == "not-a-download-failure":
            first = f"no failed download: {first}"
    return _hanging(f"{sign[reading.verdict]} ", first, width)


def _hint(reading: Reading, best: Match | None, examination: Report | None) -> str:
    if best is None:
        return "" if reading.survived else "paste the whole output, from the first line of the traceback to the last"
    story = f"`mnistdoctor explain {best.cause}` for the whole story"
    if examination is None and best.url and not best.of_program and "***" not in best.url:
        return f"`mnistdoctor {shlex.quote(best.url)}` examines it from here; {story}"
    return story


def _fix(label: str, fix: Fix, width: int) -> list[str]:
    lines = _hanging(label, fix.title, width)
    for command in fix.commands:
        shell = SHELLS.get(command.shell, "")
        lines += [f"             {line}" for line in command.text.splitlines()]
        if shell and shell not in fix.title:
            lines[-1] += f"   # {shell}" if command.shell != "python" else ""
    return lines


def _hanging(label: str, content: str, width: int, indent: int | None = None) -> list[str]:
    rest = " " * (len(label) if indent is None else indent)
    rows = layout.wrap(" ".join(content.split()), max(20, width - len(label)))
    return [(label if number == 0 else rest) + row for number, row in enumerate(rows or [""])]
