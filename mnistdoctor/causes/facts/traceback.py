"""How a program ended, by its own words: the exception that counts, and those that were being handled before it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.wording import shortened

_LONGEST_PATH = 250
"""Characters; Windows refuses longer paths with the same words (260 with the ending NUL and a short name)."""


@final
@dataclass(frozen=True, slots=True)
class ProgramError:
    """The exception with which a program ended, or its last line where no exception was told."""

    symptom: ev.Symptom
    context: tuple[ev.Symptom, ...] = ()
    """What was being handled when it was raised, oldest first: Python's `__context__`."""

    @property
    def exception(self) -> str:
        """The exception's name without its module; empty for a line."""
        return self.symptom.exception

    @property
    def text(self) -> str:
        """``Exception: message`` on one line, or the line alone."""
        return text_of(self.symptom)

    @property
    def package(self) -> str:
        """The package whose code raised it; empty where no frame is known."""
        return self.symptom.raised_in[-1] if self.symptom.raised_in else ""

    @property
    def chain(self) -> tuple[ev.Symptom, ...]:
        """The exception and its context, the last one first."""
        return (self.symptom, *reversed(self.context))

    @property
    def of_network(self) -> bool:
        """Whether it speaks of the network, or was raised while an error of the network was handled."""
        return any(map(is_network, self.chain))

    @property
    def evidence(self) -> tuple[str, ...]:
        """The words themselves, and where they were raised, as sentences."""
        ended = f"the program ended with {shortened(self.text, 220)}"
        return (ended, f"it was raised in {self.package}") if re.fullmatch(r"[\w.<>-]+", self.package) else (ended,)

    def inside(self, *packages: str) -> bool:
        """Whether one of these packages is among the frames."""
        return not set(self.symptom.raised_in).isdisjoint(packages)

    def match(self, *patterns: str) -> re.Match[str] | None:
        """Where the first of these patterns that is in the text matches it."""
        return first_match(patterns, self.text)


def final_error(case: Case) -> ProgramError | None:
    """The last exception that nothing else followed, or the last line where no exception was told.

    What ran the program (a launcher, a notebook) speaks after it, and is passed over.
    """
    symptoms = case.all(ev.Symptom)
    if not symptoms:
        return None
    ends = [place for place, one in enumerate(symptoms) if one.exception and not one.earlier]
    own = [place for place in ends if symptoms[place].exception not in table("program")["runners"]]
    place = (own or ends or [len(symptoms) - 1])[-1]
    first = place
    while first and symptoms[first - 1].earlier:
        first -= 1
    return ProgramError(symptoms[place], symptoms[first:place])


def text_of(symptom: ev.Symptom) -> str:
    """``Exception: message`` with its white space folded."""
    message = " ".join(symptom.message.split())
    return f"{symptom.exception}: {message}".removesuffix(": ") if symptom.exception else message


def first_match(patterns: Iterable[str], text: str) -> re.Match[str] | None:
    """Where the first of these patterns that is in the text matches it."""
    return next(filter(None, (re.search(pattern, text) for pattern in patterns)), None)


def is_network(symptom: ev.Symptom) -> bool:
    """Whether this is an error of a connection, of TLS or of HTTP."""
    name, known = symptom.exception, table("program")
    stems = {name, name.removesuffix("Error"), name.removesuffix("Exception")}
    return not stems.isdisjoint(known["network"]) or first_match(known["network_words"], symptom.message) is not None


def missing_path(error: ProgramError) -> str | None:
    """The path that the program did not find; None where the words are of something else than its data."""
    known = table("program")["path"]
    if error.exception not in known["exceptions"] or error.package in known["trust_stores"]:
        return None
    if error.match(*known["hub"], *known["not_ours"]) or not error.match(*known["missing"]):
        return None
    named = error.match(*known["named"])
    path = next(filter(None, named.groups()), "").replace("\\\\", "\\") if named else ""
    if not path or "://" in path or len(path) > _LONGEST_PATH or re.search(r"\s{2}", path):
        return None
    is_path = re.search(r"[/\\]|\.\w{1,6}$", path) or error.exception == "FileNotFoundError"
    return path if is_path else None
