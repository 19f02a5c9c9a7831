"""One target from its first probe to its diagnosis."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.examine import controls, trials
from mnistdoctor.examine.client_behaviour import goes_on, repeats
from mnistdoctor.examine.source_run import Attempt, examine_source
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure, Late
from mnistdoctor.run import Run

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Waits before each repetition of a transient failure."""

QUICK_PAUSES_S = (0.2, 0.5, 1.0)
"""Waits before each repetition that the client makes by itself. It waits longer and repeats more (TFDS ten times in
204 s); three quick ones tell what passes from what stays. None begins when a whole time-out has gone by: a fault that
stays costs two seconds where it answers at once, and nothing where it is silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """What came of one target."""

    target: Target
    verdict: str
    """``healthy``, ``ailing`` or ``inconclusive``."""
    url: str
    final_url: str | None
    case: Case | None
    """The evidence that decided, or None where the target was never reached."""
    diagnosis: dx.Diagnosis | None = None
    warnings: tuple[dx.Notice, ...] = ()
    observations: tuple[ev.Observation, ...] = ()
    """The deciding source's records, then other sources', controls' and trials'."""
    retried: int = 0


def examine_target(run: Run, target: Target) -> TargetResult:
    """Tries the target's sources in order until one is healthy; if none is, explains the first."""
    if run.settings.offline and target.path is None:
        return _offline(target, examine_source(run, target, target.urls[0]))
    attempts: list[Attempt] = []
    retried = 0
    for url in target.urls:
        attempt, again, met = _with_retries(run, target, url)
        retried += again
        attempts.append(attempt)
        if attempt.healthy or not goes_on(target, attempt.case, attempt.judgement.cause):
            break
    healthy = attempts[-1] if attempts[-1].healthy else None
    deciding = healthy or attempts[0]
    others = [one for one in attempts if one is not deciding]
    seen = _as_controls(others)
    if healthy is not None:
        warnings = (*_dead_sources(others), *dx.notices(deciding.case), *_repeated(met, again))
        return _result(target, deciding, "healthy", None, warnings, seen, retried)
    if dx.needs_no_network(deciding.case) and not before_wire(deciding):
        return _result(
            target, deciding, "healthy", None, (*_not_needed(deciding), *dx.notices(deciding.case)), seen, retried
        )
    case = dataclasses.replace(deciding.case, observations=deciding.case.observations + seen)
    if seen:
        case = dataclasses.replace(case, asked=frozenset({Control.OTHER_SOURCE}))
    return _explain(run, target, deciding.url, case, retried)


def _with_retries(run: Run, target: Target, url: str) -> tuple[Attempt, int, Attempt | None]:
    """The source examined, again while the run or the client itself would ask again after what it met.

    Returns the last attempt, how often it was repeated, and the first attempt where there were several.
    """
    first: Attempt | None = None
    began, number = run.clock(), 0
    while True:
        attempt = examine_source(run, target, url)
        wait_s = _pause_before_next(run, attempt, number, run.clock() - began)
        if wait_s is None:
            break
        first = first or attempt
        try:
            trials.pause(run, wait_s)
        except Late:
            break
        number += 1
    return attempt, number, first if number else None


def _pause_before_next(run: Run, attempt: Attempt, number: int, took_s: float) -> float | None:
    """Seconds to wait before the source is asked again, after so many repetitions; None where it is not."""
    cause, finding = attempt.judgement.cause, attempt.judgement.finding
    if cause is None or finding is None or cause.before_wire:
        return None
    if number < run.settings.retries and _transient(attempt):
        return PAUSES_S[min(number, len(PAUSES_S) - 1)]
    if number >= min(len(QUICK_PAUSES_S), repeats(attempt.case)):
        return None
    wait_s = max(QUICK_PAUSES_S[number], finding.retry_after_s or 0.0)
    return wait_s if took_s + wait_s < run.settings.timeout_s else None


def _transient(attempt: Attempt) -> bool:
    """Whether the same request may go better in a moment; 401 and 407 never do, and accounts lock."""
    cause, finding = attempt.judgement.cause, attempt.judgement.finding
    if cause is None or finding is None or cause.before_wire or attempt.case.status in (401, 403, 404, 407, 410, 451):
        return False
    return (finding.retry or cause.text.retry) in ("yes", "wait") and (
        finding.retry_after_s or 0
    ) <= trials.LONGEST_WAIT_S


def before_wire(attempt: Attempt) -> bool:
    """Whether settings or the disk had settled it before anything was sent."""
    return attempt.judgement.cause is not None and attempt.judgement.cause.before_wire


def _not_needed(attempt: Attempt) -> tuple[dx.Notice, ...]:
    """A download that fails, of a file that the loader has and will not ask for."""
    return tuple(
        dataclasses.replace(one, title=f"{one.title}; the loader has the file and will not ask for it")
        for one in _dead_sources([attempt])
    )


