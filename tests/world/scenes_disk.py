"""What lies on the disk before the first packet: bad files in the loaders' caches, folders without room or right."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

from . import files, whole
from .scenes import How, Scene
from .world import World

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
STALE = "cache-stale-bad-file"
QUICK = ("--timeout", "3")
KERAS_FASHION = ("keras:fashion-mnist",)
KERAS = ("keras:mnist",)
TORCH = ("torchvision:mnist", "--root", "data")
TWIN = "data/MNIST/raw/t10k-labels-idx1-ubyte"


def keep(world: World, path: str, body: bytes) -> Path:
    """A file below the patient's home."""
    file = world.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    return file


def _row(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    argv: tuple[str, ...],
    lay: Callable[[World], dict[str, str] | None],
    *,
    warns: str | None = None,
    proves: bool = False,
    stage: str | None = "checksum",
) -> Scene:
    def arrange(world: World) -> How:
        env = whole.serve(world)
        (world.home / "data").mkdir(exist_ok=True)
        return {"env": {**env, **(lay(world) or {})}}

    causes = ((cause,) if cause else ()) if isinstance(cause, str) else cause
    return Scene(
        f"disk-{name}", motive, arrange, "ailing" if cause else "healthy", causes,
        stage if cause else None, argv, warns=warns, proves=proves,
    )  # fmt: skip


def _lay(path: str, body: bytes) -> Callable[[World], None]:
    def lay(world: World) -> None:
        keep(world, path, body)

    return lay


LABELS = files.genuine("fashion_mnist", "train-labels-idx1-ubyte.gz")
FASHION = ".keras/datasets/fashion-mnist/train-labels-idx1-ubyte.gz"
NPZ = ".keras/datasets/mnist.npz"
MNIST = files.genuine("mnist", files.LABELS)

KERAS_SCENES = (
    _row("fashion-page", "A sign-in page was saved as a label file; Keras compares nothing and loads it for ever",
         STALE, KERAS_FASHION, _lay(FASHION, PAGE), proves=True),
    _row("fashion-cut", "A download was cut; Keras sees a file and goes no further",
         STALE, KERAS_FASHION, _lay(FASHION, LABELS[:9000]), proves=True),
    _row("fashion-empty", "An empty file is a file", STALE, KERAS_FASHION, _lay(FASHION, b""), proves=True),
    _row("fashion-is-mnist", "MNIST's labels lie under Fashion-MNIST's name, intact and wrong",
         "data-other-file", KERAS_FASHION, _lay(FASHION, files.genuine("mnist", "train-labels-idx1-ubyte.gz")),
         proves=True),
    _row("fashion-intact", "The right file is there", "", KERAS_FASHION, _lay(FASHION, LABELS)),
    _row("npz-page", "Keras compares mnist.npz with its digest and downloads it again: it will succeed",
         "", KERAS, _lay(NPZ, PAGE), warns=STALE),
    _row("npz-cut", "The same for a file that was cut", "", KERAS,
         _lay(NPZ, whole.made()["mnist_npz/mnist.npz"].body[:5000]), warns=STALE),
)  # fmt: skip


def _dead_network(path: str, body: bytes) -> Callable[[World], None]:
    def lay(world: World) -> None:
        keep(world, path, body)
        world.firewall("*", "drop")

    return lay


def _other_folder(world: World) -> dict[str, str]:
    keep(world, "elsewhere/datasets/fashion-mnist/train-labels-idx1-ubyte.gz", b"<html><title>404</title></html>")
    return {"KERAS_HOME": str(world.home / "elsewhere")}


def _dead_and_intact(world: World) -> None:
    keep(world, NPZ, whole.made()["mnist_npz/mnist.npz"].body)
    world.firewall("*", "drop")


MORE_KERAS = (
    _row("fashion-page-no-network", "The bad file is found with no packet, however dead the network is",
         (STALE, "tcp-filtered"), KERAS_FASHION, _dead_network(FASHION, PAGE), stage=None),
    _row("keras-home", "KERAS_HOME moves the cache, and the bad file with it",
         STALE, KERAS_FASHION, _other_folder, proves=True),
    _row("npz-there-network-dead", "The file is there and right, so Keras needs no network", "", KERAS,
         _dead_and_intact, warns="tcp-filtered"),
)  # fmt: skip


def unpacked_set(**instead: bytes) -> dict[str, bytes]:
    """torchvision's four unpacked files by their paths: only where all are there does it ask nobody.

    Another content of one stands under its name with `_` for `-`, without what all of them end in.
    """
    right = {
        "train_images": whole.made()["mnist/train-images"].body,
        "train_labels": files.genuine("mnist", files.TRAIN_LABELS),
        "t10k_images": files.genuine("mnist", files.IMAGES),
        "t10k_labels": MNIST,
    }
    bodies = {name: gzip.decompress(body) for name, body in right.items()} | instead
    return {
        f"data/MNIST/raw/{name.replace('_', '-')}-idx{3 if name.endswith('images') else 1}-ubyte": body
        for name, body in bodies.items()
    }


