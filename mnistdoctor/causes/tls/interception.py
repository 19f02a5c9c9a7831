"""TLS that is re-signed on the way: by a gateway of the network, or by a program on this machine."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.chain import Reason, RefusedChain, refused_for, signed_by_none
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, other_sources
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import runners_up
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def _by_none(case: Case) -> Finding | None:
    """Signed with a certificate that may not sign: no public authority does that."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    signer = signed_by_none(handshake) if handshake else None
    if handshake is None or signer is None or handshake.peer != "origin":
        return None
    name = shortened(signer.subject, 80)
    return finding(
        f'{case.host} shows a certificate signed by "{name}", which is no authority: probably re-signed',
        "Only a certificate that is marked as an authority's may sign others, and no public authority signs with "
        "one that is not. A gateway that re-signs TLS was mostly given a server's certificate in place of an "
        "authority's. No client can accept that, whatever it trusts.",
        tls.verification(case, handshake),
        f'"{name}" is not marked as an authority',
        fixes=(
            other_sources(case),
            ask("whoever runs the network, or the server,", "for a chain that ends at an authority"),
        ),
        unlike={"tls-missing-intermediate": "the certificate that signed was sent"},
        perhaps="tls-ca-strict-rejected",
    )


def tls_intercepted(case: Case) -> Finding | None:
    """Holds when the chain is a known gateway's, one issuer's for unrelated hosts, nobody's, or no authority's."""
    chain = refused_for(case, Reason.INTERCEPTED)
    if chain is None:
        return _by_none(case)
    assert chain.leaf is not None
    vendor = chain.match.product.vendor if chain.match else None
    issuer, client, certain = tls.issuer_name(chain.leaf), case.client.name, chain.certain
    if vendor:
        title = f"your network re-signs TLS with {vendor}, and {client} does not trust its certificate"
    elif certain:
        title = f'your network re-signs TLS as "{issuer}", and {client} does not trust that'
    else:
        title = (
            f'{case.host} shows a certificate of "{issuer}", an authority that nobody here knows: probably re-signed'
        )
    return finding(
        title,
        "A device between you and the server opens the encryption, looks inside, and closes it again "
        "with a certificate of its own. Browsers on a managed machine know that authority; Python "
        "keeps its own list and does not. The server is not at fault."
        + ("" if certain else " A server with a private authority of its own would look the same from here."),
        chain.evidence,
        fixes=(fixes.use_store(case, chain.accepted), fixes.organisation_root(case)),
        unlike={
            "tls-missing-intermediate": "the same issuer signs unrelated hosts"
            if chain.same
            else vendor and certain and f"the issuer is {vendor}, not a public authority",
            "tls-trust-store-empty": _not_empty(chain),
        },
        perhaps=runners_up(chain),
    )


def _not_empty(chain: RefusedChain) -> str:
    """What shows that the store in use holds authorities, where something does."""
    if chain.store and chain.store.certificates:
        return f"the store in use holds {chain.store.certificates} authorities"
    return f"{chain.clean[0].server_name} is accepted" if chain.clean else ""


def tls_intercepted_local(case: Case) -> Finding | None:
    """Holds when the chain is re-signed by a product that runs on this machine."""
    chain = refused_for(case, Reason.LOCAL)
    match = chain and chain.match
    if chain is None or match is None:
        return None
    vendor, debug = match.product.vendor, match.product.kind == "debug"
    stop = Fix(
        title=f"Stop {vendor}, unset the proxy variables that point to it, and remove its root certificate"
        if debug
        else f"Exclude Python from HTTPS scanning in {vendor}'s settings",
        untried="it is a setting of another program",
    )
    root = fixes.with_root(
        case,
        "local-root.pem",
        f"Export {vendor}'s root certificate as PEM (`local-root.pem`) and add it",
        f"export the certificate from {vendor} first",
    )
    return finding(
        f"{vendor} on this machine re-signs TLS, and {case.client.name} does not trust its certificate",
        f"{vendor} reads encrypted traffic on this very machine and signs it again with its own "
        "certificate. It puts that certificate where browsers look, but Python keeps its own list. "
        "The network and the server are not at fault: another machine on the same network sees the "
        "server's own certificate.",
        chain.evidence,
        f'the issuer\'s {match.field} is "{match.value}", which {vendor} uses',
        fixes=(fixes.use_store(case, chain.accepted), stop, root),
        unlike={"tls-intercepted": f"{vendor} runs on the machine itself, not on the network"},
        perhaps=runners_up(chain),
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_intercepted_local, needs=(Control.TRUST, Control.UNRELATED_TLS), machine_wide=True),
    cause(tls_intercepted, needs=(Control.TRUST, Control.UNRELATED_TLS), machine_wide=True),
)
