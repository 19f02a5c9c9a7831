"""How a handshake is refused: the peer's alert, and OpenSSL's reason. The rows of ``refusals.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.wording import shortened

PROTOCOL_VERSION, CERTIFICATE_REQUIRED = 70, 116
"""Alerts that have a meaning of their own."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert of TLS (RFC 8446 section 6); the defaults are what is said of one without a row."""

    number: int | None
    """None where no alert came."""
    name: str = ""
    refuses: bool = False
    """Whether the peer ends the handshake with it for what this client offered, its version aside."""
    means: str = (
        "Mostly no cipher, curve or kind of signature is known to both. A hardened policy (FIPS) on either side does "
        "that, and very old servers do."
    )
    """What it speaks for, a sentence or two."""

    def __str__(self) -> str:
        """``alert 40 (handshake_failure)``; nothing where none came."""
        if self.number is None:
            return ""
        return f"alert {self.number} ({self.name})" if self.name else f"alert {self.number}"


@cache
def alert(number: int | None) -> Alert:
    """What is known of an alert."""
    return Alert(number=number, **table("refusals")["alerts"].get(str(number), {}))


def has_reason(handshake: ev.Handshake, kind: Literal["version", "refused", "weak"]) -> bool:
    """Whether OpenSSL's reason speaks of no common version, of an offer refused, or of cryptography too weak."""
    return handshake.reason in table("refusals")["reasons"][kind]


def of_version(handshake: ev.Handshake) -> bool:
    """Whether the two sides have no version of TLS in common."""
    return handshake.alert == PROTOCOL_VERSION or has_reason(handshake, "version")


def of_offer(handshake: ev.Handshake) -> bool:
    """Whether what this client offered was refused."""
    return alert(handshake.alert).refuses or has_reason(handshake, "refused")


def shown(handshake: ev.Handshake) -> str:
    """The alert and OpenSSL's reason in words."""
    return (
        " and ".join(filter(None, (str(alert(handshake.alert)), handshake.reason)))
        or shortened(handshake.detail)
        or "no reason"
    )
