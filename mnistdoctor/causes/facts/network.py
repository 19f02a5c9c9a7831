"""Whether this machine has a network at all: what the kernel says of routes, beside what name servers said."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts import dns
from mnistdoctor.failure import Failure

_NO_WAY = frozenset({"ENETUNREACH", "ENETDOWN", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"})


def no_route(case: Case) -> bool | None:
    """Whether the kernel has no route to the internet in any family; None where it was not asked.

    A machine without IPv6 is normal, so IPv4 has to be without a route as well. May raise `OpenQuestion`.
    """
    found = case.ask(Control.REACH, ev.Reach)
    if not any(one.family == 4 for one in found):
        return None
    return all(_no_way(one) for one in found)


def _no_way(reach: ev.Reach) -> bool:
    if not reach.errno:
        return reach.failure in (Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN, Failure.HOST_UNREACHABLE)
    return reach.errno.removeprefix("WSA") in _NO_WAY


def cut_off(case: Case, name: str) -> bool:
    """Whether a lookup failed because this machine has no network. May raise `OpenQuestion`.

    A stub on this machine answers without a route, with an error; a name server in the neighbourhood that answers
    shows that there is a network, if not the internet.
    """
    if not no_route(case):
        return False
    heard = dns.replies(case, name)
    return not any(
        one.answered and (not dns.is_near(one.server) or one.said in ("nxdomain", "nodata", "addresses"))
        for one in heard
    )
