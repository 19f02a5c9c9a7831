"""What lies in the loader's cache and spoils the next load: a bad file that stays, or somebody else at work there."""

from __future__ import annotations

import datetime as dt

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Command, Finding, Fix
from mnistdoctor.causes.length.expected import due_layer, own_file
from mnistdoctor.causes.remedies import bytes_, command, on_windows, path_word, shortened

_NO_DATA = {
    "html": "a web page", "xml": "an XML document", "lfs-pointer": "a Git LFS pointer, not the file it stands for",
    "empty": "empty",
}  # fmt: skip
_UNFINISHED = ("partial", "lock")
_STALE_S = 60.0
"""A download that has not grown for so long is not going on."""


def flaw(case: Case, file: ev.CachedFile) -> str | None:
    """What is provably wrong with a cached file, in words that follow "it is"; None where nothing is proven.

    A digest that merely differs from the catalogue's is no proof: the publisher may have made another release, or
    somebody packed the same data again; so an intact file is never called short.
    """
    if file.failure or file.form in _UNFINISHED or _digest_right(case, file):
        return None  # a broken link is as good as no file: loaders look through it, and download
    if file.size == 0:
        return "empty"
    kind = file.what if file.what in _NO_DATA else (file.inner or "")
    if kind in _NO_DATA:
        title = f', titled "{shortened(file.title, 60)}"' if file.title else ""
        return _NO_DATA[kind] + title
    if file.form == "reply":
        return None
    if file.intact is False:
        return f"damaged: the {file.what} {file.damage}" if file.damage else f"a damaged {file.what}"
    return _shadow_flaw(file) if file.form == "shadow" else _not_the_file(case, file)


def _shadow_flaw(file: ev.CachedFile) -> str | None:
    return f"{file.what}, where a saved tensor is due" if file.what in ("text", "json") else None


def _not_the_file(case: Case, file: ev.CachedFile) -> str | None:
    other = _another(case, file)
    if other:
        return f"another file: it has the digest of {other}"
    due = own_file(case)
    if file.form == "decoded":
        if due is None or due.decoded_size is None or file.size == due.decoded_size:
            return None
        return f"{file.size} bytes long, and {due.decoded_size} are due"
    layer = due_layer(case)
    if layer and file.what in ("text", "json"):
        return f"{file.what}, where {layer} is due"
    size = case.subject.size if case.subject.digest_of == "file" else None
    if size is not None and file.size < size and not file.intact:
        return f"cut short: {file.size} of {size} bytes"
    return None


def _another(case: Case, file: ev.CachedFile) -> str | None:
    for algorithm, value in file.digests:
        known = [one.id for one in case.catalogue.by_digest(algorithm, value)]
        if known and case.subject.file not in known:  # the same bytes may have two names
            return known[0]
    return None


def _digest_right(case: Case, file: ev.CachedFile) -> bool:
    here = dict(file.digests)
    return any(here.get(name) == value for name, value in case.subject.digests)


def in_place(case: Case) -> ev.CachedFile | None:
    """The cached file with which the loader needs no network: provably right, and no bad one wins over it."""
    files = case.all(ev.CachedFile)
    if any(one.trusted and one.form not in _UNFINISHED and (one.failure or flaw(case, one)) for one in files):
        return None
    due = own_file(case)
    for one in files:
        if one.form == "file" and _digest_right(case, one):
            return one
        whole = due is not None and due.decoded_size is not None and one.size == due.decoded_size
        if one.form == "decoded" and one.intact and whole:
            return one
    return None


def _stale(case: Case) -> Finding | None:
    for file in case.all(ev.CachedFile):
        why = flaw(case, file) if file.trusted else None
        if why is not None:
            return _bad(case, file, why)
    return None


