"""How a cause looks in each client: the line with which it ends, as it was seen (`appearances.toml`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

from mnistdoctor.catalogue.reader import read_toml


@cache
def _table() -> dict[str, dict[str, str]]:
    rows = cast("list[dict[str, str]]", read_toml(Path(__file__).with_name("appearances.toml")).get("appearance", ()))
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["cause"], {})[row["client"]] = row["says"]
    return found


def appearances(cause: str) -> dict[str, str]:
    """Client -> the line with which it ends for this cause; empty where none was seen."""
    return dict(_table().get(cause, {}))
