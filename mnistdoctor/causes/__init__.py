"""The closed list of causes, in order of precedence."""

from __future__ import annotations

from functools import cache

from mnistdoctor.causes.base import Cause

CAUSES: tuple[Cause, ...] = ()


@cache
def by_id() -> dict[str, Cause]:
    """The causes by their ids."""
    return {cause.id: cause for cause in CAUSES}
