"""Tries the fixes: the same examination with one thing changed, and what came of it."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.proxy.fixes import WRAPPING
from mnistdoctor.diagnosis import Trial, TrialStatus, failed_stage, judge, verified
from mnistdoctor.failure import Late
from mnistdoctor.probe import hop
from mnistdoctor.run import Recorder, Run
from mnistdoctor.settings import Environment, other_stores
from mnistdoctor.wording import period

MOST_TRIALS = 4
"""Fixes that are tried for one target, beside the places that have the same file."""

LONGEST_WAIT_S = 30.0
"""A pause that a server asks for is waited out only when it is shorter."""


def try_fixes(
    run: Run, key: str, case: Case, finding: Finding, url: str, failed: Mapping[str, ev.Stage]
) -> tuple[tuple[Trial, ...], tuple[ev.Observation, ...]]:
    """What came of each fix, in the finding's order, and the trials' records. Nothing is tried after one was proven.

    `failed` holds the target's other sources that were examined in this run, each with the stage at which it failed:
    they are not asked once more.
    """
    trials: list[Trial] = []
    records: list[ev.Observation] = []
    made, tried, proven = 0, 0, False
    for fix in finding.fixes:
        elsewhere = fix.change.url if fix.change is not None and fix.change == Change(url=fix.change.url) else None
        if elsewhere is not None and elsewhere in failed:
            trials.append(Trial(status="no-change", reason=f"examined in this run: {_fails_too(failed[elsewhere])}"))
            continue
        refusal = _why_not(run, fix, made, proven=proven)
        if refusal is not None or fix.change is None:
            trials.append(Trial(status="untried", reason=refusal or fix.untried))
            continue
        made += not fix.in_hand
        tried += 1
        trial, seen = _try(run, key, case, fix.change, url, tried)
        proven = trial.status == "proven"
        trials.append(trial)
        records += seen
    return tuple(trials), tuple(records)


def _why_not(run: Run, fix: Fix, made: int, *, proven: bool) -> str | None:
    if fix.change is None:
        return fix.untried or "it cannot be tried from here"
    if not run.settings.trials_allowed:
        return "trials were switched off"
    if proven:
        return "another fix was proven first"
    if made >= MOST_TRIALS and not fix.in_hand:
        return f"{MOST_TRIALS} others were tried before it"
    if (fix.change.wait_s or 0) > LONGEST_WAIT_S:
        return f"it asks for a wait of {period(fix.change.wait_s or 0)}"
    return None


def _try(
    run: Run, key: str, case: Case, change: Change, url: str, number: int
) -> tuple[Trial, tuple[ev.Observation, ...]]:
    started = time.monotonic()
    environment = _without(run, change.unset)
    settings = dataclasses.replace(
        run.settings,
        timeout_s=change.timeout_s or run.settings.timeout_s,
        user_agent=change.user_agent or run.settings.user_agent,
        ca_bundle=_store_path(run, change.ca_file) if change.ca_file else run.settings.ca_bundle,
        direct=change.direct or run.settings.direct,
        direct_to=change.direct_to,
        proxy=change.proxy or _proxy_of(environment, change) or run.settings.proxy,
        accept_encoding_identity=change.accept_encoding_identity or run.settings.accept_encoding_identity,
        resolve=_resolved(case, change) + run.settings.resolve,
        netrc=change.netrc and run.settings.netrc,
        until=None,
        retries=0,
    )
    changed = dataclasses.replace(run, settings=settings, environment=environment)
    rec = Recorder(changed, key, "trial", f"trial-{number}")
    try:
        if change.wait_s:
            pause(run, change.wait_s)
        subject = _subject(case, change.url or url)
        hop.examine_url(rec, subject.url, subject, case.client, home=url)
    except Late:
        return Trial(status="untried", reason="the deadline came first"), tuple(rec.records)
    records = tuple(rec.records)
    machine = dataclasses.replace(case.machine, variables=environment.steering()) if change.unset else case.machine
    status, reason = _outcome(case, _as_target(case, machine, records, subject), elsewhere=change.url is not None)
    return Trial(status=status, reason=reason, duration_s=round(time.monotonic() - started, 3)), records


def _store_path(run: Run, shown: str) -> str:
    """The true path of a trust store that a redacted record names."""
    for choice in other_stores(None, run.environment):
        if run.redactor.text(choice.path) == shown:
            return str(Path(choice.path).expanduser())
    return str(Path(shown).expanduser())


def _subject(case: Case, url: str) -> ev.Subject:
    """The same expectations at the trial's URL; where nothing was expected, what the catalogue knows of that URL."""
    place = case.catalogue.by_url(url)
    subject = dataclasses.replace(case.subject, url=url, until=None, instead_of=None)
    if subject.digests or place is None or not place[0].same_bytes:
        return subject
    file = place[1]
    return dataclasses.replace(
        subject,
        file=file.id,
        size=file.size,
        content=file.kind,
        digest_of=file.digest_of,
        digests=tuple((one.algorithm, one.value) for one in file.digests),
    )


