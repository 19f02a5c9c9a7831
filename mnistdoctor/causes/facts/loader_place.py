"""Where the loader looks for the file before it downloads it: there a file that was brought otherwise is found."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import CacheName, Loader, Plan
from mnistdoctor.causes.case import Case

USUAL_ROOT = "data"
"""What callers most often name as torchvision's `root`."""


@dataclass(frozen=True, slots=True)
class LoaderPlace:
    """The folder and the name under which the loader takes the file as its own."""

    folder: str
    """As records write it: ``~`` stands for the home folder."""
    name: str
    """Below the folder, with slashes."""
    packed: bool
    """Whether the loader keeps there, packed by gzip, what the server sends plainly."""
    unknown: bool
    """Whether the caller names the folder, and nobody told us which: `folder` then only stands for it."""
    shared_with: str
    """Another data set of the loader for which it would take the file of that name as well; empty mostly."""


def loader_place(case: Case) -> LoaderPlace | None:
    """The loader's place for the target's file or reply; None for a plain URL, and where no name is known beforehand.

    The Hub's cache is filled by its own program alone: a file there needs a commit, and a link to it.
    """
    loader, subject = case.loader, case.subject
    folder = next(iter(case.all(ev.Folder)), None)
    if loader is None or (folder is None and loader.caches[-1][1].roots):
        return None
    for dataset in loader.datasets:
        plan = loader.plan(dataset.name, subject.release)
        if not (subject.name or "").startswith(f"{loader.name}:{plan.name}/") or plan.cache.revision_in:
            continue
        names = next((one.cached for one in plan.files if one.file.id == subject.file), ())
        if subject.file is None and subject.url in plan.requests:
            names = tuple(CacheName(one, "reply") for one in plan.cache.replies[plan.requests.index(subject.url) :])
        known = next((one for one in names if "*" not in one.path and one.form in ("file", "reply")), None)
        if known is not None:
            packed = known.path.endswith(".gz") and (known.form == "reply" or subject.digest_of == "decoded")
            root = folder.path if folder else USUAL_ROOT
            return LoaderPlace(root, known.path, packed, folder is None, _shared_with(case, loader, plan, known))
    return None


def _shared_with(case: Case, loader: Loader, plan: Plan, name: CacheName) -> str:
    for dataset in loader.datasets:
        other = loader.plan(dataset.name, case.subject.release)
        if other.name != plan.name and any(name in one.cached for one in other.files):
            return f"`{other.name}`"
    return ""
