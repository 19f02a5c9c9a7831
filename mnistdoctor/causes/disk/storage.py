"""The folder into which the loader would write: no room in it, or no right to."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.disk.fixes import remove_and_load
from mnistdoctor.causes.facts.cached_file import file_in_place, files_read, loader_folder
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, in_program, on_windows, path_argument, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import nbytes, shortened


def _folder_to_write(case: Case) -> ev.Folder | None:
    """The loader's folder, unless the file is there and right: then nothing will be written."""
    folder = loader_folder(case)
    return folder if folder and not folder.assumed and file_in_place(case) is None else None


def _is_closed(folder: ev.Folder) -> bool:
    return folder.read_only or not folder.writable


def disk_full(case: Case) -> Finding | None:
    """Holds when the file system below the loader's folder has no room for the file, or none for another name."""
    folder = _folder_to_write(case)
    if folder is None or folder.free is None or _is_closed(folder):
        return None  # what is mounted read-only has no free bytes either
    no_inodes, needed = folder.free_files == 0, folder.needed
    if not no_inodes and (needed is None or folder.free >= needed):
        return None
    loader = case.subject.loader or case.client.name
    room = "no file can be made there any more" if no_inodes else f"{nbytes(folder.free)} are free there"
    unpacks = needed and case.subject.size and needed > case.subject.size
    then = (
        "The file system has no inode left for a new file, however many bytes are free."
        if no_inodes
        else "The download would break off near its end, and may leave a part behind that spoils the next load."
    )
    return finding(
        f"the disk is full: {room}, in the folder where {loader} keeps its files",
        f"{loader} would write {nbytes(needed) if needed else 'the file'} to {folder.path}"
        f"{', with its unpacked copy' if unpacks else ''}, and there is no room for it. {then}",
        f"{folder.path}: {folder.free} bytes free"
        + (f", {folder.free_files} files can be made" if folder.free_files is not None else ""),
        needed and f"{needed} bytes are needed",
        fixes=(_show_room(case, folder, inodes=no_inodes), _another_folder(case, folder)),
        unlike={"disk-permission": "the folder can be written"},
    )


def _show_room(case: Case, folder: ev.Folder, *, inodes: bool) -> Fix:
    if on_windows(case):
        line = "Get-PSDrive -PSProvider FileSystem"
    else:
        df = "df -i" if inodes else "df -h"
        line = f"{df} {path_argument(case, folder.path)}" + ("" if folder.exists else f" || {df} .")
    return Fix(
        title="See which disk has no inode left, and remove files from it that nobody needs"
        if inodes
        else "See what takes the room, and make some",
        commands=(command(case, line),),
        untried="only you know what may go",
    )


def disk_permission(case: Case) -> Finding | None:
    """Holds when this user may not write into the loader's folder, or may not read what lies there."""
    folder = _folder_to_write(case)
    if folder is None:
        return None
    if not _is_closed(folder):
        return _locked_file(case)
    loader = case.subject.loader or case.client.name
    why = "the file system is mounted read-only" if folder.read_only else "this user may not write there"
    of_another = folder.owner is not None and folder.user is not None and folder.owner != folder.user
    return finding(
        f"{loader} cannot write to {folder.path}: {why}",
        f"{loader} keeps what it downloads in that folder and cannot make a file there, so the download ends "
        "before it begins. An earlier run with `sudo`, a container that ran as root, or a volume mounted read-only "
        "are the usual reasons. The network was not asked.",
        f"{folder.path}{'' if folder.exists else ' is not there, and the folder above it'}: {why}",
        of_another and f"it belongs to user {folder.owner}, and this is user {folder.user}",
        fixes=(_another_folder(case, folder), of_another and _take_back(case, folder)),
    )


def _locked_file(case: Case) -> Finding | None:
    """A file that somebody else left, and that this user may not open: the loader opens it to compare or to load."""
    loaded = (one for one in files_read(case) if one.form in ("file", "decoded"))
    file = next((one for one in loaded if one.failure == Failure.PERMISSION), None)
    if file is None:
        return None
    loader = case.subject.loader or case.client.name
    return finding(
        f"{loader} finds {file.path} and may not read it",
        f"The file is there already, so {loader} opens it, and the system says no. An earlier run with `sudo`, or "
        "a container that ran as root, leaves such files. Every load fails in the same way; the network was not "
        "asked.",
        f"{file.path}, opened for reading: {shortened(file.detail) or failure_of(file)}",
        fixes=remove_and_load(case, file.path),
        unlike={"cache-stale-bad-file": "what the file holds was not seen"},
    )


def _take_back(case: Case, folder: ev.Folder) -> Fix | None:
    """Ownership is mended only for a folder inside the home; anything else is not the user's to take."""
    if on_windows(case) or not folder.exists or folder.read_only or not folder.path.startswith("~/"):
        return None
    line = f'sudo chown -R "$(id -u):$(id -g)" {path_argument(case, folder.path)}'
    return Fix(title="Take the loader's folder back", commands=(command(case, line),), untried="it needs sudo")


def _another_folder(case: Case, folder: ev.Folder) -> Fix | None:
    """Another folder, by the variable that this release of the loader reads: that which is set, or it would win."""
    if case.loader is None:
        return None
    cache = case.loader.plan(case.loader.datasets[0].name, case.subject.release).cache
    own = [one for one in cache.variables if not one.startswith("XDG")]
    chosen = next((one for one in (folder.decided_by, "HF_HOME", *own) if one in own), None)
    if chosen is None and cache.roots:
        title = f"Move {folder.path} to a disk of yours with room, and leave a symbolic link in its place"
        return Fix(title=title, untried="only you know where there is room")
    if chosen is None:
        return in_program("Name a folder of yours with room as `root=`")
    return Fix(
        title=f"Let it keep its files in a folder of yours that has room, by `{chosen}`",
        commands=(set_variable(case, chosen, "/a/folder/with/room"),),
        untried="fill in a folder",
    )


CAUSES: tuple[Cause, ...] = (
    cause(disk_full, before_wire=True, machine_wide=True),
    cause(disk_permission, before_wire=True, machine_wide=True),
)
