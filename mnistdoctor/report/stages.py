"""What each of the seven stages came to, over all hops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.expected import comparison, other_length
from mnistdoctor.diagnosis import Diagnosis, Notice, after_until, verified
from mnistdoctor.failure import in_words

if TYPE_CHECKING:  # what renders a text needs no probe
    from mnistdoctor.examine.result import TargetResult

StageOutcome = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What one stage came to, over all hops."""

    stage: ev.Stage
    outcome: StageOutcome
    duration_s: float
    summary: str
    observations: tuple[str, ...]
    needless: bool = False
    """Whether this way to this URL has no such stage: no proxy, plain http, no digest to compare."""


def stages(result: TargetResult) -> tuple[StageResult, ...]:
    """The seven stages, or none where the target was never reached."""
    return stage_results(result.case, result.diagnosis, result.warnings) if result.case else ()


def stage_results(case: Case, diagnosed: Diagnosis | None, warnings: tuple[Notice, ...]) -> tuple[StageResult, ...]:
    """The seven stages in their order: the diagnosed one failed, the later ones skipped, the earlier as seen."""
    ends = ev.STAGES.index(diagnosed.stage) if diagnosed is not None and diagnosed.stage else len(ev.STAGES)
    results = []
    for number, stage in enumerate(ev.STAGES):
        records = tuple(one for one in case.observations if one.stage == stage and one.role == "target")
        result = _stage(case, stage, records)
        if number == ends and diagnosed is not None:
            result = replace(result, outcome="failed", summary=diagnosed.title)
        elif number > ends:
            result = replace(result, outcome="skipped", summary="" if not records else result.summary)
        elif result.outcome == "ok" and any(one.stage == stage for one in warnings):
            result = replace(result, outcome="warning")
        results.append(result)
    return tuple(results)


def _stage(case: Case, stage: ev.Stage, records: tuple[ev.Observation, ...]) -> StageResult:
    outcome: StageOutcome = "skipped"
    if stage == "checksum":
        outcome, summary, records = _checksum(case)
    elif stage == "length" and other_length(case):
        outcome, summary = "warning", "; ".join(comparison(case, case.transfer)[:1]) if case.transfer else ""
    else:
        work = tuple(one for one in records if not isinstance(one, ev.Trust))
        if work:
            outcome = "failed" if work[-1].failure else "ok"
        summary = _summary(work)
    needless = outcome == "skipped" and _is_needless(case, stage)
    if stage == "proxy" and needless:
        summary = "no proxy"
    duration = sum(one.duration_s for one in records if one.reused is None)
    return StageResult(
        stage=stage,
        outcome=outcome,
        duration_s=duration,
        summary=summary,
        observations=tuple(one.id for one in records),
        needless=needless,
    )


def _is_needless(case: Case, stage: ev.Stage) -> bool:
    match stage:
        case "proxy":
            return not case.proxied
        case "tls":
            return case.address is not None and case.address.scheme == "http"
        case "checksum":
            return not case.subject.digests
        case _:
            return False


def _checksum(case: Case) -> tuple[StageOutcome, str, tuple[ev.Observation, ...]]:
    """The checksum has no operation of its own: the transfer digests as it counts."""
    transfer = case.transfer
    looked = tuple(one for one in case.all(ev.Content))
    if transfer is None or transfer.failure or (transfer.status or 200) >= 300:
        return "skipped", "", looked
    if after_until("checksum", case):
        return "skipped", "", looked
    if verified(case):
        name = next(name for name, value in case.subject.digests if (name, value) in _digests(case, transfer))
        return "ok", f"{name} right", (transfer, *looked)
    if not case.subject.digests:
        return "skipped", "no digest is known", looked
    if transfer.limited:
        return "skipped", "only the beginning was read (`--full` reads all)", looked
    return "failed", "no known digest fits", (transfer, *looked)


def _digests(case: Case, transfer: ev.Transfer) -> ev.Pairs:
    return transfer.decoded_digests if case.subject.digest_of == "decoded" else transfer.digests


def _summary(records: tuple[ev.Observation, ...]) -> str:
    """A few words on what was seen last."""
    if not records:
        return ""
    last = records[-1]
    if last.failure:
        return last.detail or in_words(last.failure)
    match last:
        case ev.Lookup():
            return f"{last.name} is {', '.join(last.addresses[:2])}"
        case ev.Connect():
            return f"{last.address} port {last.port}"
        case ev.Tunnel():
            return f"{last.proxy} opened a tunnel"
        case ev.Handshake():
            return " ".join(filter(None, (last.version, _issuer(last))))
        case ev.Exchange():
            return f"{last.status} {last.reason}".strip()
        case ev.Transfer():
            return f"{last.received} bytes"
        case _:
            return ""


def _issuer(handshake: ev.Handshake) -> str:
    name = dict(handshake.chain[0].issuer_fields) if handshake.chain else {}
    organisation = name.get("O") or name.get("CN")
    return f"issued by {organisation}" if organisation else ""
