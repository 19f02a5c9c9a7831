"""A stored report read back, and judged again with no network: what `--from` and stored cases need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar, cast, get_args

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.base import Fix
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.compare.read import BadReport, document, report
from mnistdoctor.examine.conductor import Report, overall
from mnistdoctor.examine.reconcile import reconcile
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure
from mnistdoctor.redact import Redactor, for_this_user

T = TypeVar("T")
_Words = tuple[str, tuple[str, ...]]
"""A fix's title and the text of its commands."""

_DEEPEST, _MOST = 40, 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTarget:
    """One target of a stored report."""

    name: str | None
    url: str
    final_url: str | None
    client: str
    verdict: dx.Verdict
    observations: tuple[ev.Observation, ...]
    warnings: tuple[dx.Notice, ...]
    trials: tuple[tuple[_Words, dx.Trial], ...]
    """What came of each fix then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A stored report."""

    started: datetime
    duration_s: float
    verdict: dx.Verdict
    exit_code: int
    interrupted: bool
    version: str
    """Of the mnistdoctor that wrote it."""
    environment: dict[str, object]
    targets: tuple[StoredTarget, ...]


def load_file(path: Path) -> StoredReport:
    """Reads a file that `--format json` wrote. Raises `BadReport`."""
    return read(report(path), str(path))


def loads(text: str, name: str = "the report") -> StoredReport:
    """Reads the text of a report; `name` is for messages. Raises `BadReport`."""
    return read(document(text.encode("utf-8", "surrogatepass"), name), name)


def _safe(value: object, redactor: Redactor, depth: int = 0) -> object:
    """The values without secrets, whoever wrote them. Raises `ValueError` for what no report of ours holds."""
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return redactor.text(value, lines=True)
    if isinstance(value, float) and not abs(value) < _MOST:
        raise ValueError(f"{value} is no number that was measured")
    if isinstance(value, int) and not -_MOST < value < _MOST:
        raise ValueError("a number is too large to have been measured")
    if isinstance(value, dict):
        made = {str(name): _safe(one, redactor, depth + 1) for name, one in value.items()}
        for name in ("fields", "request_fields"):
            pairs = made.get(name)
            if isinstance(pairs, list) and all(_is_field(one) for one in pairs):
                made[name] = [list(pair) for pair in redactor.fields(pairs)]
        return made
    return [_safe(one, redactor, depth + 1) for one in value] if isinstance(value, list) else value


def _is_field(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)


def read(values: dict[str, object], name: str = "the report") -> StoredReport:
    """Reads a report's document, without secrets, whoever wrote it. Raises `BadReport`."""
    try:
        return _report(cast("dict[str, object]", _safe(values, for_this_user())))
    except (ValueError, TypeError) as error:
        raise BadReport(f"{name} is damaged: {error}") from None


def judge_again(stored: StoredReport, catalogue: Catalogue) -> Report:
    """The report that today's causes make of the evidence of then; controls and trials stand as they were made."""
    targets = reconcile([_judge(one, catalogue) for one in stored.targets])
    return Report(
        started=stored.started,
        duration_s=stored.duration_s,
        verdict=overall(targets),
        interrupted=stored.interrupted,
        environment=stored.environment,
        targets=targets,
    )


def case_of(stored: StoredTarget, catalogue: Catalogue) -> Case | None:
    """The evidence as it was judged; None where the target was never reached."""
    if not any(isinstance(one, ev.Subject) for one in stored.observations):
        return None
    kept = tuple(one for one in stored.observations if one.role != "trial")
    made = {one.control for one in kept}
    asked = frozenset(one for one in Control if one.value in made)
    return Case(kept, catalogue, asked=asked, controls_allowed=False)


def _judge(stored: StoredTarget, catalogue: Catalogue) -> TargetResult:
    case = case_of(stored, catalogue)
    made = TargetResult(
        target=_target(stored, case),
        verdict=stored.verdict,
        url=stored.url,
        final_url=stored.final_url,
        case=case,
        warnings=stored.warnings,
        observations=stored.observations,
    )
    early = case and dx.ended_early(case)
    if case is None or (early and early != Failure.REDIRECT_PRIVATE):
        return replace(made, verdict="inconclusive")
    judgement = dx.Judgement() if dx.verified(case) else dx.judge(case)
    if judgement.cause is not None and not judgement.cause.before_wire and dx.needs_no_network(case):
        judgement = dx.Judgement()
    if judgement.cause is None or judgement.finding is None:
        # Without a packet (`--offline`) there is nothing to call healthy.
        return replace(made, verdict="inconclusive" if stored.verdict == "inconclusive" else "healthy")
    again = tuple(_trial_of(fix, stored.trials) for fix in judgement.finding.fixes)
    return replace(made, verdict="ailing", diagnosis=dx.diagnosis(case, judgement.cause, judgement.finding, again))


