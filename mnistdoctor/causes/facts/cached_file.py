"""What can be proven of a file in a loader's cache: that it is bad, that the loader takes it, that it is right."""

from __future__ import annotations

import math
import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import expected
from mnistdoctor.causes.facts.offline import switches
from mnistdoctor.causes.facts.pages import reports_error
from mnistdoctor.failure import Failure
from mnistdoctor.wording import nbytes, shortened

_STALE_S = 60.0
"""A download that has not grown for so long is not going on."""
_IN_THE_WAY = {
    Failure.FILE_FOLDER: "a folder",
    Failure.FILE_SPECIAL: "a pipe, a socket or a device",
    Failure.LINK_CIRCLE: "a link that leads back to itself",
}
"""What no loader can read or replace. A broken link is none of it: loaders look through it, and download."""
UNFINISHED = ("partial", "lock")
"""Forms of what a download that is going on, or was broken off, leaves beside the file."""
_NO_DATA = {
    "html": "a web page",
    "xml": "an XML document",
    "lfs-pointer": "a Git LFS pointer, not the file it stands for",
    "empty": "empty",
}
_SAME_FORMAT = {"npz": ("npz", "zip"), "zip": ("zip", "npz")}
"""An npz is a zip; which of the two names it is given says nothing."""


# Which files count


def loader_folder(case: Case) -> ev.Folder | None:
    """The folder in which the loader keeps its files, or would keep them."""
    return next(iter(case.all(ev.Folder)), None)


def misplaced(case: Case) -> str | None:
    """What is odd about the folder that an option named, as a warning: it is not there, or its neighbour was meant."""
    folder, who = loader_folder(case), case.subject.loader or "the loader"
    if folder is None or folder.decided_by != "--root":
        return None
    if folder.meant:
        return (
            f"`--root {folder.path}` holds no file of {who}'s for this data set, and {folder.meant} does: "
            f"`--root {folder.meant}` was probably meant"
        )
    return None if folder.exists else f"`--root {folder.path}` is not there; {who} would make that folder"


def leftover(case: Case) -> str | None:
    """What a broken download left beside the file's place, as a warning; nothing is said of one that still grows."""
    if file_in_place(case):
        return None
    now = case.machine.unix_time
    parts = (one for one in case.all(ev.CachedFile) if one.form == "partial" and now - one.modified > _STALE_S)
    found = next((one for one in parts if one.holder is None), None)
    who = case.subject.loader or "the loader"
    return found and (
        f"{found.path} is what a broken download left, {nbytes(found.size)}: where {who} goes on from there and is "
        "answered 416, or gets a wrong file, remove it"
    )


def prepared_data(case: Case) -> ev.CachedFile | None:
    """What the loader made of the files in its own format; where it is there, the files are not looked at."""
    return next((one for one in case.all(ev.CachedFile) if one.form == "prepared" and one.size), None)


def files_read(case: Case) -> tuple[ev.CachedFile, ...]:
    """The files that the loader looks at: the old pair alone where it is there, for it wins over all others.

    An unpacked twin is none of them where another one of its set is missing: the loader then makes all of them anew.
    """
    files = tuple(one for one in case.all(ev.CachedFile) if not one.unread and not one.lone)
    return tuple(one for one in files if one.form == "shadow") or files


def file_in_place(case: Case) -> ev.CachedFile | None:
    """The cached file with which the loader needs no network: provably right, and no bad one wins over it.

    Nothing is known beforehand of a reply: one that is whole and answers is right.
    """
    if prepared := prepared_data(case):
        return prepared
    files = files_read(case)
    accepted = (one for one in files if _trusted(case, one) and one.form not in UNFINISHED)
    if any(one.failure or flaw_of(case, one) for one in accepted):
        return None
    if files and all(one.form == "shadow" and _is_saved_tensor(case, one) for one in files):
        return files[0]
    return next((one for one in files if proven_right(case, one)), None)


def proven_in_place(case: Case) -> ev.CachedFile | None:
    """The file that the loader would load, where a digest (or a reply's own answer) proves it; needs no network."""
    file = file_in_place(case)
    if file is None or file.form in ("prepared", "shadow"):
        return None
    return file if file.form != "decoded" or _has_one_of(file, expected_content(case)) else None


def proven_right(case: Case, file: ev.CachedFile) -> bool:
    """Whether it has the digest that the loader or the catalogue states, or is a whole answer of the API."""
    if file.form == "reply":
        return bool(file.inner == "json" and file.intact and file.members) and flaw_of(case, file) is None
    if file.form == "decoded":
        known, due = expected.catalogue_file(case), expected_content(case)
        if due and file.digests:
            return _has_one_of(file, due)
        return bool(file.intact and known and known.decoded_size is not None and file.size == known.decoded_size)
    return file.form == "file" and _has_compared_digest(case, file) and not unreferenced(file)


