"""A trust store that is too old for the chains of today."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import chain as authority
from mnistdoctor.causes.facts import tls as words
from mnistdoctor.causes.fixes import command, on_windows
from mnistdoctor.causes.tls import fixes as ca_fixes
from mnistdoctor.failure import Failure
from mnistdoctor.wording import day, shortened

_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED"""


def tls_trust_store_old(case: Case) -> Finding | None:
    shake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    if shake is not None and shake.verify_code == _EXPIRED:
        return _dead_upper(case, shake)
    verdict = authority.judge(case)
    if verdict is None or verdict.cause != authority.OLD:
        return None
    facts = verdict.facts
    return Finding(
        title=f"{words.store_name(facts.store)} seems too old to know the authority of {words.who(case, facts.shake)}",
        explanation=(
            "The issuer belongs to a public authority, the server sent more than its own certificate, "
            "and still no store here can complete the chain. Authorities change their roots every few "
            "years, and a store that is not updated falls behind."
        ),
        evidence=authority.seen(facts),
        certain=verdict.certain,
        fixes=_renew(case),
        also_possible=verdict.also,
    )


def _dead_upper(case: Case, shake: ev.Handshake) -> Finding | None:
    """The server's own certificate is in date; one above it, sent or in the store, is not."""
    now = case.machine.unix_time
    if not shake.chain or not shake.chain[0].not_before <= now <= shake.chain[0].not_after:
        return None
    dead = next((one for one in shake.chain[1:] if one.not_after < now), None)
    accepted = words.accepting(case)
    refused = words.refusing(case)
    if refused and not accepted and dead is not None:
        return None  # `tls-cert-expired`: the server itself sends what nobody can accept
    store = words.store_name(words.in_use(case))
    what = f"{shortened(dead.subject, 80)} ended on {day(dead.not_after)}" if dead else (
        "the certificate that has ended was not sent, so it comes from the store in use"
    )  # fmt: skip
    return Finding(
        title=f"{store} leads {words.who(case, shake)} to an authority that has expired",
        explanation=(
            "The server's own certificate is in date. The chain above it ends at an authority that has "
            "expired, because the store here is too old to know its successor. A store of today finds "
            "another way to a living root."
        ),
        evidence=(
            f"{words.who(case, shake)}: {words.verdict(shake)}",
            f"its own certificate is valid until {day(shake.chain[0].not_after)}",
            what,
            *(f"{words.store_words(one)} accepts it" for one in accepted[:2]),
        ),
        certain=bool(accepted),
        fixes=(*ca_fixes.use_store(case, accepted), *_renew(case)),
        ruled_out=(("tls-cert-expired", "the server's own certificate is in date"),) if accepted else (),
        also_possible=() if accepted else ("tls-cert-expired",),
    )


def _renew(case: Case) -> tuple[Fix, ...]:
    """A store that a variable names stays as old as it is, whatever else on this machine is brought up to date."""
    store = words.in_use(case)
    if store is None or not words.named(store):
        return _update(case)
    newer = Fix(title=f"Or put a bundle of today in the place of {store.path}", untried="it is a file of your own")
    return (*ca_fixes.unset(case, store.label), newer)


def _update(case: Case) -> tuple[Fix, ...]:
    why = "it would change this machine"
    pip = Fix(
        title="Update certifi", commands=(command(case, "python3 -m pip install --upgrade certifi"),), untried=why
    )
    if on_windows(case) or case.machine.platform.startswith(("Darwin", "macOS")):
        return (pip,)
    line = "sudo apt-get update && sudo apt-get install --only-upgrade ca-certificates openssl"
    apt = Fix(title="Update the system's authorities (Debian, Ubuntu)", commands=(command(case, line),), untried=why)
    return (pip, apt) if case.client.trust == "certifi" else (apt, pip)


CAUSES: tuple[Cause, ...] = (
    cause(
        tls_trust_store_old,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
    ),
)
