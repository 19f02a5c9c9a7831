"""Stored evidence, judged again with no network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.base import CONTROLS, Case
from mnistdoctor.examine.attempt import TargetResult
from mnistdoctor.examine.conductor import Report, overall
from mnistdoctor.examine.targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a stored report says of one target."""

    name: str | None
    url: str
    client: str
    observations: tuple[ev.Observation, ...]
    trials: tuple[tuple[str, dx.Trial], ...] = ()
    """Title of each fix, and what came of it then."""


def judge_again(
    stored: tuple[Stored, ...], catalogue: Catalogue, *, started: datetime, duration_s: float, environment: dict[str, Any]
) -> Report:
    """The report that today's causes make of yesterday's evidence. Trials keep what they came to."""
    results = tuple(_one(one, catalogue) for one in stored)
    return Report(
        started=started, duration_s=duration_s, verdict=overall(results), interrupted=False, environment=environment,
        targets=results,
    )  # fmt: skip


def _one(stored: Stored, catalogue: Catalogue) -> TargetResult:
    target = Target(name=stored.name, urls=(stored.url,), client=stored.client)
    if not any(isinstance(one, ev.Subject) for one in stored.observations):
        notice = dx.Notice(cause=None, stage=None, title="it was not examined then")
        return TargetResult(
            target=target, verdict="inconclusive", url=stored.url, final_url=None, case=None, warnings=(notice,)
        )
    kept = tuple(one for one in stored.observations if one.role != "trial")
    case = Case(kept, catalogue, asked=frozenset(CONTROLS))
    address = case.address
    base = TargetResult(
        target=target, verdict="healthy", url=stored.url, final_url=address.url if address else None, case=case,
        warnings=dx.notices(case), observations=stored.observations,
    )  # fmt: skip
    return _judged(base, case, dict(stored.trials))


def _judged(base: TargetResult, case: Case, trials: dict[str, dx.Trial]) -> TargetResult:
    if dx.ended_early(case):
        return replace(base, verdict="inconclusive")
    judgement = dx.Judgement() if dx.verified(case) else dx.judge(case)
    if judgement.cause is None or judgement.finding is None:
        return base
    tried = tuple(
        trials.get(fix.title, dx.Trial(status="untried", reason=fix.untried or "stored evidence cannot be tried"))
        for fix in judgement.finding.fixes
    )
    return replace(base, verdict="ailing", diagnosis=dx.diagnosis(case, judgement.cause, judgement.finding, tried))