def _has_compared_digest(case: Case, file: ev.CachedFile) -> bool:
    """Whether it has the digest that the loader, or else the catalogue, holds it against.

    Where the loader compares nothing, the right content in another packing is as good.
    """
    if _has_one_of(file, file.stated or case.subject.digests):
        return True
    return file.trusted and not set(file.decoded_digests).isdisjoint(expected_content(case))


def expected_content(case: Case) -> ev.Pairs:
    """Digests of the unpacked content: the catalogue's, or those of the packed file that lies there and is right."""
    known = expected.catalogue_file(case)
    if known and known.content_digests:
        return tuple((one.algorithm, one.value) for one in known.content_digests)
    packed = (one for one in case.all(ev.CachedFile) if one.form == "file" and _has_one_of(one, case.subject.digests))
    return next((one.decoded_digests for one in packed), ())


def _is_saved_tensor(case: Case, file: ev.CachedFile) -> bool:
    """Whether it is what `torch.save` writes, as far as can be told without unpickling it.

    Since 2020 that is a zip, whose CRCs tell whether it is whole; before, a pickle, which at least must hold the
    smaller set of images.
    """
    if file.what == "zip":
        return file.intact is True and any(one.endswith("/data.pkl") for one in file.members)
    known, files = expected.catalogue_file(case), case.catalogue.files
    sets = [math.prod(one.dims) for one in files if known and one.dataset == known.dataset and one.dims[2:]]
    return file.what == "pickle" and bool(sets) and file.size >= min(sets)


# What the loader takes


def loader_accepts(case: Case, file: ev.CachedFile) -> bool:
    """Whether the loader takes it as it is; scikit-learn throws away a reply that is no JSON, and no other.

    A folder is never replaced, and an older version of the Hub's is taken only by those who may not ask the Hub.
    """
    if file.form == "reply" and file.inner == "json" and reports_error(file):
        return True
    if in_the_way(file):
        return file_in_place(case) is None
    return _trusted(case, file)


def in_the_way(file: ev.CachedFile) -> str | None:
    """What has its name and is no file at all; None for a file."""
    return _IN_THE_WAY.get(file.failure) if file.failure else None


def _trusted(case: Case, file: ev.CachedFile) -> bool:
    taken = file.trusted or _begins_right(case, file)
    return taken and (not is_older_version(case, file) or bool(switches(case)))


def _begins_right(case: Case, file: ev.CachedFile) -> bool:
    """Whether length and first MiB are those that the catalogue states: fastdownload compares no more."""
    known, found = expected.catalogue_file(case), dict(file.digests).get("md5_first_mib")
    return bool(known and found and file.size == known.size and found == known.md5_first_mib)


def is_older_version(case: Case, file: ev.CachedFile) -> bool:
    """Whether it is stored under another digest than the expected one: the Hub, when asked, names another version."""
    sha256, name = dict(case.subject.digests).get("sha256"), _stored_as(file)
    return sha256 is not None and re.fullmatch("[0-9a-f]{64}", name) is not None and name != sha256


def unreferenced(file: ev.CachedFile) -> bool:
    """Whether it is a blob of the Hub's that no revision names: without the network nobody finds it."""
    return file.links_to is None and _as_published(file)


def _as_published(file: ev.CachedFile) -> bool:
    """Whether it is stored under its own digest, as the Hub's blobs are: then it is what was sent, odd as it may be."""
    return _stored_as(file) in dict(file.digests).values()


def _stored_as(file: ev.CachedFile) -> str:
    """The last part of the true name."""
    return re.split(r"[/\\]", file.links_to or file.path)[-1]


# What is wrong with it


def flaw_of(case: Case, file: ev.CachedFile) -> str | None:
    """What is provably wrong with a cached file, in words that follow "it is"; None where nothing is proven.

    A digest that merely differs from the catalogue's is no proof: the publisher may have made another release, or
    somebody packed the same data again; so an intact file is never called short.
    """
    if file.form == "prepared" or file.form in UNFINISHED:
        return None
    if obstacle := in_the_way(file):
        return f"{obstacle}, where a file is due"
    if file.failure:
        return None
    right = _has_one_of(file, _due_digests(case, file))
    # the digest of what is packed says nothing of the packing
    if _as_published(file) or (right and (case.subject.digest_of == "file" or (file.what == "gzip" and file.intact))):
        return None
    if file.size == 0:
        return "empty"
    kind = file.what if file.what in _NO_DATA else (file.inner or "")
    if kind in _NO_DATA:
        return _NO_DATA[kind] + (f', titled "{shortened(file.title, 60)}"' if file.title else "")
    if file.intact is False:
        return f"damaged: the {file.what} {file.damage}" if file.damage else f"a damaged {file.what}"
    if file.form == "reply":
        return _reply_flaw(file)
    if file.form == "shadow":
        return f"{file.what}, where a saved tensor is due" if file.what in ("text", "json") else None
    flaws = (_another_file, _another_format, _another_length, _another_content)
    return next((flaw for find in flaws if (flaw := find(case, file))), None)


