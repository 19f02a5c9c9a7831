"""One target from its first probe to its verdict: examine, judge, ask, try."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.cached_file import proven_in_place
from mnistdoctor.causes.facts.proxy import names_no_host
from mnistdoctor.examine import trials
from mnistdoctor.examine.client_behaviour import goes_on, longest_pause_s, repeats
from mnistdoctor.examine.controls import registry
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.source_run import Attempt, examine_source
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.transient import asked_pause_s, is_transient
from mnistdoctor.failure import Failure, Late
from mnistdoctor.run import Run

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""Waits before each repetition of a transient failure."""

QUICK_PAUSES_S = (0.2, 0.5, 1.0)
"""Waits before each repetition that the client makes by itself. It waits longer and repeats more (TFDS ten times in
204 s); three quick ones tell what passes from what stays. None begins when a whole time-out has gone by: a fault that
stays costs two seconds where it answers at once, and nothing where it is silence."""


def examine_target(run: Run, target: Target) -> TargetResult:
    """Tries the target's sources in order until one is healthy; if none is, explains the first."""
    return TargetRun(run, target).result()


class TargetRun:
    """One target on its way."""

    def __init__(self, run: Run, target: Target) -> None:
        self.run, self.target = run, target
        self.retried = 0
        """How often a source was asked again."""
        self.first_failure: Attempt | None = None
        """How the last source failed before it was asked again."""
        self.repetitions = 0
        """Of the last source."""

    def result(self) -> TargetResult:
        """The way of the target, from its first probe to its verdict."""
        if self.run.settings.offline and self.target.path is None:
            return self._offline()
        attempts = self._examine()
        healthy = attempts[-1] if attempts[-1].healthy else None
        deciding = healthy or attempts[0]
        others = [one for one in attempts if one is not deciding]
        if healthy is not None:
            warnings = (*_dead_sources(others), *dx.notices(healthy.case), *self._repeated())
            return self._counted(TargetResult.healthy(self.target, healthy.case, warnings, _as_controls(others)))
        if dx.needs_no_network(deciding.case) and not deciding.before_wire:
            warnings = (*_not_needed(deciding), *dx.notices(deciding.case))
            return self._counted(TargetResult.healthy(self.target, deciding.case, warnings, _as_controls(others)))
        return self._counted(self._explain(deciding.url, _with_others(deciding.case, others), others))

    def _counted(self, result: TargetResult) -> TargetResult:
        return dataclasses.replace(result, retried=self.retried) if self.retried else result

    # examine

    def _examine(self) -> list[Attempt]:
        """The sources in their order, until one is healthy or the loader would ask no further."""
        attempts: list[Attempt] = []
        for url in self.target.urls:
            attempt = self._with_retries(url)
            attempts.append(attempt)
            if attempt.healthy or not goes_on(self.target, attempt.case, attempt.judgement.cause):
                break
        return attempts

    def _with_retries(self, url: str) -> Attempt:
        """The source examined, again while the run or the client itself would ask again after what it met."""
        self.first_failure, self.repetitions = None, 0
        began = self.run.clock()
        while True:
            attempt = examine_source(self.run, self.target, url)
            if not attempt.healthy and self.run.go_on is not None:
                attempt.completed = self.run.go_on(self.target.key, url, attempt.case.observations)
            wait_s = self._pause_before_next(attempt, self.run.clock() - began)
            if wait_s is None:
                self.run.given_up |= _shared_failures(attempt.case)
                return attempt
            self.first_failure = self.first_failure or attempt
            try:
                trials.pause(self.run, wait_s)
            except Late:
                return attempt
            if self._is_given_up(attempt):  # while this target paused
                return attempt
            self._forget_failures(attempt)
            self.repetitions += 1
            self.retried += 1

    def _is_given_up(self, attempt: Attempt) -> bool:
        """Whether another target has asked for this name or address as often as one may."""
        stopped = attempt.case.stopped_by
        return stopped is not None and stopped.reused in self.run.given_up

    def _forget_failures(self, attempt: Attempt) -> None:
        """What failed for several targets is asked anew by the first of those that met it, and not by each."""
        met = _shared_failures(attempt.case)
        for answers in (self.run.lookups, self.run.connects):
            answers.forget(lambda one: isinstance(one, (ev.Lookup, ev.Connect)) and one.id in met)

    def _pause_before_next(self, attempt: Attempt, took_s: float) -> float | None:
        """Seconds to wait before the source is asked again; None where it is not."""
        finding, settings, number = attempt.judgement.finding, self.run.settings, self.repetitions
        if attempt.healthy or finding is None or attempt.before_wire:
            return None
        if self._is_given_up(attempt):
            return None
        if number < settings.retries and is_transient(attempt.case):
            wait_s = max(PAUSES_S[min(number, len(PAUSES_S) - 1)], asked_pause_s(attempt.case))
            return wait_s if wait_s < settings.deadline_s - self.run.clock() else None
        if number >= min(len(QUICK_PAUSES_S), repeats(attempt.case)):
            return None
        asked_s = finding.retry_after_s or 0.0
        if asked_s > longest_pause_s(attempt.case):
            return None
        wait_s = max(QUICK_PAUSES_S[number], asked_s)
        return wait_s if took_s < settings.timeout_s else None

    def _repeated(self) -> tuple[dx.Notice, ...]:
        """How the same source failed first where it went well in the end."""
        first, count = self.first_failure, self.repetitions
        if first is None or not count or first.judgement.cause is None or first.judgement.finding is None:
            return ()
        cause, finding = first.judgement.cause, first.judgement.finding
        title = f"{finding.title}; it went well after {count} repetition{'s' if count > 1 else ''}"
        return (dx.Notice(cause=cause.id, stage=dx.stage_of(cause.id, first.case), title=title),)

    # judge, ask, try

    def _explain(self, url: str, case: Case, others: Sequence[Attempt]) -> TargetResult:
        """The cause, once every control that it asks for has been made, and what came of its fixes."""
        early = dx.ended_early(case)
        if early and early != Failure.REDIRECT_PRIVATE:
            return self._inconclusive(case, early)
        judgement, case = self._judge_and_ask(url, case)
        if judgement.cause is None or judgement.finding is None:
            if early:  # nobody shows that a portal sent us there
                return self._inconclusive(case, early)
            return TargetResult.healthy(self.target, case, dx.notices(case))
        tried: tuple[dx.Trial, ...] = ()
        records: tuple[ev.Observation, ...] = ()
        if self.target.path is None:  # who examines a file on disk has not asked for a download
            failed = {one.url: one.failed_stage for one in others}
            tried, records = trials.try_fixes(self.run, self.target.key, case, judgement.finding, url, failed)
        found = dx.diagnosis(case, judgement.cause, judgement.finding, tried)
        return TargetResult.ailing(self.target, case, found, dx.notices(case, judgement.cause), records)

    def _judge_and_ask(self, url: str, case: Case) -> tuple[dx.Judgement, Case]:
        """Judges, makes the control that the first open question needs, and judges again."""
        allowed = self.run.settings.controls_allowed and self.target.path is None
        case = dataclasses.replace(case, controls_allowed=allowed)
        judgement = dx.judge(case)
        while judgement.asks is not None:
            try:
                self.run.left()
                made = registry.make(self.run, self.target.key, case, judgement.asks, _last_url(case, url))
            except Late:
                made = ()
            case = dataclasses.replace(case, observations=case.observations + made, asked=case.asked | {judgement.asks})
            judgement = dx.judge(case)
        return judgement, case

    # without an answer

    def _offline(self) -> TargetResult:
        """Without the network only a setting that cannot work, or what lies on the disk, is an answer."""
        attempt = examine_source(self.run, self.target, self.target.urls[0])
        case, judgement = attempt.case, attempt.judgement
        if not attempt.before_wire:
            settled = case.stopped_by is not None or names_no_host(case)
            judgement = dx.judge(case) if settled else dx.Judgement()
        if judgement.cause is None or judgement.finding is None:
            if proven_in_place(case):
                return TargetResult.healthy(self.target, case, dx.notices(case))
            why = "the file lies in place, and nothing proves it; " if dx.needs_no_network(case) else ""
            notice = dx.Notice(cause=None, stage=None, title=f"{why}nothing was sent, because of `--offline`")
            return TargetResult.inconclusive(self.target, case, (*dx.notices(case), notice))
        return TargetResult.ailing(self.target, case, dx.diagnosis(case, judgement.cause, judgement.finding))

    def _inconclusive(self, case: Case, early: Failure) -> TargetResult:
        warnings = dx.notices(case)
        if early != Failure.REDIRECT_PRIVATE:
            title = "the deadline came before an answer" if early == Failure.DEADLINE else "interrupted"
            warnings = (*warnings, dx.Notice(cause=None, stage=dx.failed_stage(case), title=title))
        return TargetResult.inconclusive(self.target, case, warnings)


