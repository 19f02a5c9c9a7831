"""A short form of the matrix: each kind of bad file once, and each loader's place with the commonest."""

from __future__ import annotations

import pytest

from .matrix import CACHED, FAULTS, HARMLESS, Cached, cell, good

SHORT = [(CACHED[1], fault) for fault in FAULTS] + [
    (cached, fault) for cached in CACHED for fault in ("html", "cut", "circle", ".incomplete")
]
"""keras:fashion-mnist, of which nothing is compared, and one cell of every loader."""


@pytest.mark.parametrize(("cached", "fault"), SHORT, ids=lambda one: one if isinstance(one, str) else one.name)
def test_it_is_found_moved_and_put_back(cached: Cached, fault: str) -> None:
    came = cell(cached, FAULTS[fault])
    if fault in HARMLESS:
        assert (came.word, came.moved, came.restored) == ("named", 0, True)
    else:
        assert came.word in ("kept", "seen", "replaced", "blocked")
        assert (came.moved, came.after, came.restored) == (1, (), True)


@pytest.mark.parametrize("cached", CACHED, ids=lambda one: one.name)
def test_the_right_file_is_no_bad_one(cached: Cached) -> None:
    assert good(cached).state == ("unknown" if cached.name.startswith("fastai") else "right")


@pytest.mark.parametrize(
    ("name", "fate"),
    [("keras:mnist", "replaced"), ("keras:mnist 2.0.8", "kept"), ("keras:fashion-mnist", "kept"),
     ("sklearn:mnist_784", "replaced"), ("sklearn:mnist_784 1.8.0", "seen"), ("tfds:mnist", "seen"),
     ("gluon:mnist", "replaced"), ("tinygrad:mnist", "kept"), ("medmnist:pathmnist", "replaced")],
)  # fmt: skip
def test_what_each_release_does_with_a_page(name: str, fate: str) -> None:
    """As `facts` of the loaders' sources have it; those that are installed are asked themselves elsewhere."""
    cached = next(one for one in CACHED if one.name == name)
    assert cell(cached, FAULTS["html"]).word == fate
