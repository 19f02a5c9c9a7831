"""Every text of a report or a document, changed where it stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
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
        return change(value, key, kind) if type(value) is str else value  # a member of an Enum stays one
    if isinstance(value, dict):
        own = str(value.get("kind", ""))
        return {name: _replaced(one, str(name), own, change) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        made = [_replaced(one, key, "", change) for one in value]
        return value if all(one is other for one, other in zip(made, value, strict=True)) else type(value)(made)
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, Catalogue)):
        own = str(getattr(value, "kind", ""))
        fields = ((item.name, getattr(value, item.name)) for item in dataclasses.fields(value) if item.init)
        made_of = {name: (_replaced(one, name, own, change), one) for name, one in fields}
        changed = {name: new for name, (new, old) in made_of.items() if new is not old}
        return dataclasses.replace(value, **changed) if changed else value
    return value
