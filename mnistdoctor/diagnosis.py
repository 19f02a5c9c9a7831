"""Evidence and causes -> one diagnosis, and what was met and survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mnistdoctor import evidence as ev
from mnistdoctor.causes import boxes
from mnistdoctor.causes.base import Cause, Finding, Fix
from mnistdoctor.causes.case import Case, Control, OpenQuestion
from mnistdoctor.causes.facts.body import on_this_disk
from mnistdoctor.causes.facts.cached_file import file_in_place, leftover, misplaced
from mnistdoctor.causes.facts.expected import other_length
from mnistdoctor.causes.in_hand import with_data_in_hand
from mnistdoctor.causes.local_file import of_local_file
from mnistdoctor.causes.stages import NO_STAGE, WHERE_IT_FAILED, home_stage
from mnistdoctor.causes.text import Retry, Side
from mnistdoctor.failure import Failure

Verdict = Literal["healthy", "ailing", "inconclusive"]
Certainty = Literal["certain", "likely"]
TrialStatus = Literal["proven", "helped", "no-change", "untried"]

BEST_FIRST: tuple[TrialStatus, ...] = ("proven", "helped", "untried", "no-change")
"""In the order in which fixes are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of a fix when the same examination was made with it applied."""

    status: TrialStatus
    reason: str = ""
    duration_s: float | None = None
    stored: bool = False
    """Whether an earlier run made it, and its report was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A fix and its trial."""

    fix: Fix
    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The one root cause of a target."""

    cause: str
    stage: ev.Stage | None
    certainty: Certainty
    side: Side
    title: str
    explanation: str
    evidence: tuple[str, ...]
    ruled_out: tuple[tuple[str, str], ...]
    also_possible: tuple[str, ...]
    retry: Retry
    retry_after_s: float | None
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that was met and survived."""

    cause: str | None
    stage: ev.Stage | None
    title: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A cause that holds, or the control that must be made before anyone can say."""

    cause: Cause | None = None
    finding: Finding | None = None
    asks: Control | None = None


class UnstatedControlError(Exception):
    """A rule asked for a control that its cause does not state among its `needs`: a mistake in the program."""

    def __init__(self, cause: str, control: Control) -> None:
        super().__init__(f"{cause} asks for `{control}`, which it does not state")


def judge(case: Case) -> Judgement:
    """The first cause in order of precedence that holds; empty where none does.

    A cause that needs a control keeps every later cause waiting: what it would say stands above theirs.
    """
    from mnistdoctor.causes.registry import CAUSES

    for cause in CAUSES:
        if not _asked_for(cause, case):
            continue
        try:
            finding = cause.found_in(case)
            finding = finding and boxes.with_box_in_doubt(case, cause.id, finding)
        except OpenQuestion as question:
            if question.control not in (*cause.needs, *boxes.NEEDS):
                raise UnstatedControlError(cause.id, question.control) from None
            return Judgement(asks=question.control)
        if finding is not None:
            return Judgement(cause, of_local_file(case, cause.id, with_data_in_hand(case, cause.id, finding)))
    return Judgement()


def _asked_for(cause: Cause, case: Case) -> bool:
    """Whether the cause belongs to a stage that was asked for: nothing of one after ``--until`` is judged."""
    stage = stage_of(cause.id, case) if case.subject.until else None
    return stage is None or not after_until(stage, case)


def after_until(stage: ev.Stage, case: Case) -> bool:
    """Whether the stage lies behind the last one that was asked for."""
    until = case.subject.until
    return until is not None and ev.STAGES.index(stage) > ev.STAGES.index(until)


def judge_before(case: Case) -> Judgement:
    """As `judge`, by the causes alone that settings and disk decide: for before the first packet."""
    from mnistdoctor.causes.before_wire import BEFORE_WIRE

    for cause in BEFORE_WIRE:
        finding = cause.found_in(case) if _asked_for(cause, case) else None
        if finding is not None:
            return Judgement(cause, with_data_in_hand(case, cause.id, finding))
    return Judgement()


def settled_before_wire(case: Case, cause: Cause | None) -> bool:
    """Whether settings or the disk decided: the cause is one that they can settle, and no request was answered."""
    return cause is not None and cause.before_wire and case.exchange is None


def needs_no_network(case: Case) -> bool:
    """Whether the loader has the file already, provably right, and so will not download it."""
    return bool(case.all(ev.CachedFile)) and file_in_place(case) is not None


