"""One source of a target: what is known before the wire, then the probes, then the first judgement."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field

from mnistdoctor import diagnosis as dx
from mnistdoctor import disk
from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.examine.target import Target
from mnistdoctor.probe import hop, local, tcp, tls
from mnistdoctor.run import Recorder, Run, Stopped
from mnistdoctor.settings import choose_trust
from mnistdoctor.settings.model import (
    in_container,
    lacking,
    optional_modules,
    platform_name,
)
from mnistdoctor.settings.python import own
from mnistdoctor.settings.trust import certifi_bundle


@dataclass(slots=True)
class Attempt:
    """One source of the target, and what a first look at its records says."""

    url: str
    case: Case
    judgement: dx.Judgement = field(default_factory=dx.Judgement)
    completed: bool = False
    """Whether the body that was cut came all the same, once it was gone on with."""

    @property
    def healthy(self) -> bool:
        """Whether nothing failed, and no cause holds."""
        return self.completed or (self.judgement.cause is None and self.case.stopped_by is None)

    @property
    def failed_stage(self) -> ev.Stage:
        """Where it failed: the stage of the cause, or where the examination ended."""
        cause = self.judgement.cause
        return (dx.stage_of(cause.id, self.case) if cause else None) or dx.failed_stage(self.case)

    @property
    def before_wire(self) -> bool:
        """Whether settings or the disk had settled it before anything was sent."""
        return dx.settled_before_wire(self.case, self.judgement.cause)


def examine_source(run: Run, target: Target, url: str) -> Attempt:
    """Walks one source, unless settings or disk already say why it cannot go well: then nothing is sent."""
    rec = Recorder(run, target.key)
    subject = _known_before(rec, target, url)
    case = Case(tuple(rec.records), run.catalogue)
    if target.path is None:
        early = dx.judge_before(case)
        if early.cause is not None:
            return Attempt(url, case, early)
    if target.path is not None:
        local.look_at(rec, target.path, subject)
    elif run.settings.offline:
        _settings_only(rec, url, target)
    else:
        hop.examine_url(rec, url, subject, run.catalogue.client(target.client))
    case = Case(tuple(rec.records), run.catalogue)
    if dx.ended_early(case) or dx.verified(case):
        return Attempt(url, case)
    return Attempt(url, case, dx.judge(case))


def _known_before(rec: Recorder, target: Target, url: str) -> ev.Subject:
    """The records of what is expected, of this machine, and of the loader's cache."""
    run, started, python = rec.run, rec.run.clock(), rec.run.environment.python
    wanted = target.subject(url, run.settings.until)
    given = {
        item.name: getattr(wanted, item.name)
        for item in dataclasses.fields(ev.Subject)
        if item.name not in {base.name for base in dataclasses.fields(ev.Observation)}
    }
    subject = rec.add(ev.Subject, None, started, **given)
    rec.add(
        ev.Machine,
        None,
        started,
        platform=platform_name(),
        python=python.name,
        openssl=own().openssl or "",  # it speaks TLS for whichever Python is the user's
        interpreter=python.path,
        installer=python.installer,
        certifi=certifi_bundle(python),
        variables=run.environment.steering(),
        modules=optional_modules(python),
        container=in_container(),
        lacks=(lacking() if python.lacks is None else python.lacks) + (() if tcp.may_open() else ("sockets",)),
        unix_time=time.time(),
    )
    if target.places:
        _look_at_disk(rec, target, subject)
    return subject


def _look_at_disk(rec: Recorder, target: Target, subject: ev.Subject) -> None:
    """Once for all sources of the target: the later ones share the records."""

    def first() -> tuple[ev.Observation, ...]:
        before = len(rec.records)
        disk.look(rec, target.places, subject)
        return tuple(rec.records[before:])

    records, shared = rec.run.controls.get(("disk", target.key), first)
    if shared:
        for one in records:
            rec.record_reuse(one)


def _settings_only(rec: Recorder, url: str, target: Target) -> None:
    """What can be said with no packet: the URL, the way it would go, the trust store."""
    run = rec.run
    client = run.catalogue.client(target.client)
    try:
        address, _ = hop.take_apart(rec, url, client)
        hop.route(rec, url, client)
        if address.scheme == "https":
            tls.trust(rec, choose_trust(client, run.settings, run.environment), client)
    except Stopped:
        return
