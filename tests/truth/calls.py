"""Each library's own download of one URL to one file: `python calls.py CLIENT URL FILE [MD5]`, in its environment.

The function is the one by which the library fetches its datasets. What it raises ends the process with 1.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import shutil
import sys
import types
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from unittest import mock

MD5 = "".join(sys.argv[4:5])


def _requests(url: str, file: Path) -> None:
    import requests

    response = requests.get(url)
    response.raise_for_status()
    file.write_bytes(response.content)


def _urllib(url: str, file: Path) -> None:
    import urllib.request

    with urllib.request.urlopen(url) as response:
        file.write_bytes(response.read())


def _keras(url: str, file: Path) -> None:
    _hollow("keras", "keras.src", "keras.src.utils", "keras.src.backend", "keras.src.backend.common")
    utils = import_module("keras.src.utils.file_utils")
    _moved(utils.get_file(file.name, origin=url, cache_dir=str(file.parent), cache_subdir="."), file)


def _torchvision(url: str, file: Path) -> None:
    _hollow("torchvision", "torchvision.datasets")
    _torch()
    import_module("torchvision.datasets.utils").download_url(url, str(file.parent), file.name)


def _sklearn(url: str, file: Path) -> None:
    _hollow("sklearn", "sklearn.datasets")
    setattr(sys.modules["sklearn.datasets"], "get_data_home", str)  # noqa: B010 - a bare module has none
    for name in ("utils", "utils._optional_dependencies", "utils._param_validation", "datasets._arff_parser",
                 "externals", "externals._arff"):  # fmt: skip
        sys.modules[f"sklearn.{name}"] = mock.MagicMock()  # what reads ARFF, with scipy and pandas
    openml = import_module("sklearn.datasets._openml")
    home = str(file.parent / "scikit_learn_data")
    if hasattr(openml, "_OPENML_PREFIX"):  # up to 1.6 it is set before every path
        prefix, _, path = url.partition("://")
        setattr(openml, "_OPENML_PREFIX", f"{prefix}://")  # noqa: B010 - most releases have none
        url = path

    def load() -> bytes:
        with openml._open_openml_url(url, home) as stream:
            body = bytes(stream.read())
        if MD5 and hashlib.md5(body).hexdigest() != MD5:  # as `_load_arff_response` compares what OpenML states
            raise ValueError("md5 checksum of local file does not match")
        return body

    file.write_bytes(openml._retry_with_clean_cache(url, home)(load)())


def _tfds(url: str, file: Path) -> None:
    if metadata.version("tensorflow-datasets").startswith("4.7"):  # later releases do without while they download
        _tensorflow()
    folder = file.parent / "tfds"
    folder.mkdir()
    one = import_module("tensorflow_datasets.core.download.downloader").get_downloader()
    with one.tqdm():
        got = one.download(url, import_module("etils.epath").Path(folder)).get()
    _moved(str(getattr(got, "path", None) or next(folder.iterdir())), file)


def _huggingface(url: str, file: Path) -> None:
    hub = import_module("huggingface_hub.file_download")
    patience = {"retry_on_errors": True}  # as `hf_hub_download` calls it where nothing is cached, in 1.2 and later
    more = patience if "retry_on_errors" in inspect.signature(hub.get_hf_file_metadata).parameters else {}
    fields = hub.build_hf_headers()
    known = hub.get_hf_file_metadata(url, timeout=10, headers=fields, **more)
    with file.open("wb") as sink:
        hub.http_get(known.location, sink, headers=fields, expected_size=known.size)


def _pooch(url: str, file: Path) -> None:
    import_module("pooch").retrieve(url, None, file.name, str(file.parent))


CALLS: dict[str, Callable[[str, Path], None]] = {
    "requests": _requests,
    "urllib": _urllib,
    "keras": _keras,
    "torchvision": _torchvision,
    "sklearn": _sklearn,
    "tfds": _tfds,
    "huggingface": _huggingface,
    "pooch": _pooch,
}


def _hollow(*packages: str) -> None:
    """Puts the folders of these packages in their places without what their `__init__` imports: a whole framework."""
    for name in packages:
        spec = importlib.util.find_spec(name)
        assert spec is not None, name
        module = types.ModuleType(name)
        module.__path__, module.__spec__ = list(spec.submodule_search_locations or ()), spec
        sys.modules[name] = module


def _torch() -> None:
    """A stub of torch: `download_url` asks it for a progress bar alone."""
    names = ("torch", "torch.hub", "torch.utils", "torch.utils.model_zoo")
    version = types.ModuleType("torchvision.version")
    setattr(version, "__version__", metadata.version("torchvision"))  # noqa: B010 - a module has no such attribute
    sys.modules["torchvision.version"] = version
    torch, hub, utils, zoo = (sys.modules.setdefault(name, types.ModuleType(name)) for name in names)
    for name, value in {"hub": hub, "utils": utils, "__version__": "1.8.1", "Tensor": object}.items():
        setattr(torch, name, value)
    for name in ("_get_torch_home", "load_state_dict_from_url"):
        setattr(hub, name, str)
    setattr(utils, "model_zoo", zoo)  # noqa: B010
    setattr(zoo, "tqdm", import_module("tqdm").tqdm)  # noqa: B010


def _tensorflow() -> None:
    """A stub of tensorflow: a download asks it for `open` alone."""
    _hollow("tensorflow_datasets", "tensorflow_datasets.core", "tensorflow_datasets.core.download")
    tensorflow = mock.MagicMock(__version__="2.11.0", __spec__=None)
    tensorflow.io.gfile.GFile = open
    tensorflow.errors.UnimplementedError = NotImplementedError
    for name in ("tensorflow", "tensorflow.tools", "tensorflow.tools.docs"):
        sys.modules[name] = tensorflow


def _moved(came: str, file: Path) -> None:
    if Path(came) != file:
        shutil.move(came, file)


if __name__ == "__main__":
    CALLS[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
