"""Several addresses of one name: one that takes the connection and does not serve, beside one that serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts import expected
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_CUT = (Failure.RESET, Failure.ABORTED, Failure.EOF, Failure.TIMEOUT, Failure.STALLED, Failure.INCOMPLETE)
_WRONG_CERTIFICATE = (Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE)


@dataclass(frozen=True, slots=True)
class DeadEdge:
    """An address that failed twice, and another one of the same name that served the file between these two."""

    dead: str
    working: str
    end: ev.Handshake | ev.Exchange | ev.Transfer
    """How it ended at the dead one."""
    known: tuple[str, ...]
    """All addresses of the name."""

    @property
    def answered(self) -> bool:
        """Whether the dead one said something of its own: nothing on the way speaks so in its place."""
        if isinstance(self.end, ev.Handshake):
            return self.end.failure in _WRONG_CERTIFICATE
        return isinstance(self.end, ev.Transfer) or self.end.status is not None

    @property
    def how(self) -> str:
        """How it ended there, in a few words."""
        if isinstance(self.end, ev.Exchange) and self.end.status is not None:
            return f"status {self.end.status}"
        return shortened(self.end.detail or str(self.end.failure), 80)


def dead_edge(case: Case) -> DeadEdge | None:
    """The address at which the target failed, where that is the fault. May raise `OpenQuestion`."""
    end, lookup, connect = _end(case), case.last(ev.Lookup), case.last(ev.Connect)
    if end is None or lookup is None or connect is None or connect.failure or case.proxied:
        return None
    if not any(address != connect.address for address in lookup.addresses):
        return None
    tried = tuple(_tried(case))
    working = next((address for address, served in tried if served and address != connect.address), None)
    again = [served for address, served in tried if address == connect.address]
    if working is None or not again or any(again):
        return None
    return DeadEdge(connect.address, working, end, lookup.addresses)


def _end(case: Case) -> ev.Handshake | ev.Exchange | ev.Transfer | None:
    """The failure that a single ill server makes; a refusal by status holds for all of them."""
    match case.stopped_by:
        case ev.Handshake(peer="origin", failure=failure) as record if failure in (*_CUT, *_WRONG_CERTIFICATE):
            return record
        case ev.Exchange(failure=failure, status=status) as record if failure in _CUT or (status or 0) >= 500:
            return record
        case ev.Transfer(failure=failure) as record if failure in _CUT:
            return record
    return None


def _tried(case: Case) -> Iterator[tuple[str, bool]]:
    """Each address that the control asked, in order, and whether the file came from there."""
    records = case.ask(Control.OTHER_ADDRESS, ev.Observation)
    firsts = [n for n, one in enumerate(records) if isinstance(one, ev.Connect) and one.hop == 0]
    for first, end in pairwise((*firsts, len(records))):
        connect, own = records[first], records[first:end]
        bodies = [one for one in own if isinstance(one, ev.Transfer)]
        served = bool(bodies) and not any(one.failure for one in own) and 200 <= (bodies[-1].status or 0) < 300
        if isinstance(connect, ev.Connect):
            yield connect.address, served and expected.digest_right(case, bodies[-1]) is not False
