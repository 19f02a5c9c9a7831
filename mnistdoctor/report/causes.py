"""What `explain` prints of a cause."""

from __future__ import annotations

from mnistdoctor import wording
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.stages import NO_STAGE, WHERE_IT_FAILED, home_stage
from mnistdoctor.evidence import STAGES
from mnistdoctor.examine.controls.registry import CONTROLS
from mnistdoctor.report import layout
from mnistdoctor.report.sides import RETRIES, SIDES
from mnistdoctor.symptoms.appearances import appearances

WIDEST = 88
"""Longer lines of prose are hard to read."""
NARROWEST = 30
"""Columns that a sentence beside an id needs."""


def story(cause: Cause, width: int) -> str:
    """The long text, wrapped to the width, and below it what the cause may ask of whom before it is said."""
    facts = (
        cause.text.summary,
        f"side: {SIDES[cause.text.side].who}",
        f"retry: {RETRIES[cause.text.retry].why}",
    )
    head = [cause.id, *(f"  {_wrapped(one, width - 2, '  ')}" for one in facts), ""]
    paragraphs = [_wrapped(part, width) for part in cause.text.story.split("\n\n")]
    looks = appearances(cause.id)
    if looks:
        lines = (_item(f"{client} shows `{says}`", width) for client, says in looks.items())
        paragraphs.append("\n".join(("It looks like this:", *lines)))
    if cause.needs:
        paragraphs.append("\n".join(("It may ask:", *(_item(CONTROLS[one].sentence, width) for one in cause.needs))))
    return "\n".join(head) + "\n" + "\n\n".join(paragraphs) + "\n"


def listing(causes: tuple[Cause, ...], width: int) -> str:
    """A row for each cause, below the stage to which it belongs, in the order of precedence."""
    lines: list[str] = []
    longest = max(len(cause.id) for cause in causes)
    for place in (*STAGES, WHERE_IT_FAILED, NO_STAGE):
        own = [cause for cause in causes if home_stage(cause.id) == place]
        if own:
            lines += ["", f"{place}: {len(own)} cause{'' if len(own) == 1 else 's'}"]
        for cause in own:
            lines += _row(cause, longest, width)
    return "\n".join(lines[1:]) + "\n"


def candidates(term: str, causes: tuple[Cause, ...], width: int) -> str:
    """The causes that show themselves as what somebody read, likeliest first, and how to tell which it is."""
    count = "one cause shows itself so" if len(causes) == 1 else f"{len(causes)} causes show themselves so"
    longest = max(len(cause.id) for cause in causes)
    lines = [_wrapped(f"{wording.shortened(wording.one_line(term))}: {count}", width), ""]
    for cause in causes:
        lines += _row(cause, longest, width)
    hint = "hint: `mnistdoctor explain CAUSE` tells the story of one, `mnistdoctor TARGET` finds out which it is"
    return "\n".join((*lines, "", _wrapped(hint, width, "      "))) + "\n"


def _row(cause: Cause, longest: int, width: int) -> list[str]:
    """The id and what it means beside it; below it where little room is left."""
    beside = width - longest - 4 >= NARROWEST
    indent = " " * (longest + 4 if beside else 4)
    told = layout.wrap(f"{cause.text.summary} ({SIDES[cause.text.side].short})", width - len(indent)) or [""]
    first, more = (f"  {cause.id:<{longest}}  {told[0]}".rstrip(), told[1:]) if beside else (f"  {cause.id}", told)
    return [first, *(f"{indent}{line}" for line in more)]


def values(cause: Cause) -> dict[str, object]:
    """The cause as JSON values."""
    return {
        "cause": cause.id,
        "summary": cause.text.summary,
        "stage": home_stage(cause.id),
        "side": cause.text.side,
        "retry": cause.text.retry,
        "story": cause.text.story,
    }


def _wrapped(paragraph: str, width: int, indent: str = "") -> str:
    """A paragraph; further lines begin with `indent`, which counts."""
    return f"\n{indent}".join(layout.wrap(" ".join(paragraph.split()), min(width, WIDEST) - len(indent)))


def _item(sentence: str, width: int) -> str:
    return "- " + _wrapped(sentence, width - 2, "  ")
