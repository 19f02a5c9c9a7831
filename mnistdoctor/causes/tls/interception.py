"""TLS that is re-signed on the way: by a gateway of the network, or by a program on this machine."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.chain import Facts, Reason, observed, signed_by_none
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import other_sources
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import judged, runners_up
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
        f"{tls.who(case, handshake)}: {tls.verdict(handshake)}",
        f'"{name}" is not marked as an authority',
        fixes=(
            other_sources(case),
            Fix(
                title="Ask whoever runs the network, or the server, for a chain that ends at an authority",
                untried="somebody else has to act",
            ),
        ),
        unlike={"tls-missing-intermediate": "the certificate that signed was sent"},
        perhaps="tls-ca-strict-rejected",
    )


def tls_intercepted(case: Case) -> Finding | None:
    """Holds when the chain is a known gateway's, one issuer's for unrelated hosts, nobody's, or no authority's."""
    verdict = judged(case, Reason.INTERCEPTED)
    if verdict is None:
        return _by_none(case)
    facts, client, host = verdict.facts, case.client.name, case.host
    assert facts.leaf is not None
    vendor = facts.match.product.vendor if facts.match else None
    issuer = tls.name(facts.leaf)
    if vendor:
        title = f"your network re-signs TLS with {vendor}, and {client} does not trust its certificate"
    elif verdict.certain:
        title = f'your network re-signs TLS as "{issuer}", and {client} does not trust that'
    else:
        title = f'{host} shows a certificate of "{issuer}", an authority that nobody here knows: probably re-signed'
    missing = (
        ("tls-missing-intermediate", "the same issuer signs unrelated hosts")
        if facts.same
        else (
            ("tls-missing-intermediate", f"the issuer is {vendor}, not a public authority")
            if vendor and verdict.certain
            else None
        )
    )
    return Finding(
        title=title,
        explanation=(
            "A device between you and the server opens the encryption, looks inside, and closes it again "
            "with a certificate of its own. Browsers on a managed machine know that authority; Python "
            "keeps its own list and does not. The server is not at fault."
            + (
                ""
                if verdict.certain
                else " A server with a private authority of its own would look the same from here."
            )
        ),
        evidence=observed(facts),
        certain=verdict.certain,
        fixes=_trusting(facts),
        ruled_out=tuple(one for one in (missing, _not_empty(facts)) if one),
        also_possible=runners_up(verdict),
    )


def _not_empty(facts: Facts) -> tuple[str, str] | None:
    if facts.store and facts.store.certificates:
        return "tls-trust-store-empty", f"the store in use holds {facts.store.certificates} authorities"
    return ("tls-trust-store-empty", f"{facts.clean[0].server_name} is accepted") if facts.clean else None


def _trusting(facts: Facts) -> tuple[Fix, ...]:
    """Another store that accepts the chain, else the root from those who run the gateway."""
    case = facts.case
    return (*fixes.use_store(case, facts.accepted), fixes.organisation_root(case))


def tls_intercepted_local(case: Case) -> Finding | None:
    """Holds when the chain is re-signed by a product that runs on this machine."""
    verdict = judged(case, Reason.LOCAL)
    if verdict is None or verdict.facts.match is None:
        return None
    facts, match = verdict.facts, verdict.facts.match
    assert match is not None
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
        f"Or export {vendor}'s root certificate as PEM (`local-root.pem`) and add it",
        f"export the certificate from {vendor} first",
    )
    return finding(
        f"{vendor} on this machine re-signs TLS, and {case.client.name} does not trust its certificate",
        f"{vendor} reads encrypted traffic on this very machine and signs it again with its own "
        "certificate. It puts that certificate where browsers look, but Python keeps its own list. "
        "The network and the server are not at fault: another machine on the same network sees the "
        "server's own certificate.",
        observed(facts),
        f'the issuer\'s {match.field} is "{match.value}", which {vendor} uses',
        fixes=(fixes.use_store(case, facts.accepted), stop, root),
        unlike={"tls-intercepted": f"{vendor} runs on the machine itself, not on the network"},
        perhaps=runners_up(verdict),
        certain=verdict.certain,
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tls_intercepted_local,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
    cause(
        tls_intercepted,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
)