def _twins(body: bytes) -> Callable[[World], None]:
    def lay(world: World) -> None:
        for path, content in unpacked_set(t10k_labels=body).items():
            keep(world, path, content)

    return lay


def _shadow(world: World) -> None:
    _twins(gzip.decompress(MNIST))(world)
    for name in ("training.pt", "test.pt"):  # one alone is not looked at
        keep(world, f"data/MNIST/processed/{name}", PAGE)


TORCH_SCENES = (
    _row("torch-twin-cut", "torchvision looks only whether the unpacked file exists",
         STALE, TORCH, _twins(gzip.decompress(MNIST)[:7000]), proves=True),
    _row("torch-twin-empty", "An unpacked file of no bytes: `invalid literal for int() with base 16`",
         STALE, TORCH, _twins(b""), proves=True),
    _row("torch-twin-page", "A web page in the unpacked file's place: a bare AssertionError",
         STALE, TORCH, _twins(PAGE), proves=True),
    _row("torch-shadow", "An old processed/test.pt wins over all that is right", STALE, TORCH, _shadow),
    _row("torch-packed-bad", "A bad .gz alone is compared with its md5 and downloaded again", "", TORCH,
         _lay(TWIN + ".gz", MNIST[:4000]), warns=STALE),
    _row("torch-intact", "The right files are there", "", TORCH, _twins(gzip.decompress(MNIST))),
)  # fmt: skip


def _tfds_bad(world: World) -> None:
    # TFDS names its archives by the digest that they should have, in base64 for URLs.
    name = urlsafe_b64encode(hashlib.sha256(MNIST).digest()).decode().rstrip("=")
    keep(world, f"tensorflow_datasets/downloads/mnist/cvdf-datasets_mnist_t10k-labels-idx1-ubyte{name}.gz", PAGE)


HUB = ".cache/huggingface/hub/datasets--ylecun--mnist/snapshots/77f3279092a1c1579b2250db8eafed0ad422088c/mnist"


def _hub_bad(world: World) -> None:
    keep(world, f"{HUB}/test-00000-of-00001.parquet", b"PAR1" + os.urandom(3000))


def _partial_of_a_dead_run(world: World) -> None:
    file = keep(world, FASHION + ".incomplete", LABELS[:100])
    os.utime(file, (time.time() - 9000,) * 2)


OTHERS = (
    _row("tfds-bad", "TFDS keeps a bad archive and raises NonMatchingChecksumError for ever",
         STALE, ("tfds:mnist",), _tfds_bad),
    _row("hub-cut", "A blob of the Hub's cache that was cut is trusted; the other file is missing at the Hub",
         (STALE, "http-404-moved"), ("huggingface:mnist",), _hub_bad, stage=None),
    _row("leftover", "A part that a killed run left behind does no harm", "", KERAS_FASHION, _partial_of_a_dead_run),
)  # fmt: skip


def _small_disk(options: str, folder: str) -> Callable[[World], How]:
    def arrange(world: World) -> How:
        (world.home / "data").mkdir(exist_ok=True)
        return {"env": whole.serve(world), "tmpfs": {folder: options}}

    return arrange


FULL = Scene(
    "disk-full", "A small disk: the download would break off near its end",
    _small_disk("size=4k", ".keras/datasets"), "ailing", ("disk-full",), "length", KERAS,
)  # fmt: skip
NO_INODES = Scene(
    "disk-no-inodes", "Bytes are free and no file can be made",
    _small_disk("size=4m,nr_inodes=1", ".keras/datasets"), "ailing", ("disk-full",), "length", KERAS,
)  # fmt: skip
READ_ONLY = Scene(
    "disk-read-only", "A volume that is mounted read-only", _small_disk("ro", "tensorflow_datasets"),
    "ailing", ("disk-permission",), "length", ("tfds:mnist",),
)  # fmt: skip
KERAS_FALLS_BACK = Scene(
    "disk-read-only-keras", "Keras goes to /tmp/.keras without a word", _small_disk("ro", ".keras"), "healthy",
    argv=KERAS,
)  # fmt: skip
TORCH_TWINS = Scene(
    "disk-torch-twins", "Room for the packed files, none for the unpacked ones",
    _small_disk("size=48k", "data"), "ailing", ("disk-full",), "length", TORCH,
)  # fmt: skip

SCENES: tuple[Scene, ...] = (FULL, NO_INODES, READ_ONLY, KERAS_FALLS_BACK, TORCH_TWINS)
SCENES += KERAS_SCENES + MORE_KERAS + TORCH_SCENES + OTHERS
