"""What is known of datasets: files and their digests, who serves them, and how the loaders fetch them."""

from .build import load
from .loaders import (
    CacheName,
    CachePlace,
    Client,
    Loader,
    LoaderDataset,
    Plan,
    PlannedFile,
    Route,
    installed,
    release_key,
)
from .lookup import Catalogue
from .model import Dataset, Digest, File, KnownBad, Source, User
from .names import UnknownName, fold_name, nearest_names
from .nearest import Nearest, Segment
from .reader import CatalogueError

__all__ = [
    "CacheName",
    "CachePlace",
    "Catalogue",
    "CatalogueError",
    "Client",
    "Dataset",
    "Digest",
    "File",
    "KnownBad",
    "Loader",
    "LoaderDataset",
    "Nearest",
    "Plan",
    "PlannedFile",
    "Route",
    "Segment",
    "Source",
    "UnknownName",
    "User",
    "fold_name",
    "installed",
    "load",
    "nearest_names",
    "release_key",
]
