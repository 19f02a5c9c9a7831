"""A trust store that is too old for the chains of today."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import tls, verify_codes
from mnistdoctor.causes.facts.chain import Reason, refused_for
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, pip
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import runners_up
from mnistdoctor.failure import Failure
from mnistdoctor.wording import day, shortened


def tls_trust_store_old(case: Case) -> Finding | None:
    """Holds when the store in use leads to an authority that has ended, or does not know one of today."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    if handshake is not None and handshake.verify_code == verify_codes.EXPIRED:
        return _dead_upper(case, handshake)
    chain = refused_for(case, Reason.OLD)
    if chain is None:
        return None
    return finding(
        f"{tls.store_name(chain.store)} seems too old to know the authority of {tls.who(case, chain.handshake)}",
        "The issuer belongs to a public authority, the server sent more than its own certificate, "
        "and still no store here can complete the chain. Authorities change their roots every few "
        "years, and a store that is not updated falls behind.",
        chain.evidence,
        fixes=_renew(case),
        perhaps=runners_up(chain),
    )


def _dead_upper(case: Case, handshake: ev.Handshake) -> Finding | None:
    """The server's own certificate is in date; one above it, sent or in the store, is not."""
    now = case.machine.unix_time
    if not handshake.chain or not handshake.chain[0].not_before <= now <= handshake.chain[0].not_after:
        return None
    dead = next((one for one in handshake.chain[1:] if one.not_after < now), None)
    accepted = tls.accepting(case)
    refused = tls.refusing(case)
    if refused and not accepted and dead is not None:
        return None  # `tls-cert-expired`: the server itself sends what nobody can accept
    store = tls.store_name(tls.in_use(case))
    return finding(
        f"{store} leads {tls.who(case, handshake)} to an authority that has expired",
        "The server's own certificate is in date. The chain above it ends at an authority that has "
        "expired, because the store here is too old to know its successor. A store of today finds "
        "another way to a living root.",
        tls.verification(case, handshake),
        f"its own certificate is valid until {day(handshake.chain[0].not_after)}",
        f"{shortened(dead.subject, 80)} ended on {day(dead.not_after)}"
        if dead
        else "the certificate that has ended was not sent, so it comes from the store in use",
        (f"{tls.store_words(one)} accepts it" for one in accepted[:2]),
        fixes=(fixes.use_store(case, accepted), _renew(case)),
        unlike=bool(accepted) and {"tls-cert-expired": "the server's own certificate is in date"},
        perhaps=not accepted and "tls-cert-expired",
    )


def _renew(case: Case) -> tuple[Fix | None, ...]:
    """A store that a variable names stays as old as it is, whatever else on this machine is brought up to date."""
    store = tls.in_use(case)
    if store is None or not tls.named(store):
        return _update(case)
    newer = Fix(title=f"Put a bundle of today in the place of {store.path}", untried="it is a file of your own")
    return fixes.unset(case, store.label), newer


def _update(case: Case) -> tuple[Fix, ...]:
    why = "it would change this machine"
    certifi = Fix(title="Update certifi", commands=(pip(case, "certifi", upgrade=True),), untried=why)
    if on_windows(case) or fixes.on_macos(case):
        return (certifi,)
    line = "sudo apt-get update && sudo apt-get install --only-upgrade ca-certificates openssl"
    apt = Fix(title="Update the system's authorities (Debian, Ubuntu)", commands=(command(case, line),), untried=why)
    return (certifi, apt) if case.client.trust == "certifi" else (apt, certifi)


CAUSES: tuple[Cause, ...] = (cause(tls_trust_store_old, needs=(Control.TRUST, Control.UNRELATED_TLS)),)
