"""Connections read together: the failed ones to the origin, those to unrelated hosts, and whether IPv6 works at all."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes import remedies
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.dns import replies
from mnistdoctor.causes.dns.replies import listed
from mnistdoctor.failure import Failure

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
        numbers = [replies.ip(one.address) for one in self.deciding]
        return all(number is not None and number.is_loopback for number in numbers)

    @property
    def where(self) -> str:
        """The host, its port and the addresses."""
        addresses = tuple(dict.fromkeys(one.address for one in self.deciding))
        shown = "" if addresses == (self.host,) else f" ({listed(addresses)})"
        return f"{self.host} port {self.port}{shown}"

    def seen(self) -> tuple[str, ...]:
        """One sentence for each attempt."""
        return tuple(
            f"{one.address} port {one.port}: {words(one)} after {one.duration_s:.1f} s" for one in self.every[:6]
        )


def words(one: ev.Connect) -> str:
    """How one connection failed, in words."""
    plain = {
        Failure.REFUSED.value: "connection refused", Failure.TIMEOUT.value: "no answer",
        Failure.HOST_UNREACHABLE.value: "host unreachable", Failure.NETWORK_UNREACHABLE.value: "network unreachable",
        Failure.PERMISSION.value: "not permitted", Failure.RESET.value: "connection reset",
    }  # fmt: skip
    return plain.get(one.failure or "", remedies.shortened(one.detail) or str(one.failure))


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

    def seen(self) -> tuple[str, ...]:
        """One sentence, where any were tried."""
        if self.stood:
            return (f"an unrelated host connects: {name_of(self.stood[0])} port {self.stood[0].port}",)
        names = tuple(dict.fromkeys(map(name_of, self.failed)))
        return (f"unrelated hosts fail as well: {listed(names)} ({words(self.failed[-1])})",) if names else ()


def name_of(one: ev.Connect) -> str:
    """The host that the connection was for, or its address where no name was looked up."""
    return one.name or one.address


def others_of(case: Case) -> Others:
    """Unrelated hosts over TLS, or over plain http where none of those answers. May raise `OpenQuestion`."""
    tried = case.control("unrelated-tls", ev.Connect)
    if not any(not one.failure for one in tried):
        tried += case.control("portal", ev.Connect)
    return Others(tuple(one for one in tried if not one.failure), tuple(one for one in tried if one.failure))


def six_only(case: Case, tried: Attempts) -> bool:
    """Whether only IPv6 was tried and IPv6 is what is broken. May raise `OpenQuestion`."""
    return all(one.family == 6 for one in tried.every) and six_broken(case) is not None


def six_broken(case: Case) -> bool | None:
    """True where IPv6 has no route or carries nothing while IPv4 does; False where that is not sure; None otherwise."""
    ways = {one.family: not one.failure and not one.errno for one in case.control("reach", ev.Reach)}
    if ways.get(4) is False or not ways:
        return None
    if ways.get(6) is False:
        return True
    tried = case.control("unrelated-tls", ev.Connect)
    six = [one for one in tried if one.family == 6]
    if not six or any(not one.failure for one in six):
        return None
    return True if any(one.family == 4 and not one.failure for one in tried) else None
