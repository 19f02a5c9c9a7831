"""Certificates that are trusted and carry another name than the one asked for."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import addresses, tls, verify_codes
from mnistdoctor.failure import Failure


def mismatched(case: Case) -> ev.Handshake | None:
    """The handshake that ended the examination because the certificate does not carry the name."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_HOSTNAME)
    return handshake if handshake and handshake.verify_code in (None, *verify_codes.HOSTNAME) else None


def names(handshake: ev.Handshake) -> tuple[str, ...]:
    """The names that the certificate carries."""
    return handshake.chain[0].names if handshake.chain else ()


def names_shown(handshake: ev.Handshake, most: int = 4) -> str:
    """``a.example, b.example and 2 more``."""
    every = names(handshake)
    shown = ", ".join(every[:most]) or "no name at all"
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown


def is_address(name: str) -> bool:
    """Whether it is an IP address, with or without brackets."""
    return addresses.ip(name.strip("[]")) is not None


def same_name(handshake: ev.Handshake) -> bool:
    """Whether the certificate says the very name that was asked for, but for a final dot."""
    return handshake.server_name.rstrip(".").lower() in {name.lower() for name in names(handshake)}


def same_certificate(case: Case, handshake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Unrelated hosts that show this very certificate, or one of the same foreign names. May raise `OpenQuestion`."""
    if not handshake.chain:
        return ()
    leaf = handshake.chain[0]
    return tuple(
        one
        for one in tls.unrelated(case)
        if one.failure
        and one.chain
        and ((leaf.sha256 and one.chain[0].sha256 == leaf.sha256) or (leaf.names and one.chain[0].names == leaf.names))
    )
