"""A text judged: the causes that it shows, the likeliest first, in the sentences of the examination."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.base import Finding, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.traceback import final_error
from mnistdoctor.causes.stages import NO_STAGE, home_stage
from mnistdoctor.causes.summary import WITHOUT_REASON
from mnistdoctor.causes.text import Retry, Side, text_of
from mnistdoctor.diagnosis import Certainty, judge
from mnistdoctor.redact import for_this_user
from mnistdoctor.symptoms import records
from mnistdoctor.symptoms.context import Context, context_of
from mnistdoctor.symptoms.dangers import Danger, dangers_in
from mnistdoctor.symptoms.decisive import Decisive, decisive, survived
from mnistdoctor.symptoms.lines import lines_of
from mnistdoctor.symptoms.listing import too_small
from mnistdoctor.symptoms.read import Message, errors_of
from mnistdoctor.wording import shortened

TriageVerdict = Literal["download-failure", "not-a-download-failure", "inconclusive"]

_STALE_ADDRESS = "fw-url-stale"
_MASKED = "fw-mirror-loop-masks-error"
"""What torchvision says when all of its mirrors failed: no reason of its own, the last mirror's error is."""
_UNEXPLAINED = "unexplained"
_EXCERPT = 300
"""Characters of a text that are shown."""
_IN_PLACE, _LOOK_SO = "cache-stale-bad-file", ("body-html-instead-of-data", "body-truncated-silent")
"""What a file that is far too small is where it lies, and what it may have been when it came."""


@dataclass(frozen=True)
class Match:
    """A cause that the text shows."""

    cause: str
    certainty: Certainty
    stage: ev.Stage | None
    of_program: bool
    """Whether the program is at fault, and no download."""
    side: Side
    retry: Retry
    loader: str | None
    url: str | None
    excerpt: str
    """The words that show it, without secrets."""
    title: str
    explanation: str
    also_possible: tuple[str, ...]
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class Reading:
    """What a text came to."""

    verdict: TriageVerdict
    matches: tuple[Match, ...]
    context: Context
    dangers: tuple[Danger, ...] = ()
    """Harmful advice and mistaken code in the text."""
    survived: str = ""
    """The words of an error that was met, and after which the program went on."""


def read(text: str, catalogue: Catalogue) -> Reading:
    """Read a pasted text. Time and memory grow with its length, which is bounded; nothing is sent."""
    lines = lines_of(text)
    messages = errors_of(lines)
    found = decisive(messages, lines)
    context = context_of(messages, lines, found.messages if found else ())
    dangers = dangers_in(lines)
    harmless = survived(lines, found)
    if harmless:
        return Reading("not-a-download-failure", (), context, dangers, harmless)
    matches = _ordered(messages, found, context, catalogue)
    row = too_small(lines, catalogue) if not matches else None
    if row:
        excerpt = for_this_user().text(row)
        matches = (_of_text(_IN_PLACE, _LOOK_SO, context, excerpt, certain=False),)
    if not matches and messages and all(one.ignored for one in messages):
        return Reading("not-a-download-failure", (), context, dangers, messages[-1].message)
    return Reading(_verdict(matches), matches, context, dangers)


def _verdict(matches: Sequence[Match]) -> TriageVerdict:
    if not matches:
        return "inconclusive"
    return "not-a-download-failure" if matches[0].of_program else "download-failure"


def _ordered(
    messages: Sequence[Message], found: Decisive | None, context: Context, catalogue: Catalogue
) -> tuple[Match, ...]:
    """What the decisive words show and what the exceptions show by themselves, each cause once."""
    matches = list(of_decisive(found, context, catalogue)) if found else []
    case = records.case(records.symptoms(messages), context, catalogue)
    judgement = judge(case)
    if judgement.cause and judgement.finding and judgement.cause.id != _UNEXPLAINED:
        last = next((one for one in reversed(messages) if one.exception), messages[-1])
        own = _of_finding(
            judgement.cause.id, judgement.finding, context, _excerpt(last), certain=judgement.finding.certain
        )
        same = own.of_program and found is not None and own.cause in found.template.causes  # the rule knows more
        second = matches and not same and (own.cause == _MASKED or not _ended_otherwise(case, found))
        matches.insert(len(matches) if second else 0, own)
    unique = {match.cause: match for match in reversed(matches)}
    return tuple(unique[cause] for cause in dict.fromkeys(match.cause for match in matches))


