"""What is provably bad in the loaders' caches is moved aside, never deleted, and can be put back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mnistdoctor.catalogue import Catalogue, UnknownName
from mnistdoctor.disk import is_empty
from mnistdoctor.download.inventory import KeptFile
from mnistdoctor.download.placing import free_name
from mnistdoctor.examine.expectation import BadTarget, Expectation
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import plan
from mnistdoctor.settings import Environment


@dataclass(frozen=True, slots=True)
class Bad:
    """A file that cannot be what its loader takes it for."""

    path: Path
    flaw: str
    """What is wrong with it, as it follows "is"."""
    target: str
    """The loader's dataset that reads it."""
    size: int
    modified: float
    """As it was looked at; 0 of what is no file."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A file, where it lay and where it is now."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Unmoved:
    """A bad file that stayed where it is, and why."""

    path: Path
    why: str


def cached_targets(
    names: tuple[str, ...], catalogue: Catalogue, environment: Environment, root: Path | None
) -> tuple[Target, ...]:
    """The files of these loaders' datasets, of all without a name, of which something lies in a cache.

    Raises `BadTarget` for a name that is no loader's dataset.
    """
    every = names or tuple(f"{loader.name}:{one.name}" for loader in catalogue.loaders for one in loader.datasets)
    found: list[Target] = []
    for name in every:
        loader, colon, _ = name.partition(":")
        if not colon or "//" in name:
            raise BadTarget(
                f"{name!r} is no loader's dataset", "name one, such as `keras:mnist`, or leave it out for all"
            )
        # A root is some callers' own; the loaders that have a folder of their own are not asked for it.
        own = root if root is not None and (names or not _has_own_folder(loader, catalogue)) else None
        try:
            targets = plan((name,), None, Expectation(), catalogue, environment, root=own)
        except BadTarget:
            if names:
                raise
            continue
        found += [target for target in targets if target.places and not is_empty(target.places)]
    return tuple(dict.fromkeys(found))


def _has_own_folder(name: str, catalogue: Catalogue) -> bool:
    try:
        loader = catalogue.loader(name)
    except UnknownName:
        return False
    return any(place.roots for _, place in loader.caches)


def bad_files(files: Iterable[KeptFile]) -> tuple[Bad, ...]:
    """What is provably bad; what is right for another dataset, or whose true name is not known, is not."""
    every = tuple(files)
    right = {one.path for one in every if one.state == "right"}
    found: dict[Path, Bad] = {}
    for one in every:
        if one.state == "bad" and one.path is not None and one.path not in right:
            found.setdefault(one.path, Bad(one.path, one.what, one.target, one.file.size, one.file.modified))
    return tuple(found.values())


def move_aside(files: Iterable[Bad]) -> tuple[tuple[Moved, ...], tuple[Unmoved, ...]]:
    """Rename each beside its place. Raises `OSError` where that cannot be remembered; nothing is moved then.

    What will be moved is written down first, so that `put_back` knows of it however the run ends.
    """
    done: list[Moved] = []
    left: list[Unmoved] = []
    with _alone():
        before, finished = _remembered()
        kept = [] if finished else [one for one in before if os.path.lexists(one.target)]
        steps: list[tuple[Bad, Moved]] = []
        for one in files:
            if _is_as_it_was(one):
                steps.append((one, Moved(one.path.absolute(), free_name(one.path.absolute()))))
            else:
                left.append(Unmoved(one.path, "it has changed since it was looked at"))
        if not steps:
            return (), tuple(left)
        _remember([*kept, *(moved for _, moved in steps)], finished=False)
        for one, moved in steps:
            try:
                os.rename(moved.source, moved.target)  # noqa: PTH104 - of a link the link
            except OSError as error:
                left.append(Unmoved(one.path, error.strerror or str(error)))
            else:
                done.append(moved)
        _remember([*kept, *done], finished=True)
    return tuple(done), tuple(left)


def _is_as_it_was(one: Bad) -> bool:
    """Whether the file that was judged still lies there, and not the right one that came meanwhile."""
    try:
        if not one.path.is_file():
            return one.modified == 0 and os.path.lexists(one.path)
        state = one.path.stat()
    except OSError:
        return False
    return (state.st_size, state.st_mtime) == (one.size, one.modified)


def put_back() -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """Undo the last repair: what is back in its place, and what cannot be, since something lies there or it is gone.

    Raises `OSError` where the memory of it cannot be written.
    """
    back: list[Moved] = []
    left: list[Moved] = []
    if not _memory().exists():
        return (), ()
    with _alone():
        before, finished = _remembered()
        for one in before:
            if not finished and os.path.lexists(one.source) and not os.path.lexists(one.target):
                continue  # the repair ended before its turn came
            (back if _return(one) else left).append(one)
        if before:
            _remember(left, finished=True)
    return tuple(back), tuple(left)


def _return(one: Moved) -> bool:
    """Give it its old name, unless something lies there; what comes there at this moment is not replaced either."""
    try:
        state = one.target.lstat()
        if os.path.lexists(one.source):
            # both names of one file: an undo that was ended between its two steps
            if one.target.is_symlink() or not os.path.samestat(state, one.source.lstat()):
                return False
        elif one.target.is_file() and not one.target.is_symlink():
            try:
                os.link(one.target, one.source)
            except FileExistsError:
                return False
            except OSError:  # a file system without hard links
                os.rename(one.target, one.source)  # noqa: PTH104
                return True
        else:
            os.rename(one.target, one.source)  # noqa: PTH104
            return True
        one.target.unlink()
    except OSError:
        return False
    return True


def _memory() -> Path:
    above = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.local/state"
    return Path(above).expanduser() / "mnistdoctor" / "repaired.json"


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the memory against another repair; the system lets go where its owner was killed."""
    from filelock import FileLock

    path = _memory()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        yield


def _remember(moved: Iterable[Moved], *, finished: bool) -> None:
    path = _memory()
    draft = path.with_suffix(".draft")
    pairs = [[os.fspath(one.source), os.fspath(one.target)] for one in moved]
    with draft.open("w", encoding="ascii") as file:
        json.dump({"finished": finished, "moved": pairs}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _remembered() -> tuple[tuple[Moved, ...], bool]:
    """The moves of the last repair, and whether it came to its end."""
    try:
        found = json.loads(_memory().read_text(encoding="ascii"))
        return tuple(Moved(Path(source), Path(target)) for source, target in found["moved"]), found["finished"] is True
    except (OSError, ValueError, TypeError, KeyError):
        return (), True