def diagnosis(case: Case, cause: Cause, finding: Finding, trials: tuple[Trial, ...] = ()) -> Diagnosis:
    """The diagnosis that the finding makes; `trials` in the order of its fixes."""
    no_trials = "a file on this disk is judged without the network" if on_this_disk(case) else "no trials were made"
    tried = trials or tuple(Trial(status="untried", reason=fix.untried or no_trials) for fix in finding.fixes)
    remedies = [Remedy(fix=fix, trial=trial) for fix, trial in zip(finding.fixes, tried, strict=True)]
    # What was seen to work comes before what was not tried; between equals the cause's own order stands.
    remedies.sort(key=lambda remedy: BEST_FIRST.index(remedy.trial.status))
    return Diagnosis(
        cause=cause.id,
        stage=stage_of(cause.id, case),
        certainty="certain" if finding.certain else "likely",
        side=finding.side or cause.text.side,
        title=finding.title,
        explanation=finding.explanation,
        evidence=finding.evidence,
        ruled_out=finding.ruled_out,
        also_possible=finding.also_possible,
        retry=finding.retry or cause.text.retry,
        retry_after_s=finding.retry_after_s,
        remedies=tuple(_once(remedies)),
    )


def _once(remedies: list[Remedy]) -> Iterator[Remedy]:
    """Of several places that have the same file the best one alone, and where none brought it, each that was tried."""
    first: Remedy | None = None
    seen: set[str] = set()
    for one in remedies:
        first = first or (one if one.fix.in_hand else None)
        failed = one.trial.status == "no-change" and one.fix.title not in seen
        if not one.fix.in_hand or one is first or (failed and first and first.trial.status != "proven"):
            yield one
            seen.add(one.fix.title)


def stage_of(cause: str, case: Case) -> ev.Stage | None:
    """The stage that a cause belongs to in this case; None for what only a program said."""
    place = home_stage(cause)
    if place == NO_STAGE:
        return None
    return failed_stage(case) if place == WHERE_IT_FAILED else place


def failed_stage(case: Case) -> ev.Stage:
    """The stage at which the examination ended, or at which what arrived was first seen to be wrong."""
    stopped = case.stopped_by
    if stopped is not None and stopped.stage:
        return stopped.stage
    page = case.hop > 0 and case.content is not None and case.content.what == "html"
    if page or 300 <= (case.status or 0) < 400:
        return "http"
    known = case.content.what in ("html", "xml", "json", "text", "empty") if case.content else False
    size = case.subject.size if case.subject.digest_of == "file" else None
    short = case.transfer is not None and size is not None and case.transfer.written != size
    return "length" if known or short else "checksum"


def verified(case: Case) -> bool:
    """Whether all bytes arrived and a digest known beforehand is theirs."""
    transfer = case.transfer
    if transfer is None or transfer.failure or not case.subject.digests:
        return False
    found = dict(transfer.decoded_digests if case.subject.digest_of == "decoded" else transfer.digests)
    return any(found.get(name) == value for name, value in case.subject.digests)


def ended_early(case: Case) -> Failure | None:
    """Why there can be no verdict: the deadline, an interruption or a refused redirect; None where there can."""
    stopped = case.stopped_by
    reasons = (Failure.DEADLINE, Failure.INTERRUPTED, Failure.REDIRECT_PRIVATE)
    return next((one for one in reasons if stopped is not None and stopped.failure == one), None)


def notices(case: Case, diagnosed: Cause | None = None) -> tuple[Notice, ...]:
    """What the target met and survived; not what the diagnosed cause says itself or explains away."""
    odd = tuple(Notice(cause=None, stage=None, title=one) for one in (misplaced(case), leftover(case)) if one)
    uneventful = verified(case) and not other_length(case) and not any(one.failure for one in case.observations)
    if uneventful and not case.subject.instead_of and not case.all(ev.CachedFile):
        return odd
    from mnistdoctor.causes.order import explains
    from mnistdoctor.causes.registry import CAUSES

    survived = []
    for cause in CAUSES:
        if diagnosed is not None and (cause.id == diagnosed.id or explains(diagnosed.id, cause.id)):
            continue
        title = cause.warning_in(case) if _asked_for(cause, case) else None
        if title is not None:
            survived.append(Notice(cause=cause.id, stage=stage_of(cause.id, case), title=title))
    return (*odd, *survived)
