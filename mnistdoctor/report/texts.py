"""Every text of a report or a document, changed where it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import TypeVar, cast

from mnistdoctor.catalogue import Catalogue

T = TypeVar("T")
Change = Callable[[str, str, str], str]
"""Makes a new text of (text, the key or field under which it stands, the kind of its record or ``""``)."""


def replaced(value: T, change: Change) -> T:
    """The same value with every text in it changed; what holds none that changes is the very same object.

    Reads dictionaries, lists, tuples and dataclasses, however deep; a catalogue is left as it is.
    """
    return cast(T, _replaced(value, "", "", change))


def _replaced(value: object, key: str, kind: str, change: Change) -> object:
    if isinstance(value, str):
        made = change(value, key, kind) if type(value) is str else value  # a member of an Enum stays one
        return value if made == value else made
    if isinstance(value, dict):
        own = str(value.get("kind", ""))
        return {name: _replaced(one, str(name), own, change) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        parts = [_replaced(one, key, "", change) for one in value]
        return value if all(one is other for one, other in zip(parts, value, strict=True)) else type(value)(parts)
    names = _fields_of(type(value))  # type: ignore[arg-type]
    if not names:
        return value
    own = str(getattr(value, "kind", ""))
    made_of = ((name, _replaced(getattr(value, name), name, own, change)) for name in names)
    changed = {name: new for name, new in made_of if new is not getattr(value, name)}
    return dataclasses.replace(value, **changed) if changed else value  # type: ignore[type-var]


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    """The names of a dataclass's fields; none where it is another type, or a catalogue."""
    if not dataclasses.is_dataclass(kind) or kind is Catalogue:
        return ()
    return tuple(item.name for item in dataclasses.fields(kind) if item.init)