def _as_controls(attempts: list[Attempt]) -> tuple[ev.Observation, ...]:
    """Sources that did not decide are controls of the one that did."""
    return tuple(
        dataclasses.replace(one, role="control", control=Control.OTHER_SOURCE)
        for attempt in attempts
        for one in attempt.case.observations
        if not isinstance(one, (ev.Subject, ev.Machine))
    )


def _dead_sources(attempts: list[Attempt]) -> tuple[dx.Notice, ...]:
    found = []
    for attempt in attempts:
        cause, finding = attempt.judgement.cause, attempt.judgement.finding
        stage = dx.stage_of(cause.id, attempt.case) if cause else dx.failed_stage(attempt.case)
        title = finding.title if finding else "this source did not answer in time"
        found.append(
            dx.Notice(cause=cause.id if cause else None, stage=stage, title=f"{attempt.case.subject.url}: {title}")
        )
    return tuple(found)


def _repeated(met: Attempt | None, count: int) -> tuple[dx.Notice, ...]:
    """What was met first where the same source went well in the end."""
    if met is None or met.judgement.cause is None or met.judgement.finding is None:
        return ()
    cause, finding = met.judgement.cause, met.judgement.finding
    title = f"{finding.title}; it went well after {count} repetition{'s' if count > 1 else ''}"
    return (dx.Notice(cause=cause.id, stage=dx.stage_of(cause.id, met.case), title=title),)


def _explain(run: Run, target: Target, url: str, case: Case, retried: int) -> TargetResult:
    """Judges, makes the controls that the judgement asks for, judges again, and tries the fixes."""
    early = dx.ended_early(case)
    if early:
        return _inconclusive(target, url, case, early, retried)
    case = dataclasses.replace(case, controls_allowed=run.settings.controls_allowed and target.path is None)
    for _ in range(len(Control)):
        judgement = dx.judge(case)
        if judgement.asks is None:
            break
        try:
            run.left()
            made = controls.make(run, target.key, case, judgement.asks, _last_url(case, url))
        except Late:
            made = ()
        case = dataclasses.replace(case, observations=case.observations + made, asked=case.asked | {judgement.asks})
    if judgement.cause is None or judgement.finding is None:
        return _result(target, Attempt(url, case), "healthy", None, dx.notices(case), (), retried)
    tried: tuple[dx.Trial, ...] = ()
    records: tuple[ev.Observation, ...] = ()
    if target.path is None:  # who examines a file on disk has not asked for a download
        tried, records = trials.try_fixes(run, target.key, case, judgement.finding, url)
    found = dx.diagnosis(case, judgement.cause, judgement.finding, tried)
    warnings = dx.notices(case, judgement.cause)
    return _result(target, Attempt(url, case), "ailing", found, warnings, records, retried)


def _last_url(case: Case, url: str) -> str:
    """Where the target stopped: its own URL with its secrets, or the last redirect's, which has none of ours."""
    return url if case.hop == 0 or case.address is None else case.address.url


def _offline(target: Target, attempt: Attempt) -> TargetResult:
    """Without the network only a setting that cannot work, or what lies on the disk, is an answer."""
    case = attempt.case
    judgement = attempt.judgement
    if not before_wire(attempt):
        judgement = dx.judge(case) if case.stopped_by is not None else dx.Judgement()
    if judgement.cause is None or judgement.finding is None:
        notice = dx.Notice(cause=None, stage=None, title="nothing was sent, because of `--offline`")
        return _result(target, attempt, "inconclusive", None, (notice, *dx.notices(case)), (), 0)
    found = dx.diagnosis(case, judgement.cause, judgement.finding)
    return _result(target, attempt, "ailing", found, (), (), 0)


def _inconclusive(target: Target, url: str, case: Case, early: str, retried: int) -> TargetResult:
    warnings = dx.notices(case)
    if early != Failure.REDIRECT_PRIVATE.value:
        title = "the deadline came before an answer" if early == Failure.DEADLINE.value else "interrupted"
        warnings = (*warnings, dx.Notice(cause=None, stage=dx.failed_stage(case), title=title))
    return _result(target, Attempt(url, case), "inconclusive", None, warnings, (), retried)


def _result(
    target: Target, attempt: Attempt, verdict: str, found: dx.Diagnosis | None, warnings: tuple[dx.Notice, ...],
    more: tuple[ev.Observation, ...], retried: int,
) -> TargetResult:  # fmt: skip
    case = attempt.case
    address = case.address
    return TargetResult(
        target=target, verdict=verdict, url=case.subject.url, final_url=address.url if address else None, case=case,
        diagnosis=found, warnings=warnings, observations=case.observations + more, retried=retried,
    )  # fmt: skip
