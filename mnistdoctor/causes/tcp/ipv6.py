"""IPv6 that leads nowhere, where IPv4 works or nothing else was tried."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import tcp
from mnistdoctor.causes.facts.network import UNREACHABLE, ipv6_broken
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure


def tcp_ipv6_broken(case: Case) -> Finding | None:
    """Holds when only IPv6 addresses were there to try, and IPv6 leads nowhere from here."""
    attempts = tcp.attempts(case)
    if attempts is None or attempts.here or not attempts.ipv6_alone:
        return None
    broken = ipv6_broken(case) if attempts.failures <= {Failure.TIMEOUT, *UNREACHABLE} else None
    if not broken:
        return None if broken is None else _nothing_else_tried(case, attempts)
    without = any(one.family == 6 and one.failure for one in case.ask(Control.REACH, ev.Reach))
    return finding(
        f"{attempts.host} has only IPv6 addresses here, and IPv6 does not work on this network",
        "The lookup brought IPv6 addresses and no others, and this machine "
        + ("has no IPv6 route." if without else "sends IPv6 packets that go nowhere, to other hosts too.")
        + " IPv4 works. A source with IPv4 addresses will do.",
        attempts.evidence,
        "the system has no IPv6 route" if without else "unrelated hosts fail over IPv6 alone",
        fixes=(fixes.other_sources(case), without and _allow_ipv4("If `-6` was given, leave it out"), _mend_ipv6()),
        unlike={"env-no-network-link": "IPv4 has a route", "tcp-filtered": "the whole of IPv6 is affected"},
    )


def _nothing_else_tried(case: Case, attempts: tcp.Attempts) -> Finding:
    """Unrelated hosts have IPv4 addresses as well: where none was tried, IPv6 alone was asked for."""
    others = tcp.names_of(case.ask(Control.UNRELATED_TLS, ev.Connect))
    return finding(
        f"nothing answers over IPv6, and nothing else was tried: {attempts.where} and unrelated hosts",
        "IPv6 alone was asked for, by `-6` or by a setting, and it leads nowhere here, to other hosts either. This "
        "machine has a route for IPv4; whether that one is open was not asked.",
        attempts.evidence,
        f"unrelated hosts fail over IPv6 as well: {others}",
        "the system has an IPv4 route",
        fixes=(
            _allow_ipv4("Let IPv4 be tried as well: leave `-6` out, or the setting that asks for IPv6 alone"),
            _mend_ipv6(),
        ),
        unlike={"env-no-network-link": "IPv4 has a route"},
        perhaps="tcp-filtered",
    )


def _allow_ipv4(title: str) -> Fix:
    return Fix(title=title, untried="which addresses are asked for is your choice")


def _mend_ipv6() -> Fix:
    return fixes.ask_network_owner("to mend IPv6 or to switch it off", why="only the owner can do that")


CAUSES: tuple[Cause, ...] = (
    cause(tcp_ipv6_broken, needs=(Control.REACH, Control.UNRELATED_TLS), warns=tcp.ipv6_survived),
)