def _shared_failures(case: Case) -> set[str]:
    """Lookups that failed and addresses that did not answer at all, by the id of the record that all of them share."""
    found = set()
    for one in case.observations:
        failed = one.failure == Failure.TIMEOUT if isinstance(one, ev.Connect) else one.failure is not None
        if isinstance(one, (ev.Lookup, ev.Connect)) and one.role == "target" and failed:
            found.add(one.reused or one.id)
    return found


def _with_others(case: Case, others: list[Attempt]) -> Case:
    """The deciding source's case, with what the others met among its controls."""
    seen = _as_controls(others)
    if not seen:
        return case
    return dataclasses.replace(case, observations=case.observations + seen, asked=frozenset({Control.OTHER_SOURCE}))


def _as_controls(attempts: list[Attempt]) -> tuple[ev.Observation, ...]:
    """Sources that did not decide are controls of the one that did."""
    return tuple(
        dataclasses.replace(one, role="control", control=Control.OTHER_SOURCE.value)
        for attempt in attempts
        for one in attempt.case.observations
        if not isinstance(one, (ev.Subject, ev.Machine))
    )


def _dead_sources(attempts: list[Attempt]) -> tuple[dx.Notice, ...]:
    return tuple(_dead_source(one) for one in attempts)


def _dead_source(attempt: Attempt) -> dx.Notice:
    cause, finding, stage = attempt.judgement.cause, attempt.judgement.finding, attempt.failed_stage
    title = finding.title if finding else "this source did not answer in time"
    return dx.Notice(cause=cause.id if cause else None, stage=stage, title=f"{attempt.case.subject.url}: {title}")


def _not_needed(attempt: Attempt) -> tuple[dx.Notice, ...]:
    """A download that fails, of a file that the loader has and will not ask for; why it fails was not looked into.

    Of a name that is not found nothing is known without a further question: there may be no network at all.
    """
    stage, cause = dx.failed_stage(attempt.case), attempt.judgement.cause
    named = cause.id if cause and attempt.case.stopped(ev.Lookup) is None else None
    who = attempt.case.subject.loader or "the loader"
    title = f"{who} has the file and will not ask for it; {attempt.case.subject.url} was asked all the same, and failed"
    return (dx.Notice(cause=named, stage=stage, title=f"{title} at stage `{stage}`"),)


def _last_url(case: Case, url: str) -> str:
    """Where the target stopped: its own URL with its secrets, or the last redirect's, which has none of ours."""
    return url if case.hop == 0 or case.address is None else case.address.url
