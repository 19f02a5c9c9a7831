"""Tables of constants: the TOML files beside this module, each read once, when it is first wanted."""

from __future__ import annotations

import sys
from functools import cache
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@cache
def table(name: str) -> dict[str, Any]:
    """``NAME.toml`` of this folder. Raises `FileNotFoundError` for a name that is none."""
    return tomllib.loads(files("mnistdoctor.causes.facts").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
