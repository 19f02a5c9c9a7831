"""One control that is asked for one target."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.run import Recorder, Run

PATIENCE_S = 5.0
"""Upper limit of the time-out of a control's operations: it answers a side question."""


@dataclass(frozen=True, slots=True)
class Question:
    """One control asked for one target."""

    rec: Recorder
    """Writes records of this control."""
    case: Case
    url: str
    """The URL at which the target stopped, with its secrets."""
    whole: Run
    """The run with the patience that its user chose."""

    @property
    def run(self) -> Run:
        """The run with the shorter patience of a control."""
        return self.rec.run

    def connect(self) -> ev.Connect | None:
        """The target's own last connection, to ask the same address again."""
        return self.case.last(ev.Connect)
