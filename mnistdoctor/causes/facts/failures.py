"""How an operation failed, for people: words, and in brackets the code by which it can be looked up."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure, in_words


def failure_of(record: ev.Observation) -> str:
    """``connection refused (ECONNREFUSED)``: the system's code where there is one."""
    code = record.code if isinstance(record, ev.Lookup) else None
    if isinstance(record, (ev.Connect, ev.Reach)):
        code = record.errno
    return in_words(record.failure or Failure.UNKNOWN, code)
