"""Which targets belong together: those that share a verdict and what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from mnistdoctor import diagnosis as dx
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target

VERDICTS: tuple[dx.Verdict, ...] = ("healthy", "inconclusive", "ailing")
"""In the order in which they are shown: what hurts comes last, where the eye rests."""


_OF_THE_ANSWER = ("http", "length", "checksum")
"""Stages at which the fault of the reader's own side is one of what was asked for: a typing error, a lacking token."""


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that share one verdict, and where there is one, one cause."""

    results: tuple[TargetResult, ...]

    @property
    def first(self) -> TargetResult:
        """Stands for all where only one can be shown: one that is not certain, where there is any."""
        unsure = (one for one in self.results if one.diagnosis and one.diagnosis.certainty != "certain")
        return next(unsure, self.results[0])

    @property
    def verdict(self) -> dx.Verdict:
        """What came of its targets."""
        return self.first.verdict

    @property
    def allowed(self) -> bool:
        """Whether the user said that this may be."""
        return all(one.allowed for one in self.results)

    @property
    def diagnosis(self) -> dx.Diagnosis | None:
        """The shared root cause, in the words of the first."""
        return self.first.diagnosis


def groups(report: Report) -> tuple[Group, ...]:
    """All targets of the report, those that share a reason together: healthy ones first, ailing ones last."""
    found: list[list[TargetResult]] = []
    for result in report.targets:
        own = next((group for group in found if any(_share_a_reason(one, result) for one in group)), None)
        if own is None:
            found.append([result])
        else:
            own.append(result)
    made = [Group(tuple(results)) for results in found]
    return tuple(sorted(made, key=lambda group: VERDICTS.index(group.verdict)))


def _share_a_reason(one: TargetResult, other: TargetResult) -> bool:
    if one.target.path is not None or other.target.path is not None or one.verdict != other.verdict:
        return False  # files on this disk share no way on which something could have gone wrong
    if one.diagnosis is not None and other.diagnosis is not None:
        return one.diagnosis.cause == other.diagnosis.cause and _have_one_root(one, other)
    if one.verdict == "inconclusive":
        return reason(one) == reason(other)
    return _way(one) == _way(other)


def _way(result: TargetResult) -> tuple[str | None, ...]:
    """Of what is healthy: who fetched what from where."""
    return result.target.loader, result.target.client, dataset_part(result.target) or urlsplit(result.url).netloc


def _have_one_root(one: TargetResult, other: TargetResult) -> bool:
    """Whether what is behind two diagnoses of one cause is one and the same thing: a host, a proxy, this network."""
    both = [result.diagnosis for result in (one, other) if result.diagnosis]
    sides = {found.side for found in both}
    if sides == {"network"} or (
        sides <= {"you", "network"} and not any(found.stage in _OF_THE_ANSWER for found in both)
    ):
        return True
    if sides == {"proxy"}:
        return _proxy(one) == _proxy(other)
    if sides == {"framework"}:
        return one.target.loader == other.target.loader
    return _place(one) == _place(other)


def _proxy(result: TargetResult) -> str | None:
    return result.case.route.proxy if result.case and result.case.route else None


def _place(result: TargetResult) -> tuple[object, ...]:
    """The host that was asked last; of what no cause explains also how far it came there, and how it ended."""
    case, found = result.case, result.diagnosis
    host = (case.host if case else "") or urlsplit(result.url).netloc
    if case is None or found is None or found.side != "unknown":
        return (host,)
    return host, found.stage, case.status, case.stopped_by.failure if case.stopped_by else None


def dataset_part(target: Target) -> str | None:
    """``torchvision:mnist`` or ``mnist``: the part of the name before its file; None for URLs and local files."""
    if target.name is None or target.path is not None or "/" not in target.name:
        return None
    return target.name.partition("/")[0]


def reason(result: TargetResult) -> str:
    """Why there is no verdict."""
    return result.warnings[-1].title if result.warnings else "the run ended before an answer"
