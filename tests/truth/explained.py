"""Disagreements that are right on both sides: why the doctor says something else than the client meets."""

from __future__ import annotations

from .table import Held

EXPLAINED: tuple[tuple[str, str, str], ...] = ()
"""(how the client's label begins, how the scene's name begins, reason)."""


def reason(held: Held) -> str | None:
    """Why they disagree; None where nothing is known that would make it right."""
    for client, scene, why in EXPLAINED:
        if held.client.startswith(client) and held.scene.startswith(scene):
            return why
    return None
