"""Machines held side by side: which went alike, which targets went differently, and which setting tells them apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mnistdoctor.compare.machine import ABSENT, HOUR, KINDS, Machine, Outcome, Setting

MOST_TELLING = 5
"""Settings that are named for one difference."""
MOST_COUNTED = 24
"""Values of one thing that are counted one by one: the hours of a day."""
LEAST, BESIDE_THE_BEST = 0.1, 1 / 3
"""A setting that says less than this share, or than this part of the best one's, is left out: it differs by chance."""


@dataclass(frozen=True, slots=True)
class Group:
    """Machines on which every target went the same way."""

    machines: tuple[str, ...]
    outcomes: tuple[tuple[str, Outcome], ...]
    """Those of the first; of the others the titles may name other addresses."""

    @property
    def well(self) -> bool:
        """Whether every target could be had."""
        return all(outcome.well for _, outcome in self.outcomes)

    @property
    def name(self) -> str:
        """The machines' names, runs of numbers folded: ``node01, node03-31``."""
        return folded(self.machines)


@dataclass(frozen=True, slots=True)
class Telling:
    """A setting, and how well it tells the machines apart on which a target works from those on which it does not."""

    setting: Setting
    share: float
    """Of what there is to tell, from 0 to 1: mutual information over joint entropy, so that a value that differs on
    every machine tells nothing, and 1 is a setting that goes exactly with the outcome."""
    well: tuple[tuple[str, int], ...]
    """Values where it works, each with the number of machines, the commonest first."""
    ill: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often it failed with each value of what was seen, such as an address or the hour."""

    name: str
    values: tuple[tuple[str, int, int], ...]
    """(value, failures, reports), in the values' order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Targets that fail on the same machines and work on the same others, and the settings that may explain it."""

    targets: tuple[str, ...]
    well: tuple[str, ...]
    ill: tuple[str, ...]
    stages: tuple[tuple[str, int], ...]
    """Where it failed, each with the number of machines."""
    causes: tuple[tuple[str, int], ...]
    telling: tuple[Telling, ...]
    same_settings: bool
    """Whether no setting that a person makes goes with the outcome: then it is not constant."""
    frequencies: tuple[Frequency, ...] = ()
    """Of what is not constant: which address, which hour."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All reports side by side."""

    groups: tuple[Group, ...]
    """The largest first."""
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether everything went the same way everywhere."""
        return len(self.groups) < 2

    @property
    def count(self) -> int:
        """The number of reports."""
        return sum(len(group.machines) for group in self.groups)

    @property
    def targets(self) -> tuple[str, ...]:
        """All targets, in the order in which the reports name them."""
        return tuple(dict.fromkeys(target for group in self.groups for target, _ in group.outcomes))


def compare(machines: Iterable[Machine]) -> Comparison:
    """Folds what is alike, and ranks what may explain what is not."""
    every = list(machines)
    together: dict[object, list[Machine]] = {}
    for one in every:
        together.setdefault(one.alike, []).append(one)
    groups = [Group(tuple(one.name for one in alike), alike[0].outcomes) for alike in together.values()]
    groups.sort(key=lambda group: (-len(group.machines), not group.well))
    return Comparison(tuple(groups), _differences(every))


def _differences(machines: Sequence[Machine]) -> tuple[Difference, ...]:
    """One for each way in which targets divide the machines into those where they work and those where they do not."""
    outcomes = [dict(one.outcomes) for one in machines]
    divided: dict[tuple[bool | None, ...], list[str]] = {}
    for target in dict.fromkeys(target for one in outcomes for target in one):
        split = tuple(one[target].well if target in one else None for one in outcomes)
        if True in split and False in split:
            divided.setdefault(split, []).append(target)
    settings = [dict(one.settings) for one in machines]
    names = list(dict.fromkeys(setting for one in settings for setting in one))
    found = [_difference(machines, outcomes, settings, names, *pair) for pair in divided.items()]
    return tuple(sorted(found, key=lambda one: -len(one.ill)))


def _difference(
    machines: Sequence[Machine],
    outcomes: Sequence[dict[str, Outcome]],
    settings: Sequence[dict[Setting, str]],
    names: Sequence[Setting],
    split: tuple[bool | None, ...],
    targets: list[str],
) -> Difference:
    ours = [place for place, well in enumerate(split) if well is not None]
    failed = [outcomes[place][targets[0]] for place in ours if not split[place]]
    telling = []
    for setting in names:
        values = [settings[place].get(setting, ABSENT) for place in ours]
        share = _share(values, [split[place] for place in ours])
        if share >= LEAST:
            pairs = [(value, split[place]) for value, place in zip(values, ours, strict=True)]
            well, ill = (Counter(value for value, kind in pairs if kind is wanted) for wanted in (True, False))
            telling.append(Telling(setting, share, tuple(well.most_common(3)), tuple(ill.most_common(3))))
    telling.sort(key=lambda one: (-round(one.share, 3), KINDS.index(one.setting.kind)))
    least = BESIDE_THE_BEST * telling[0].share if telling else 0.0
    constant = any(one.setting.kind != "seen" and one.share >= least for one in telling)
    return Difference(
        targets=tuple(targets),
        well=tuple(machines[place].name for place in ours if split[place]),
        ill=tuple(machines[place].name for place in ours if not split[place]),
        stages=tuple(Counter(one.stage or "no answer" for one in failed).most_common()),
        causes=tuple(Counter(one.cause or one.verdict for one in failed).most_common()),
        telling=tuple(one for one in telling[:MOST_TELLING] if one.share >= least),
        same_settings=not constant,
        frequencies=() if constant else tuple(_frequencies(names, [(settings[place], split[place]) for place in ours])),
    )


def _frequencies(
    names: Sequence[Setting], seen: Sequence[tuple[dict[Setting, str], bool | None]]
) -> Iterator[Frequency]:
    """By address and by hour, where there were several of them and few enough to be read."""
    for setting in names:
        if setting.kind != "seen" or not setting.name.startswith(("address of ", HOUR)):
            continue
        whole = Counter(values[setting] for values, _ in seen if setting in values)
        failed = Counter(values[setting] for values, well in seen if setting in values and not well)
        if 1 < len(whole) <= MOST_COUNTED:
            yield Frequency(setting.name, tuple((value, failed[value], whole[value]) for value in sorted(whole)))


def _share(values: Sequence[object], labels: Sequence[object]) -> float:
    """Mutual information of the two over their joint entropy; 0 where one of them is the same everywhere."""
    joint = _entropy(Counter(zip(values, labels, strict=True)).values())
    return (_entropy(Counter(values).values()) + _entropy(Counter(labels).values()) - joint) / joint if joint else 0.0


def _entropy(counts: Iterable[int]) -> float:
    """In bits (Shannon)."""
    every = list(counts)
    total = sum(every)
    return -sum(one / total * math.log2(one / total) for one in every if one)


_NUMBER = re.compile(r"^(.*?)(\d+)([^\d]*)$", re.S)


def folded(names: Sequence[str], most: int = 6) -> str:
    """``node01, node03-31`` for names that differ in their last number alone; what is beyond `most` is counted."""
    runs: list[tuple[str, str, int, str, str]] = []
    for name in sorted(names, key=_natural):
        match = _NUMBER.match(name)
        stem, digits, tail = match.groups() if match else (name, "", "")
        last = runs[-1] if runs else None
        if last and digits and (last[0], last[4]) == (stem, tail) and last[2] + 1 == int(digits):
            runs[-1] = (stem, last[1], int(digits), digits, tail)
        else:
            runs.append((stem, digits, int(digits) if digits else -1, digits, tail))
    shown = [
        f"{stem}{first}{tail}" if first == digits else f"{stem}{first}-{digits}{tail}"
        for stem, first, _, digits, tail in runs
    ]
    return (
        ", ".join(shown) if len(shown) <= most else f"{', '.join(shown[: most - 1])} and {len(shown) - most + 1} more"
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Sorts ``node9`` before ``node10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]
