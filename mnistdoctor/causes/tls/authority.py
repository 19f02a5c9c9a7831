"""Which cause each reason for an unknown authority is."""

from __future__ import annotations

from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts.chain import Reason, Verdict, judge

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
    Reason.PORTAL: "captive-portal",
}


def judged(case: Case, reason: Reason) -> Verdict | None:
    """The judgement on the chain where it gives this reason.

    Raises:
        OpenQuestion: a control has to be asked first.
    """
    verdict = judge(case)
    return verdict if verdict and verdict.reason is reason else None


def runners_up(verdict: Verdict) -> tuple[str, ...]:
    """The causes that the judgement could not exclude, the likeliest first."""
    return tuple(_CAUSES[one] for one in verdict.also)