def pause(run: Run, seconds: float) -> None:
    """Waits, unless the run is cancelled or its deadline comes first: then raises `Late`."""
    waiting: threading.Event = run.cancelled
    waiting.wait(min(seconds, run.left()))
    run.left()


def _without(run: Run, names: tuple[str, ...]) -> Environment:
    """The environment without these variables."""
    if not names:
        return run.environment
    left = {name: value for name, value in run.environment.variables.items() if name not in names}
    return dataclasses.replace(run.environment, variables=left)


def _proxy_of(environment: Environment, change: Change) -> str:
    """The value of the variable that the change names, without what stands around it where the change says so."""
    value = environment.variables.get(change.proxy_variable or "", "")
    return value.strip(WRAPPING) if change.unwrapped else value


def _resolved(case: Case, change: Change) -> tuple[tuple[str, int, str], ...]:
    """The last hop's host at the address that the change names, as with curl's ``--resolve``."""
    if change.address is None or case.address is None:
        return ()
    return ((case.address.host.lower(), case.address.port, change.address),)


def _as_target(case: Case, machine: ev.Machine, records: tuple[ev.Observation, ...], subject: ev.Subject) -> Case:
    """The trial's records as if they were a target's, so that they are judged by the same rules."""
    own = tuple(dataclasses.replace(one, role="target", control=None) for one in records)
    return Case((subject, machine, *own), case.catalogue)


def _outcome(before: Case, after: Case, *, elsewhere: bool) -> tuple[TrialStatus, str]:
    """What the trial came to; `elsewhere` where it asked another address, whose later failure brings nobody further."""
    if verified(after):
        return "proven", "the content arrived and its digest is right"
    if after.stopped_by is None and judge(after).cause is None:
        transfer = after.transfer
        if transfer is not None and transfer.limited:
            return "helped", "it answers; only the beginning was read (`--full` reads all)"
        return "helped", "it arrives; no digest is known to prove the content"
    reached, was = (ev.STAGES.index(failed_stage(one)) for one in (after, before))
    if reached > was and not elsewhere and not _same_end(before, after):
        return "helped", f"it got as far as stage `{failed_stage(after)}`"
    if _sent_nothing(before) and not _sent_nothing(after):
        return "helped", f"the client then asks the network, and fails there at stage `{failed_stage(after)}`"
    return "no-change", _fails_too(failed_stage(after))


def _fails_too(stage: ev.Stage) -> str:
    return f"it fails at stage `{stage}` as well"


def _sent_nothing(case: Case) -> bool:
    """Whether settings, the disk or the URL decided before the first packet."""
    return case.transfer is None and (
        case.stopped_by is None or isinstance(case.stopped_by, (ev.Address, ev.Route, ev.Trust))
    )


def _same_end(before: Case, after: Case) -> bool:
    """Whether the same cause ended both, though it showed itself at another stage."""
    causes = [judge(one).cause for one in (before, after)]
    return causes[0] is not None and causes[0] is causes[1]
