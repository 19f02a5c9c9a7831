"""What came of a verdict beside what came of the client, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Agreement = Literal["agree", "false alarm", "miss", "open"]


@dataclass(frozen=True, slots=True)
class Held:
    """One verdict held against the client."""

    client: str
    scene: str
    verdict: str
    """The doctor's: ``healthy``, ``ailing`` or ``inconclusive``."""
    cause: str
    works: bool | None
    """Whether the client got the right file; None where nobody can say whether what it got is right."""
    said: str = ""
    """The client's last line."""

    @property
    def agreement(self) -> Agreement:
        """A false alarm where the client works and the doctor says that it does not; a miss the other way round."""
        if self.works is None or self.verdict == "inconclusive":
            return "open"
        if (self.verdict == "healthy") is self.works:
            return "agree"
        return "false alarm" if self.works else "miss"

    @property
    def disagrees(self) -> bool:
        """Whether doctor and client are not of one mind."""
        return self.agreement in ("false alarm", "miss")


def table(held: Iterable[Held]) -> str:
    """The figures, a row a client."""
    every = tuple(held)
    words: tuple[Agreement, ...] = ("agree", "false alarm", "miss", "open")
    lines = [f"{'client':<18}{'verdicts':>9}" + "".join(f"{word:>13}" for word in words)]
    lines.append("-" * len(lines[0]))
    for name in dict.fromkeys(one.client for one in every):
        lines.append(_row(name, [one for one in every if one.client == name], words))
    return "\n".join([*lines, lines[1], _row("all", list(every), words)])


def _row(name: str, own: list[Held], words: tuple[Agreement, ...]) -> str:
    counts = Counter(one.agreement for one in own)
    return f"{name:<18}{len(own):>9}" + "".join(f"{counts[word]:>13}" for word in words)


def disagreements(held: Iterable[Held]) -> str:
    """A line for each false alarm and each miss."""
    return "\n".join(
        f"{one.agreement}: {one.client} in {one.scene}: {one.cause or one.verdict}; the client: {one.said or 'works'}"
        for one in held
        if one.disagrees
    )
