"""Replies in JSON, read to their end where one is due."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from mnistdoctor.content import reply
from mnistdoctor.content.look import Look, look

FEATURES = json.dumps({"data_features": {"feature": [{"index": str(n), "name": f"pixel{n}"} for n in range(3000)]}})
"""Longer than the first 64 KiB, as the features of MNIST's 784 pixels are."""


def seen(text: str | bytes) -> Look:
    body = text.encode() if isinstance(text, str) else text
    return look(io.BytesIO(body), expected="json")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('{"data": {}, "more": 1}', (True, "", ("data", "more"))),
        (" [1]\n", (True, "", ())),
        ('{"data": {"a": [1, 2', (False, "ends early", ())),
        ('{"data": [{"a": 1}', (False, "ends early", ())),
        ('{"data": "half a wo', (False, "ends early", ())),
        ('{"data": nothing}', (False, "cannot be read", ())),
        ('{"a": 1} {"b": 2}', (False, "cannot be read", ())),
    ],
)
def test_state(text: str, state: tuple[bool, str, tuple[str, ...]]) -> None:
    assert reply.state(text) == state


def test_no_nesting_ends_the_examination() -> None:
    assert reply.state("[" * 200_000 + "]" * 200_000) == (False, "cannot be read", ())


@pytest.mark.parametrize("cut", [70_000, 90_000, len(FEATURES) - 1])
def test_a_cut_is_seen_behind_the_first_piece(cut: int) -> None:
    assert seen(FEATURES) == Look(what="json", intact=True, members=("data_features",))
    assert seen(FEATURES[:cut]) == Look(what="json", intact=False, damage="ends early")
    packed = seen(gzip.compress(FEATURES.encode()))
    assert (packed.what, packed.inner, packed.intact, packed.members) == ("gzip", "json", True, ("data_features",))
    packed = seen(gzip.compress(FEATURES[:cut].encode()))
    assert (packed.inner, packed.intact, packed.damage) == ("json", False, "holds JSON that ends early")


def test_a_cut_through_a_character() -> None:
    body = '{"creator": "É"}'.encode()[:14]
    assert seen(body) == Look(what="json", intact=False, damage="ends early")
    assert seen(gzip.compress(body)).damage == "holds JSON that ends early"


@pytest.mark.parametrize(
    ("text", "what"),
    [("", "empty"), (" \n", "empty"), ("no results", "text"), ("<oml:error/>", "xml"), ("<html>", "html")],
)
def test_what_is_no_json(text: str, what: str) -> None:
    assert seen(text).what == what
    assert seen(gzip.compress(text.encode())).inner == what


def test_a_damaged_packing_says_nothing_of_the_reply() -> None:
    found = seen(gzip.compress(FEATURES.encode())[:-8])
    assert (found.what, found.intact, found.damage, found.members) == ("gzip", False, "ends early", ())


def test_names_are_few_and_safe_to_print() -> None:
    found = seen(json.dumps({f"\x1b[31m{n}" + "x" * 200: n for n in range(40)}))
    assert len(found.members) == 16
    assert all(len(name) <= 80 and name.isprintable() for name in found.members)
