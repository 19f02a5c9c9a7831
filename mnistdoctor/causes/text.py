"""What `explain` prints of a cause: one Markdown file each, read when it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Side = Literal["you", "network", "proxy", "server", "framework", "unknown"]
Retry = Literal["no", "yes", "wait", "later"]


@dataclass(frozen=True, slots=True)
class Text:
    """The head and the story of ``texts/CAUSE.md``."""

    side: Side
    """Whose side it is on, unless a finding says otherwise."""
    retry: Retry
    """Whether the same request may go better: ``no``, ``yes`` (in a moment), ``wait`` (as long as named), ``later``."""
    summary: str
    """One line for the list of causes."""
    story: str
    """What it is, how it is told from look-alikes, what to do and what not to do; blank lines between paragraphs."""


@cache
def text_of(cause: str) -> Text:
    """The text of a cause. Raises `FileNotFoundError` for an id that has none."""
    whole = (files("mnistdoctor.causes") / "texts" / f"{cause}.md").read_text(encoding="utf-8")
    _, head, body = whole.split("---\n", 2)
    keys = dict(line.split(": ", 1) for line in head.splitlines())
    _, _, story = body.strip().partition("\n\n")  # below the heading
    return Text(cast(Side, keys["side"]), cast(Retry, keys["retry"]), keys["summary"], story)
