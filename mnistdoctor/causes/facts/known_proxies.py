"""Proxies that this machine knows and the client did not use: which of them would have opened the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.marks import made_by_proxy
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_UNANSWERED = (
    Failure.TIMEOUT,
    Failure.REFUSED,
    Failure.RESET,
    Failure.ABORTED,
    Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE,
    Failure.NETWORK_DOWN,
)
_CUT = (Failure.TIMEOUT, Failure.RESET, Failure.EOF)


@final
@dataclass(frozen=True, slots=True)
class WayOut:
    """A known proxy that let this very URL through, or that would for a password, where directly there is no way."""

    known: ev.KnownProxy
    answer: str
    """What it answered, in words."""
    direct: str
    """What the direct way ended with, in words."""
    wants_password: bool = False

    @property
    def evidence(self) -> tuple[str, ...]:
        """How the direct way ended, who knows the proxy, and what it answered."""
        url = self.known.proxy
        return (self.direct, f"{location(self.known)} names the proxy {url}", f"{url}: {shortened(self.answer)}")


def way_out(case: Case, *places: ev.ProxyPlace) -> WayOut | None:
    """The known proxy that opened the way, where it is known in one of these places.

    None where the direct way was open, no proxy is known, or none opened it. May raise `OpenQuestion`.
    """
    direct = no_way_out(case)
    known = [one for one in candidates(case) if one.proxy and not one.failure] if direct else []
    way = _opened(case, known, direct) if known and direct else None
    return way if way and way.known.place in places else None


def no_way_out(case: Case) -> str | None:
    """What the direct way ended with before the server said anything, in words; None where it did not end so."""
    if case.stopped_by is None or case.route is None or case.route.way != "direct" or _inside(case.host):
        return None
    match case.stopped_by:
        case ev.Lookup(peer="origin") as lookup if lookup.failure != Failure.URL_INVALID:
            return f"{lookup.name} could not be looked up here: {failure_of(lookup)}"
        case ev.Connect(peer="origin") as connect if connect.failure in _UNANSWERED:
            first = next(one for one in case.all(ev.Connect, hop=case.hop) if one.failure)
            return f"{first.address} port {first.port}, asked directly: {failure_of(first)}"
        case ev.Handshake(peer="origin", received=0) as handshake if handshake.failure in _CUT:
            return f"the direct TLS handshake with {case.host} got no answer: {failure_of(handshake)}"
    return None


def _inside(host: str) -> bool:
    """Whether the target is on this machine or an address of its own network: no proxy leads there."""
    return host == "localhost" or addresses.is_private(host) or addresses.is_sink(host)


def candidates(case: Case) -> tuple[ev.KnownProxy, ...]:
    """Every known proxy, those that a PAC file returned last. May raise `OpenQuestion`."""
    own = case.ask(Control.PROXIES, ev.KnownProxy)
    return (*own, *case.ask(Control.PAC, ev.KnownProxy))


def _opened(case: Case, known: list[ev.KnownProxy], direct: str) -> WayOut | None:
    asked: ev.KnownProxy | None = None
    locked: WayOut | None = None
    for record in case.ask(Control.BY_PROXY, ev.Observation):
        if isinstance(record, ev.Route):
            asked = next((one for one in known if _same(one.proxy, record.proxy)), None)
        elif asked and (answer := through(record)):
            return WayOut(asked, answer, direct)
        elif asked and isinstance(record, (ev.Tunnel, ev.Exchange)) and record.status == 407:
            locked = locked or WayOut(asked, "it answered 407: it wants a user name and a password", direct, True)
    return locked


def through(record: ev.Observation) -> str | None:
    """In words, what shows that the proxy let the request through; None for a record that does not."""
    if isinstance(record, ev.Handshake) and record.peer == "origin" and record.chain:
        return f"through it {record.server_name} showed its certificate"
    if not isinstance(record, ev.Exchange) or record.status in (None, 407, 502, 503, 504):
        return None
    if record.status and record.status >= 400 and made_by_proxy(record):
        return None
    return f"through it the same URL was answered with {record.status} {record.reason}".rstrip()


def _same(known: str, asked: str | None) -> bool:
    one, other = urlsplit(known), urlsplit(asked or "")
    try:
        return one.hostname == other.hostname and one.port in (None, other.port)
    except ValueError:
        return False


def location(known: ev.KnownProxy) -> str:
    """Where it is written, in words: the key, the file or process, and the line."""
    line = f" line {known.line}" if known.line else ""
    return f"`{known.key}` in {known.where}{line}" if known.where else f"`{known.key}`"
