"""What is provably bad in the loaders' caches is moved aside, never deleted, and can be put back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mnistdoctor.catalogue import Catalogue, UnknownName
from mnistdoctor.causes.facts import cached_file
from mnistdoctor.disk import is_empty
from mnistdoctor.download.placing import free_name
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import BadTarget, Expectation, plan
from mnistdoctor.settings import Environment


@dataclass(frozen=True, slots=True)
class Bad:
    """A file that cannot be what its loader takes it for."""

    path: Path
    flaw: str
    """What is wrong with it, as it follows "is"."""
    target: str
    """The loader's dataset that reads it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A file, where it lay and where it is now."""

    source: Path
    target: Path


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


def bad_files(results: Iterable[TargetResult]) -> tuple[Bad, ...]:
    """What is provably bad among the files that were looked at; a file of which nobody knows what is right is not."""
    found: dict[Path, Bad] = {}
    for result in results:
        case = result.case
        if case is None or result.diagnosis is None:
            continue
        for file in cached_file.files_read(case):
            flaw = cached_file.flaw_of(case, file)
            other = cached_file.other_file(case, file)
            if flaw is None and other is not None:
                flaw = f"{other.name} of {other.dataset}"
            if flaw is not None and not file.failure:
                path = Path(file.path).expanduser()
                found.setdefault(path, Bad(path, flaw, result.target.name or ""))
    return tuple(found.values())


def move_aside(files: Iterable[Bad]) -> tuple[Moved, ...]:
    """Rename each beside its place, and remember it for `put_back`. Raises `OSError`; what was moved is remembered."""
    done: list[Moved] = []
    try:
        for one in files:
            target = free_name(one.path)
            os.rename(one.path, target)  # noqa: PTH104 - of a link the link
            done.append(Moved(one.path, target))
    finally:
        if done:
            _remember(done)
    return tuple(done)


def put_back() -> tuple[tuple[Moved, ...], tuple[Moved, ...]]:
    """Undo the last repair: what is back in its place, and what cannot be, since something lies there or it is gone."""
    back, left = [], []
    for one in _remembered():
        if os.path.lexists(one.source) or not os.path.lexists(one.target):
            left.append(one)
            continue
        os.rename(one.target, one.source)  # noqa: PTH104
        back.append(one)
    if back:
        _remember(left)
    return tuple(back), tuple(left)


def _memory() -> Path:
    above = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.local/state"
    return Path(above).expanduser() / "mnistdoctor" / "repaired.json"


def _remember(moved: Iterable[Moved]) -> None:
    path = _memory()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pairs = [[os.fspath(one.source.absolute()), os.fspath(one.target.absolute())] for one in moved]
    draft.write_text(json.dumps(pairs))
    draft.replace(path)


def _remembered() -> tuple[Moved, ...]:
    try:
        return tuple(Moved(Path(source), Path(target)) for source, target in json.loads(_memory().read_text()))
    except (OSError, ValueError, TypeError):
        return ()
