"""What `explain` prints of a cause."""

from __future__ import annotations

import textwrap

from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.stages import NO_STAGE, WHERE_IT_FAILED, home_stage
from mnistdoctor.evidence import STAGES
from mnistdoctor.examine.controls.registry import CONTROLS
from mnistdoctor.report.sides import RETRIES, SIDES


def story(cause: Cause, width: int) -> str:
    """The long text, wrapped to the width, and below it what the cause may ask of whom before it is said."""
    head = [
        cause.id,
        f"  {cause.text.summary}",
        f"  side: {SIDES[cause.text.side].who}",
        f"  retry: {RETRIES[cause.text.retry].why}",
        "",
    ]
    paragraphs = [_wrapped(part, width) for part in cause.text.story.split("\n\n")]
    if cause.needs:
        paragraphs.append("\n".join(("It may ask:", *(_item(CONTROLS[one].sentence, width) for one in cause.needs))))
    return "\n".join(head) + "\n" + "\n\n".join(paragraphs) + "\n"


def listing(causes: tuple[Cause, ...], width: int) -> str:
    """A row for each cause, below the stage to which it belongs, in the order of precedence."""
    longest = max(len(cause.id) for cause in causes)
    rest = max(20, width - longest - 4)
    lines: list[str] = []
    for place in (*STAGES, WHERE_IT_FAILED, NO_STAGE):
        own = [cause for cause in causes if home_stage(cause.id) == place]
        if own:
            lines += ["", f"{place}: {len(own)} cause{'' if len(own) == 1 else 's'}"]
        for cause in own:
            first, *more = textwrap.wrap(
                f"{cause.text.summary} ({SIDES[cause.text.side].short})", rest, break_on_hyphens=False
            ) or [""]
            lines.append(f"  {cause.id:<{longest}}  {first}".rstrip())
            lines += [" " * (longest + 4) + line for line in more]
    return "\n".join(lines[1:]) + "\n"


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
    return textwrap.fill(
        " ".join(paragraph.split()),
        min(width, 88),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _item(sentence: str, width: int) -> str:
    return "- " + _wrapped(sentence, width - 2, "  ")
