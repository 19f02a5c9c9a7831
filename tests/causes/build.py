"""Cases for tests of causes, written as the records that matter."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.base import Case, Control

URL = "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"
NOW = 1_795_000_000.0
"""The local clock of every case: 2026-11-18."""


_MACHINE = {"python": "3.11.7", "openssl": "OpenSSL 3.0.19", "unix_time": NOW}


def case(
    *records: Any,
    asked: tuple[str, ...] | None = None,
    platform: str = "Linux-6.1",
    machine: dict[str, Any] | None = None,
    **subject: Any,
) -> Case:
    """A case of these records (made without ids, with `rec`), preceded by Subject, Machine, Address and Route.

    With ``asked`` further controls may be asked for (`OpenQuestion` is raised); without it none may. ``machine`` has
    further fields of the Machine record.
    """
    subject.setdefault("url", URL)
    parts = urlsplit(subject["url"])
    hops = {one.hop for one in records if one.role == "target"} | {0}
    before: list[ev.Observation] = [
        rec(ev.Subject, None, **subject),
        rec(ev.Machine, None, **(_MACHINE | {"platform": platform} | (machine or {}))),
    ]
    for hop in sorted(hops):
        if not any(isinstance(one, ev.Address) and one.hop == hop for one in records):
            port = parts.port or (443 if parts.scheme == "https" else 80)
            before.append(
                rec(
                    ev.Address,
                    None,
                    hop=hop,
                    url=subject["url"],
                    scheme=parts.scheme,
                    host=parts.hostname or "",
                    port=port,
                    path=parts.path,
                )
            )
        if not any(isinstance(one, ev.Route) and one.hop == hop for one in records):
            before.append(rec(ev.Route, None, hop=hop))
    numbered = tuple(dataclasses.replace(one, id=f"o{n}") for n, one in enumerate((*before, *records), 1))
    return Case(numbered, load(), asked=frozenset(map(Control, asked or ())), controls_allowed=asked is not None)


def rec(kind: type[Any], stage: str | None, **fields: Any) -> Any:
    """A record without an id; ``control=`` makes it a control's."""
    if fields.get("control"):
        fields.setdefault("role", "control")
    return kind(id="", stage=stage, **fields)
