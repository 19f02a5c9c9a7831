"""Every kind of bad cached file for every loader, held against `mnistdoctor cache`: `python -m tests.disk.matrix`.

A cell is the word on what the loader does with that file, `missed` or `unproven` where there is none, `STAYS` where
the repair left something bad, `LOST` where the undo did not put all back as it was.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from mnistdoctor.catalogue import Catalogue, load
from mnistdoctor.download.inventory import KeptFile, inventory
from mnistdoctor.download.repair import bad_files, cached_targets, move_aside, put_back
from mnistdoctor.examine.conductor import examine
from mnistdoctor.settings import Environment, Python, Settings

DATA = Path(__file__).parents[1] / "data"
LABELS = (DATA / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
FASHION = (DATA / "fashion_mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>" + b"x" * 3000 + b"</body></html>"
XML = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>'
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"6" * 64 + b"\nsize 4542\n"


def _npz() -> bytes:
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (20000,), }"
    array = b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + head.ljust(117) + b"\n" + os.urandom(20_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("x_train.npy", array)
    return made.getvalue()


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as packed:
        one = tarfile.TarInfo("mnist_tiny/train/3/1.png")
        one.size = 20_000
        packed.addfile(one, io.BytesIO(os.urandom(20_000)))
    return made.getvalue()


ARFF = b"@RELATION mnist\n@ATTRIBUTE class {0,1}\n@DATA\n" + b"".join(b"%d\n" % (n % 2) for n in range(4000))
PARQUET = b"PAR1" + os.urandom(20_000) + b"PAR1"
SHA256 = hashlib.sha256(PARQUET).hexdigest()
COMMIT = "1" * 40


@dataclass(frozen=True)
class Cached:
    """A loader's file: where it lies below the home, and its right bytes."""

    name: str
    path: str
    good: bytes
    file: str = ""
    """The catalogue's file of which these bytes are made to be the right ones; empty: they are genuine."""
    release: str | None = None
    form: str = "file"
    beside: tuple[tuple[str, bytes], ...] = ()
    """Other files without which the loader would not look at this one."""
    root: str | None = None
    partial: str = "{path}.incomplete"
    lock: str = "{path}.lock"
    """Where this loader leaves its own."""


