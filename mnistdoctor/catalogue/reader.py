"""TOML tables read with care: whatever is wrong in a catalogue is said in one sentence that names the place."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NoReturn, TypeVar, cast

from mnistdoctor.catalogue.names import nearest_names

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Value = TypeVar("Value", bool, int, float, str)
Word = TypeVar("Word", bound=str)
_KIND_NAMES = {str: "text in quotes", int: "a whole number", bool: "true or false", float: "a number"}


class CatalogueError(ValueError):
    """A catalogue that cannot be used."""

    def __init__(self, path: Path, where: str, what: str) -> None:
        self.path = path
        self.where = where
        """The entry, such as `[[source]] "ossci"`; empty for the file as a whole."""
        self.what = what
        """What is wrong, as one clause."""
        super().__init__(": ".join(part for part in (str(path), where, what) if part))


def unknown(what: str, name: str, choices: Sequence[str]) -> str:
    """The clause for a name that is not known, with the one that may have been meant."""
    near = nearest_names(name, choices, count=1)
    return f"unknown {what} `{name}`" + (f", did you mean `{near[0]}`?" if near else "")


_DEEP = re.compile(r"(?m)^[\[ ]{0,4}[\w-]{1,80}(?:\.[\w-]{1,80}){40}")
"""A key of thousands of dotted parts costs its parser a gigabyte."""


def read_toml(path: Path) -> Mapping[str, object]:
    """A TOML file's top-level table; raise `CatalogueError` where it can't be read."""
    try:
        text = path.read_text(encoding="utf-8")
        if _DEEP.search(text):
            raise CatalogueError(path, "", "has a key of more parts than any entry of a catalogue")
        return tomllib.loads(text)
    except OSError as error:
        raise CatalogueError(path, "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(path, "", f"is not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(path, "", f"is not valid TOML: {error}") from error


class Entry:
    """One table, read key by key; every reading method raises `CatalogueError` on a value of another kind."""

    __slots__ = ("path", "table", "where")

    def __init__(self, path: Path, where: str, table: object, keys: Sequence[str]) -> None:
        self.path = path
        self.where = where
        if not isinstance(table, dict):
            self.fail("must be a table")
        self.table = cast("dict[str, object]", table)
        for key in self.table:
            if key not in keys:
                self.fail(unknown("key", key, keys))

    def fail(self, what: str) -> NoReturn:
        """Raise `CatalogueError` for this entry."""
        raise CatalogueError(self.path, self.where, what)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default the key is required."""
        if (value := self.maybe_text(key)) is not None:
            return value
        return default if default is not None else self.missing(key)

    def maybe_text(self, key: str) -> str | None:
        """A text, or None where the key is absent."""
        return self._one(key, str)

    def whole(self, key: str) -> int | None:
        """A number of zero or more, or None where the key is absent."""
        value = self._one(key, int)
        if value is not None and value < 0:
            self.fail(f"`{key}` must not be negative")
        return value

    def required_whole(self, key: str) -> int:
        """A number of zero or more; the key is required."""
        value = self.whole(key)
        return value if value is not None else self.missing(key)

    def seconds(self, key: str) -> float | None:
        """A number of seconds, or None where the key is absent."""
        value = self.table.get(key)
        return float(value) if type(value) is int else self._one(key, float)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false; without a default the key is required."""
        value = self._one(key, bool)
        if value is not None:
            return value
        return default if default is not None else self.missing(key)

    def word(self, key: str, words: Sequence[Word], default: Word | None = None) -> Word:
        """One of a closed list of words; without a default the key is required."""
        value = self.maybe_text(key)
        if value is None:
            return default if default is not None else self.missing(key)
        if value not in words:
            self.fail(f"`{key}` is `{value}` but must be one of {', '.join(words)}")
        return cast("Word", value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where the key is absent."""
        return self._many(key, str)

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers, empty where the key is absent."""
        return self._many(key, int)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts, empty where the key is absent."""
        value = self.table.get(key, [])
        rows: list[object] = value if isinstance(value, list) else [value]
        pairs = []
        for row in rows:
            if not (isinstance(row, list) and len(row) == 2 and all(isinstance(part, str) for part in row)):
                self.fail(f"`{key}` must be a list of pairs of texts")
            pairs.append((row[0], row[1]))
        return tuple(pairs)

    def entries(self, key: str, keys: Sequence[str]) -> tuple[Entry, ...]:
        """A list of tables; the key is required."""
        value = self.table.get(key)
        if value is None:
            self.missing(key)
        if not isinstance(value, list) or not value:
            self.fail(f"`{key}` must be a list of tables, and not empty")
        return tuple(
            Entry(self.path, f"{self.where}, {key} number {number}", table, keys)
            for number, table in enumerate(value, 1)
        )

    def reference(self, key: str, what: str, wanted: str, known: Mapping[str, object]) -> str:
        """An id that this entry refers to, after a look whether it exists."""
        if wanted not in known:
            self.fail(f"`{key}` names an {unknown(what, wanted, tuple(known))}")
        return wanted

    def missing(self, key: str) -> NoReturn:
        """Raise `CatalogueError` for a key that is required."""
        self.fail(f"the key `{key}` is missing")

    def _one(self, key: str, kind: type[Value]) -> Value | None:
        value = self.table.get(key)
        if value is None:
            return None
        if type(value) is not kind:  # not isinstance: true is an int to Python, and not to TOML
            self.fail(f"`{key}` must be {_KIND_NAMES[kind]}")
        return value

    def _many(self, key: str, kind: type[Value]) -> tuple[Value, ...]:
        value = self.table.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or any(type(item) is not kind for item in value):
            self.fail(f"`{key}` must be a list, each item {_KIND_NAMES[kind]}")
        return tuple(value)


Section = Literal["dataset", "file", "source", "known_bad", "client", "loader"]
Document = dict[Section, dict[str, Entry]]
"""The entries of a catalogue by section and id, in order."""


def read_document(path: Path, keys: Mapping[Section, Sequence[str]]) -> Document:
    """The entries of one file, keys checked and ids unique; `keys` lists what each section may hold."""
    whole = Entry(path, "", read_toml(path), tuple(keys))
    document: Document = {}
    for section, allowed in keys.items():
        name = "name" if section in ("client", "loader") else "id"
        tables = whole.table.get(section, [])
        if not isinstance(tables, list):
            whole.fail(f"`{section}` must be written as [[{section}]]")
        found = document.setdefault(section, {})
        for number, table in enumerate(tables, 1):
            label = table.get(name) if isinstance(table, dict) else None
            where = f'[[{section}]] "{label}"' if isinstance(label, str) else f"[[{section}]] number {number}"
            entry = Entry(path, where, table, allowed)
            key = entry.text(name)
            if not key or key in found:
                entry.fail(f"the {name} is empty" if not key else f"the {name} is used twice")
            found[key] = entry
    return document
