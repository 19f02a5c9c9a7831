"""What a wrong `LOADER:DATASET` may have meant, and whose data lie in a folder: names that can be typed as they are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from mnistdoctor.catalogue.loaders import Loader
from mnistdoctor.catalogue.lookup import Catalogue
from mnistdoctor.catalogue.names import UnknownName, fold_name, nearest_names


def loader_datasets(known: Catalogue, loader: str, dataset: str, most: int = 3) -> tuple[str, ...]:
    """``keras:mnist`` and its like, best first: that dataset of that loader, or of others; one of nearly that name."""
    named = _named(known, loader)
    found = _exactly(named, dataset) or [*_exactly(known.loaders, dataset), *_nearly(named, dataset)]
    found = (
        found
        or _nearly(known.loaders, dataset)
        or [f"{one.name}:{each.name}" for one in named for each in one.datasets]
    )
    return tuple(dict.fromkeys(found))[:most]


def _named(known: Catalogue, wanted: str) -> list[Loader]:
    """The loader of that name; else those in one of whose names it stands, as `tensorflow` does; else the nearest."""
    try:
        return [known.loader(wanted)]
    except UnknownName:
        names = {fold_name(name): one for one in known.loaders for name in _names(one)}
        part = fold_name(wanted)
        within = [one for name, one in names.items() if part and part in name]
        near = [names[fold_name(name)] for name in nearest_names(wanted, names)]
        return list(dict.fromkeys(within or near))


def _names(loader: Loader) -> tuple[str, ...]:
    return (loader.name, loader.title, *loader.aliases, *loader.distributions)


def _exactly(loaders: Iterable[Loader], dataset: str) -> list[str]:
    found = []
    for loader in loaders:
        with contextlib.suppress(UnknownName):
            found.append(f"{loader.name}:{loader.dataset(dataset).name}")
    return found


def _nearly(loaders: Iterable[Loader], dataset: str) -> list[str]:
    near = ((loader, nearest_names(dataset, [one.name for one in loader.datasets], count=1)) for loader in loaders)
    return [f"{loader.name}:{name}" for loader, names in near for name in names]


def cache_folder(known: Catalogue, folder: Path) -> tuple[str, Path] | None:
    """The loader's dataset of which a file lies in this folder, and the folder that the loader's caller names for it.

    Also where the folder is one that the loader makes below that: its `MNIST` or `MNIST/raw`.
    """
    for root in (folder, *folder.absolute().parents[:2]):
        for loader in known.loaders:
            for one in loader.datasets:
                names = [name.path for planned in one.routes[-1].files for name in planned.cached]
                if any("*" not in name and os.path.isfile(root / name) for name in names):  # noqa: PTH113
                    return f"{loader.name}:{one.name}", root
    return None
