"""What lies in the loader's cache and spoils the next load: a bad file that stays, which the loader takes as it is."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Command, Finding, Fix, cause
from mnistdoctor.causes.disk.fixes import remove
from mnistdoctor.causes.facts.cached_file import flaw, looked_at, older_version, prepared, taken
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, path_argument
from mnistdoctor.failure import Failure
from mnistdoctor.wording import minute, nbytes


def cache_stale_bad_file(case: Case) -> Finding | None:
    """Holds when a file that is provably bad lies where the loader looks, and this release takes it as it is."""
    if prepared(case):
        return None
    for file in looked_at(case):
        why = flaw(case, file) if taken(case, file) else None
        if why is not None:
            return _bad(case, file, why)
    return None


def _bad(case: Case, file: ev.CachedFile, why: str) -> Finding:
    loader = case.subject.loader or case.client.name
    folder = next(iter(case.all(ev.Folder)), None)
    assumed = folder is not None and folder.assumed
    seen = [f"{file.path} is {why}"]
    if not file.failure:
        seen.append(f"it is {nbytes(file.size)} long and was last written {minute(file.modified)}")
    if file.links_to:
        seen.append(f"it is a symbolic link to {file.links_to}")
    if not file.failure and case.subject.size is not None and file.form == "file" and case.subject.digest_of == "file":
        seen.append(f"the catalogue's {case.subject.file or 'file'} has {case.subject.size} bytes")
    if folder is not None:
        by = f", named by `{folder.decided_by}`" if folder.decided_by else ""
        why_there = f", since {folder.instead_of} cannot be written" if folder.instead_of else by
        seen.append(f"{loader} keeps its files in {folder.path}{why_there}")
    return finding(
        f"{file.path} is {why}; {loader} takes it as it is"
        if not file.failure
        else f"{file.path} is {why}, and {loader} can neither read nor replace it",
        _IN_THE_WAY.format(loader=loader) if file.failure else _STAYS.format(loader=loader),
        seen,
        fixes=(_out_of_the_way(case, file, folder), not file.failure and _upgrade(case)),
        unlike=not assumed and _unlike(file),
        perhaps=assumed and "program-wrong-path",
    )


_STAYS = (
    "The file is there already, so {loader} goes no further: this release does not compare it with anything, or never "
    "replaces one that is wrong. Every load fails in the same way, with the network or without. A download that was "
    "cut, or a web page that was saved in the file's place, is the usual reason."
)
_IN_THE_WAY = (
    "A folder has the file's name, so {loader} can neither open it nor write the file there. Python says "
    "`IsADirectoryError`, on Windows `PermissionError`. Every load fails in the same way, with the network or without. "
    "An archive that was unpacked there, or a volume of a container that was mounted under the file's name, is the "
    "usual reason."
)


def _unlike(file: ev.CachedFile) -> dict[str, str]:
    if file.failure:
        return {"disk-permission": "a folder is in the way, whatever this user may do there"}
    return {"checksum-upstream-changed": "the file on disk was never the right one"}


def _out_of_the_way(case: Case, file: ev.CachedFile, folder: ev.Folder | None) -> Fix:
    """What makes room for the right file; a folder may hold somebody's work, so it is only moved."""
    if file.failure:
        here, there = path_argument(case, file.path), path_argument(case, f"{file.path}.aside")
        line = f"Move-Item -LiteralPath {here} -Destination {there}" if on_windows(case) else f"mv -- {here} {there}"
        return Fix(title="Move that folder aside and load again", commands=(command(case, line),), change=Change())
    own = folder is not None and file.links_to is not None and _below(file.links_to, folder.path)
    if file.links_to is None or not own:
        return Fix(title="Remove that one file and load again", commands=(remove(case, file.path),), change=Change())
    title = "Remove it and the file that it leads to, which would be linked and trusted again; then load again"
    return Fix(title=title, commands=(remove(case, file.path, file.links_to),), change=Change())


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/\\") + ("\\" if "\\" in folder else "/"))


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


def _stale_warning(case: Case) -> str | None:
    loader = case.subject.loader or "the loader"
    for file in case.all(ev.CachedFile):
        why = flaw(case, file) if not taken(case, file) and file.failure != Failure.FILE_FOLDER else None
        if why is not None:
            then = "sees that and downloads it again"
            if older_version(case, file):
                then = "takes this older version only where it cannot ask the server for the newest"
            return f"{file.path} is {why}; {loader} {then}"
    return None


CAUSES: tuple[Cause, ...] = (cause(cache_stale_bad_file, before_wire=True, warns=_stale_warning),)
