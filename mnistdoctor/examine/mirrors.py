"""Which source comes next, as the loader itself would go on: its mirrors, and what sends it to the next one."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure


def goes_on(target: Target, case: Case, cause: Cause | None) -> bool:
    """Whether the next source is worth asking, or would be asked by that loader."""
    if case.stopped_by is not None and case.stopped_by.failure == Failure.DEADLINE.value:
        return False
    if cause is not None and (cause.machine_wide or cause.before_wire):
        return False
    if target.fallback is None:
        return True
    return _falls_back(target.fallback, case)


# What urllib raises as URLError or one of its kin; a reset or a short chunk in mid-body is none of them
# (torchvision 0.29.2 datasets/mnist.py, measured: shared facts on frameworks).
_URL_ERRORS = (ev.Lookup, ev.Connect, ev.Tunnel, ev.Handshake, ev.Exchange, ev.Trust, ev.Route)


def _falls_back(rule: tuple[str, ...], case: Case) -> bool:
    stopped = case.stopped_by
    if stopped is None or (isinstance(stopped, ev.Transfer) and stopped.failure == Failure.INCOMPLETE.value):
        return "digest-mismatch" in rule
    if isinstance(stopped, ev.Exchange) and stopped.status is None:
        return stopped.failure not in (Failure.RESET.value, Failure.EOF.value, Failure.HTTP_RESPONSE.value) and (
            "url-error" in rule
        )
    return "url-error" in rule and isinstance(stopped, _URL_ERRORS)
