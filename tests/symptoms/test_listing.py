"""A listing of a folder tells of files that are far too small, and of nothing else."""

from __future__ import annotations

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.symptoms.matches import read

CATALOGUE = load()


@pytest.mark.parametrize(
    "row",
    [
        "-rw-r--r-- 1 root root  727 Nov 30 22:13 t10k-images-idx3-ubyte.gz",
        "-rw-r--r--@ 1 me  staff  0 30 Nov  2025 train-labels-idx1-ubyte.gz",
        "30/11/2025  22:13             1.274 mnist.npz",
    ],
)
def test_a_file_that_is_far_too_small(row: str) -> None:
    found = read(f"total 24\n{row}\n", CATALOGUE)
    assert (found.matches[0].cause, found.matches[0].certainty) == ("cache-stale-bad-file", "likely")
    assert found.matches[0].excerpt == row


@pytest.mark.parametrize(
    "row",
    [
        "-rw-r--r-- 1 root root 1648877 Nov 30 22:13 t10k-images-idx3-ubyte.gz",
        "-rw-r--r-- 1 root root 727 Nov 30 22:13 notes.txt",
        "drwxr-xr-x 2 root root 4096 Nov 30 22:13 mnist.npz",
        "30/11/2025  22:13        11.490.434 mnist.npz",
        "727 t10k-images-idx3-ubyte.gz",
    ],
)
def test_what_says_nothing(row: str) -> None:
    assert read(f"total 24\n{row}\n", CATALOGUE).matches == ()


def test_an_error_says_more_than_a_listing() -> None:
    row = "-rw-r--r-- 1 root root 727 Nov 30 22:13 t10k-images-idx3-ubyte.gz"
    found = read(f"{row}\nurllib.error.HTTPError: HTTP Error 410: Gone\n", CATALOGUE)
    assert found.matches[0].cause == "http-410-gone"
