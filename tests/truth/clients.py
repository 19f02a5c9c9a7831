"""The real clients: which release of each, how it is had, and how it downloads one URL to one file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from . import places

CALLS = Path(__file__).with_name("calls.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealClient:
    """One release of a client, as its users call it; of a loader, the function that fetches a URL for it."""

    name: str
    """As in ``--as``."""
    label: str
    """With its release where that is not the newest."""
    call: str = ""
    """A function of `calls`; empty for a program."""
    python: str = "3.11"
    """The release of Python on which it runs."""
    requires: tuple[str, ...] = ()
    """For pip."""
    bare: tuple[str, ...] = ()
    """For pip, without what they require in their turn."""
    words: tuple[str, ...] = ()
    """Of a program: name and arguments, with URL and FILE in them."""
    debian: tuple[str, ...] = ()
    """Of a program: the packages in which Debian has it."""
    waits_s: float = 0.0
    """How long it waits between its own tries."""

    def installed(self, folder: Path) -> Installed:
        """Ready to be run. Raises `places.NotHadError`."""
        place = folder / self.label.replace(" ", "-")
        if self.words:
            program = places.program(place, self.words[0], *self.debian)
            return Installed(self, (*program, *self.words[1:]), None)
        python = places.environment(place, self.python, self.requires, self.bare)
        return Installed(self, (str(python), str(CALLS), self.call, "URL", "FILE", "MD5"), python)


@dataclass(frozen=True, slots=True)
class Installed:
    """A client that is here."""

    client: RealClient
    words: tuple[str, ...]
    python: Path | None
    """Its interpreter; None for a program."""

    def argv(self, url: str, file: str, md5: str = "") -> list[str]:
        """The command that writes the URL's content to the file, and ends with 0 where it takes it for good."""
        values = {"URL": url, "FILE": file, "MD5": md5}
        return [values.get(word, word) for word in self.words]


def _library(name: str, *requires: str, release: str = "", call: str = "", **more: object) -> RealClient:
    label = f"{call or name} {release}".strip()
    return replace(RealClient(name=name, label=label, call=call or name, requires=requires), **more)  # type: ignore[arg-type]


def _program(name: str, *words: str, debian: tuple[str, ...] = (), **more: float) -> RealClient:
    return replace(RealClient(name=name, label=name, words=words, debian=debian), **more)  # type: ignore[arg-type]


_TORCH = ("numpy", "tqdm")
NEWEST = (
    _library("requests", "requests", python="3.13"),
    _library("urllib", python="3.13"),
    _program("curl", "curl", "-q", "-sS", "-fL", "-o", "FILE", "URL", debian=("curl", "libcurl4")),
    _program("wget", "wget", "-nv", "-O", "FILE", "URL", debian=("wget",), waits_s=10),
    _program(
        "aria2", "aria2c", "-q", "--allow-overwrite", "-d", "/", "-o", "FILE", "URL",
        debian=("aria2", "libaria2-0", "libc-ares2"), waits_s=10,
    ),
    _library("keras", "keras", python="3.12"),
    _library("torchvision", *_TORCH, bare=("torchvision",)),
    _library("sklearn", "scikit-learn", python="3.12", waits_s=3),
    _library("tfds", "tensorflow-datasets", waits_s=20),
    _library("huggingface", "huggingface_hub", python="3.12", waits_s=23),
    _library("pooch", "pooch", "requests", python="3.13"),
)  # fmt: skip
OLDER = (
    _library("requests", "requests==2.32.3", "urllib3<2", "PySocks", release="2.32"),
    _library("urllib", release="3.11"),
    _library("torchvision-0.9", *_TORCH, bare=("torchvision==0.9.1",), release="0.9", call="torchvision", python="3.9"),
    _library("torchvision", *_TORCH, bare=("torchvision==0.20.1",), release="0.20"),
    _library("sklearn-1.7", "scikit-learn==1.8.0", release="1.8", call="sklearn", waits_s=3),
    _library("sklearn-1.0", "scikit-learn==1.0.2", "numpy<2", release="1.0", call="sklearn", python="3.10"),
    _library("tfds-4.7", "tensorflow-datasets==4.7.0", "protobuf<4", release="4.7", call="tfds"),
    _library("huggingface-1", "huggingface_hub==1.33.0", release="1.33", call="huggingface", waits_s=23),
    _library("huggingface-1.2", "huggingface_hub==1.5.0", release="1.5", call="huggingface", waits_s=23),
    _library("huggingface-1.0", "huggingface_hub==1.0.1", "httpx[socks]", release="1.0", call="huggingface", waits_s=5),
    _library("huggingface-0", "huggingface_hub==0.36.0", release="0.36", call="huggingface", waits_s=23),
    _library("huggingface-0.34", "huggingface_hub==0.26.2", release="0.26", call="huggingface", waits_s=5),
)
"""Releases of about two years ago, and the last of each set of rules that the catalogue knows."""
CLIENTS = (*NEWEST, *OLDER)
