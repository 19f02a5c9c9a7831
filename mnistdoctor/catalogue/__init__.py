"""What is known of datasets: files and their digests, who serves them, and how the loaders fetch them."""

from mnistdoctor.catalogue.build import load
from mnistdoctor.catalogue.loaders import (
    CacheName,
    CachePlace,
    Client,
    Loader,
    LoaderDataset,
    Plan,
    PlannedFile,
    Route,
    release_key,
)
from mnistdoctor.catalogue.lookup import Catalogue
from mnistdoctor.catalogue.model import Dataset, Digest, File, KnownBad, Source, User
from mnistdoctor.catalogue.names import UnknownName, fold_name, nearest_names
from mnistdoctor.catalogue.near_names import cache_folder, loader_datasets
from mnistdoctor.catalogue.nearest import Nearest, Segment
from mnistdoctor.catalogue.reader import CatalogueError

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
    "cache_folder",
    "fold_name",
    "load",
    "loader_datasets",
    "nearest_names",
    "release_key",
]
