"""Tables of constants: the TOML files beside this module, each read once, when it is first wanted."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from mnistdoctor.catalogue.reader import read_toml


@cache
def table(name: str) -> dict[str, Any]:
    """``NAME.toml`` of this folder. Raises `CatalogueError` for a name that is none."""
    return dict(read_toml(Path(__file__).with_name(f"{name}.toml")))
