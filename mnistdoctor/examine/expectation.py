"""What the user says is known of a target, and what the catalogue adds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import (
    Catalogue,
    File,
    nearest_names,
)
from mnistdoctor.examine.target import Target, about

_DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64}


class BadTarget(Exception):  # noqa: N818 - shown to the user as a sentence
    """A target that cannot be examined; `hint` names the nearest valid choice."""

    def __init__(self, message: str, hint: str = "", *, unknown: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.unknown = unknown
        """The word that is nothing known: it may have been meant as something else, such as a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the user says is known of a URL or a local file."""

    sha256: str | None = None
    md5: str | None = None
    length: int | None = None
    expect: str | None = None
    """The name or id of a catalogued file."""
    stated: ev.Pairs = ()
    """Digests that a manifest states, by any algorithm."""

    def __post_init__(self) -> None:
        """Raises `BadTarget` for a digest of the wrong length or alphabet, or a negative length."""
        for name, value in (("sha256", self.sha256), ("md5", self.md5)):
            if value is None:
                continue
            wanted = _DIGEST_LENGTHS[name]
            if not re.fullmatch(rf"[0-9a-fA-F]{{{wanted}}}", value):
                raise BadTarget(
                    f"`--{name}` takes {wanted} hexadecimal digits, not {value!r} ({len(value)} characters)",
                    f"`--md5` takes {_DIGEST_LENGTHS['md5']} digits, `--sha256` {_DIGEST_LENGTHS['sha256']}",
                )
        if self.length is not None and self.length < 0:
            raise BadTarget(
                f"`--length` takes a number of bytes, not {self.length}", "leave it out where it is not known"
            )

    @property
    def is_given(self) -> bool:
        """Whether the user said anything."""
        return any(value is not None for value in (self.sha256, self.md5, self.length, self.expect))

    @property
    def digests(self) -> ev.Pairs:
        """Strongest first."""
        given = (("sha256", self.sha256), ("md5", self.md5))
        return (*((name, value.lower()) for name, value in given if value), *self.stated)


def expected_file(expectation: Expectation, catalogue: Catalogue) -> File | None:
    """The catalogued file that `--expect` names; None where it names none. Raises `BadTarget`."""
    if expectation.expect is None:
        return None
    wanted = expectation.expect.casefold()
    found = [one for one in catalogue.files if wanted in (one.id.casefold(), one.name.casefold())]
    if len(found) == 1 or (found and found[0].id.casefold() == wanted):
        return found[0]
    if found:
        raise BadTarget(
            f"{len(found)} files are called {expectation.expect!r}",
            f"say which: {', '.join(f'`{one.id}`' for one in found[:4])}",
        )
    near = nearest_names(expectation.expect, [one.id for one in catalogue.files])
    hint = f"nearest: {', '.join(f'`{one}`' for one in near[:3]) or 'none'}; `mnistdoctor list` shows all of them"
    raise BadTarget(f"the catalogue has no file {expectation.expect!r}", hint)


def knowing(target: Target, file: File | None, expectation: Expectation) -> Target:
    """The target with what the catalogue knows, overridden by what the user says."""
    if file is not None:
        target = about(target, file)
    given = expectation.digests
    if given and not (target.digest_of == "file" and set(given) <= set(target.digests)):
        target = replace(target, digests=given, digest_of="file")
    if expectation.length is not None:
        target = replace(target, size=expectation.length)
    return target
