"""Chains that the server sends wrong, and authorities that are ill-formed."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import interpreter, tls, verify_codes
from mnistdoctor.causes.facts.chain import Reason, refused_for, signed_by_none
from mnistdoctor.causes.facts.issuers import product_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, on_windows, other_sources, pip
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import runners_up
from mnistdoctor.failure import Failure


def tls_missing_intermediate(case: Case) -> Finding | None:
    """Holds when the server sends its certificate without the one that links it to a public authority."""
    chain = refused_for(case, Reason.MISSING)
    leaf = chain and chain.leaf
    if chain is None or leaf is None:
        return None
    who, issuer = tls.who(case, chain.handshake), tls.issuer_name(leaf)
    known = ", ".join(dict.fromkeys((*leaf.issuer_known_to, *leaf.organisation_known_to)))
    return finding(
        f'{who} does not send the intermediate certificate "{issuer}"',
        f"{who} sends its own certificate without the one that links it to a public authority. "
        "Browsers fetch or remember the missing link, so they work; Python only takes what it is "
        "sent. The owner of the server has to repair that.",
        chain.evidence,
        chain.issuer_host and f"{chain.issuer_host} sends the certificate that is missing here",
        known and f"the issuer's organisation is an authority known to: {known}",
        leaf.names_issuer_url
        and "the certificate says where its issuer's certificate can be fetched; Python does not fetch it",
        fixes=(
            other_sources(case),
            fixes.tell_owner(case, chain.handshake, f'to send the full chain: "{issuer}" is missing'),
            _truststore(case),
            fixes.with_root(
                case,
                "intermediate.pem",
                "Fetch that intermediate from its authority's own site and add it",
                "get intermediate.pem from the authority first",
            ),
        ),
        unlike=bool(chain.clean)
        and {"tls-intercepted": f"{chain.clean[0].server_name}, by the same way, shows a public certificate"},
        perhaps=runners_up(chain),
    )


def tls_self_signed_server(case: Case) -> Finding | None:
    """Holds when the server, or a proxy that speaks TLS, shows a certificate that it signed itself."""
    chain = refused_for(case, Reason.SELF_SIGNED)
    if chain is None:
        return None
    who, proxy = tls.who(case, chain.handshake), chain.handshake.peer == "proxy"
    own = fixes.with_root(
        case,
        "server.pem",
        "If the server is your own, get its certificate by a safe way and add it",
        "get server.pem from the server's owner first",
    )
    return finding(
        f"{who} shows a certificate that it signed itself"
        if chain.code == verify_codes.SELF_SIGNED_LEAF
        else f"{who} shows a certificate of an authority that {case.client.name} does not trust",
        "The proxy speaks TLS, and its own certificate comes from no authority that this client "
        "trusts. The server of the data was not reached yet. Whoever runs the proxy can hand out the "
        "right root certificate."
        if proxy
        else "Anybody can make such a certificate, so it does not show who is at the other end. Inside an "
        "organisation it may be meant; for a public dataset it is a broken server, or somebody else "
        "in its place.",
        chain.evidence,
        fixes=fixes.organisation_root(case) if proxy else (other_sources(case), own),
        unlike=bool(chain.clean)
        and {"tls-block-page-certificate": f"{chain.clean[0].server_name}, an unrelated host, is not affected"},
        perhaps=runners_up(chain),
        side="proxy" if proxy else None,
    )


def tls_ca_strict_rejected(case: Case) -> Finding | None:
    """Holds when the authority is known, and OpenSSL refuses the form or the strength of its certificate."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    if handshake is None:
        return None
    code, match = handshake.verify_code, product_of(handshake.chain)
    weak = code in verify_codes.WEAK_AUTHORITY and match is not None
    if (code not in verify_codes.ILL_FORMED and not weak) or signed_by_none(handshake):
        return None
    flagged = code in verify_codes.STRICT_FLAG
    issuer = tls.issuer_name(handshake.chain[0]) if handshake.chain else "the authority"
    certain = weak or (flagged and interpreter.minor_release(case) >= (3, 13))
    release = interpreter.release(case)
    return finding(
        f'Python {release} refuses the certificate authority "{issuer}": {handshake.verify_message or code}',
        (
            "The authority is known to this client, but its certificate is not formed as the standard "
            "(RFC 5280) asks. Python 3.13 began to check that; older Pythons and curl accept the same chain. "
            if flagged
            else "The key or the hash of the authority is weaker than this OpenSSL allows. "
            if weak
            else "A certificate above the server's own is not formed as that of an authority. "
        )
        + "Such an authority is mostly an organisation's own, in a gateway that inspects TLS.",
        tls.verification(case, handshake),
        f"Python {release} with {case.machine.openssl}",
        bool(handshake.chain) and f'issued by "{tls.full_issuer(handshake.chain[0])}"',
        match is not None and f"the issuer is {match.product.vendor}",
        fixes=(
            ask(
                "the owner of that authority",
                "to issue it anew: key usage, critical basic constraints, key identifiers, RSA 2048 or better, SHA-256",
            ),
            flagged and _until_then(case),
        ),
        unlike=certain and {"tls-intercepted": "the authority was found; it is its form that is refused"},
        perhaps=not certain and "tls-intercepted",
    )


def _until_then(case: Case) -> tuple[Fix, ...]:
    """One flag less for urllib's opener; the chain, the dates and the name are verified as before."""
    older = Fix(title="Run the download with Python 3.12 until then", untried="it needs another Python")
    if case.client.family != "urllib":
        return (older,)
    text = (
        "import ssl, urllib.request\n"
        "context = ssl.create_default_context()\n"
        "context.verify_flags &= ~ssl.VERIFY_X509_STRICT\n"
        "handler = urllib.request.HTTPSHandler(context=context)\n"
        "urllib.request.install_opener(urllib.request.build_opener(handler))"
    )
    return (
        Fix(
            title="Meanwhile clear that one check in your program, before the download; all others stay on",
            commands=(Command(text, "python"),),
            untried="it changes your program",
        ),
        older,
    )


def _truststore(case: Case) -> Fix | None:
    """Kept beside the others for machines whose own store knows more than Python's."""
    if not (on_windows(case) or fixes.on_macos(case)):
        return None
    lines = (
        pip(case, "truststore"),
        Command("import truststore; truststore.inject_into_ssl()", "python"),
    )
    return Fix(title="Let Python ask the system's store", commands=lines, untried="it would change this Python")


CAUSES: tuple[Cause, ...] = (
    cause(tls_ca_strict_rejected, machine_wide=True),
    cause(tls_missing_intermediate, needs=(Control.TRUST, Control.UNRELATED_TLS)),
    cause(tls_self_signed_server, needs=(Control.TRUST, Control.UNRELATED_TLS)),
)
