"""What `explain` prints of a cause."""

from __future__ import annotations

import textwrap
from typing import Any

from mnistdoctor.causes.base import Cause

SIDES = {
    "you": "this machine or its settings", "network": "your network", "proxy": "the proxy", "server": "the server",
    "framework": "the library that downloads", "unknown": "not known",
}  # fmt: skip
RETRIES = {
    "no": "the same request will fail the same way", "yes": "repeat after a moment",
    "wait": "repeat after the time named", "later": "an outage on the far side",
}  # fmt: skip


def story(cause: Cause, width: int) -> str:
    """The long text, wrapped to the width."""
    head = [cause.id, f"  {cause.summary}", f"  side: {SIDES[cause.side]}", f"  retry: {RETRIES[cause.retry]}", ""]
    paragraphs = [_wrapped(part, width) for part in cause.story.strip().split("\n\n")]
    return "\n".join(head) + "\n" + "\n\n".join(paragraphs) + "\n"


def listing(causes: tuple[Cause, ...], width: int) -> str:
    """One line a cause, grouped as they stand in the order of precedence."""
    longest = max(len(cause.id) for cause in causes)
    lines = []
    for cause in sorted(causes, key=lambda one: one.id):
        rest = max(20, width - longest - 2)
        first, *more = textwrap.wrap(cause.summary, rest) or [""]
        lines.append(f"{cause.id:<{longest}}  {first}".rstrip())
        lines += [" " * (longest + 2) + line for line in more]
    return "\n".join(lines) + "\n"


def values(cause: Cause) -> dict[str, Any]:
    """The cause as JSON values."""
    return {
        "cause": cause.id,
        "summary": cause.summary,
        "side": cause.side,
        "retry": cause.retry,
        "story": cause.story.strip(),
    }


def _wrapped(paragraph: str, width: int) -> str:
    return textwrap.fill(" ".join(paragraph.split()), min(width, 88), break_long_words=False, break_on_hyphens=False)
