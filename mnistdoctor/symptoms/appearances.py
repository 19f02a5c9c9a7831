"""How a cause looks in each client: the line with which it ends, as it was seen (`appearances.toml`)."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@cache
def _table() -> dict[str, dict[str, str]]:
    text = files("mnistdoctor.symptoms").joinpath("appearances.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    for row in tomllib.loads(text).get("appearance", ()):
        found.setdefault(row["cause"], {})[row["client"]] = row["says"]
    return found


def appearances(cause: str) -> dict[str, str]:
    """Client -> the line with which it ends for this cause; empty where none was seen."""
    return dict(_table().get(cause, {}))
