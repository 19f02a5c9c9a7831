"""Somebody else is writing to the file in the loader's cache."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.cached_file import UNFINISHED, file_in_place
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command
from mnistdoctor.wording import minute, span

_STALE_S = 60.0
"""A download that has not grown for so long is not going on."""


def cache_concurrent_writers(case: Case) -> Finding | None:
    """Holds when another process holds the lock of the file, and what it writes no longer grows."""
    lock = _held(case)
    if lock is None or _grows(case) or file_in_place(case) is not None:
        return None
    age = case.machine.unix_time - lock.modified
    if age < _STALE_S:
        return None
    loader = case.subject.loader or "the loader"
    return finding(
        f"{loader} waits for process {lock.holder}, which holds {lock.path}",
        f"Another process has locked this file and nothing has been written for {span(age)}. Until it "
        f"lets go or ends, {loader} waits and says nothing. Several ranks or jobs that fetch into one folder do "
        "this to each other.",
        f"process {lock.holder} holds a lock on {lock.path}",
        f"it was last written {minute(lock.modified)}, and no unfinished download beside it has grown since",
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
        perhaps="unexplained",
    )


def _held(case: Case) -> ev.CachedFile | None:
    """What another process holds of a download that is not finished."""
    files = case.all(ev.CachedFile)
    return next((one for one in files if one.form in UNFINISHED and one.holder is not None), None)


def _grows(case: Case) -> bool:
    """Whether an unfinished download of this file was written to within the last minute."""
    now = case.machine.unix_time
    return any(one.form == "partial" and now - one.modified < _STALE_S for one in case.all(ev.CachedFile))


def _at_work(case: Case) -> str | None:
    held = _held(case)
    return f"process {held.holder} is at work on the same file: it holds {held.path}" if held else None


CAUSES: tuple[Cause, ...] = (cause(cache_concurrent_writers, before_wire=True, warns=_at_work),)
