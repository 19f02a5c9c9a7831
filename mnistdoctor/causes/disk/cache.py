"""What lies in the loader's cache and spoils the next load: a bad file that stays, which the loader takes as it is."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.disk.fixes import remove, remove_and_load
from mnistdoctor.causes.facts import cached_file
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, path_argument, upgrade
from mnistdoctor.failure import Failure
from mnistdoctor.wording import minute, nbytes


def cache_stale_bad_file(case: Case) -> Finding | None:
    """Holds when a file that is provably bad lies where the loader looks, and this release takes it as it is."""
    if cached_file.prepared_data(case):
        return None
    for file in cached_file.files_read(case):
        flaw = cached_file.loader_accepts(case, file) and cached_file.flaw_of(case, file)
        if flaw and not cached_file.other_file(case, file):
            what = cached_file.in_the_way(file)
            return _blocked(case, file, what, flaw) if what else _bad_file(case, file, flaw)
    return None


def _bad_file(case: Case, file: ev.CachedFile, flaw: str) -> Finding:
    loader, subject = case.subject.loader or case.client.name, case.subject
    comparable = subject.size is not None and subject.digest_of == "file" and file.form == "file"
    return finding(
        f"{file.path} is {flaw}; {loader} takes it as it is",
        f"The file is there already, so {loader} goes no further: this release does not compare it with anything, or "
        "never replaces one that is wrong. Every load fails in the same way, with the network or without. A download "
        "that was cut, or a web page that was saved in the file's place, is the usual reason.",
        f"{file.path} is {flaw}",
        f"it is {nbytes(file.size)} long and was last written {minute(file.modified)}",
        file.links_to and f"it is a symbolic link to {file.links_to}",
        comparable and f"the catalogue's {subject.file or 'file'} has {subject.size} bytes",
        _where_it_is_kept(case, loader),
        fixes=(_remove(case, file), _upgrade(case)),
        unlike=not _assumed(case) and {"checksum-upstream-changed": "the file on disk was never the right one"},
        perhaps=_assumed(case) and "program-wrong-path",
    )


_WHAT_THEN = {
    Failure.FILE_FOLDER: "Python says `IsADirectoryError`, on Windows `PermissionError`. An archive that was unpacked "
    "there, or a volume of a container that was mounted under the file's name, is the usual reason.",
    Failure.FILE_SPECIAL: "Whoever opens a pipe waits until somebody writes into it, and a device may never come to an "
    "end.",
    Failure.LINK_CIRCLE: "Python says `Too many levels of symbolic links`. A cache that was moved, and linked to its "
    "old place, is the usual reason.",
}


def _blocked(case: Case, file: ev.CachedFile, what: str, flaw: str) -> Finding:
    loader = case.subject.loader or case.client.name
    then = _WHAT_THEN[file.failure or Failure.FILE_FOLDER]
    return finding(
        f"{file.path} is {flaw}, and {loader} can neither read nor replace it",
        f"{what[0].upper()}{what[1:]} has the file's name, so {loader} can neither open it nor write the file there. "
        f"{then} Every load fails in the same way, with the network or without.",
        f"{file.path} is {flaw}",
        file.links_to and f"it is a symbolic link to {file.links_to}",
        _where_it_is_kept(case, loader),
        fixes=_move_aside(case, file.path),
        unlike=not _assumed(case) and {"disk-permission": f"{what} is in the way, whatever this user may do there"},
        perhaps=_assumed(case) and "program-wrong-path",
    )


def _assumed(case: Case) -> bool:
    folder = cached_file.loader_folder(case)
    return folder is not None and folder.assumed


def _where_it_is_kept(case: Case, loader: str) -> str | None:
    folder = cached_file.loader_folder(case)
    if folder is None:
        return None
    named = f", named by `{folder.decided_by}`" if folder.decided_by else ""
    why = f", since {folder.instead_of} cannot be written" if folder.instead_of else named
    return f"{loader} keeps its files in {folder.path}{why}"


def _move_aside(case: Case, path: str) -> Fix:
    """It may hold somebody's work, so it is only moved."""
    source, target = path_argument(case, path), path_argument(case, f"{path}.aside")
    line = f"Move-Item -LiteralPath {source} -Destination {target}" if on_windows(case) else f"mv -- {source} {target}"
    return Fix(title="Move it aside and load again", commands=(command(case, line),), change=Change())


def _remove(case: Case, file: ev.CachedFile) -> Fix:
    folder = cached_file.loader_folder(case)
    if folder is None or file.links_to is None or not _is_below(file.links_to, folder.path):
        return remove_and_load(case, file.path)
    title = "Remove it and the file that it leads to, which would be linked and trusted again; then load again"
    return Fix(title=title, commands=(remove(case, file.path, file.links_to),), change=Change())


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/\\") + ("\\" if "\\" in folder else "/"))


def _upgrade(case: Case) -> Fix | None:
    """A release that compares and downloads again, where there is one and this one does not."""
    loader, release = case.loader, case.subject.release
    if loader is None or release is None:
        return None
    names = [dataset.name for dataset in loader.datasets]
    if not any(loader.plan(name, release).keeps_bad and not loader.plan(name).keeps_bad for name in names):
        return None
    return upgrade(
        case,
        loader,
        f"Upgrade {loader.title}: {release} never replaces a bad cached file, {loader.newest_release} does",
    )


def _survived(case: Case) -> str | None:
    """A bad file that the loader replaces by itself."""
    loader = case.subject.loader or "the loader"
    for file in cached_file.files_read(case):
        if cached_file.loader_accepts(case, file) or cached_file.in_the_way(file):
            continue
        if flaw := cached_file.flaw_of(case, file):
            older = cached_file.is_older_version(case, file)
            then = "takes this older version only where it cannot ask the server for the newest" if older else ""
            return f"{file.path} is {flaw}; {loader} {then or 'sees that and downloads it again'}"
    return None


CAUSES: tuple[Cause, ...] = (cause(cache_stale_bad_file, before_wire=True, warns=_survived),)
