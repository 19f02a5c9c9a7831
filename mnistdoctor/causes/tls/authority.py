"""Which cause each reason for an unknown authority is."""

from __future__ import annotations

from mnistdoctor.causes.facts.chain import Reason, RefusedChain

_CAUSES = {
    Reason.INTERCEPTED: "tls-intercepted",
    Reason.LOCAL: "tls-intercepted-local",
    Reason.PATH: "tls-ca-path-wrong",
    Reason.EMPTY: "tls-trust-store-empty",
    Reason.REPLACED: "tls-ca-bundle-replaced",
    Reason.DIFFERS: "tls-trust-store-differs",
    Reason.OLD: "tls-trust-store-old",
    Reason.MISSING: "tls-missing-intermediate",
    Reason.SELF_SIGNED: "tls-self-signed-server",
    Reason.BLOCK_PAGE: "tls-block-page-certificate",
}


def runners_up(chain: RefusedChain | None) -> tuple[str, ...]:
    """The causes that could not be excluded, the likeliest first."""
    return tuple(_CAUSES[reason] for reason in chain.reasons[1:]) if chain else ()