def _bad(case: Case, file: ev.CachedFile, why: str) -> Finding:
    loader = case.subject.loader or case.client.name
    folder = next(iter(case.all(ev.Folder)), None)
    assumed = folder is not None and folder.assumed
    seen = [f"{file.path} is {why}", f"it is {bytes_(file.size)} long and was last written {_day(file.modified)}"]
    if case.subject.size is not None and file.form == "file" and case.subject.digest_of == "file":
        seen.append(f"the catalogue's {case.subject.file or 'file'} has {case.subject.size} bytes")
    if folder is not None:
        by = f", named by `{folder.decided_by}`" if folder.decided_by else ""
        why_there = f", since {folder.instead_of} cannot be written" if folder.instead_of else by
        seen.append(f"{loader} keeps its files in {folder.path}{why_there}")
    return Finding(
        title=f"{file.path} is {why}; {loader} takes it as it is",
        explanation=(
            f"The file is there already, so {loader} goes no further: this release does not compare it with anything, "
            "or never replaces one that is wrong. Every load fails in the same way, with the network or without. "
            "A download that was cut, or a web page that was saved in the file's place, is the usual reason."
        ),
        evidence=tuple(seen),
        certain=not assumed,
        also_possible=("program-wrong-path",) if assumed else (),
        fixes=(
            Fix(
                title="Remove that one file and load again",
                commands=(remove(case, file.path),),
                change=Change(),
            ),
            *_upgrade(case),
        ),
        ruled_out=(("checksum-upstream-changed", "the file on disk was never the right one"),) if not assumed else (),
    )


def remove(case: Case, path: str) -> Command:
    """Removes one file."""
    word = path_word(case, path)
    return command(case, f"Remove-Item -LiteralPath {word}" if on_windows(case) else f"rm -- {word}")


def _upgrade(case: Case) -> tuple[Fix, ...]:
    """A release that compares and downloads again, where there is one and this one does not."""
    loader, release = case.loader, case.subject.release
    if loader is None or release is None:
        return ()
    keeps = any(
        plan.keeps_bad and not loader.plan(one.name).keeps_bad
        for one in loader.datasets
        for plan in (loader.plan(one.name, release),)
    )
    if not keeps:
        return ()
    line = f"python -m pip install --upgrade {loader.distributions[0]}"
    return (
        Fix(
            title=f"Upgrade {loader.title}: {release} never replaces a bad cached file, {loader.newest_release} does",
            commands=(Command(line),),
            untried="the examination does not change what is installed",
        ),
    )


def _day(seconds: float) -> str:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return "at a date beyond the calendar"


def _stale_warning(case: Case) -> str | None:
    for file in case.all(ev.CachedFile):
        why = flaw(case, file) if not file.trusted else None
        if why is not None:
            return f"{file.path} is {why}; {case.subject.loader or 'the loader'} sees that and downloads it again"
    return None


# --- somebody else is writing -----------------------------------------------------------------------------------


def _held(case: Case) -> tuple[ev.CachedFile, ...]:
    return tuple(one for one in case.all(ev.CachedFile) if one.form in _UNFINISHED and one.holder is not None)


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
            f"it was last written {_day(lock.modified)}, and no unfinished download beside it has grown since",
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
        id="cache-stale-bad-file",
        side="you",
        retry="yes",
        summary="A bad file lies in the loader's cache, and the loader takes it as it is",
        story="""\
Many loaders look only whether a file is there. A download that was cut, a block page or an LFS pointer that was
saved under the right name then fails every load, at once and with no request sent: `EOFError`, `Not a gzipped
file`, a bare `AssertionError`, `invalid for input of size`, "File not found or corrupted".

It is recognised on the disk: the file is empty, a page, shorter than it should be, damaged inside, or another
catalogued file. `checksum-mismatch-corruption` is about what comes over the wire now; `program-wrong-path` has no
file at all where the loader looks. Loaders that compare a digest throw a bad file away by themselves; for them
this is only a warning.

Remove that one file and load again. Do not remove the whole cache tree, and never `rm -rf` a path that is built
from a variable which may be unset.""",
        holds=_stale,
        before_wire=True,
        warns=_stale_warning,
    ),
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
