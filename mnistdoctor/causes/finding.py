"""How a rule says what it found: sentences, fixes, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from mnistdoctor.causes.base import Finding, Fix
from mnistdoctor.causes.text import Retry, Side

Nothing: TypeAlias = Literal[False, 0, ""] | None
Sentences: TypeAlias = "str | Nothing | Iterable[Sentences]"
Fixes: TypeAlias = "Fix | Nothing | Iterable[Fixes]"


def finding(
    title: str,
    why: str,
    *evidence: Sentences,
    fixes: Fixes = (),
    unlike: Mapping[str, str | Nothing] | Nothing = None,
    perhaps: Sentences = (),
    certain: bool | None = None,
    side: Side | None = None,
    retry: Retry | None = None,
    retry_after_s: float | None = None,
) -> Finding:
    """A finding; certain unless something else is `perhaps` the cause.

    `title` is the problem in one line without a full stop, `why` two to four sentences, `evidence` what was seen, one
    sentence each. `unlike` names each look-alike that was excluded, with the observation that excludes it; `perhaps`
    the runners-up that were not. Where a sentence, a fix or a name may be missing, `None` or `False` may stand
    (``times > 1 and f"seen {times} times"``); what holds several is flattened. `certain` is given only where it does
    not follow from the runners-up.
    """
    runners_up = tuple(_sentences(perhaps))
    return Finding(
        title=" ".join(title.splitlines()),  # what a server sent may stand in it
        explanation=why,
        evidence=tuple(_sentences(evidence)),
        certain=not runners_up if certain is None else certain,
        fixes=tuple(_fixes(fixes)),
        ruled_out=tuple((cause, by) for cause, by in (unlike or {}).items() if by),
        also_possible=runners_up,
        side=side,
        retry=retry,
        retry_after_s=retry_after_s,
    )


def _sentences(given: Sentences) -> Iterator[str]:
    if isinstance(given, str):
        yield from filter(None, (given,))
    elif given:
        for one in given:
            yield from _sentences(one)


def _fixes(given: Fixes) -> Iterator[Fix]:
    if isinstance(given, Fix):
        yield given
    elif given:
        for one in given:
            yield from _fixes(one)
