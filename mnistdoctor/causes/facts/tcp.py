"""Connections read together: the failed ones to the origin, and those to unrelated hosts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.addresses import is_loopback
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.network import ipv6_broken
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

CUT = (Failure.RESET, Failure.ABORTED, Failure.EOF)
"""How an end looks that came from outside, in a connection that stood."""


@final
@dataclass(frozen=True, slots=True)
class Attempts:
    """The failed connections to the origin on the last hop."""

    host: str
    port: int
    every: tuple[ev.Connect, ...]

    @property
    def deciding(self) -> tuple[ev.Connect, ...]:
        """Those that decide: IPv4's where there are any, since a broken IPv6 alone stops no client."""
        return _ipv4_first(self.every)

    @property
    def failures(self) -> frozenset[str]:
        """How the deciding ones failed."""
        return frozenset(one.failure or "" for one in self.deciding)

    @property
    def here(self) -> bool:
        """Whether they never left this machine."""
        return all(is_loopback(one.address) for one in self.deciding)

    @property
    def ipv6_alone(self) -> bool:
        """Whether no IPv4 address was tried."""
        return all(one.family == 6 for one in self.every)

    @property
    def where(self) -> str:
        """The host, its port and the addresses."""
        tried = tuple(dict.fromkeys(one.address for one in self.deciding))
        shown = "" if tried == (self.host,) else f" ({listed(tried)})"
        return f"{self.host} port {self.port}{shown}"

    @property
    def evidence(self) -> tuple[str, ...]:
        """One sentence for each attempt."""
        return tuple(
            f"{one.address} port {one.port}: {failure_of(one)} after {one.duration_s:.1f} s" for one in self.every[:6]
        )


def _ipv4_first(connects: Iterable[ev.Connect]) -> tuple[ev.Connect, ...]:
    """Those over IPv4; all where there is none."""
    every = tuple(connects)
    return tuple(one for one in every if one.family == 4) or every


def attempts(case: Case) -> Attempts | None:
    """The failed connections, where they ended the examination and went to the origin itself."""
    stop = case.stopped(ev.Connect)
    if stop is None or stop.peer != "origin":
        return None
    every = tuple(one for one in case.all(ev.Connect, hop=case.hop) if one.peer == "origin" and one.failure)
    return Attempts(stop.name or case.host or stop.address, stop.port, every)


def name_of(connect: ev.Connect) -> str:
    """The host that the connection was for, or its address where no name was looked up."""
    return connect.name or connect.address


def names_of(connects: Iterable[ev.Connect]) -> str:
    """The hosts of several connections, each once, in words."""
    return listed(tuple(dict.fromkeys(map(name_of, connects))))


@final
@dataclass(frozen=True, slots=True)
class OtherHosts:
    """How connections to unrelated hosts went."""

    connected: tuple[ev.Connect, ...]
    failed: tuple[ev.Connect, ...]

    def failed_on(self, port: int) -> tuple[ev.Connect, ...]:
        """The failures on that port, where every unrelated host fails on it (IPv6 without a route aside)."""
        if any(one.port == port for one in self.connected):
            return ()
        return _ipv4_first(one for one in self.failed if one.port == port)

    def closed(self, port: int, *failures: str) -> bool:
        """Whether every one fails in one of those ways: on that port, or, where none connects at all, on any."""
        failed = self.failed_on(port) if self.connected else _ipv4_first(self.failed)
        return bool(failed) and all(one.failure in failures for one in failed)

    @property
    def evidence(self) -> tuple[str, ...]:
        """One sentence for those that failed where none connected on their port, and one for those that connected."""
        answering = {one.port for one in self.connected}
        failed = _ipv4_first(one for one in self.failed if one.port not in answering)
        ports = listed([str(port) for port in sorted({one.port for one in failed})])
        on = f" on port {ports}" if self.connected else ""
        return (
            *(f"unrelated hosts fail as well{on}: {names_of(failed)} ({failure_of(one)})" for one in failed[-1:]),
            *(f"an unrelated host connects: {name_of(one)} port {one.port}" for one in self.connected[:1]),
        )


def other_hosts(case: Case, port: int) -> OtherHosts:
    """Unrelated hosts over TLS; over plain http as well where none of those answers, or where that port is in question.

    May raise `OpenQuestion`.
    """
    connects = case.ask(Control.UNRELATED_TLS, ev.Connect)
    if port == 80 or all(one.failure for one in connects):
        connects += case.ask(Control.PORTAL, ev.Connect)
    return OtherHosts(tuple(one for one in connects if not one.failure), tuple(one for one in connects if one.failure))


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
            dead = listed(tuple(dict.fromkeys(one.address for one in bad)))
            return f"{dead} of {name_of(good)} failed ({_cost(bad)}); {good.address} worked"
    return None


def ipv6_survived(case: Case) -> str | None:
    """A warning where an IPv6 address failed, and an IPv4 address of the same hop connected after it."""
    for good in case.all(ev.Connect):
        before = case.all(ev.Connect, hop=good.hop)
        bad = [one for one in before if one.peer == good.peer and one.family == 6 and one.failure]
        if good.family == 4 and not good.failure and bad:
            return f"IPv6 to {name_of(good)} failed ({_cost(bad)}); IPv4 worked"
    return None


def _cost(failed: list[ev.Connect]) -> str:
    return f"{failure_of(failed[-1])}, {sum(one.duration_s for one in failed):.1f} s lost"


def only_ipv6_is_broken(case: Case, tried: Attempts) -> bool:
    """Whether only IPv6 was tried and IPv6 is what is broken. May raise `OpenQuestion`."""
    return tried.ipv6_alone and ipv6_broken(case) is not None


def open_ports(case: Case, tried: Attempts) -> tuple[int, ...]:
    """The other port of the same host, where it is open. May raise `OpenQuestion`."""
    connects = case.ask(Control.OTHER_PORT, ev.Connect)
    return tuple(dict.fromkeys(one.port for one in connects if not one.failure and one.port != tried.port))
