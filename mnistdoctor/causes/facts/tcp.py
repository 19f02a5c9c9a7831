"""Connections read together: the failed ones to the origin, those to unrelated hosts, and whether IPv6 works at all."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts import dns
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed, shortened

_HTTP = 80
UNREACHABLE = (Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The failed connections to the origin on the last hop."""

    host: str
    port: int
    deciding: tuple[ev.Connect, ...]
    """Those that decide: IPv4's where there are any, since a broken IPv6 alone stops no client."""
    every: tuple[ev.Connect, ...]

    @property
    def failures(self) -> frozenset[str]:
        """How the deciding ones failed."""
        return frozenset(one.failure or "" for one in self.deciding)

    @property
    def here(self) -> bool:
        """Whether they never left this machine."""
        numbers = [dns.ip(one.address) for one in self.deciding]
        return all(number is not None and number.is_loopback for number in numbers)

    @property
    def where(self) -> str:
        """The host, its port and the addresses."""
        addresses = tuple(dict.fromkeys(one.address for one in self.deciding))
        shown = "" if addresses == (self.host,) else f" ({listed(addresses)})"
        return f"{self.host} port {self.port}{shown}"

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each attempt."""
        return tuple(
            f"{one.address} port {one.port}: {failure_text(one)} after {one.duration_s:.1f} s" for one in self.every[:6]
        )


def failure_text(one: ev.Connect) -> str:
    """How one connection failed, in words."""
    plain = {
        Failure.REFUSED: "connection refused", Failure.TIMEOUT: "no answer",
        Failure.HOST_UNREACHABLE: "host unreachable", Failure.NETWORK_UNREACHABLE: "network unreachable",
        Failure.PERMISSION: "not permitted", Failure.RESET: "connection reset",
    }  # fmt: skip
    return (one.failure and plain.get(one.failure)) or shortened(one.detail) or str(one.failure)


def attempts(case: Case) -> Attempts | None:
    """The failed connections, where they ended the examination and went to the origin itself."""
    stop = case.stopped(ev.Connect)
    if stop is None or stop.peer != "origin":
        return None
    every = tuple(one for one in case.all(ev.Connect, hop=case.hop) if one.peer == "origin" and one.failure)
    four = tuple(one for one in every if one.family == 4)
    return Attempts(host=stop.name or case.host or stop.address, port=stop.port, deciding=four or every, every=every)


@dataclass(frozen=True, slots=True)
class Others:
    """How connections to unrelated hosts went."""

    stood: tuple[ev.Connect, ...]
    failed: tuple[ev.Connect, ...]

    @property
    def dead(self) -> bool:
        """Whether some were tried and none stood."""
        return bool(self.failed) and not self.stood

    def all_failed(self, *failures: str) -> bool:
        """Whether every one failed in one of those ways (IPv6 without a route aside)."""
        counted = [one for one in self.failed if one.family == 4] or list(self.failed)
        return self.dead and all(one.failure in failures for one in counted)

    def shut(self, port: int) -> tuple[ev.Connect, ...]:
        """The failures on that port, where every unrelated host fails on it (IPv6 without a route aside)."""
        if any(one.port == port for one in self.stood):
            return ()
        found = [one for one in self.failed if one.port == port]
        return tuple([one for one in found if one.family == 4] or found)

    def walled(self, port: int, *failures: str) -> bool:
        """Whether every unrelated host fails on that port in one of those ways, and stands on another one."""
        found = self.shut(port)
        return bool(self.stood and found) and all(one.failure in failures for one in found)

    def sentences(self) -> tuple[str, ...]:
        """One sentence for those that failed where none stood on their port, and one for those that stood."""
        standing = {one.port for one in self.stood}
        failed = [one for one in self.failed if one.port not in standing]
        failed = [one for one in failed if one.family == 4] or failed
        names, ports = tuple(dict.fromkeys(map(name_of, failed))), sorted({one.port for one in failed})
        on = f" on port {listed(tuple(map(str, ports)))}" if self.stood else ""
        return (
            *((f"unrelated hosts fail as well{on}: {listed(names)} ({failure_text(failed[-1])})",) if names else ()),
            *(f"an unrelated host connects: {name_of(one)} port {one.port}" for one in self.stood[:1]),
        )


def name_of(one: ev.Connect) -> str:
    """The host that the connection was for, or its address where no name was looked up."""
    return one.name or one.address


def others_of(case: Case, port: int) -> Others:
    """Unrelated hosts over TLS; over plain http as well where none of those answers, or where that port is in question.

    May raise `OpenQuestion`.
    """
    tried = case.ask(Control.UNRELATED_TLS, ev.Connect)
    if port == _HTTP or not any(not one.failure for one in tried):
        tried += case.ask(Control.PORTAL, ev.Connect)
    return Others(tuple(one for one in tried if not one.failure), tuple(one for one in tried if one.failure))


def survived(case: Case, *failures: str) -> str | None:
    """A warning where an address failed in one of those ways and a later one of the same host connected.

    An IPv6 address in front of an IPv4 one is another matter: IPv6 itself may be broken.
    """
    for good in case.all(ev.Connect):
        bad = [
            one
            for one in case.all(ev.Connect, hop=good.hop)
            if (one.peer, one.name) == (good.peer, good.name)
            and one.failure in failures
            and one.family <= good.family
            and one.address != good.address
        ]
        if bad and not good.failure:
            lost = sum(one.duration_s for one in bad)
            dead = listed(tuple(dict.fromkeys(one.address for one in bad)))
            how = f"{failure_text(bad[-1])}, {lost:.1f} s lost"
            return f"{dead} of {name_of(good)} failed ({how}); {good.address} worked"
    return None


def only_ipv6(case: Case, tried: Attempts) -> bool:
    """Whether only IPv6 was tried and IPv6 is what is broken. May raise `OpenQuestion`."""
    return all(one.family == 6 for one in tried.every) and ipv6_broken(case) is not None


def ipv6_broken(case: Case) -> bool | None:
    """True where IPv6 has no route or carries nothing while IPv4 does; None where it may well carry something.

    False where unrelated hosts fail as well, and IPv4, which has a route, was tried with none of them.
    """
    ways = {one.family: not one.failure and not one.errno for one in case.ask(Control.REACH, ev.Reach)}
    if ways.get(4) is False or not ways:
        return None
    if ways.get(6) is False:
        return True
    tried = case.ask(Control.UNRELATED_TLS, ev.Connect)
    six = [one for one in tried if one.family == 6]
    if not six or any(not one.failure for one in six):
        return None
    if len(six) == len(tried):
        return False
    return True if any(one.family == 4 and not one.failure for one in tried) else None


def open_ports(case: Case, tried: Attempts) -> tuple[int, ...]:
    """The other port of the same host, where it is open. May raise `OpenQuestion`."""
    found = case.ask(Control.OTHER_PORT, ev.Connect)
    return tuple(dict.fromkeys(one.port for one in found if not one.failure and one.port != tried.port))
