"""Cases of what a program said, and the first cause of these modules that holds."""

from __future__ import annotations

from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Finding
from mnistdoctor.causes.environment import interpreter
from mnistdoctor.causes.loaders import framework
from mnistdoctor.causes.programs import data, imports, loader_bugs, paths
from tests.causes.build import case, rec

PROGRAMS = (*loader_bugs.CAUSES, *data.CAUSES, *imports.CAUSES, *paths.CAUSES)
CAUSES = (*interpreter.CAUSES, *framework.CAUSES, *PROGRAMS)


def symptom(exception: str, message: str = "", *where: str, earlier: bool = False) -> Any:
    """One exception of a traceback, raised in these packages."""
    return rec(ev.Symptom, None, exception=exception, message=message, raised_in=where, earlier=earlier)


def judged(made: Case) -> tuple[str, Finding] | None:
    """The id and the finding of the first of these causes, in their own order."""
    for cause in CAUSES:
        finding = cause.found_in(made)
        if finding is not None:
            return cause.id, finding
    return None


def cause_of(*symptoms: Any, **subject: Any) -> str | None:
    """The id of the cause that these symptoms tell; None where none does."""
    found = judged(case(*symptoms, **subject))
    return found[0] if found else None


def finding_of(cause: str, *symptoms: Any, **subject: Any) -> Finding:
    """The finding, which must be of that cause."""
    found = judged(case(*symptoms, **subject))
    assert found is not None
    assert found[0] == cause, found
    return found[1]
