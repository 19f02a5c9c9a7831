"""Somebody else is writing to the file in the loader's cache."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.cache import day
from mnistdoctor.causes.kept import UNFINISHED, in_place
from mnistdoctor.causes.remedies import command

_STALE_S = 60.0
"""A download that has not grown for so long is not going on."""


def _held(case: Case) -> tuple[ev.CachedFile, ...]:
    return tuple(one for one in case.all(ev.CachedFile) if one.form in UNFINISHED and one.holder is not None)


def _grows(case: Case) -> bool:
    """Whether an unfinished download of this file was written to within the last minute."""
    now = case.machine.unix_time
    return any(one.form == "partial" and now - one.modified < _STALE_S for one in case.all(ev.CachedFile))


def _writers(case: Case) -> Finding | None:
    held = _held(case)
    if not held or _grows(case) or in_place(case) is not None:
        return None
    lock = held[0]
    age = case.machine.unix_time - lock.modified
    if age < _STALE_S:
        return None
    loader = case.subject.loader or "the loader"
    return Finding(
        title=f"{loader} waits for process {lock.holder}, which holds {lock.path}",
        explanation=(
            f"Another process has locked this file and nothing has been written for {age / 60:.0f} minutes. Until it "
            f"lets go or ends, {loader} waits and says nothing. Several ranks or jobs that fetch into one folder do "
            "this to each other."
        ),
        evidence=(
            f"process {lock.holder} holds a lock on {lock.path}",
            f"it was last written {day(lock.modified)}, and no unfinished download beside it has grown since",
        ),
        certain=False,
        also_possible=("unexplained",),
        fixes=(
            Fix(
                title="See what that process does; end it only if it is yours and hangs",
                commands=(command(case, f"ps -o pid,etime,stat,args -p {lock.holder}"),),
                untried="it is another program's business",
            ),
            Fix(
                title="Download on one rank and let the others wait, or give each job a folder of its own",
                untried="only you can change the job",
            ),
        ),
    )


def _writers_warning(case: Case) -> str | None:
    held = _held(case)
    if not held:
        return None
    return f"process {held[0].holder} is at work on the same file: it holds {held[0].path}"


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="cache-concurrent-writers",
        side="you",
        retry="yes",
        summary="Another process holds the file in the loader's cache",
        story="""\
Ranks of one training job, or jobs of one user, that download into one folder wait for each other's locks, cut each
other's files and see digests change under their eyes. Over NFS a lock can outlive the program that took it.

It is recognised by a lock or an unfinished download that a living process holds, and that has not grown for a
minute. While it grows, somebody is simply downloading, and it is a warning. `cache-stale-bad-file` is what such an
accident leaves behind; with `disk-full` the writer stops for want of room.

Let one rank download and the others wait at a barrier, or give each job its own folder on a local disk. Remove a
lock only when the process that took it is gone.""",
        holds=_writers,
        before_wire=True,
        warns=_writers_warning,
    ),
)
