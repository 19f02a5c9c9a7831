"""What lies in a loader's cache, file by file: its state, what is wrong with it, and what the loader does with it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mnistdoctor import disk
from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import cached_file
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.failure import Failure
from mnistdoctor.redact import for_this_user

KeptState = Literal["right", "bad", "unfinished", "unknown"]
Fate = Literal["kept", "seen", "replaced", "blocked", "unread"]
"""What the loader's release does with a bad file: loads it as it is; sees that it is bad and never replaces it; sees
that and downloads it again; can neither open nor replace it; does not open it."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One name in a loader's place."""

    file: ev.CachedFile
    target: str
    """The loader's file, as in `keras:mnist/mnist.npz`."""
    state: KeptState
    what: str
    """As it follows "is"."""
    fate: Fate | None = None
    """None where it is not bad."""
    path: Path | None = None
    """The true name, where the record's, which is free of secrets and control characters, stands for one alone."""


def inventory(results: Iterable[TargetResult]) -> tuple[KeptFile, ...]:
    """All that was looked at, in the order of the targets."""
    return tuple(one for result in results for one in _of(result))


def _of(result: TargetResult) -> Iterable[KeptFile]:
    case = result.case
    if case is None:
        return
    names = _true_names(result)
    for file in case.all(ev.CachedFile):
        state, what, fate = _judged(case, file)
        yield KeptFile(file, result.target.name or "", state, what, fate, names.get(file.path))


def _judged(case: Case, file: ev.CachedFile) -> tuple[KeptState, str, Fate | None]:
    if file.form in cached_file.UNFINISHED:
        held = f"held by process {file.holder}" if file.holder else "what a download left"
        return "unfinished", f"{held}: a lock" if file.form == "lock" else held, None
    if flaw := cached_file.flaw_of(case, file):
        return "bad", flaw, _fate(case, file)
    other = cached_file.other_file(case, file)
    if other is not None and not cached_file.shares_place(case, other):
        return "bad", f"{other.name} of {other.dataset}", _fate(case, file)
    if file.failure:
        denied = file.failure == Failure.PERMISSION
        return "unknown", "not readable for this user" if denied else file.detail or "unreadable", None
    if file.form == "prepared":
        return "unknown", "in the loader's own format, which only the loader can judge", None
    if cached_file.proven_right(case, file):
        return "right", "intact", None
    return "unknown", "not proven: nobody states its digest, or it is another release", None


def _fate(case: Case, file: ev.CachedFile) -> Fate:
    if cached_file.prepared_data(case):
        return "unread"
    if cached_file.in_the_way(file):  # of a file that is not read as well: nothing can be written there
        return "blocked"
    if file not in cached_file.files_read(case):
        return "unread"
    if not cached_file.loader_accepts(case, file):
        return "replaced"
    loader, release = case.loader, case.subject.release
    name = (case.subject.name or "").partition(":")[2].partition("/")[0]
    compares = loader is not None and file.form == "file" and loader.plan(name, release).keeps_bad
    return "seen" if compares else "kept"


def _true_names(result: TargetResult) -> dict[str, Path]:
    clean = for_this_user().text
    names: dict[str, set[Path]] = {}
    for path in disk.paths(result.target.places):
        names.setdefault(clean(os.fspath(path)), set()).add(path)
    return {shown: next(iter(paths)) for shown, paths in names.items() if len(paths) == 1}
