"""What can be wrong with content, in the words of the records: each follows the name of a format.

The records keep these words, so that a stored report can be read; whoever judges by them asks here.
"""

from __future__ import annotations

import re

Integrity = tuple[bool | None, str]
"""Whether content is intact (None where it cannot be told), and what is wrong with it, in the words below."""
MOST_STEPS = 500_000
"""Records, chunks or opcodes after which looking is given up."""

ENDLESS = "expands without end"
ENDS_EARLY = "ends early"
BROKEN = "is broken inside"
FAILS_CRC = "fails its CRC check"
OTHER_LENGTH = "has another length than its trailer states"
UNREADABLE = "cannot be read"
NOT_EXAMINED = "could not be examined"

UTF_16 = "was written as UTF-16 text"
REPLACED = "was decoded as text: bytes became U+FFFD (ef bf bd)"
LINE_ENDS = "had its line ends changed: every 0a became 0d 0a"

TEXT_MODE = frozenset({UTF_16, REPLACED, LINE_ENDS})
"""What a program does that takes binary data for text."""

_TRAILING = re.compile(r"(?:holds .+ that )?has \d+ trailing (?:zero )?bytes?")


def trailing(length: int, kind: str = "") -> str:
    """The damage of so many bytes behind the end."""
    return f"has {length} trailing {kind}byte{'' if length == 1 else 's'}"


def is_trailing(damage: str) -> bool:
    """Whether bytes behind a good end are all that is wrong, of the content or of what it holds."""
    return _TRAILING.fullmatch(damage) is not None
