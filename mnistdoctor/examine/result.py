"""What came of one target."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.diagnosis import Diagnosis, Notice, Verdict
from mnistdoctor.examine.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """What came of one target."""

    target: Target
    verdict: Verdict
    url: str
    final_url: str | None
    case: Case | None
    """The evidence that decided, or None where the target was never reached."""
    diagnosis: Diagnosis | None = None
    warnings: tuple[Notice, ...] = ()
    observations: tuple[ev.Observation, ...] = ()
    """The deciding source's records, then other sources', controls' and trials'."""
    retried: int = 0
    """How often a source was asked again after what may pass."""
    allowed: bool = False
    """Whether the user said that a failure for this cause may be."""

    @classmethod
    def healthy(
        cls, target: Target, case: Case, warnings: tuple[Notice, ...], more: tuple[ev.Observation, ...] = ()
    ) -> TargetResult:
        """The target can be had; `more` are records that did not decide."""
        return cls._of(target, "healthy", case, warnings, more)

    @classmethod
    def ailing(
        cls,
        target: Target,
        case: Case,
        diagnosis: Diagnosis,
        warnings: tuple[Notice, ...] = (),
        more: tuple[ev.Observation, ...] = (),
    ) -> TargetResult:
        """It cannot, for this cause."""
        return cls._of(target, "ailing", case, warnings, more, diagnosis)

    @classmethod
    def inconclusive(cls, target: Target, case: Case, warnings: tuple[Notice, ...]) -> TargetResult:
        """Something came before an answer; the last warning says what."""
        return cls._of(target, "inconclusive", case, warnings)

    @classmethod
    def unfinished(
        cls, target: Target, url: str, case: Case | None, records: tuple[ev.Observation, ...], title: str
    ) -> TargetResult:
        """The run ended before the target's turn had, or before it began; the title says which."""
        return cls(
            target=target,
            verdict="inconclusive",
            url=url,
            final_url=None,
            case=case,
            warnings=(Notice(cause=None, stage=None, title=title),),
            observations=records,
        )

    @classmethod
    def _of(
        cls,
        target: Target,
        verdict: Verdict,
        case: Case,
        warnings: tuple[Notice, ...],
        more: tuple[ev.Observation, ...] = (),
        diagnosis: Diagnosis | None = None,
    ) -> TargetResult:
        return cls(
            target=target,
            verdict=verdict,
            url=case.subject.url,
            final_url=case.address.url if case.address else None,
            case=case,
            diagnosis=diagnosis,
            warnings=warnings,
            observations=case.observations + more,
        )
