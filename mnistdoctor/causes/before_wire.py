"""The causes that settings and disk alone decide. Every run asks them: their modules are named, no other is loaded."""

from __future__ import annotations

from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.checksum import other_data
from mnistdoctor.causes.disk import cache, cache_locks, storage
from mnistdoctor.causes.environment import interpreter, variables
from mnistdoctor.causes.order import ORDER

_MODULES = (cache, cache_locks, interpreter, other_data, storage, variables)

BEFORE_WIRE: tuple[Cause, ...] = tuple(
    sorted(
        (cause for module in _MODULES for cause in module.CAUSES if cause.before_wire),
        key=lambda cause: ORDER.index(cause.id),
    )
)
"""In the order of precedence."""
