"""The real clients: how each downloads one URL to one file, and whether it can be had here."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

_SAVE = "open(sys.argv[2],'wb').write(body)"
_IN = "import sys,pathlib as p;url,to=sys.argv[1:3];folder,name=str(p.Path(to).parent),p.Path(to).name;"


@dataclass(frozen=True, slots=True)
class RealClient:
    """One client as its users call it; of a loader, the function that fetches a URL for it."""

    name: str
    """As in ``--as``."""
    needs: str
    """A program, or a module of the Python whose client it is."""
    call: tuple[str, ...]
    """Program and arguments with URL and FILE in them; of a module, its code."""
    is_program: bool = False

    def argv(self, python: str, url: str, file: str) -> list[str]:
        """The command that writes the URL's content to the file, and ends with 0 where it takes it for good."""
        if not self.is_program:
            return [python, "-c", *self.call, url, file]
        return [word.replace("URL", url).replace("FILE", file) for word in self.call]

    def is_here(self, python: str) -> bool:
        """Whether it is installed."""
        if self.is_program:
            return shutil.which(self.needs) is not None
        look = f"import importlib.util as u;raise SystemExit(u.find_spec({self.needs!r}) is None)"
        return subprocess.run([python, "-c", look], check=False).returncode == 0


def _program(name: str, *words: str, needs: str = "") -> RealClient:
    return RealClient(name, needs or name, words, is_program=True)


def _library(name: str, needs: str, code: str) -> RealClient:
    return RealClient(name, needs, (_IN + code,))


CLIENTS = (
    _library(
        "requests", "requests", "import requests;r=requests.get(url);r.raise_for_status();body=r.content;" + _SAVE
    ),
    _library("urllib", "urllib", f"import urllib.request as u;body=u.urlopen(url).read();{_SAVE}"),
    _program("curl", "curl", "-q", "-sS", "-fL", "-o", "FILE", "URL"),
    _program("wget", "wget", "-nv", "-O", "FILE", "URL"),
    _program("aria2", "aria2c", "-q", "--allow-overwrite", "-d", "/", "-o", "FILE", "URL", needs="aria2c"),
    _library(
        "keras",
        "keras",
        "import os;os.environ.setdefault('KERAS_BACKEND','torch');from keras.utils import get_file;"
        "got=get_file(name,origin=url,cache_dir=folder,cache_subdir='.');assert got==to or os.replace(got,to) is None",
    ),
    _library(
        "torchvision",
        "torchvision",
        "from torchvision.datasets.utils import download_url;download_url(url,folder,name)",
    ),
    _library(
        "sklearn",
        "sklearn",
        f"from sklearn.datasets._openml import _open_openml_url;body=_open_openml_url(url,None).read();{_SAVE}",
    ),
    _library(
        "tfds",
        "tensorflow_datasets",
        "from tensorflow_datasets.core.download import downloader as d\n"
        "with d._open_url(url) as (r,parts): body=b''.join(parts)\n" + _SAVE,
    ),
    _library(
        "huggingface",
        "huggingface_hub",
        "from huggingface_hub.file_download import http_get\nwith open(to,'wb') as file: http_get(url,file)",
    ),
    _library("pooch", "pooch", "import pooch;pooch.retrieve(url,None,name,folder)"),
)