def _ended_otherwise(case: Case, found: Decisive | None) -> bool:
    """Whether the program ended with an error of its own, and not with the download's."""
    error = final_error(case)
    if error is None or not error.exception or error.of_network:
        return False
    return found is None or all(one.exception != error.exception for one in found.messages)


def of_decisive(found: Decisive, context: Context, catalogue: Catalogue) -> Iterable[Match]:
    """What the rules say of the record that the words make, then what the words alone may show."""
    excerpt, told = _excerpt(found.messages[0], found.match[0]), found.causes
    record = records.record(found, context)
    if isinstance(record, ev.Exchange) and _is_stale(context, catalogue):
        told = (_STALE_ADDRESS, *told)
        yield _of_text(_STALE_ADDRESS, told[1:], context, excerpt, certain=False)
    judgement = judge(records.case((record,), context, catalogue)) if record else None
    if judgement and judgement.cause and judgement.finding and judgement.cause.id != _UNEXPLAINED:
        cause, finding = judgement.cause, judgement.finding
        told = tuple(dict.fromkeys((*finding.also_possible, *told)))
        others = tuple(one for one in told if one != cause.id)
        if context.host or context.proxy_host:
            yield dataclasses.replace(
                _of_finding(cause.id, finding, context, excerpt, certain=False), also_possible=others
            )
        else:  # a sentence of the examination names the host
            yield _of_text(cause.id, others, context, excerpt, certain=False)
    for identifier in told:
        if identifier == _UNEXPLAINED:
            yield _of_finding(_UNEXPLAINED, WITHOUT_REASON, context, excerpt, certain=False)
            continue
        others = tuple(one for one in told if one != identifier)
        yield _of_text(identifier, others, context, excerpt, certain=not others)


def _is_stale(context: Context, catalogue: Catalogue) -> bool:
    """Whether the catalogue knows the address as one that nobody should ask any more."""
    known = catalogue.by_url(context.url) if context.url else None
    return known is not None and not known[0].current


def _excerpt(message: Message, words: str = "") -> str:
    """Its beginning, without secrets; or what stands around the words that decide, where they come later."""
    text = for_this_user().text(message.text)
    start = max(0, text.find(words) - _EXCERPT // 3) if text.find(words) + len(words) > _EXCERPT else 0
    return ("… " if start else "") + shortened(text[start:], _EXCERPT)


def _of_finding(cause: str, finding: Finding, context: Context, excerpt: str, *, certain: bool) -> Match:
    """A match in the words of the rule; commands that would name a URL need one."""
    return _match(
        cause,
        context,
        excerpt,
        certain=certain,
        side=finding.side,
        retry=finding.retry,
        title=finding.title,
        explanation=finding.explanation,
        also_possible=finding.also_possible,
        fixes=tuple(fix for fix in finding.fixes if context.url or not fix.commands or _of_program(cause)),
    )


def _of_text(cause: str, others: tuple[str, ...], context: Context, excerpt: str, *, certain: bool) -> Match:
    """A match in the words of `explain`: what it is, and what to do."""
    text = text_of(cause)
    paragraphs = [" ".join(part.split()) for part in text.story.split("\n\n")]
    return _match(
        cause,
        context,
        excerpt,
        certain=certain,
        title=text.summary,
        explanation=f"What that means: {paragraphs[0]}",
        also_possible=others,
        fixes=(Fix(title=paragraphs[-1], untried="a text was read, and nothing was tried"),),
    )


def _match(
    cause: str,
    context: Context,
    excerpt: str,
    *,
    certain: bool,
    title: str,
    explanation: str,
    also_possible: tuple[str, ...],
    fixes: tuple[Fix, ...],
    side: Side | None = None,
    retry: Retry | None = None,
) -> Match:
    place, text = home_stage(cause), text_of(cause)
    return Match(
        cause=cause,
        certainty="certain" if certain else "likely",
        stage=place if place in ev.STAGES else None,
        of_program=_of_program(cause),
        side=side or text.side,
        retry=retry or text.retry,
        loader=context.loader,
        url=context.url,
        excerpt=excerpt,
        title=title,
        explanation=explanation,
        also_possible=also_possible,
        fixes=fixes,
    )


def _of_program(cause: str) -> bool:
    return home_stage(cause) == NO_STAGE
