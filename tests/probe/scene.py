"""Runs the probes against loopback servers and gives back the records."""

from __future__ import annotations

import hashlib
from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.examine.conductor import Report, examine
from mnistdoctor.examine.target import Target
from mnistdoctor.settings import Environment, Settings

DATA = bytes(range(256)) * 20
"""Content of no known kind: only its digest and its length matter here."""


def target(url: str, *, client: str = "requests", data: bytes | None = DATA, **more: Any) -> Target:
    """One URL, and the digest of what it should serve."""
    digests = (("sha256", hashlib.sha256(data).hexdigest()),) if data is not None else ()
    return Target(name=None, urls=(url,), client=client, digests=digests, **more)


def probe(
    url: str, *, client: str = "requests", data: bytes | None = DATA, **settings: Any
) -> tuple[ev.Observation, ...]:
    """The records of one URL, without controls and trials."""
    return report(target(url, client=client, data=data), **settings).targets[0].observations


def report(*targets: Target, environment: dict[str, str] | None = None, **settings: Any) -> Report:
    """The report on these targets, by default without controls and trials."""
    given = {"timeout_s": 20.0, "controls_allowed": False, "trials_allowed": False, **settings}
    return examine(targets, Settings(**given), load(), environment=Environment(environment or {}))


def last(records: tuple[ev.Observation, ...], kind: type[ev.Record]) -> ev.Record:
    """The last record of a kind."""
    return [one for one in records if isinstance(one, kind)][-1]
