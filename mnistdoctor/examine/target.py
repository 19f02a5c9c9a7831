"""One file to examine: its sources in order, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Digest, File
from mnistdoctor.disk.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One file to examine."""

    name: str | None
    urls: tuple[str, ...]
    """Its sources in the order in which they are tried, as given: with their secrets."""
    client: str
    file: str | None = None
    size: int | None = None
    digests: ev.Pairs = ()
    digest_of: ev.DigestOf = "file"
    content: str | None = None
    loader: str | None = None
    release: str | None = None
    fallback: tuple[str, ...] | None = None
    """What sends a loader to its next source; None where any failure does."""
    path: Path | None = None
    """A local file instead of a source."""
    places: tuple[Place, ...] = ()
    """Where the loader keeps the file."""
    described_by: str | None = None
    """The name of the target whose reply says where the file is: the loader asks there, and not at `urls`."""
    instead_of: str | None = None
    """The loader's own URL, where a variable sends it elsewhere."""

    @property
    def key(self) -> str:
        """Names the target within a run."""
        return self.name or self.urls[0]

    def subject(self, url: str, until: ev.Stage | None = None) -> ev.Subject:
        """The record of what is expected at one of its sources."""
        return ev.Subject(
            id="",
            stage=None,
            url=url,
            name=self.name,
            file=self.file,
            size=self.size,
            digests=self.digests,
            digest_of=self.digest_of,
            content=self.content,
            client=self.client,
            loader=self.loader,
            release=self.release,
            until=until,
            instead_of=self.instead_of,
        )


def about(target: Target, file: File) -> Target:
    """The target with all that the catalogue knows of the file, digests strongest first."""
    digests = strongest_first(file.digests)
    return replace(target, file=file.id, size=file.size, digests=digests, digest_of=file.digest_of, content=file.kind)


def strongest_first(digests: Iterable[Digest]) -> ev.Pairs:
    """Digests of the catalogue as a record holds them."""
    order = {"sha256": 0, "sha1": 1, "md5": 2}
    pairs = ((one.algorithm, one.value) for one in digests)
    return tuple(sorted(pairs, key=lambda pair: order.get(pair[0], 3)))
