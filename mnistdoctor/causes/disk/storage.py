"""The folder into which the loader would write: no room in it, or no right to."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.disk.fixes import remove
from mnistdoctor.causes.facts.cached_file import in_place
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, path_argument, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import nbytes, shortened

_LOADED = ("file", "decoded")


def _folder(case: Case) -> ev.Folder | None:
    """The folder that counts, unless the file is there and right: then nothing will be written."""
    folder = next(iter(case.all(ev.Folder)), None)
    return folder if folder is not None and not folder.assumed and in_place(case) is None else None


def disk_full(case: Case) -> Finding | None:
    """Holds when the file system below the loader's folder has no room for the file, or none for another name."""
    folder = _folder(case)
    if folder is None or folder.free is None or _closed(folder):
        return None  # what is mounted read-only has no free bytes either
    no_files = folder.free_files == 0
    if not no_files and (folder.needed is None or folder.free >= folder.needed):
        return None
    loader = case.subject.loader or case.client.name
    room = "no file can be made there any more" if no_files else f"{nbytes(folder.free)} are free there"
    return finding(
        f"the disk is full: {room}, in the folder where {loader} keeps its files",
        f"{loader} would write {nbytes(folder.needed) if folder.needed else 'the file'} to {folder.path}"
        f"{', with its unpacked copy' if _unpacks(case) else ''}, and there is no room for it. "
        + _then(no_files=no_files),
        f"{folder.path}: {folder.free} bytes free"
        + (f", {folder.free_files} files can be made" if folder.free_files is not None else ""),
        folder.needed and f"{folder.needed} bytes are needed",
        fixes=(
            Fix(
                title="See which disk has no inode left, and remove files from it that nobody needs"
                if no_files
                else "See what takes the room, and make some",
                commands=(command(case, _show_room(case, folder, "-i" if no_files else "-h")),),
                untried="only you know what may go",
            ),
            _elsewhere(case, folder),
        ),
        unlike={"disk-permission": "the folder can be written"},
    )


def _closed(folder: ev.Folder) -> bool:
    return folder.read_only or not folder.writable


def _unpacks(case: Case) -> bool:
    folder = next(iter(case.all(ev.Folder)), None)
    return bool(folder and folder.needed and case.subject.size and folder.needed > case.subject.size)


def _then(*, no_files: bool) -> str:
    if no_files:
        return "The file system has no inode left for a new file, however many bytes are free."
    return "The download would break off near its end, and may leave a part behind that spoils the next load."


def _show_room(case: Case, folder: ev.Folder, what: str) -> str:
    """``-h`` counts bytes and ``-i`` files."""
    if on_windows(case):
        return "Get-PSDrive -PSProvider FileSystem"
    line = f"df {what} {path_argument(case, folder.path)}"
    return line if folder.exists else f"{line} || df {what} ."


def disk_permission(case: Case) -> Finding | None:
    """Holds when this user may not write into the loader's folder, or may not read what lies there."""
    folder = _folder(case)
    if folder is None:
        return None
    if not _closed(folder):
        return _locked_file(case)
    loader = case.subject.loader or case.client.name
    why = "the file system is mounted read-only" if folder.read_only else "this user may not write there"
    owned = folder.owner is not None and folder.user is not None and folder.owner != folder.user
    whose = f"it belongs to user {folder.owner}, and this is user {folder.user}" if owned else ""
    return finding(
        f"{loader} cannot write to {folder.path}: {why}",
        f"{loader} keeps what it downloads in that folder and cannot make a file there, so the download ends "
        "before it begins. An earlier run with `sudo`, a container that ran as root, or a volume mounted read-only "
        "are the usual reasons. The network was not asked.",
        tuple(
            filter(
                None,
                (f"{folder.path}{'' if folder.exists else ' is not there, and the folder above it'}: {why}", whose),
            )
        ),
        fixes=(_elsewhere(case, folder), owned and folder.exists and _mend(case, folder)),
    )


def _locked_file(case: Case) -> Finding | None:
    """A file that somebody else left, and that this user may not open: the loader opens it to compare or to load."""
    loaded = (one for one in case.all(ev.CachedFile) if one.form in _LOADED)
    file = next((one for one in loaded if one.failure == Failure.PERMISSION), None)
    if file is None:
        return None
    loader = case.subject.loader or case.client.name
    return finding(
        f"{loader} finds {file.path} and may not read it",
        f"The file is there already, so {loader} opens it, and the system says no. An earlier run with `sudo`, or "
        "a container that ran as root, leaves such files. Every load fails in the same way; the network was not "
        "asked.",
        f"{file.path}, opened for reading: {shortened(file.detail) or file.failure}",
        fixes=Fix(title="Remove that one file and load again", commands=(remove(case, file.path),), change=Change()),
        unlike={"cache-stale-bad-file": "what the file holds was not seen"},
    )


def _mend(case: Case, folder: ev.Folder) -> tuple[Fix, ...]:
    """Ownership is mended only for a folder inside the home; anything else is not the user's to take."""
    if on_windows(case) or folder.read_only or not folder.path.startswith("~/"):
        return ()
    line = f'sudo chown -R "$(id -u):$(id -g)" {path_argument(case, folder.path)}'
    return (Fix(title="Or take the loader's folder back", commands=(command(case, line),), untried="it needs sudo"),)


def _elsewhere(case: Case, folder: ev.Folder) -> tuple[Fix, ...]:
    """Another folder, by the variable that this release of the loader reads: that which is set, or it would win."""
    if case.loader is None:
        return ()
    cache = case.loader.plan(case.loader.datasets[0].name, case.subject.release).cache
    own = [one for one in cache.variables if not one.startswith("XDG")]
    chosen = next((one for one in (folder.decided_by, "HF_HOME", *own) if one in own), None)
    if chosen is None and cache.roots:
        title = f"Move {folder.path} to a disk of yours with room, and leave a symbolic link in its place"
        return (Fix(title=title, untried="only you know where there is room"),)
    if chosen is None:
        return (Fix(title="Name a folder of yours with room as `root=`", untried="it is in your program"),)
    return (
        Fix(
            title=f"Let it keep its files in a folder of yours that has room, by `{chosen}`",
            commands=(set_variable(case, chosen, "/a/folder/with/room"),),
            untried="fill in a folder",
        ),
    )


CAUSES: tuple[Cause, ...] = (
    cause(disk_full, before_wire=True, machine_wide=True),
    cause(disk_permission, before_wire=True, machine_wide=True),
)
