"""A file that is here already: counted, digested and looked at as if it had just arrived."""

from __future__ import annotations

from pathlib import Path

from mnistdoctor import evidence as ev
from mnistdoctor.failure import classify
from mnistdoctor.probe import body
from mnistdoctor.run import Recorder


def look_at(rec: Recorder, path: Path, subject: ev.Subject) -> None:
    """Records of the file's bytes. A file that cannot be read is a record with that failure."""
    started = rec.run.clock()
    try:
        with path.open("rb") as file:
            body.from_file(rec, file, subject)
    except OSError as error:
        rec.add(ev.Transfer, "length", started, failure=classify(error), detail=str(error))
