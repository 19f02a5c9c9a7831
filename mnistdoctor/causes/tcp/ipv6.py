"""IPv6 that leads nowhere, where IPv4 works or nothing else was tried."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.tcp import UNREACHABLE, Attempts, attempts, failure_text, ipv6_broken, name_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed


def tcp_ipv6_broken(case: Case) -> Finding | None:
    """Holds when only IPv6 addresses were there to try, and IPv6 leads nowhere from here."""
    tried = attempts(case)
    if tried is None or tried.here or not all(one.family == 6 for one in tried.every):
        return None
    if not tried.failures <= {Failure.TIMEOUT, *UNREACHABLE}:
        return None
    broken = ipv6_broken(case)
    if broken is None:
        return None
    if not broken:
        return _nothing_else_tried(case, tried)
    without = any(one.family == 6 and one.failure for one in case.ask(Control.REACH, ev.Reach))
    return finding(
        f"{tried.host} has only IPv6 addresses here, and IPv6 does not work on this network",
        "The lookup brought IPv6 addresses and no others, and this machine "
        + ("has no IPv6 route." if without else "sends IPv6 packets that go nowhere, to other hosts too.")
        + " IPv4 works. A source with IPv4 addresses will do.",
        tried.sentences(),
        "the system has no IPv6 route" if without else "unrelated hosts fail over IPv6 alone",
        fixes=(fixes.other_sources(case), without and _with_four("If `-6` was given, leave it out"), _MEND),
        unlike={"env-no-network-link": "IPv4 has a route", "tcp-filtered": "the whole of IPv6 is affected"},
    )


def _nothing_else_tried(case: Case, tried: Attempts) -> Finding:
    """Unrelated hosts have IPv4 addresses as well: where none was tried, IPv6 alone was asked for."""
    others = tuple(dict.fromkeys(map(name_of, case.ask(Control.UNRELATED_TLS, ev.Connect))))
    return finding(
        f"nothing answers over IPv6, and nothing else was tried: {tried.where} and unrelated hosts",
        "IPv6 alone was asked for, by `-6` or by a setting, and it leads nowhere here, to other hosts either. This "
        "machine has a route for IPv4; whether that one is open was not asked.",
        tried.sentences(),
        f"unrelated hosts fail over IPv6 as well: {listed(others)}",
        "the system has an IPv4 route",
        fixes=(_with_four("Let IPv4 be tried as well: leave `-6` out, or the setting that asks for IPv6 alone"), _MEND),
        unlike={"env-no-network-link": "IPv4 has a route"},
        perhaps="tcp-filtered",
    )


def _with_four(title: str) -> Fix:
    return Fix(title=title, untried="which addresses are asked for is your choice")


_MEND = Fix(
    title="Ask the network's owner to mend IPv6 or to switch it off",
    untried="only the owner can do that",
)


def _ipv6_survived(case: Case) -> str | None:
    """An IPv6 address failed, and an IPv4 address of the same hop connected after it."""
    tried = case.all(ev.Connect)
    for good in tried:
        bad = [
            one for one in tried if one.hop == good.hop and one.peer == good.peer and one.family == 6 and one.failure
        ]
        if good.family == 4 and not good.failure and bad:
            lost = sum(one.duration_s for one in bad)
            return f"IPv6 to {name_of(good)} failed ({failure_text(bad[-1])}, {lost:.1f} s lost); IPv4 worked"
    return None


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_ipv6_broken,
        needs=(Control.REACH, Control.UNRELATED_TLS),
        warns=_ipv6_survived,
    ),
)
