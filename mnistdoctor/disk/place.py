"""Where a loader keeps one file, on this machine and in this environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mnistdoctor.catalogue import CacheName, CachePlace

USUAL_ROOTS = ("data", "datasets", ".")
"""Folders, below the working one, that callers most often name as torchvision's `root`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The folder and the names under which a loader keeps one file."""

    root: Path
    decided_by: str | None = None
    """The variable or option that named the folder; None where the loader's own rule did."""
    names: tuple[CacheName, ...] = ()
    """Relative to the root; `*` as in a shell."""
    shadowed_by: tuple[str, ...] = ()
    """Files below the root that the loader prefers to these."""
    unpacked_set: tuple[str, ...] = ()
    """Unpacked twins below the root, of this file and the others of its dataset: it takes all of them, or none."""
    revision_in: str | None = None
    """A file below the root whose content stands for the `*` of the names: the commit that the loader would take."""
    digest_in: str | None = None
    """An API's stored answer below the root, which states the digest that the loader compares."""
    trusts: bool = False
    """Whether the loader takes what is there as it is."""
    fallback: Path | None = None
    """Where it goes, without a word, if the folder above the root cannot be written."""
    instead_of: Path | None = None
    """The root from which it went there."""
    assumed: bool = False
    """Whether the caller names the folder, and we were not told which."""


def place_of(
    cache: CachePlace,
    names: tuple[CacheName, ...],
    *,
    trusts: bool,
    environment: Mapping[str, str],
    home: Path,
    root: Path | None = None,
) -> Place | None:
    """The place of one file; None where its folder is anybody's guess.

    ``root`` is what the user says the loader's caller names. Without it, a loader that has no folder of its own is
    looked for in the usual ones, and only where one of the names is there.
    """
    own = root or cache.directory(environment, home)
    found = own or _usual(names, cache.shadowed_by)
    if found is None:
        return None
    decided_by = "--root" if root else next((name for name in cache.variables if environment.get(name)), None)
    fallback = Path(cache.fallback) if cache.fallback and root is None else None
    return Place(
        root=found,
        decided_by=decided_by,
        names=names,
        shadowed_by=cache.shadowed_by,
        unpacked_set=cache.unpacked_set,
        trusts=trusts,
        revision_in=cache.revision_in,
        digest_in=cache.digest_in,
        fallback=fallback,
        assumed=own is None,
    )


def _usual(names: tuple[CacheName, ...], shadows: tuple[str, ...]) -> Path | None:
    below = [name for name in (*(one.path for one in names), *shadows) if "*" not in name]
    try:
        roots = [Path.cwd() / folder for folder in USUAL_ROOTS]
    except OSError:  # the working folder was removed
        return None
    # `Path.exists` raises where a folder above may not be entered
    return next((root for root in roots if any(os.path.exists(root / name) for name in below)), None)  # noqa: PTH110
