"""Names as people type them, and the answer to one that is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable


def fold_name(name: str) -> str:
    """A name without what people vary: case, and the characters ``- _ . /`` and blank."""
    return re.sub(r"[-_./\s]+", "", name.casefold())


def nearest_names(name: str, choices: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The choices that a wrong name may have meant, best first."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(fold_name(choice), choice)
    return tuple(folded[match] for match in get_close_matches(fold_name(name), folded, n=count, cutoff=0.6))


class UnknownName(LookupError):  # noqa: N818 (it is a finding about the user's word)
    """A dataset, loader, client, source or file that the catalogue does not have."""

    def __init__(self, what: str, name: str, choices: Iterable[str]) -> None:
        self.what = what
        """The kind of thing, such as `dataset`."""
        self.name = name
        self.choices = tuple(choices)
        """All valid names."""
        self.nearest = nearest_names(name, self.choices)
        """Those that may have been meant, best first."""
        super().__init__(f"unknown {what} `{name}`")

    @property
    def hint(self) -> str:
        """What to type instead, as one line without a full stop."""
        if self.nearest:
            return "did you mean " + " or ".join(f"`{name}`" for name in self.nearest) + "?"
        return "known are " + ", ".join(f"`{name}`" for name in self.choices)
