"""What all causes of TLS say alike: whose certificate, which store, and what the controls showed."""

from __future__ import annotations

import datetime as dt

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Fix
from mnistdoctor.causes.proxy.words import proxy as proxy_name
from mnistdoctor.causes.remedies import shortened

HOSTNAME = frozenset({62, 63, 64})
"""X509_V_ERR_* of a name or address that the certificate does not carry: the chain itself was accepted."""

BUILT_IN = ("certifi", "openssl", "system")
"""Labels of stores that no variable or option names."""


def who(case: Case, shake: ev.Handshake) -> str:
    """The peer in words: the host, or the proxy."""
    return f"the proxy {proxy_name(case)}" if shake.peer == "proxy" else (case.host or shake.server_name)


def name(certificate: ev.Certificate) -> str:
    """The issuer in words: its common name, else its organisation, else its whole name."""
    known = dict(reversed(certificate.issuer_fields))
    return shortened(known.get("CN") or known.get("O") or certificate.issuer or "an unnamed issuer", 80)


def full_issuer(certificate: ev.Certificate) -> str:
    """The issuer with its organisation, ready to be quoted."""
    fields = ", ".join(f"{field}={value}" for field, value in certificate.issuer_fields)
    return shortened(fields or certificate.issuer or "no name", 140)


def in_use(case: Case) -> ev.Trust | None:
    """The store that the client verified with."""
    return next((one for one in reversed(case.all(ev.Trust)) if one.in_use), None)


def named(store: ev.Trust) -> bool:
    """Whether a variable or an option chose the store."""
    return store.label not in BUILT_IN


def store_name(store: ev.Trust | None) -> str:
    """The store in a few words."""
    if store is None:
        return "the trust store in use"
    own = {"certifi": "certifi's bundle", "openssl": "OpenSSL's default store", "system": "the system's store",
           "option": "the file given with `--ca-bundle`"}.get(store.label)  # fmt: skip
    return own or f"the file that `{store.label}` names"


def store_words(store: ev.Trust | None) -> str:
    """The store in words, with its path."""
    path = store.path if store and store.label != "openssl" else ""
    return f"{store_name(store)} ({path})" if path else store_name(store)


def day(seconds: float) -> str:
    """Such as ``2026-11-18``."""
    try:
        return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return "a date beyond the calendar"


def span(seconds: float) -> str:
    """A length of time as people say it: ``3 days``, ``2 hours``."""
    seconds = abs(seconds)
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{int(seconds)} second{'' if int(seconds) == 1 else 's'}"


def tell(case: Case, shake: ev.Handshake, what: str = "") -> Fix:
    """A fix that only the peer's owner can make."""
    title = f"Tell the owner of {who(case, shake)} {what}".rstrip()
    return Fix(title=title, untried="somebody else has to act")


def verdict(shake: ev.Handshake) -> str:
    """OpenSSL's own words and number."""
    if shake.verify_code is not None:
        return f"verify code {shake.verify_code}: {shake.verify_message or shake.failure}"
    return shake.reason or shake.failure or ""


def knows(shake: ev.Handshake) -> bool:
    """Whether the store of this handshake accepted the chain, whatever it said of the name."""
    return shake.failure is None or shake.verify_code in HOSTNAME


def accepting(case: Case) -> tuple[ev.Trust, ...]:
    """Other stores of this machine that accept the chain; may raise `OpenQuestion` (control ``trust``)."""
    labels = {one.trust for one in case.control("trust", ev.Handshake) if knows(one)}
    return tuple(one for one in case.control("trust", ev.Trust) if not one.in_use and one.label in labels)


def refusing(case: Case) -> tuple[ev.Trust, ...]:
    """Other stores that were asked and refuse the chain too."""
    labels = {one.trust for one in case.control("trust", ev.Handshake) if one.verify_code and not knows(one)}
    return tuple(one for one in case.control("trust", ev.Trust) if not one.in_use and one.label in labels)


def unrelated(case: Case) -> tuple[ev.Handshake, ...]:
    """Handshakes with hosts that have nothing to do with the target, by the same route and store."""
    return tuple(one for one in case.control("unrelated-tls", ev.Handshake) if one.peer == "origin")
