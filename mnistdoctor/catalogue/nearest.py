"""The known URL that is one small slip of the keyboard away from a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from mnistdoctor.catalogue.model import File, Source
from mnistdoctor.catalogue.names import fold_name
from mnistdoctor.catalogue.urls import normal, split

MOST_EDITS = 2
"""Characters inserted, dropped, replaced or swapped with their neighbour; more is another URL, not a slip."""

_TRAILING_BLANK = re.compile(r"(?:%0d|%0a|%09|%20|\s){1,64}$", re.IGNORECASE)
_ADDRESS = re.compile(r"[\d.]+(:\d+)?|\[[0-9a-f:.]*\](:\d+)?")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of two URLs side by side."""

    same: bool
    asked: str
    known: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """A known URL, and how the given one differs from it."""

    url: str
    source: Source
    file: File
    edits: int
    """Zero where only letter case, slashes, a trailing blank or `.gzip` differ."""
    segments: tuple[Segment, ...]
    """The two URLs side by side, from left to right."""


def nearest(url: str, known: Iterable[tuple[Source, File, str]], datasets: Mapping[str, str]) -> Nearest | None:
    """The known URL that was meant; None where none is near, or two are equally near.

    `datasets` maps each folded name to a dataset's id: a path that names another dataset is no slip.
    """
    given = _fold(url)
    given_scheme = (split(url) or ("",))[0]
    found: list[tuple[tuple[int, bool, bool], Source, File, str]] = []
    for source, file, candidate in known:
        folded = _fold(candidate)
        edits = _edits(given, folded, MOST_EDITS)
        if edits > MOST_EDITS or _another_thing(given, folded, file.dataset, datasets):
            continue
        scheme = (split(candidate) or ("",))[0]
        if normal(f"{scheme}{url[len(given_scheme) :]}") == normal(candidate):
            return None  # equal but for the scheme: that is a choice, not a slip
        found.append(((edits, not source.current, scheme != given_scheme), source, file, candidate))
    if not found:
        return None
    found.sort(key=lambda entry: entry[0])
    rank, source, file, best = found[0]
    if any(other[:2] == rank[:2] and rival.id != file.id for other, _, rival, _ in found):
        return None
    return Nearest(best, source, file, rank[0], _segments(url, best))


def _fold(url: str) -> str:
    """Host and path without the differences that are slips at any length."""
    text = _TRAILING_BLANK.sub("", url).replace("\\", "/").casefold().replace("%5c", "/")
    text = text.split("#")[0]
    text = re.sub(r"^[a-z][a-z0-9+.-]*:/*", "", re.sub(r"^(https?):/*", r"\1://", text))
    host, slash, path = re.sub(r"/{2,}", "/", text).partition("/")
    host = re.sub(r":(80|443)$", "", host)
    return host + slash + re.sub(r"\.gzip(?=$|\?)", ".gz", path)


def _edits(left: str, right: str, most: int) -> int:
    """The optimal string alignment distance, or `most` + 1 where it is larger."""
    if abs(len(left) - len(right)) > most:
        return most + 1
    while left and right and left[0] == right[0]:
        left, right = left[1:], right[1:]
    while left and right and left[-1] == right[-1]:
        left, right = left[:-1], right[:-1]
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _another_thing(given: str, known: str, dataset: str, datasets: Mapping[str, str]) -> bool:
    """Tell whether a small difference means something else: an address, a long number, another dataset."""
    hosts = given.partition("/")[0], known.partition("/")[0]
    if hosts[0] != hosts[1] and any(_ADDRESS.fullmatch(host) for host in hosts):
        return True
    if re.findall(r"\d{3,}", given) != re.findall(r"\d{3,}", known):
        return True
    ours = known.split("/")
    strange = (part for part in given.split("/")[1:] if part not in ours)
    return any(datasets.get(fold_name(part), dataset) != dataset for part in strange)


def _segments(given: str, known: str) -> tuple[Segment, ...]:
    matcher = SequenceMatcher(None, given, known, autojunk=False)
    return tuple(Segment(tag == "equal", given[a:b], known[c:d]) for tag, a, b, c, d in matcher.get_opcodes())
