"""What a line of a manifest says, checked: a target, and what is known of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from mnistdoctor import evidence as ev

MOST_ENTRIES = 100_000
"""Targets of one run; the reports of so many fill the memory of a machine."""

BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
DIGITS = {name: length for length, name in BY_LENGTH.items()}


class BadManifest(Exception):  # noqa: N818 - shown to the user as a sentence
    """What stands in the file is no target; the message names the file, and the line where there is one."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One target that a manifest names."""

    target: str
    """A URL, a dataset or a loader's dataset; never a file on this disk."""
    digests: ev.Pairs = ()
    """Strongest first."""
    length: int | None = None
    place: str
    """File and line, for messages."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a manifest, as it stands there."""

    text: str
    file: str
    number: int

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.file}, line {self.number}"

    def wrong(self, what: str, hint: str = "") -> BadManifest:
        """What is to be raised of this line."""
        return BadManifest(f"{self.place}: {what}", hint)


@dataclass(frozen=True, slots=True)
class Named:
    """What a line says: a name below the base URL or a whole URL, and what is known of it."""

    name: str
    digests: ev.Pairs = ()
    length: int | None = None
    is_url: bool = False


def merged(found: Iterable[ManifestEntry]) -> tuple[ManifestEntry, ...]:
    """Each target once: what several lines or files say of it is put together. Raises `BadManifest`."""
    every: dict[str, ManifestEntry] = {}
    for one in found:
        other = every.get(one.target)
        every[one.target] = one if other is None else _both(other, one)
        if len(every) > MOST_ENTRIES:
            raise BadManifest(f"{one.place}: more than {MOST_ENTRIES} targets", "split the file")
    return tuple(every.values())


def _both(first: ManifestEntry, second: ManifestEntry) -> ManifestEntry:
    known = dict(first.digests)
    for name, value in second.digests:
        if known.setdefault(name, value) != value:
            raise BadManifest(f"{second.place}: another {name} than in {first.place}", "only one of them can be right")
    if None not in (first.length, second.length) and first.length != second.length:
        raise BadManifest(f"{second.place}: another length than in {first.place}", "only one of them can be right")
    return replace(
        first, digests=strongest_first(known), length=second.length if first.length is None else first.length
    )


def entry(line: Line, named: Named, base_url: str | None) -> ManifestEntry:
    """The target, once it is known to stay where it belongs. Raises `BadManifest`."""
    for algorithm, value in named.digests:
        _check_digest(line, algorithm, value)
    target = named.name if named.is_url else _below(line, named.name, base_url)
    return ManifestEntry(target=target, digests=_lower(named.digests), length=named.length, place=line.place)


def _check_digest(line: Line, algorithm: str, value: str) -> None:
    """A digest that cannot be computed here cannot be compared, and the file would be called right unseen."""
    wanted = DIGITS.get(algorithm)
    if wanted is None or algorithm not in hashlib.algorithms_available:
        known = ", ".join(f"`{one}`" for one in BY_LENGTH.values())
        raise line.wrong(f"`{algorithm}` is no digest that can be compared here", f"these can: {known}")
    if not re.fullmatch(rf"[0-9a-fA-F]{{{wanted}}}", value):
        raise line.wrong(f"a {algorithm} has {wanted} hexadecimal digits, and {value!r} has not")


def _below(line: Line, name: str, base_url: str | None) -> str:
    """The URL of a file that has only a name. It stays below the base: a name that would lead elsewhere is refused."""
    if base_url is None:
        raise line.wrong(f"{name!r} is a name without an address", "`--base-url URL` says where such files are")
    parts = [part for part in name.split("/") if part != "."]
    if name == "-":
        raise line.wrong("this is the digest of what was read from standard input", "name the file")
    if (
        not name.strip()
        or name.startswith(("/", "~"))
        or re.match(r"[A-Za-z]:|\w+://", name)
        or ".." in parts
        or any(one == "\\" or ord(one) < 32 or ord(one) == 127 for one in name)
    ):
        raise line.wrong(f"the name {name!r} leads out of its folder", "names are relative, as `data/train.gz`")
    base = urlsplit(base_url)
    path = f"{base.path.rstrip('/')}/{quote('/'.join(parts), safe='/~!$&()*+,;=:@')}"
    return base._replace(path=path, fragment="").geturl()


def _lower(digests: ev.Pairs) -> ev.Pairs:
    return tuple((name, value.lower()) for name, value in digests)


def strongest_first(digests: dict[str, str]) -> ev.Pairs:
    """Digests as a record holds them."""
    return tuple(sorted(digests.items(), key=lambda pair: -DIGITS.get(pair[0], 0)))
