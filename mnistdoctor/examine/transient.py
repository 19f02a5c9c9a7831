"""What may pass by itself, so that `preflight` asks again: a closed list, read from the records."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.waits import wait_s
from mnistdoctor.failure import Failure

_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""401 and 407 are not among them: accounts lock."""

_CUT = (Failure.REFUSED, Failure.RESET, Failure.ABORTED, Failure.EOF, Failure.TIMEOUT)
"""How a connection ends that may stand the next time."""


def is_transient(case: Case) -> bool:
    """Whether what ended the examination may be gone at the next try."""
    status, stopped = case.status, case.stopped_by
    if status is not None and status >= 400:
        return status in _STATUSES  # whatever became of the error's own page
    match stopped:
        case ev.Tunnel(status=int(answer)):
            return answer in _STATUSES
        case ev.Lookup(failure=failure):
            return failure in (Failure.DNS_TEMPORARY, Failure.TIMEOUT)
        case ev.Transfer(failure=failure):
            return failure in (*_CUT, Failure.INCOMPLETE, Failure.STALLED)
        case ev.Connect(failure=failure) | ev.Tunnel(failure=failure) | ev.Handshake(failure=failure):
            return failure in _CUT
        case ev.Exchange(failure=failure):
            return failure in (*_CUT, Failure.STALLED)
    return False


def asked_pause_s(case: Case) -> float:
    """Seconds of pause that the answer asks for; 0 where it asks for none."""
    answer = case.exchange or case.last(ev.Tunnel)
    return (wait_s(case, answer) if answer else None) or 0.0
