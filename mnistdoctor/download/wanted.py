"""One file that is wanted: what is known of it, where it belongs, and in which form its loader keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mnistdoctor import evidence as ev
from mnistdoctor.examine.target import Target


@dataclass(frozen=True, slots=True)
class Note:
    """A small file of the loader's own, which says of the other what it has to know."""

    path: Path
    text: Callable[[Path], str]
    """Of the file, once it lies in its place."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file, and where it belongs."""

    target: Target
    """With every source that is known, the loader's own first, and without its place in the cache."""
    path: Path
    content: Path | None = None
    """Where its unpacked content belongs as well, for a loader that reads that."""
    packed: bool = False
    """Whether the loader keeps it packed by gzip, however it comes."""
    repacked: bool = False
    """Whether one that was packed anew is as good: the loader compares no digest of the packed file."""
    notes: tuple[Note, ...] = ()
    """Written once it lies in its place."""
    link: Path | None = None
    """Another name under which the loader looks for it."""
    reply: bool = False
    """Whether it is an API's answer, of which no digest can be known."""
    described_in: Path | None = None
    """The stored reply that says under which name the loader keeps it."""
    content_digests: ev.Pairs = ()
    """Of its unpacked content, where somebody states them."""
    room: int = 0
    """Bytes that it takes on the disk in all its forms, as far as they are known."""

    @property
    def part(self) -> Path:
        """Where it lies until it is whole and verified: beside its place, so that a rename is enough."""
        return draft(self.path)


def draft(path: Path) -> Path:
    """The name under which what belongs there is written: always the same, so that nothing is left of a killed run."""
    return path.with_name(f".{path.name}.mnistdoctor-part")
