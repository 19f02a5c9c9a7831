"""Disagreements that are right on both sides: why the doctor says something else than the client meets."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .table import Held

_SLOW = "each of its requests waits two minutes for the system to give the lost address up, and then works"
EXPLAINED: tuple[tuple[str, str, str], ...] = (
    ("aria2", "truth-once-reset-before-tls", "it asks again where the reset overtakes its ClientHello, and else not"),
    ("*", "broken-ipv6", _SLOW),
    ("*", "exam-six-vanishes", _SLOW),
    ("*", "facts-two-dead-addresses", _SLOW),
    (
        "huggingface*",
        "exam-well-location-200",
        "it takes its HEAD's Location for the address, whatever the status; the doctor sends no HEAD",
    ),
    (
        "huggingface 0.*",
        "facts-hop-down-to-plain",
        "its HEAD takes the length of the redirect's own page for the file's; the doctor sends no HEAD",
    ),
    (
        "huggingface*",
        "exam-well-coding-*",
        "the HEAD before it states the coded length, with which it compares the decoded file; the doctor sends no HEAD",
    ),
)
"""(client's label, scene's name, reason); `*` as in a shell."""


def reason(held: Held) -> str | None:
    """Why they disagree; None where nothing is known that would make it right."""
    for client, scene, why in EXPLAINED:
        if fnmatchcase(held.client, client) and fnmatchcase(held.scene, scene):
            return why
    return None
