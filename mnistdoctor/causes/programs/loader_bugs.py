"""Known faults of a loader's release."""

from __future__ import annotations

from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.loader_bugs import known_bug
from mnistdoctor.causes.facts.traceback import final_error
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import install
from mnistdoctor.wording import shortened


def program_loader_bug(case: Case) -> Finding | None:
    """Holds when the program ended with an error that is known of a release of the loader."""
    error = final_error(case)
    bug = error and known_bug(case, error)
    if not error or not bug:
        return None
    name, release, installed = bug.distribution, case.subject.release, bug.installed(case)
    mended = f"release {bug.before} mended it" if bug.before else "later releases mended it"
    needed = bug.upgrade.split() or [f"{name}>={bug.before}" if bug.before else name]
    return finding(
        f"a known fault of {name} {release if installed else bug.releases}: {shortened(bug.what, 150)}",
        f"This is the library's own fault, and {mended}. Neither the network nor your program is to blame, "
        "and the same release will fail in the same way again.",
        error.evidence,
        installed and f"{name} {release} is installed; the fault is in releases {bug.releases}",
        f"described in {bug.source}",
        fixes=(
            install(case, f"Update {name}: {mended}", *needed, upgrade=True),
            bug.way and Fix(title=bug.way, commands=(Command(bug.command, bug.shell),), untried="it is yours to do"),
        ),
        unlike=installed and {"fw-url-stale": "no address is at fault: it fails on what is here"},
        perhaps="cache-stale-bad-file" if bug.needs_release else not installed and "program-api-changed",
    )


CAUSES: tuple[Cause, ...] = (cause(program_loader_bug),)
