"""The end of a chain over a closed list: `typing.assert_never` for Python 3.10, which has none."""

from __future__ import annotations

from typing import NoReturn


def assert_never(value: NoReturn) -> NoReturn:
    """Holds a chain against its list when types are checked: a word that no branch takes is an error there."""
    raise AssertionError(f"{value!r} is in no branch")
