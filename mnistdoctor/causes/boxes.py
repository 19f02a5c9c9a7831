"""The findings about an answer, where a box may have written it: somebody on the way signs in the servers' names."""

from __future__ import annotations

import dataclasses

from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.resigned import Resigned, resigned
from mnistdoctor.causes.fixes import ask_network_owner

NEEDS = (Control.UNRELATED_TLS, Control.TRUST)
"""What may be asked to tell whose answer it is."""

_STATUSES = frozenset(
    {
        "http-403-unexplained",
        "http-403-user-agent",
        "http-403-waf-block",
        "http-404-unexplained",
        "http-404-moved",
        "http-404-revision-or-path",
        "http-410-gone",
        "http-4xx-other",
        "http-451-legal",
        "http-429-rate-limited",
        "http-503-overload",
        "http-502-504-gateway",
        "http-500-server-error",
        "http-redirect-nowhere",
        "http-redirect-to-login",
        "http-redirect-loop",
    }
)
_BODIES = frozenset(
    {
        "body-html-instead-of-data",
        "body-challenge-page",
        "body-error-document",
        "body-truncated-silent",
        "data-other-file",
        "checksum-mismatch-corruption",
        "checksum-upstream-changed",
        "length-differs-from-manifest",
        "unexplained",
    }
)
"""What a server is blamed for on the word of an answer alone."""


def with_box_in_doubt(case: Case, cause: str, finding: Finding) -> Finding:
    """The finding with its side left open, where a box on the way may have written the answer that it rests on.

    May raise `OpenQuestion`.
    """
    if cause not in _STATUSES | _BODIES or case.exchange is None:
        return finding
    box = resigned(case)
    if box is None:
        return finding
    runner_up = "body-block-page" if cause in _BODIES else "http-403-corporate-filter"
    return dataclasses.replace(
        finding,
        explanation=f"{finding.explanation} {_whose(case, box)}",
        evidence=(*finding.evidence, *box.evidence),
        fixes=(*finding.fixes, ask_network_owner(f"whether the box that signs as {box.issuer} made this answer")),
        certain=False,
        also_possible=tuple(dict.fromkeys((*finding.also_possible, runner_up))),
        side="unknown",
    )


def _whose(case: Case, box: Resigned) -> str:
    if box.proven:
        return (
            f"A box on the way signs as {box.issuer} in every server's name: the answer may be its, not {case.host}'s."
        )
    return f"{box.issuer}, who signed the certificate, is no public authority: a box on the way may have answered."
