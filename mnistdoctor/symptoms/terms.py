"""From what a person asks about (a status, a stage, an error's words) to the causes that show themselves so.

The words are those by which `triage` knows a text (``templates.toml``): first comes what it would say of them.
"""

from __future__ import annotations

import re

from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.facts.statuses import status
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.stages import home_stage
from mnistdoctor.symptoms.context import context_of
from mnistdoctor.symptoms.decisive import Decisive
from mnistdoctor.symptoms.matches import of_decisive
from mnistdoctor.symptoms.read import Message
from mnistdoctor.symptoms.templates import Template, templates

_BY_KIND = {
    "gateway": ("http-502-504-gateway",),
    "overload": ("http-503-overload",),
    "lasting": ("http-500-server-error",),
    "other": ("http-4xx-other",),
    "own": (),
}


def shown_as(term: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Ids of the causes that show themselves as this: likeliest first for words, in their order for a stage or family.

    Empty where nothing is known of the term. Of the known words that stand in it those with the fewest causes decide;
    where none does, all known words in which it stands.
    """
    folded, lower = _folded(term), term.strip().lower()
    if not folded:
        return ()
    of_stage = tuple(cause for cause in ORDER if home_stage(cause) == lower)
    of_family = tuple(cause for cause in ORDER if cause.startswith(f"{lower.rstrip('-')}-"))
    if of_stage or of_family:
        return tuple(dict.fromkeys((*of_stage, *of_family)))
    if re.fullmatch(r"[1-5]\d\d", folded):
        return _of_status(folded)
    return _of_words(term, folded, catalogue)


def _of_status(number: str) -> tuple[str, ...]:
    own = [cause for cause in ORDER if cause.startswith(f"http-{number}-")]
    kind = () if number < "400" or (own and number >= "500") else _BY_KIND[status(int(number)).kind]
    listed = [cause for one in templates() if number in one.terms for cause in _causes(one)]
    return tuple(dict.fromkeys((*listed, *own, *kind)))


def _of_words(term: str, folded: str, catalogue: Catalogue) -> tuple[str, ...]:
    found = {words: _causes(one) for one in templates() for words in _terms(one) if _stands_in(words, folded)}
    found |= _said_in(term, catalogue)
    found = found or _said_in(term, catalogue, re.IGNORECASE)
    whole = [words for words in found if not any(words != one and _stands_in(words, one) for one in found)]
    if whole:
        return found[min(whole, key=lambda words: len(found[words]))]
    around = [one for one in templates() if any(_stands_in(folded, words) for words in _terms(one))]
    return tuple(dict.fromkeys(cause for one in around for cause in _causes(one)))


def _terms(template: Template) -> list[str]:
    return [_folded(words) for words in template.terms if not words.isdigit()]


def _causes(template: Template) -> tuple[str, ...]:
    """All that it may mean, in a text of whatever traits; the likeliest first."""
    somewhere = (cause for causes in template.where.values() for cause in causes)
    return tuple(dict.fromkeys((*template.causes, *somewhere, *template.further)))


def _said_in(term: str, catalogue: Catalogue, flags: int = 0) -> dict[str, tuple[str, ...]]:
    """What `triage` would find in the term: its words, and first what it would say of them."""
    anywhere_first = sorted(templates(), key=lambda one: not one.counts(()))
    for one in anywhere_first:
        match = re.search(one.says.pattern, term, flags) if one.says else None
        if match is None:
            continue
        words = _folded(match[0]) or match[0]
        if one.record == "exchange" and "status" in match.re.groupindex:
            return {words: _of_status(match["status"])}
        found = Decisive((Message(message=words),), one, match, one.causes)
        judged = tuple(likely.cause for likely in of_decisive(found, context_of((), (), ()), catalogue))
        causes = dict.fromkeys((*judged, *_causes(one)))
        return {words: tuple(sorted(causes, key=lambda cause: cause == ORDER[-1]))}  # the one that explains nothing
    return {}


def _stands_in(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _folded(text: str) -> str:
    """The words of a text, in small letters, one blank between them: what is compared."""
    return " ".join(re.findall(r"[a-z0-9<'!-]+", text.casefold().replace("_", " ")))
