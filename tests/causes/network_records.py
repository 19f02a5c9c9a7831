"""Records of names and ways out, for tests of the causes that read them."""

from __future__ import annotations

from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure

from .build import rec


def reach(four: bool = True, six: bool = False) -> tuple[Any, ...]:
    """Whether this machine has a way out, by family: the two `Reach` records."""
    return tuple(
        rec(
            ev.Reach,
            "tcp",
            control="reach",
            family=family,
            failure=None if way else Failure.NETWORK_UNREACHABLE,
            errno=None if way else "ENETUNREACH",
        )
        for family, way in ((4, four), (6, six))
    )
