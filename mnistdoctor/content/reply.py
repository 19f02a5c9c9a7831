"""An API's reply in JSON, read to its end: whether it is whole, and what its members are called."""

from __future__ import annotations

import json

from mnistdoctor.content.damage import ENDS_EARLY, UNREADABLE

LONGEST = 8 << 20
"""Bytes; OpenML's longest replies, the features of its widest data sets, have a few hundred thousand."""

_MOST_NAMES = 16


def state(text: str) -> tuple[bool, str, tuple[str, ...]]:
    """Whether the text, not an empty one, is one JSON document, and what is wrong if not; its object's own members."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        end = text.rstrip()
        cut = getattr(error, "pos", 0) >= len(end) or end[-1] not in "}]"
        return False, ENDS_EARLY if cut else UNREADABLE, ()
    names = tuple(said)[:_MOST_NAMES] if isinstance(said, dict) else ()
    return True, "", names


def is_cut(text: str) -> bool:
    """Whether the text begins as JSON and stops before its end; JSON lines are many documents, each whole."""
    text = text.strip()
    if not text.startswith(("{", "[")):
        return False
    try:
        json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        in_a_word = error.pos >= len(text) - len("false") and text[-1] not in "}]"
        return error.msg.startswith("Unterminated string") or error.pos >= len(text) or in_a_word
    except (ValueError, RecursionError):
        return False
    return False
