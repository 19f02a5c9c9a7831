"""Several targets, one root: what was diagnosed apart is said once where one cause explains the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistdoctor import diagnosis as dx
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.described import states_digest
from mnistdoctor.examine.result import TargetResult


def reconcile(results: Sequence[TargetResult]) -> tuple[TargetResult, ...]:
    """The results, each `likely` diagnosis that a `certain` one of the same way out explains replaced by that one.

    A control that one target could make and another could not must not leave the reader with two stories.
    """
    results = [_as_its_service_says(one, results) for one in results]
    diagnosed = {one.diagnosis.cause for one in results if one.diagnosis}
    if len(diagnosed) < 2:
        return tuple(results)
    roots = [one for one in results if one.diagnosis and one.diagnosis.certainty == "certain"]
    return tuple(_under(one, roots) for one in results)


def _under(result: TargetResult, roots: list[TargetResult]) -> TargetResult:
    from mnistdoctor.causes.order import explains

    own, case = result.diagnosis, result.case
    if own is None or case is None or own.certainty == "certain":
        return result
    for root in roots:
        if root.diagnosis and explains(root.diagnosis.cause, own.cause) and _way(root) == _way(result):
            return replace(result, diagnosis=_for_other_target(root, own, case))
    return result


def _way(result: TargetResult) -> tuple[str, str | None]:
    route = result.case.route if result.case else None
    return (route.way if route and route.way == "socks" else "", route.proxy) if route else ("", None)


def _for_other_target(root: TargetResult, own: dx.Diagnosis, case: Case) -> dx.Diagnosis:
    """The root's diagnosis for another target: its stage, and what was seen there; its trials were not made here."""
    found = root.diagnosis
    assert found is not None
    name = root.target.name or root.url
    remedies = tuple(
        one
        if one.trial.status == "untried"
        else replace(one, trial=dx.Trial(status="untried", reason=f"tried for {name}"))
        for one in found.remedies
    )
    return replace(
        found,
        stage=dx.stage_of(found.cause, case),
        remedies=remedies,
        evidence=(*found.evidence, f"that was seen at {name}; here: {own.title}"),
    )


_OF_OTHER_BYTES = ("checksum-upstream-changed", "checksum-mismatch-corruption")
"""Causes that say that the bytes are not those of the catalogue: a service may know better which are its own."""


def _as_its_service_says(result: TargetResult, results: Sequence[TargetResult]) -> TargetResult:
    """Healthy, with a warning, where the loader's service describes the bytes that came."""
    own, case = result.diagnosis, result.case
    if own is None or case is None or own.cause not in _OF_OTHER_BYTES:
        return result
    replies = [one.case for one in results if one.case and one.verdict == "healthy" and _calls_for(one, result)]
    if not states_digest(case, replies):
        return result
    loader = result.target.loader or "the loader"
    title = f"{own.title}; its service's description states the digest of what came, and {loader} goes by that"
    notice = dx.Notice(cause=own.cause, stage=own.stage, title=title)
    return replace(result, verdict="healthy", diagnosis=None, warnings=(notice, *result.warnings))


def _calls_for(reply: TargetResult, result: TargetResult) -> bool:
    """Whether the first is a call of the API from which the second one's loader has it: one dataset by their names."""
    names = [(each.target.name or "").partition("/")[0] for each in (reply, result)]
    return reply.target.content == "json" and bool(names[0]) and names[0] == names[1]
