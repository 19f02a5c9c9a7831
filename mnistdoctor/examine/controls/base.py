"""One control, asked for one target."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.run import Recorder, Run, Stopped

PATIENCE_S = 5.0
"""Upper limit of the time-out of a control's operations: it answers a side question."""

LOOKUP_PATIENCE_S = 12.0
"""And of its lookups: a router that swallows half of what is asked costs glibc ten seconds, and no name is lost."""


@dataclass(frozen=True, slots=True)
class ControlRequest:
    """One control, asked for one target."""

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

    def recorder(self, run: Run | None = None) -> Recorder:
        """Another recorder of the same control, for what goes out otherwise or at the same time."""
        return Recorder(run or self.run, self.rec.key, self.rec.role, self.rec.control)

    def side_by_side(self, hosts: tuple[str, ...], work: Callable[[ControlRequest, Recorder, str], None]) -> None:
        """Asks several hosts or URLs at once; the records of each stay together."""

        def ask(own: Recorder, host: str) -> None:
            with contextlib.suppress(Stopped):
                work(self, own, host)

        recorders = [self.recorder() for _ in hosts]
        threads = [threading.Thread(target=ask, args=pair, daemon=True) for pair in zip(recorders, hosts, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(4 * PATIENCE_S)
        for own in recorders:
            self.rec.records += tuple(own.records)
