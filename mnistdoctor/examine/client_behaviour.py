"""How a loader itself would go on after a failure: the same request again, its next mirror, or not at all."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.case import Case
from mnistdoctor.diagnosis import settled_before_wire
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.trials import LONGEST_WAIT_S
from mnistdoctor.failure import Failure


def repeats(case: Case) -> int:
    """How often this client asks again by itself after what the case met; 0 where it gives up at once."""
    trigger = _trigger(case)
    paused = case.exchange is not None and case.exchange.field("retry-after") is not None
    for rule in case.client.retry_on:
        bare = rule.removesuffix("+retry-after")
        if _covers(bare, trigger) and (paused or bare == rule):
            return case.client.retries
    return 1 if any(_covers(rule, trigger) for rule in case.client.once_more_on) else 0


def longest_pause_s(case: Case) -> float:
    """How long this client itself would wait, at most, before it asks again."""
    return LONGEST_WAIT_S if case.client.heeds_retry_after else case.client.retry_wait_s


_WIDER = (("no-answer", "answer-reset"), ("connection", "connection-reset"))


def _covers(rule: str, trigger: str) -> bool:
    """Whether a status, a range of them or a word of the catalogue is what was met."""
    if not rule[0].isdigit():
        return trigger == rule or (rule, trigger) in _WIDER
    first, _, last = rule.partition("-")
    return trigger.isdigit() and int(first) <= int(trigger) <= int(last or first)


_PASSING = (Failure.REFUSED, Failure.RESET, Failure.ABORTED, Failure.EOF, Failure.TUNNEL)
"""What may be gone at the next try. Clients repeat more: a certificate that they refuse, a name that does not exist (a
run looks a name up once), a silence that lasted for the whole time-out. Asking again shows nothing new there."""


def _trigger(case: Case) -> str:
    """A status, or one of the catalogue's words for what a client repeats; empty for what is never repeated."""
    stopped = case.stopped_by
    if isinstance(stopped, (ev.Exchange, ev.Tunnel)) and stopped.status in (401, 407):
        return ""  # accounts lock
    if isinstance(stopped, ev.Exchange) and stopped.status:
        return str(stopped.status)
    if stopped is None:
        return "content"
    if case.stopped(ev.Transfer, Failure.INCOMPLETE):
        return "body-cut"
    if stopped.failure not in _PASSING:
        return ""
    if isinstance(stopped, ev.Transfer):
        return "body-reset"
    reset = stopped.failure in (Failure.RESET, Failure.ABORTED)
    if isinstance(stopped, ev.Exchange):
        return "answer-reset" if reset else "no-answer"
    return "connection-reset" if reset else "connection"


def goes_on(target: Target, case: Case, cause: Cause | None) -> bool:
    """Whether the next source is worth asking, or would be asked by that loader."""
    if case.stopped_by is not None and case.stopped_by.failure == Failure.DEADLINE:
        return False
    if cause is not None and (cause.machine_wide or settled_before_wire(case, cause)):
        return False
    if target.fallback is None:
        return True
    return _falls_back(target.fallback, case)


# What urllib raises as URLError or one of its kin; what ends a body is none of them, whether it is a reset or
# IncompleteRead (torchvision 0.29.2 datasets/mnist.py, measured: shared facts on frameworks).
_URL_ERRORS = (ev.Lookup, ev.Connect, ev.Tunnel, ev.Handshake, ev.Exchange, ev.Trust, ev.Route)

_TIMED = (ev.Lookup, ev.Connect)
"""The system itself ends these in the end, whatever patience the client has."""


def _falls_back(rule: tuple[str, ...], case: Case) -> bool:
    stopped = case.stopped_by
    if stopped is None or _ends_unnoticed(case):
        return "digest-mismatch" in rule
    if stopped.failure == Failure.TIMEOUT and case.client.timeout_s is None and not isinstance(stopped, _TIMED):
        return False  # it waits for ever
    if isinstance(stopped, ev.Exchange) and stopped.status is None:
        return stopped.failure not in (Failure.RESET, Failure.EOF, Failure.HTTP_RESPONSE) and ("url-error" in rule)
    return "url-error" in rule and isinstance(stopped, _URL_ERRORS)


def _ends_unnoticed(case: Case) -> bool:
    """Whether the body came short and the client takes it for whole, so that only its digest tells.

    A loop of `read(n)` ends like that below a Content-Length; in a chunked body it raises IncompleteRead.
    """
    stopped = case.stopped(ev.Transfer, Failure.INCOMPLETE)
    return stopped is not None and stopped.framing == "length" and case.client.truncation == "silent"
