"""The closed world, as its own tests have it."""

from __future__ import annotations

from tests.world.conftest import _session_world, world

__all__ = ["_session_world", "world"]
