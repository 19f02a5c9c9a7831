"""Handshakes: with whom, which store verified them, and what the controls showed beside them."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import proxy, verify_codes
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

BUILT_IN = ("certifi", "openssl", "system")
"""Labels of stores that no variable or option names; those of public authorities, best first."""

_STORE_NAMES = {
    "certifi": "certifi's bundle",
    "openssl": "OpenSSL's default store",
    "system": "the system's store",
    "option": "the file given with `--ca-bundle`",
}


def who(case: Case, handshake: ev.Handshake) -> str:
    """The peer in words: the host, or the proxy."""
    return f"the proxy {proxy.name(case)}" if handshake.peer == "proxy" else (case.host or handshake.server_name)


def issuer_name(certificate: ev.Certificate) -> str:
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
    return _STORE_NAMES.get(store.label) or f"the file that `{store.label}` names"


def store_words(store: ev.Trust | None) -> str:
    """The store in words, with its path."""
    path = store.path if store and store.label != "openssl" else ""
    return f"{store_name(store)} ({path})" if path else store_name(store)


def verification(case: Case, handshake: ev.Handshake) -> str:
    """``example.com: verify code 20: ...``: whose certificate it was, and OpenSSL's own words and number."""
    if handshake.verify_code is not None:
        verdict = f"verify code {handshake.verify_code}: {handshake.verify_message or failure_of(handshake)}"
    else:
        verdict = handshake.reason or (failure_of(handshake) if handshake.failure else "")
    return f"{who(case, handshake)}: {verdict}"


def chain_accepted(handshake: ev.Handshake) -> bool:
    """Whether the store of this handshake accepted the chain, whatever it said of the name."""
    return handshake.failure is None or handshake.verify_code in verify_codes.HOSTNAME


def accepting(case: Case) -> tuple[ev.Trust, ...]:
    """Other stores of this machine that accept the chain; may raise `OpenQuestion` (control ``trust``)."""
    labels = {one.trust for one in case.ask(Control.TRUST, ev.Handshake) if chain_accepted(one)}
    return tuple(one for one in case.ask(Control.TRUST, ev.Trust) if not one.in_use and one.label in labels)


def refusing(case: Case) -> tuple[ev.Trust, ...]:
    """Other stores that were asked and refuse the chain too."""
    labels = {one.trust for one in case.ask(Control.TRUST, ev.Handshake) if one.verify_code and not chain_accepted(one)}
    return tuple(one for one in case.ask(Control.TRUST, ev.Trust) if not one.in_use and one.label in labels)


def unrelated(case: Case) -> tuple[ev.Handshake, ...]:
    """Handshakes with hosts that have nothing to do with the target, by the same route and store."""
    return tuple(one for one in case.ask(Control.UNRELATED_TLS, ev.Handshake) if one.peer == "origin")


_CUT = {
    Failure.RESET: "reset the connection",
    Failure.EOF: "closed the connection",
    Failure.TIMEOUT: "stayed silent",
}


def cut_before_certificate(case: Case) -> ev.Handshake | None:
    """The handshake that was reset, closed or met with silence before a certificate or an alert came.

    None for a proxy that answers in clear when it is asked in clear. May raise `OpenQuestion`.
    """
    handshake = case.stopped(ev.Handshake, *_CUT)
    if handshake is None or handshake.verify_code is not None or handshake.alert is not None:
        return None
    if handshake.peer == "proxy" and any(one.status for one in case.ask(Control.PROXY_PLAIN, ev.Tunnel)):
        return None
    return handshake


def answer_to_other_name(case: Case, handshake: ev.Handshake) -> ev.Handshake | None:
    """The answer to an unrelated name where the target's own got none: a certificate for another name is one.

    May raise `OpenQuestion`.
    """
    if handshake.peer != "origin" or handshake.received:
        return None
    return next((one for one in under_other_names(case, handshake) if _answered(one)), None)


def other_name_unanswered(case: Case, handshake: ev.Handshake) -> ev.Handshake | None:
    """The handshake with the same address under an unrelated name, where the target's own brought not a byte.

    May raise `OpenQuestion`.
    """
    wordless = handshake.peer == "origin" and not handshake.received
    return next(iter(under_other_names(case, handshake)), None) if wordless else None


def under_other_names(case: Case, handshake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Handshakes with the same address under unrelated names. May raise `OpenQuestion`."""
    swaps = case.ask(Control.SERVER_NAME, ev.Handshake)
    return tuple(one for one in swaps if one.server_name.lower() != handshake.server_name.lower())


def _answered(handshake: ev.Handshake) -> bool:
    return bool(
        handshake.received > 0 or handshake.verify_code is not None or handshake.version or not handshake.failure
    )


def repeats(case: Case, handshake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """All handshakes with the target's own name that ended the same way without a byte, those of controls included."""
    same = [one for one in case.observations if isinstance(one, ev.Handshake) and one.failure == handshake.failure]
    return tuple(one for one in same if one.server_name == handshake.server_name and one.received == 0)


def unrelated_end_alike(case: Case, handshake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Handshakes with unrelated hosts, where all of them ended as the target's own did, without a byte.

    May raise `OpenQuestion`.
    """
    others = unrelated(case)
    alike = all(one.failure == handshake.failure and not one.received for one in others)
    return others if alike and not handshake.received else ()


def how_it_ended(case: Case, handshake: ev.Handshake) -> str:
    """``example.com reset the connection 0.1 s after the ClientHello, 0 bytes received``."""
    how = next((words for failure, words in _CUT.items() if failure == handshake.failure), "failed")
    return (
        f"{who(case, handshake)} {how} {handshake.duration_s:.1f} s after the ClientHello, "
        f"{handshake.received} bytes received"
    )


def shown(handshake: ev.Handshake) -> str:
    """What came back, in a few words: the version, the verify code, or the number of bytes."""
    if handshake.version or handshake.verify_code:
        return handshake.version or f"verify code {handshake.verify_code}"
    return f"{handshake.received} bytes of TLS"
