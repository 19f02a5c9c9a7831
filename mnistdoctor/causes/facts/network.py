"""Whether this machine has a network at all, and IPv6 in it: what the kernel says of routes, and unrelated hosts."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.failure import Failure

UNREACHABLE = (Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN)
_NO_WAY = frozenset({"ENETUNREACH", "ENETDOWN", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"})


def no_route(case: Case) -> bool | None:
    """Whether the kernel has no route to the internet in any family; None where it was not asked.

    A machine without IPv6 is normal, so IPv4 has to be without a route as well. May raise `OpenQuestion`.
    """
    families = case.ask(Control.REACH, ev.Reach)
    if not any(one.family == 4 for one in families):
        return None
    return all(
        one.errno.removeprefix("WSA") in _NO_WAY if one.errno else one.failure in UNREACHABLE for one in families
    )


def ipv6_broken(case: Case) -> bool | None:
    """True where IPv6 has no route or carries nothing while IPv4 does; None where it may well carry something.

    False where unrelated hosts fail as well, and IPv4, which has a route, was tried with none of them.
    May raise `OpenQuestion`.
    """
    routes = {one.family: not one.failure and not one.errno for one in case.ask(Control.REACH, ev.Reach)}
    if routes.get(4) is False or not routes:
        return None
    if routes.get(6) is False:
        return True
    unrelated = case.ask(Control.UNRELATED_TLS, ev.Connect)
    ipv6 = [one for one in unrelated if one.family == 6]
    if not ipv6 or any(not one.failure for one in ipv6):
        return None
    if len(ipv6) == len(unrelated):
        return False
    return True if any(one.family == 4 and not one.failure for one in unrelated) else None
