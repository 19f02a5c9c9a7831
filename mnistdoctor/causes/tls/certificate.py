"""Certificates of something else than a server that is well: a filter's, keys too weak, the wrong kind."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import hostnames, portal, refusals, tls, verify_codes
from mnistdoctor.causes.facts.chain import Reason, refused_chain
from mnistdoctor.causes.facts.issuers import filter_of, product_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import NETWORK, ask, other_sources
from mnistdoctor.causes.tls.fixes import tell_owner
from mnistdoctor.failure import Failure


def tls_block_page_certificate(case: Case) -> Finding | None:
    """Holds when the certificate is a filter's, or unrelated hosts show the same foreign one."""
    if chain := refused_chain(case):
        if chain.reasons[0] is not Reason.BLOCK_PAGE:
            return None
        return _in_place(case, chain.handshake, chain.evidence, everywhere=bool(chain.same))
    handshake = hostnames.mismatched(case)
    if handshake is None or handshake.peer == "proxy":
        return None
    known = bool(handshake.chain) and filter_of(handshake.chain[0]) is not None
    twins = () if known else hostnames.same_certificate(case, handshake)
    if not known and not twins:
        return None
    evidence = (
        tls.verification(case, handshake),
        f"the certificate's names: {hostnames.names_shown(handshake, 8)}",
        *(f"{one.server_name}, an unrelated host, shows the same certificate" for one in twins[:2]),
    )
    return _in_place(case, handshake, evidence, everywhere=bool(twins))


def _in_place(case: Case, handshake: ev.Handshake, evidence: tuple[str, ...], *, everywhere: bool) -> Finding:
    """What answers in place of this server, or of every server."""
    vendor = filter_of(handshake.chain[0]) if handshake.chain else None
    owner = vendor[0] if vendor else f'"{hostnames.names_shown(handshake, 2)}"'
    return finding(
        f"something on the way answers in place of {case.host}, with a certificate of {owner}",
        "The certificate belongs to a filter, a portal or a router, which shows a page of its own "
        "instead of the server. Whoever runs the network decides that; the server is not at fault "
        "and was not reached.",
        evidence,
        fixes=(
            Fix(
                title="Open any web page in a browser on this network: sign in, or read who blocks and why",
                untried="it needs a person",
            ),
            ask(NETWORK, f"to allow {case.host}"),
        ),
        unlike={"tls-hostname-mismatch": f"the name is {owner}'s, not another of the same server"},
        perhaps=everywhere and _portal(case) and "captive-portal",
    )


def _portal(case: Case) -> bool:
    """Whether plain-HTTP controls with known answers were answered otherwise, or did not come back at all."""
    answered = any(one.status in (200, 204) for one in case.ask(Control.PORTAL, ev.Exchange))
    return not answered or any(not one.right for one in portal.checks(case))


def tls_weak_key(case: Case) -> Finding | None:
    """Holds when OpenSSL refuses a key or a hash of the chain for its strength."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE, Failure.HANDSHAKE)
    if handshake is None:
        return None
    by_code = handshake.verify_code in verify_codes.WEAK
    if not by_code and not refusals.has_reason(handshake, "weak"):
        return None
    if handshake.verify_code in verify_codes.WEAK_AUTHORITY and product_of(handshake.chain):
        return None  # `tls-ca-strict-rejected`: the authority is a gateway's
    keys = ", ".join(dict.fromkeys(f"{one.key} signed with {one.signature}" for one in handshake.chain if one.key))
    what = handshake.verify_message if by_code else handshake.reason.replace("_", " ").lower()
    return finding(
        f"{tls.who(case, handshake)} offers cryptography that is too weak for {case.machine.openssl}: {what or 'weak'}",
        "The server's key, or the hash in its certificate, is so short or old that OpenSSL's "
        "security level refuses it. An older OpenSSL may still take it, which is why another machine "
        "works. The server must be repaired.",
        tls.verification(case, handshake),
        keys and f"its certificates: {keys}",
        fixes=(other_sources(case), tell_owner(case, handshake, "to use RSA 2048 or EC, and SHA-256")),
        unlike={"tls-handshake-failure": "it is the strength that was refused, not the choice of ciphers"},
    )


_UNFIT = {
    verify_codes.PURPOSE: "its certificate is not made for servers",
    verify_codes.NOT_PERMITTED: "its certificate comes from an authority that may sign for other names only",
    verify_codes.EXCLUDED: "its certificate comes from an authority that may not sign for this name",
}


def tls_cert_wrong_purpose(case: Case) -> Finding | None:
    """Holds when a certificate of a known authority may not be used for this: its purpose, or its authority's."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    unfit = _UNFIT.get(handshake.verify_code or 0) if handshake else None
    if handshake is None or unfit is None:
        return None
    who, mixed_up = tls.who(case, handshake), handshake.verify_code == verify_codes.PURPOSE
    product = product_of(handshake.chain)
    return finding(
        f"{who} shows a certificate that may not stand for it: {unfit}",
        "The chain ends at an authority that is known, and its signatures are right. But "
        + (
            "each certificate says what it may be used for, and this one was made for a client, for mail or for "
            "signing. Somebody installed the wrong one."
            if mixed_up
            else "an authority may be held to certain names, as an organisation's own mostly is, and this host is not "
            "among them. Whoever runs that authority, or the gateway that signs with it, has to mend it."
        )
        + " Nothing on this machine does.",
        tls.verification(case, handshake),
        bool(handshake.chain) and f"it was issued by {tls.full_issuer(handshake.chain[0])}",
        product is not None and f"the issuer bears the name of {product.product.vendor}",
        fixes=(other_sources(case), tell_owner(case, handshake, f"that {unfit}")),
        unlike={"tls-hostname-mismatch": "what was refused is not the name in it"},
        perhaps=(not mixed_up or product is not None) and "tls-intercepted",
        side="network" if product or not mixed_up else "proxy" if handshake.peer == "proxy" else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_block_page_certificate, needs=(Control.TRUST, Control.UNRELATED_TLS, Control.PORTAL)),
    cause(tls_weak_key),
    cause(tls_cert_wrong_purpose),
)