NPZ, TINY = _npz(), _tar()
_HUB = ".cache/huggingface/hub"
_TV = "data/MNIST/raw/"
CACHED = (
    Cached("keras:mnist", ".keras/datasets/mnist.npz", NPZ, "mnist_npz/mnist.npz"),
    Cached("keras:fashion-mnist", ".keras/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz", FASHION),
    Cached("keras:mnist 2.0.8", ".keras/datasets/mnist.npz", NPZ, "mnist_npz/mnist.npz", "2.0.8"),
    Cached("torchvision:mnist packed", f"{_TV}t10k-labels-idx1-ubyte.gz", LABELS, root="data"),
    Cached("torchvision:mnist unpacked", f"{_TV}t10k-labels-idx1-ubyte", gzip.decompress(LABELS), form="decoded",
           root="data",
           beside=tuple((f"{_TV}{name}", b"") for name in
                        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"))),
    Cached("sklearn:mnist_784", "scikit_learn_data/openml/openml.org/data/v1/download/52667/mnist_784.arff.gz",
           gzip.compress(ARFF, mtime=1), "mnist_784/arff"),
    Cached("sklearn:mnist_784 1.8.0", "scikit_learn_data/openml/openml.org/data/v1/download/52667/mnist_784.arff.gz",
           gzip.compress(ARFF, mtime=1), "mnist_784/arff", "1.8.0"),
    Cached("tfds:mnist", "tensorflow_datasets/downloads/mnist/x-labels-idx1-ubyte{sha256_base64}.gz", LABELS,
           partial="{path}.tmp.4b1c"),
    Cached("huggingface:mnist", f".cache/huggingface/hub/datasets--ylecun--mnist/snapshots/{COMMIT}/"
           "mnist/test-00000-of-00001.parquet", PARQUET, "mnist_parquet/test",
           partial=f"{_HUB}/datasets--ylecun--mnist/blobs/{SHA256}.incomplete",
           lock=f"{_HUB}/.locks/datasets--ylecun--mnist/{SHA256}.lock"),
    Cached("gluon:mnist", ".mxnet/datasets/mnist/t10k-labels-idx1-ubyte.gz", LABELS),
    Cached("paddle:mnist", ".cache/paddle/dataset/mnist/t10k-labels-idx1-ubyte.gz", LABELS),
    Cached("fastai:mnist_tiny", ".fastai/archive/mnist_tiny.tgz", TINY, "fastai/mnist_tiny"),
    Cached("medmnist:pathmnist", ".medmnist/pathmnist.npz", NPZ, "medmnist/pathmnist"),
    Cached("tinygrad:mnist", ".cache/tinygrad/downloads/{url_md5}.gunzip", gzip.decompress(LABELS), form="decoded"),
)  # fmt: skip

Fault = Callable[[Path, Cached], None]


def _writes(change: Callable[[bytes], bytes]) -> Fault:
    return lambda path, cached: _write(path, change(cached.good))


def _write(path: Path, body: bytes) -> None:
    path.write_bytes(body)


def _flip(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def _unpacked_wrongly(path: Path, cached: Cached) -> None:
    """The content under the packed file's name, or the packed file under the content's."""
    if cached.form == "decoded":
        path.write_bytes(gzip.compress(cached.good))
    elif cached.good.startswith(b"\x1f\x8b"):
        path.write_bytes(gzip.decompress(cached.good))
    else:
        path.mkdir()
        (path / "x_train.npy").write_bytes(b"\x93NUMPY")


def _beside(path: Path, cached: Cached, template: str) -> None:
    home = Path(str(path)[: str(path).index("/", 5)])  # /tmp/NAME
    beside = home / template.replace("{path}", str(path))
    beside.parent.mkdir(parents=True, exist_ok=True)
    _write(beside, cached.good[:2000])


FAULTS: dict[str, Fault] = {
    "empty": _writes(lambda _: b""),
    "cut": _writes(lambda good: good[: len(good) - 7]),
    "cut at a block": _writes(lambda good: good[: (len(good) - 1) // 4096 * 4096]),
    "flipped": _writes(_flip),
    "html": _writes(lambda _: PAGE),
    "xml": _writes(lambda _: XML),
    "lfs pointer": _writes(lambda _: POINTER),
    "other data": lambda path, one: _write(
        path, (LABELS if one.good == FASHION else FASHION) if one.form == "file" else gzip.decompress(FASHION)
    ),
    "unpacked wrongly": _unpacked_wrongly,
    "packed twice": _writes(gzip.compress),
    "folder": lambda path, _: path.mkdir(),
    "fifo": lambda path, _: os.mkfifo(path),
    "device": lambda path, _: path.symlink_to("/dev/zero"),
    "circle": lambda path, _: path.symlink_to(path),
    ".incomplete": lambda path, one: _beside(path, one, one.partial),
    ".lock": lambda path, one: _beside(path, one, one.lock),
}
"""Each leaves one bad thing in the file's place; the last two beside it."""
HARMLESS = (".incomplete", ".lock")
"""What is named and not moved: a loader goes on with it, or makes it anew."""


@dataclass(frozen=True)
class Cell:
    """What came of one fault in one loader's place."""

    found: tuple[KeptFile, ...]
    moved: int
    after: tuple[KeptFile, ...]
    """What is bad after the repair."""
    restored: bool
    """Whether the undo put all back as it was."""

    @property
    def word(self) -> str:
        """What the doctor says of it; `missed` where it says nothing."""
        if any(one.state == "unfinished" for one in self.found):
            return "named"
        bad = [one for one in self.found if one.state == "bad"]
        if not bad:
            return "unproven" if self.found else "missed"
        if self.after or not self.restored:
            return "STAYS" if self.after else "LOST"
        return bad[0].fate or ""


def catalogue_of(cached: Cached, folder: Path) -> Catalogue:
    """The built-in catalogue, in which the made bytes are the right ones."""
    if not cached.file:
        return load()
    known = load().file(cached.file)
    body = gzip.decompress(cached.good) if known.digest_of == "decoded" else cached.good
    lines = [
        "[[file]]",
        f"id = {cached.file!r}",
        f"dataset = {known.dataset!r}",
        f"name = {known.name!r}",
        f"kind = {known.kind!r}",
    ]
    lines += [f"size = {len(cached.good)}"] * (known.digest_of == "file")
    if known.digest_of != "file":
        lines.append(f"digest_of = {known.digest_of!r}")
    if known.secondary:
        lines.append("secondary = true")
    if known.md5_first_mib:
        lines.append(f"md5_first_mib = '{hashlib.md5(body[: 2**20]).hexdigest()}'")
    for name in ("md5", "sha256"):
        if known.digest(name):
            lines.append(f"{name} = '{hashlib.new(name, body).hexdigest()}'")
    path = folder / "made.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load(path)


@contextmanager
def a_home(cached: Cached, folder: Path) -> Iterator[None]:
    """That folder is the home, and that release is installed."""
    changed = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": ""}
    with (
        mock.patch.dict(os.environ, changed),
        mock.patch.object(Python, "release", return_value=cached.release),
    ):
        yield


def path_of(cached: Cached, home: Path, catalogue: Catalogue) -> Path:
    """Its place below that home."""
    loader, _, dataset = cached.name.split()[0].partition(":")
    labels = next(
        (one for one in catalogue.loader(loader).plan(dataset).files if one.file.id == "mnist/t10k-labels"), None
    )
    names = [name.path for name in labels.cached] if labels else []
    own = next((name for name in names if name.endswith(".gunzip")), "")
    sha = next((name.split("*")[1].split(".")[0] for name in names if "*" in name and "/" in name), "")
    return home / cached.path.replace("{url_md5}.gunzip", own).replace("{sha256_base64}", sha)


def look(cached: Cached, home: Path, catalogue: Catalogue) -> tuple[KeptFile, ...]:
    """What the doctor finds there."""
    root = home / cached.root if cached.root else None
    targets = cached_targets((cached.name.split()[0],), catalogue, Environment({}), root)
    settings = Settings(offline=True, trials_allowed=False)
    return inventory(examine(targets, settings, catalogue, environment=Environment({})).targets) if targets else ()


def prepare(cached: Cached, home: Path) -> tuple[Catalogue, Path]:
    """The folders and what lies beside the file."""
    catalogue = catalogue_of(cached, home)
    path = path_of(cached, home, catalogue)
    path.parent.mkdir(parents=True)
    for name, body in cached.beside:
        (home / name).write_bytes(body)
    return catalogue, path


def cell(cached: Cached, fault: Fault) -> Cell:
    """Lay the bad file, look, repair, look again, undo."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        home = Path(name)
        catalogue, path = prepare(cached, home)
        beside = {home / one for one, _ in cached.beside}
        fault(path, cached)
        before = snapshot(path.parent)
        with a_home(cached, home):
            seen = look(cached, home, catalogue)
            bad = [one for one in bad_files(seen) if one.path not in beside]
            moved, _ = move_aside(bad)
            after = look(cached, home, catalogue)
            put_back()
            restored = snapshot(path.parent) == before
    here = tuple(one for one in seen if one.path not in beside)
    still = tuple(one for one in after if one.path not in beside and one.state == "bad")
    return Cell(here, len(moved), still, restored)


def snapshot(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Names, modes, times and bytes of all that lies in a folder; of what is no file, no bytes."""
    found = {}
    for path in sorted(folder.iterdir()):
        state = path.lstat()
        plain = path.is_file() and not path.is_symlink()
        found[path.name] = (state.st_mode, state.st_mtime_ns, state.st_size, path.read_bytes() if plain else b"")
    return found


def good(cached: Cached) -> KeptFile:
    """What the doctor says of the right file."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        home = Path(name)
        catalogue, path = prepare(cached, home)
        path.write_bytes(cached.good)
        with a_home(cached, home):
            return next(one for one in look(cached, home, catalogue) if one.path == path)


def main() -> None:
    """Print the matrix."""
    width = max(len(one.name) for one in CACHED)
    names = list(FAULTS)
    print(" " * width, *(f"{name:<{max(9, len(name))}}" for name in ("right", *names)))
    for cached in CACHED:
        words = [good(cached).state, *(cell(cached, FAULTS[name]).word for name in names)]
        print(
            f"{cached.name:<{width}}",
            *(f"{w:<{max(9, len(n))}}" for n, w in zip(("right", *names), words, strict=True)),
        )


if __name__ == "__main__":
    main()
