"""Which of the errors in a text decides, and in which words it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mnistdoctor.symptoms.context import traits_of
from mnistdoctor.symptoms.read import Message
from mnistdoctor.symptoms.templates import Template, first_match
from mnistdoctor.wording import shortened

Wording = tuple[Template, "re.Match[str]"]
"""A template, and where a text says it."""

_LINES_FOLDED = 400
"""Lines of the end of a text that are read as one, for words that were wrapped."""


@dataclass(frozen=True)
class Decisive:
    """The error that decides."""

    messages: tuple[Message, ...]
    """It, and what else was said in the same chain of exceptions."""
    template: Template
    match: re.Match[str]
    causes: tuple[str, ...]
    """What these words alone show in this text, the likeliest first."""


def decisive(messages: Sequence[Message], lines: Sequence[str]) -> Decisive | None:
    """The last exception that something is known of, and of its chain the innermost; else the last known line.

    What says no reason of its own (a loader's summary) is taken where nothing else is known; None where nothing is.
    """
    whole = " ".join(lines[-_LINES_FOLDED:])
    traits = traits_of(messages, whole)
    seen: dict[str, Wording | None] = {}

    def known(message: Message) -> Wording | None:
        if message.text not in seen:
            seen[message.text] = first_match(message.text, traits)
        return seen[message.text]

    def telling(message: Message) -> Wording | None:
        found = known(message)
        return None if found is None or found[0].vague else found

    for look in (telling, known):
        chain = _last_known_chain(messages, look) or _last_known_line(messages, look)
        if chain:
            deciding, found = next((message, found) for message in chain if (found := look(message)))
            others = tuple(message for message in chain if message is not deciding)
            return Decisive((deciding, *others), *found, found[0].shows(traits))
    folded = first_match(" ".join(whole.split()), traits) if messages else None
    if folded is None:
        return None
    return Decisive((Message(message=shortened(folded[1][0], 200)),), *folded, folded[0].shows(traits))


def _last_known_chain(messages: Sequence[Message], known: Callable[[Message], object]) -> list[Message]:
    """The last known exception, and before it those that were being handled when it was raised."""
    place = next((at for at in reversed(range(len(messages))) if messages[at].exception and known(messages[at])), None)
    if place is None:
        return []
    chain = [messages[place]]
    for message in reversed(messages[:place]):
        if message.exception and not message.earlier:
            break
        if message.exception:
            chain.insert(0, message)
    return chain


def _last_known_line(messages: Sequence[Message], known: Callable[[Message], object]) -> list[Message]:
    line = next((one for one in reversed(messages) if not one.exception and known(one)), None)
    return [line] if line else []


_BEGAN = re.compile(r"(?i)^\s*downloading\b")
_ENDED_WELL = re.compile(
    r"^\s*(?:100(?:\.0)?%|Extracting |Using downloaded and verified|Successfully downloaded|Download complete)|saved \["
)


def survived(lines: Sequence[str], found: Decisive | None) -> str:
    """The decisive words, where the program went on by itself (another mirror) and the download ended well."""
    if found is None or any(one.exception for one in found.messages):
        return ""
    first = found.messages[0]
    steps = [line for line in lines[first.place + 1 :] if _BEGAN.search(line) or _ENDED_WELL.search(line)]
    return first.text if steps and _ENDED_WELL.search(steps[-1]) else ""
