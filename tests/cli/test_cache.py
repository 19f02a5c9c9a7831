"""`mnistdoctor cache`: what lies in the loaders' caches, moved aside where it is provably bad, and put back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .test_commands import CHECKOUT, Done, run

MNIST = CHECKOUT / "tests/data/mnist"
FASHION = CHECKOUT / "tests/data/fashion_mnist"
LABELS = "t10k-labels-idx1-ubyte.gz"
KERAS = ".keras/datasets"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def cache(home: Path, *arguments: str) -> Done:
    return run("cache", *arguments, HOME=str(home), XDG_STATE_HOME=str(home / "state"), KERAS_HOME="", HF_HOME="")


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_nothing_is_kept(home: Path) -> None:
    done = cache(home)
    assert (done.code, done.out) == (0, "nothing is kept: none of the loaders' files lies in its usual place\n")


def test_what_is_right_is_intact(home: Path) -> None:
    folder = home / KERAS / "fashion-mnist"
    folder.mkdir(parents=True)
    shutil.copy(FASHION / LABELS, folder)
    done = cache(home)
    assert done.code == 0
    assert "intact" in done.out


BAD = {
    "a page": b"<!DOCTYPE html><html><head><title>403</title></head></html>",
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"6" * 64 + b"\nsize 12\n",
    "nothing": b"",
    "a part": (FASHION / LABELS).read_bytes()[:2000],
    "another dataset's": (MNIST / LABELS).read_bytes(),
    "flipped": (FASHION / LABELS).read_bytes()[:-9] + b"\0" * 9,
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_what_is_bad_is_moved_and_put_back(home: Path, data: bytes) -> None:
    path = put(home / KERAS / "fashion-mnist" / LABELS, data)
    assert cache(home).code == 1
    dry = cache(home, "--repair", "--dry-run")
    assert dry.code == 1
    assert "would move aside" in dry.out
    assert path.exists()
    done = cache(home, "--repair")
    assert done.code == 0
    assert not path.exists()
    assert path.with_name(f"{LABELS}.aside").read_bytes() == data
    assert "mnistdoctor fetch keras:fashion-mnist" in done.out
    assert cache(home, "--undo").code == 0
    assert path.read_bytes() == data
    assert cache(home, "--undo").out == "nothing was moved by a repair\n"


def test_what_nobody_knows_is_not_moved(home: Path) -> None:
    path = put(home / KERAS / "my-own.npz", b"mine")
    done = cache(home, "--repair")
    assert done.code == 0
    assert path.exists()


def test_what_came_into_the_place_since_is_kept(home: Path) -> None:
    path = put(home / KERAS / "fashion-mnist" / LABELS, BAD["a page"])
    assert cache(home, "--repair").code == 0
    put(path, b"new")
    assert cache(home, "--undo").code == 1
    assert path.read_bytes() == b"new"
    assert path.with_name(f"{LABELS}.aside").exists()


def test_torchvision_where_its_caller_says(home: Path) -> None:
    folder = home / "data/MNIST/raw"
    folder.mkdir(parents=True)
    (folder / LABELS.removesuffix(".gz")).write_bytes(bytes(8))
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"):
        (folder / name).write_bytes(bytes(16))
    done = cache(home, "torchvision:mnist", "--root", str(home / "data"))
    assert done.code == 1
    assert LABELS.removesuffix(".gz") in done.out


def test_a_fifo_is_not_opened(home: Path) -> None:
    folder = home / KERAS / "fashion-mnist"
    folder.mkdir(parents=True)
    os.mkfifo(folder / LABELS)
    assert cache(home).code in (1, 3)


def test_a_link_in_a_circle(home: Path) -> None:
    folder = home / KERAS / "fashion-mnist"
    folder.mkdir(parents=True)
    (folder / LABELS).symlink_to(folder / LABELS)
    assert cache(home).code in (0, 1, 3)


@pytest.mark.parametrize(
    "words", [("nosuch",), ("mnist",), ("https://a.example/x",), ("--dry-run",), ("--undo", "--repair")]
)
def test_wrong_usage(home: Path, words: tuple[str, ...]) -> None:
    done = cache(home, *words)
    assert (done.code, done.out) == (2, "")


def test_a_crowded_folder_is_not_read_whole(home: Path) -> None:
    folder = home / KERAS
    folder.mkdir(parents=True)
    for number in range(3000):
        (folder / f"other-{number}").touch()
    assert cache(home).code == 0
