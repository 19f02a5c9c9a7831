"""The forms in which some loaders keep what they fetch: TFDS beside a note, the Hub as blob, snapshot and reference.

Read in tensorflow-datasets 4.9.10 and huggingface_hub 2.4.0.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from base64 import urlsafe_b64encode
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor.catalogue.loaders import release_key
from mnistdoctor.disk.place import Place
from mnistdoctor.download.wanted import Note, Wanted
from mnistdoctor.examine.target import Target

# tensorflow_datasets


_TFDS_FOLDERS = "4.9.10"
"""In this release the folder for each data set was read. What lies above them, it and older ones find as well."""
_LONGEST = 46
_EXTENSIONS = (".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz2", ".tbz", ".tb2", ".zip", ".gz", ".bz2")
_DROPPED_BEFORE = ("www.", "storage.googleapis.com", "drive.google.com", "github.com")
_DROPPED_AFTER = (".github.io", ".s3-website.eu-central-1.amazonaws.com", ".amazonaws.com")
_SAYS_NOTHING = ("_data_", "_dataset_", "_static_", "_of_", "-of-")


def of_tfds(target: Target, place: Place, own_url: str, dataset: str) -> Wanted | None:
    """The download beside its `.INFO`, without which TFDS takes it for not there. None where no SHA-256 is known."""
    sha256 = dict(target.digests).get("sha256")
    if sha256 is None:
        return None
    old = target.release is not None and release_key(target.release) < release_key(_TFDS_FOLDERS)
    path = (place.root if old else place.root / dataset) / tfds_name(own_url, sha256)
    name = urlsplit(own_url).path.rpartition("/")[2]

    def info(file: Path) -> str:
        about = {"size": file.stat().st_size, "checksum": sha256, "filename": name}
        said = {"urls": [own_url], "dataset_names": [dataset], "original_fname": name, "url_info": about}
        return json.dumps(said, sort_keys=True)

    return Wanted(target, path, notes=(Note(path.with_name(f"{path.name}.INFO"), info),))


def tfds_name(url: str, sha256: str) -> str:
    """The name of a download: its URL made short, its digest in base64, its extension (`resource.get_dl_fname`)."""
    parts = urlsplit(url)
    host = parts.netloc
    for start in _DROPPED_BEFORE:
        host = host.removeprefix(start)
    for end in _DROPPED_AFTER:
        host = host.removesuffix(end)
    name = f"{host}{parts.path}{parts.query}"
    extension = next((one for one in _EXTENSIONS if name.endswith(one)), os.path.splitext(name)[1])  # noqa: PTH122
    name = re.sub(r"[^a-zA-Z0-9.\-_]+", "_", name.removesuffix(extension))
    for common in _SAYS_NOTHING:
        name = name.replace(common, "_")
    name = re.sub(r"(?<![0-9])0+(?=[0-9])", "", name.strip("_"))
    most, size = _LONGEST - len(extension), max(map(len, re.split(r"[.\-_]", name)))
    while size > 4 and len(name) > most:
        size -= 1
        name = re.sub(rf"([^.\-_]{{{size}}})[^.\-_]+", r"\1", name)
    digest = urlsafe_b64encode(bytes.fromhex(sha256)).decode()[:-1]
    return f"{name[:most]}{digest}{extension}"


# huggingface_hub


COMMIT_FIELD = "X-Repo-Commit"
"""In which the Hub names the commit of the file that it serves."""


def of_hub(target: Target, place: Place, commit: str | None) -> Wanted | None:
    """The blob, its name in the commit's snapshot, the reference to the commit. None where no digest is known.

    `commit` is the one whose file has the digests that are known.
    """
    sha256 = dict(target.digests).get("sha256")
    names = [one.path for one in place.names if one.form == "file"]
    blob = next((one for one in names if sha256 and one.endswith(f"/blobs/{sha256}")), None)
    snapshot = next((one for one in names if "/snapshots/*/" in one), None)
    if blob is None or snapshot is None or commit is None or place.revision_in is None:
        return None
    reference = Note(place.root / place.revision_in, lambda _file: commit)
    link = place.root / snapshot.replace("*", commit)
    return Wanted(target, place.root / blob, notes=(reference,), link=link)


def at_commit(one: Wanted, commit: str | None) -> Wanted:
    """The same file in the snapshot of the commit that the Hub named when it served it."""
    if one.link is None or commit is None or not re.fullmatch(r"[0-9a-f]{40}", commit):
        return one
    link = str(one.link)
    start, mark, rest = link.rpartition(f"{os.sep}snapshots{os.sep}")
    moved = Path(f"{start}{mark}{commit}{os.sep}{rest.partition(os.sep)[2]}")
    notes = tuple(Note(note.path, lambda _file: commit) for note in one.notes)
    return dataclasses.replace(one, link=moved, notes=notes)
