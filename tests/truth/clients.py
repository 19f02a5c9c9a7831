"""The real clients: which release of each, how it is had, and how it downloads one URL to one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import places

CALLS = Path(__file__).with_name("calls.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealClient:
    """One release of a client, as its users call it; of a loader, the function that fetches a URL for it."""

    name: str
    """As in ``--as``."""
    release: str = ""
    """Where it is not the newest."""
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

    @property
    def label(self) -> str:
        """What its users call it, with its release where that is not the newest."""
        return f"{self.call or self.name} {self.release}".strip()

    @property
    def asks_twice(self) -> bool:
        """Whether it sends a request before the download, whose body it does not read."""
        return self.call in ("torchvision", "huggingface")

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


_TORCH = ("numpy", "tqdm")
NEWEST = (
    RealClient(name="requests", call="requests", requires=("requests",), python="3.13"),
    RealClient(name="urllib", call="urllib", python="3.13"),
    RealClient(name="curl", words=("curl", "-q", "-sS", "-fL", "-o", "FILE", "URL"), debian=("curl", "libcurl4")),
    RealClient(name="wget", words=("wget", "-nv", "-O", "FILE", "URL"), debian=("wget",), waits_s=10),
    RealClient(
        name="aria2", words=("aria2c", "-q", "--allow-overwrite", "-d", "/", "-o", "FILE", "URL"),
        debian=("aria2", "libaria2-0", "libc-ares2"), waits_s=10,
    ),
    RealClient(name="keras", call="keras", requires=("keras",), python="3.12"),
    RealClient(name="torchvision", call="torchvision", requires=_TORCH, bare=("torchvision",)),
    RealClient(name="sklearn", call="sklearn", requires=("scikit-learn",), python="3.12", waits_s=3),
    RealClient(name="tfds", call="tfds", requires=("tensorflow-datasets",), waits_s=20),
    RealClient(name="huggingface", call="huggingface", requires=("huggingface_hub",), python="3.12", waits_s=23),
    RealClient(name="pooch", call="pooch", requires=("pooch", "requests"), python="3.13"),
)  # fmt: skip


def _older(name: str, release: str, *requires: str, python: str = "3.11", waits_s: float = 0.0) -> RealClient:
    call = name.partition("-")[0]
    plain, bare = (_TORCH, requires) if call == "torchvision" else (requires, ())
    return RealClient(
        name=name, release=release, call=call, requires=plain, bare=bare, python=python, waits_s=waits_s
    )  # fmt: skip


OLDER = (
    _older("requests", "2.32", "requests==2.32.3", "urllib3<2", "PySocks"),
    _older("urllib", "3.11"),
    _older("torchvision", "0.20", "torchvision==0.20.1"),
    _older("torchvision-0.9", "0.9", "torchvision==0.9.1", python="3.9"),
    _older("sklearn-1.7", "1.8", "scikit-learn==1.8.0", waits_s=3),
    _older("sklearn-1.0", "1.0", "scikit-learn==1.0.2", "numpy<2", python="3.10"),
    _older("tfds-4.7", "4.7", "tensorflow-datasets==4.7.0", "protobuf<4"),
    _older("huggingface-1", "1.33", "huggingface_hub==1.33.0", waits_s=23),
    _older("huggingface-1.2", "1.5", "huggingface_hub==1.5.0", waits_s=23),
    _older("huggingface-1.0", "1.0", "huggingface_hub==1.0.1", "httpx[socks]", waits_s=5),
    _older("huggingface-0", "0.36", "huggingface_hub==0.36.0", waits_s=23),
    _older("huggingface-0.34", "0.26", "huggingface_hub==0.26.2", waits_s=5),
)
"""Releases of about two years ago, and the last of each set of rules that the catalogue knows."""
CLIENTS = (*NEWEST, *OLDER)
