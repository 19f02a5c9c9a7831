"""The catalogue and the questions it answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from mnistdoctor.catalogue.loaders import Client, Loader
from mnistdoctor.catalogue.model import Dataset, Digest, File, KnownBad, Source
from mnistdoctor.catalogue.names import UnknownName, fold_name
from mnistdoctor.catalogue.nearest import Nearest, nearest
from mnistdoctor.catalogue.urls import bucket, normal

_RANK = {"in_use": 0, "degraded_reported": 1, "superseded": 2, "dead_reported": 3, "never_existed": 4}
Named = TypeVar("Named", Dataset, File, Source)
Place = tuple[Source, File, str]
"""A source, one of its files, and the URL."""


@dataclass(frozen=True)
class Catalogue:
    """All that is known of datasets, their sources and their loaders, in the order of the files it came from."""

    datasets: tuple[Dataset, ...]
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    known_bad: tuple[KnownBad, ...]
    loaders: tuple[Loader, ...]
    clients: tuple[Client, ...]

    def dataset(self, name: str) -> Dataset:
        """A dataset by its id, title or an alias, or raise `UnknownName`."""
        names = self._dataset_names()
        if (found := names.get(fold_name(name))) is None:
            raise UnknownName("dataset", name, (known.id for known in self.datasets))
        return _by_id("dataset", self.datasets, found)

    def file(self, file_id: str) -> File:
        """A file by its id, or raise `UnknownName`."""
        return _by_id("file", self.files, file_id)

    def source(self, source_id: str) -> Source:
        """A source by its id, or raise `UnknownName`."""
        return _by_id("source", self.sources, source_id)

    def loader(self, name: str) -> Loader:
        """A loader by its name, title or an alias, or raise `UnknownName`."""
        wanted = fold_name(name)
        for known in self.loaders:
            if wanted in map(fold_name, (known.name, known.title, *known.aliases)):
                return known
        raise UnknownName("loader", name, (known.name for known in self.loaders))

    def client(self, name: str) -> Client:
        """A client by its name, or raise `UnknownName`."""
        for known in self.clients:
            if known.name == name.lower():
                return known
        raise UnknownName("client", name, (known.name for known in self.clients))

    def files_of(self, dataset_id: str, *, secondary: bool = False) -> tuple[File, ...]:
        """The files that make up a dataset; with `secondary`, also its other forms."""
        return tuple(file for file in self.files if file.dataset == dataset_id and (secondary or not file.secondary))

    def sources_of(self, file_id: str, current_only: bool = True) -> tuple[tuple[Source, str], ...]:
        """Source and URL for each place that serves a file, in the order in which to try them.

        Where the newest release of some loader asks comes first, in the order of the loaders: no one else's mirror
        stands for a dataset that people have from there.
        """
        in_use = self._asked_by_loaders(file_id)
        places = [
            (source, url)
            for source in self.sources
            if source.current or not current_only
            for served, url in source.urls
            if served == file_id
        ]
        places.sort(
            key=lambda place: (
                place[0].priority != "first",
                not place[0].current,
                in_use.get(place[1], len(self.loaders)),
                _RANK[place[0].status],
            )
        )
        return tuple(places)

    def _asked_by_loaders(self, file_id: str) -> dict[str, int]:
        """The URLs at which the newest release of a loader asks for a file, with the place of the first such loader."""
        found: dict[str, int] = {}
        for number, loader in enumerate(self.loaders):
            files = (planned for dataset in loader.datasets for planned in dataset.routes[-1].files)
            for planned in files:
                if planned.file.id == file_id:
                    for _, url in planned.sources:
                        found.setdefault(url, number)
        return found

    def by_url(self, url: str) -> tuple[Source, File] | None:
        """The source and file of a URL; scheme and host in any case, the default port may be said."""
        found = self._by_url.get(normal(url))
        if not found:
            return None
        source, file_id = min(found, key=lambda place: _RANK[place[0].status])
        return source, self.file(file_id)

    @cached_property
    def _by_url(self) -> Mapping[str, tuple[tuple[Source, str], ...]]:
        """The sources of each URL in its normal form, with the ids of the files: each request asks."""
        found: dict[str, tuple[tuple[Source, str], ...]] = {}
        for source in self.sources:
            for file_id, known in source.urls:
                found[normal(known)] = (*found.get(normal(known), ()), (source, file_id))
        return found

    def by_digest(self, algorithm: str, value: str) -> tuple[File, ...]:
        """The files with that digest; see `File.digest_of` for what it is taken over."""
        wanted = Digest(algorithm.lower(), value.lower())
        return tuple(file for file in self.files if wanted in file.digests)

    def by_content(self, algorithm: str, value: str) -> tuple[File, ...]:
        """The files that, once unpacked, hold the content with that digest."""
        wanted = Digest(algorithm.lower(), value.lower())
        return tuple(file for file in self.files if wanted in file.content_digests)

    def nearest(self, url: str) -> Nearest | None:
        """The known URL that a mistyped one was meant to be; None for a known one, or if none is near."""
        if self.by_url(url) is not None:
            return None
        known = (place for place in self._places() if place[0].status != "never_existed")
        return nearest(url, known, self._dataset_names())

    def same_bucket(self, url: str) -> tuple[Place, ...]:
        """Other current URLs at the same host, or in the same bucket where the path holds it."""
        wanted, own = bucket(url), normal(url)
        if wanted is None:
            return ()
        return tuple(
            place
            for place in self._places()
            if place[0].current and bucket(place[2]) == wanted and normal(place[2]) != own
        )

    def moved(self, url: str) -> tuple[tuple[Source, str], ...]:
        """Where the file of a retired URL is now, or else the same data in other bytes.

        Empty for a URL that is current or not known.
        """
        found = self.by_url(url)
        if found is None or found[0].current:
            return ()
        file = found[1]
        same = self.sources_of(file.id)
        return same or (self.sources_of(file.same_data_as) if file.same_data_as else ())

    def _places(self) -> Iterable[Place]:
        files = {file.id: file for file in self.files}
        return ((source, files[served], url) for source in self.sources for served, url in source.urls)

    def _dataset_names(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for known in self.datasets:
            for name in (known.id, known.title, *known.aliases):
                names.setdefault(fold_name(name), known.id)
        return names


def _by_id(what: str, entries: tuple[Named, ...], wanted: str) -> Named:
    for entry in entries:
        if entry.id == wanted:
            return entry
    raise UnknownName(what, wanted, (entry.id for entry in entries))
