"""From what a person read (a status, a stage, an error's words) to the causes that show themselves so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, cast

from mnistdoctor.catalogue.reader import read_toml
from mnistdoctor.causes.facts.statuses import status
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.stages import home_stage

_BY_KIND = {
    "gateway": ("http-502-504-gateway",),
    "overload": ("http-503-overload",),
    "lasting": ("http-500-server-error",),
    "other": ("http-4xx-other",),
    "own": (),
}


def shown_as(term: str) -> tuple[str, ...]:
    """Ids of the causes that show themselves as this: likeliest first for words, in their order for a stage or family.

    Empty where nothing is known of the term. Of the known words that stand in it those with the fewest causes decide;
    where none does, all known words in which it stands.
    """
    folded = _folded(term)
    if not folded:
        return ()
    of_stage = tuple(cause for cause in ORDER if home_stage(cause) == term.strip().lower())
    of_family = tuple(cause for cause in ORDER if cause.startswith(f"{term.strip().lower().rstrip('-')}-"))
    if of_stage or of_family:
        return tuple(dict.fromkeys((*of_stage, *of_family)))
    if re.fullmatch(r"[1-5]\d\d", folded):
        return _of_status(folded)
    told = re.search(r"(?<!\S)[45]\d\d(?!\S)", folded)
    return _of_words(folded) or (_of_status(told[0]) if told else ())


def _of_status(number: str) -> tuple[str, ...]:
    own = [cause for cause in ORDER if cause.startswith(f"http-{number}-")]
    kind = () if number < "400" or (own and number >= "500") else _BY_KIND[status(int(number)).kind]
    return tuple(dict.fromkeys((*_signs().get(number, ()), *own, *kind)))


def _of_words(folded: str) -> tuple[str, ...]:
    within = [words for words in _signs() if _stands_in(words, folded)]
    whole = [words for words in within if not any(words != one and _stands_in(words, one) for one in within)]
    if whole:
        return _signs()[min(whole, key=lambda words: len(_signs()[words]))]
    around = [words for words in _signs() if _stands_in(folded, words)]
    return tuple(dict.fromkeys(cause for words in around for cause in _signs()[words]))


def _stands_in(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _folded(text: str) -> str:
    """The words of a text, in small letters, one blank between them: what is compared."""
    return " ".join(re.findall(r"[a-z0-9<'!-]+", text.casefold().replace("_", " ")))


@cache
def _signs() -> dict[str, tuple[str, ...]]:
    """Words -> causes."""
    rows = cast("list[dict[str, Any]]", read_toml(Path(__file__).with_name("signs.toml"))["sign"])
    return {_folded(words): tuple(row["causes"]) for row in rows for words in row["words"]}