def _trial_of(fix: Fix, trials: tuple[tuple[_Words, dx.Trial], ...]) -> dx.Trial:
    """What came of it: of the fix with these very commands where several have one title."""
    alike = {commands: trial for (title, commands), trial in trials if title == fix.title}
    own = alike.get(tuple(one.text for one in fix.commands))
    if own is None and len(alike) == 1 and not fix.in_hand:
        own = next(iter(alike.values()))  # the commands are worded otherwise since
    return own or dx.Trial(status="untried", reason=fix.untried or "a stored report was judged")


def _target(stored: StoredTarget, case: Case | None) -> Target:
    target = Target(name=stored.name, urls=(stored.url,), client=stored.client)
    if stored.url.startswith("file:"):
        target = replace(target, path=Path(stored.url[len("file:") :]))
    if case is None:
        return target
    known = case.subject
    return replace(
        target,
        file=known.file,
        size=known.size,
        digests=known.digests,
        digest_of=known.digest_of,
        content=known.content,
        loader=known.loader,
        release=known.release,
    )


def _report(values: dict[str, object]) -> StoredReport:
    started = datetime.fromisoformat(_get(values, "started", str).replace("Z", "+00:00"))
    return StoredReport(
        started=started if started.tzinfo else started.replace(tzinfo=timezone.utc),
        duration_s=_get(values, "duration_s", float),
        verdict=_verdict(values),
        exit_code=_get(values, "exit_code", int),
        interrupted=bool(values.get("interrupted", False)),
        version=str(_get(values, "tool", dict).get("version", "")),
        environment=_get(values, "environment", dict),
        targets=tuple(_stored_target(one) for one in _get(values, "targets", list)),
    )


def _stored_target(values: object) -> StoredTarget:
    if not isinstance(values, dict):
        raise ValueError("a target is not an object")  # noqa: TRY004 - one error type for bad files
    name, final_url = values.get("name"), values.get("final_url")
    records = tuple(ev.from_json(_is(one, dict, "an observation")) for one in _get(values, "observations", list))
    if len({one.id for one in records}) != len(records):
        raise ValueError(f"two observations of {name or values.get('url')} have the same `id`")
    if records and not {ev.Subject, ev.Machine} <= {type(one) for one in records}:
        raise ValueError(f"the observations of {name or values.get('url')} lack its `subject` or `machine`")
    return StoredTarget(
        name=None if name is None else _is(name, str, "`name`"),
        url=_get(values, "url", str),
        final_url=None if final_url is None else _is(final_url, str, "`final_url`"),
        client=_get(values, "client", str),
        verdict=_verdict(values),
        observations=records,
        warnings=tuple(
            dx.Notice(cause=one.get("cause"), stage=one.get("stage"), title=_get(one, "title", str))
            for one in (_is(warning, dict, "a warning") for warning in values.get("warnings", []))
        ),
        trials=_trials(values.get("diagnosis")),
    )


def _trials(diagnosis: object) -> tuple[tuple[_Words, dx.Trial], ...]:
    if diagnosis is None:
        return ()
    found = []
    for fix in _get(_is(diagnosis, dict, "`diagnosis`"), "fixes", list):
        trial = _get(_is(fix, dict, "a fix"), "trial", dict)
        status = _get(trial, "status", str)
        if status not in get_args(dx.TrialStatus):
            raise ValueError(f"a trial has the status {status!r}")
        took = trial.get("duration_s")
        made = dx.Trial(
            status=cast(dx.TrialStatus, status),
            reason=_get(trial, "reason", str),
            duration_s=None if took is None else _is(took, float, "`duration_s`"),
            stored=True,
        )
        lines = tuple(_get(_is(one, dict, "a command"), "text", str) for one in _get(fix, "commands", list))
        found.append(((_get(fix, "title", str), lines), made))
    return tuple(found)


def _verdict(values: dict[str, object]) -> dx.Verdict:
    verdict = _get(values, "verdict", str)
    if verdict not in get_args(dx.Verdict):
        raise ValueError(f"the verdict is {verdict!r}")
    return cast(dx.Verdict, verdict)


def _get(values: dict[str, object], key: str, kind: type[T]) -> T:
    if key not in values:
        raise ValueError(f"`{key}` is missing")
    return _is(values[key], kind, f"`{key}`")


def _is(value: object, kind: type[T], what: str) -> T:
    number = isinstance(value, int) and not isinstance(value, bool)
    if kind is float and number:
        return cast(T, float(cast(int, value)))
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        names = {str: "text", int: "a whole number", dict: "an object", list: "a list"}
        raise ValueError(f"{what} is not {names.get(kind, 'a number')}")
    return value


__all__ = ["BadReport", "StoredReport", "StoredTarget", "case_of", "judge_again", "load_file", "loads", "read"]