def _due_digests(case: Case, file: ev.CachedFile) -> ev.Pairs:
    """The digests that a file of this form may have; what is known of the packed one says nothing of its twin."""
    packed = file.form == "decoded" and case.subject.digest_of == "file"
    return file.stated if packed else (*file.stated, *case.subject.digests)


def _has_one_of(file: ev.CachedFile, digests: ev.Pairs) -> bool:
    own = dict(file.digests)
    return any(own.get(name) == value for name, value in digests)


def _reply_flaw(file: ev.CachedFile) -> str | None:
    if reports_error(file):
        return "an API's report of an error, not its answer"
    if file.what in ("json", "text") and file.path.endswith(".gz"):
        return f"{file.what}, where gzip is due"
    return "text, where JSON is due" if file.inner == "text" else None


def other_file(case: Case, file: ev.CachedFile) -> File | None:
    """The catalogue's file whose bytes, or whose content, these are, where it is another than the expected one."""
    catalogue, wanted = case.catalogue, case.subject.file
    found = [one for pair in file.digests for one in catalogue.by_digest(*pair)]
    unpacked = file.form == "decoded" or case.subject.digest_of == "decoded"
    content = file.digests if unpacked else file.decoded_digests
    found += [one for pair in content for one in catalogue.by_content(*pair)]
    ours = any(wanted in (one.id, one.same_data_as) for one in found)  # the same bytes may have two names
    return None if ours else next(iter(found), None)


def shares_place(case: Case, other: File) -> bool:
    """Whether the loader looks for that other file under the same name, as TFDS does in `manual`."""
    loader, release = case.loader, case.subject.release
    if loader is None:
        return False
    plans = [loader.plan(one.name, release) for one in loader.datasets]
    names = {one.file.id: {name.path for name in one.cached} for made in plans for one in made.files}
    return not names.get(other.id, set()).isdisjoint(names.get(case.subject.file or "", set()))


def _another_file(case: Case, file: ev.CachedFile) -> str | None:
    if other := other_file(case, file):
        return f"another file: it has the digest of {other.id}"
    own = dict(file.digests)
    for name, value in file.stated:
        if own.get(name, value) != value:
            return f"another text than the stored description states: its {name} is {own[name]}, and {value} is due"
    return None


def _another_format(case: Case, file: ev.CachedFile) -> str | None:
    idx = (case.subject.content or "").endswith("-idx")
    layer = expected.layer(case) if file.form != "decoded" else "idx" if idx else None
    if file.form == "file" and case.subject.digest_of == "decoded" and file.path.endswith(".gz"):
        layer = "gzip"  # packed by the loader itself
    if layer is None:
        return None
    if file.what not in _SAME_FORMAT.get(layer, (layer,)):
        if file.what == "unknown":
            return None if file.damage else f"not {layer}, as its first bytes show"
        return f"{'bare ' if file.what == 'idx' else ''}{file.what}, where {layer} is due"
    if file.intact and file.inner == layer:
        return f"packed twice: {layer} inside {layer}"
    if file.intact and idx and file.inner not in (None, "idx"):
        return f"{layer} of {'something else' if file.inner == 'unknown' else file.inner}, where idx is due inside"
    return None


def _another_content(case: Case, file: ev.CachedFile) -> str | None:
    """An unpacked twin has one right content: whoever makes a new release of the packed file makes both."""
    if file.form != "decoded":
        return None
    due, own = dict(expected_content(case)), dict(file.digests)
    name = next((one for one in own if one in due), None)
    if file.blank and (name is None or own[name] != due[name]):
        return "nothing but zeros after its header"
    if name is not None and own[name] != due[name]:
        return f"not the unpacked file: its {name} is {own[name][:16]}…, and {due[name][:16]}… is due"
    return None


def _another_length(case: Case, file: ev.CachedFile) -> str | None:
    known = expected.catalogue_file(case)
    unpacked = file.size if file.form == "decoded" else file.decoded if file.inner == "idx" else None
    if known and known.decoded_size and unpacked is not None and unpacked != known.decoded_size:
        long = "bytes long" if file.form == "decoded" else "bytes long once it is unpacked"
        return f"{unpacked} {long}, and {known.decoded_size} are due"
    size = case.subject.size if case.subject.digest_of == "file" and file.form != "decoded" else None
    if size is not None and file.size < size and not file.intact:
        return f"cut short: {file.size} of {size} bytes"
    return None
