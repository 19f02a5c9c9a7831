"""Errors that a loader shows in place of the one that matters: another mirror's, or a second try over plain http."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error, first_match, is_network, text_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, in_program, install, quoted
from mnistdoctor.wording import shortened

_SWITCH = "Trying https -> http instead"
_SILENT_BEFORE = "0.21"
"""The first release of torchvision that says what each mirror answered."""


def fw_mirror_loop_masks_error(case: Case) -> Finding | None:
    """Holds when the loader tried its mirrors and reports the last one's error, or none of them."""
    error = final_error(case)
    if error is None or error.exception not in ("RuntimeError", "Exception", "OSError", ""):
        return None
    known = table("program")["mirrors"]
    torchvision = re.search(known["torchvision"], error.symptom.message.strip())
    if not torchvision and not error.match(*known["failed"]):
        return None
    if error.match(*known["reasons"]) or _mirror_spoke(case, error):
        return None  # a mirror's own words are there: they are the cause
    dataset = f"torchvision:{_dataset(case)}" if torchvision and _dataset(case) else "YOUR_URL"
    target = quoted(case, case.subject.url) if case.subject.url else dataset
    return finding(
        "the error that is shown hides the one that matters: why each mirror failed is not in it",
        "The loader tried its mirrors one after the other and then said only that the download failed. "
        "Each mirror had a reason of its own, and the first one's is what has to be mended; the lines that were "
        "printed before the traceback, or a probe of each mirror, tell it.",
        error.evidence,
        "no mirror's own error is among what was shown",
        fixes=(
            Fix(
                title="Let mnistdoctor probe every mirror, and name the cause at the first",
                commands=(command(case, f"mnistdoctor {target}"),),
                untried="fill in the URL" if target == "YOUR_URL" else "it is the next run",
            ),
            torchvision
            and install(
                case,
                f"Update torchvision: from {_SILENT_BEFORE} on it says what each mirror answered",
                f"torchvision>={_SILENT_BEFORE}",
                upgrade=True,
            ),
            Fix(
                title="Show the lines above the traceback, from `Failed to download (trying next)` on",
                untried="they are in your terminal or log",
            ),
        ),
        perhaps="fw-url-stale",
    )


def _mirror_spoke(case: Case, error: ProgramError) -> bool:
    """Whether another record than the last error tells why a mirror failed."""
    reasons = table("program")["mirrors"]["reasons"]
    others = (one for one in case.all(ev.Symptom) if one is not error.symptom)
    return any(is_network(one) or first_match(reasons, one.message) for one in others)


def _dataset(case: Case) -> str:
    """The loader's data set where the file is known; torchvision's MNIST has the same four names as its kin."""
    file = case.subject.file
    return file.split("/")[0].replace("_", "-") if file and re.fullmatch(r"[\w./-]+", file) else ""


def fw_https_downgrade(case: Case) -> Finding | None:
    """Holds when a program failed at, or fell back to, plain http where it had asked for https."""
    error = final_error(case)
    if error is None or not is_network(error.symptom):
        return None
    switched, first = bool(_switches(case)), _https_failure(error)
    if not switched and not (first and _both_tries(error.symptom, first)):
        return None
    if first and _bare(first) == _bare(error.symptom):
        return None  # both tries met the same thing, and the error shown is true
    return finding(
        "the error that is shown is of a second try over plain http: the https download had failed before it",
        "When an https download fails, torchvision repeats it without TLS and shows how that went. What "
        "has to be mended is the https failure; a file that came over plain http could have been changed by anyone on "
        "the way, and only its digest can vouch for it.",
        error.evidence,
        first and f"before that, the https try ended with {shortened(text_of(first), 160)}",
        switched and 'torchvision said: "Trying https -> http instead"',
        fixes=(
            Fix(
                title="Let mnistdoctor probe the https URL, and mend what it names",
                commands=(command(case, f"mnistdoctor {quoted(case, case.subject.url)}"),) if case.subject.url else (),
                untried="it is the next run",
            ),
            in_program("Always give `md5=` to `download_url`, so that a changed file is noticed"),
        ),
        perhaps=("tcp-reset", "body-reset"),
    )


def _switches(case: Case) -> list[int]:
    """The places, among what the program said, of torchvision's line that it goes on without TLS."""
    return [place for place, one in enumerate(case.all(ev.Symptom)) if _SWITCH in one.message]


def _https_failure(error: ProgramError) -> ev.Symptom | None:
    """The nearest failed try that was being handled when the last one was made."""
    failures = ("URLError", "OSError", "HTTPError", "ConnectionResetError")
    return next((one for one in reversed(error.context) if one.exception in failures), None)


def _both_tries(last: ev.Symptom, first: ev.Symptom) -> bool:
    """Whether the chain has the shape of `download_url`: one urllib error inside torchvision while another is handled.

    A URLError that was raised from the socket's own error is one try, not two.
    """
    return all(
        one.exception in ("URLError", "HTTPError") and "torchvision" in one.raised_in and "urllib" in one.raised_in
        for one in (last, first)
    )


def _bare(symptom: ev.Symptom) -> str:
    """What it says, the source line of OpenSSL's complaint aside."""
    return re.sub(r"<urlopen error |[<>]|\(_ssl\.c:\d+\)", "", text_of(symptom)).strip().partition(": ")[2]


def _came_unprotected(case: Case) -> str | None:
    """The file that came by the second try, with no error after it."""
    switches = _switches(case)
    if not switches or any(one.exception for one in case.all(ev.Symptom)[switches[-1] :]):
        return None
    return "torchvision fetched the file over plain http, after https had failed"


CAUSES: tuple[Cause, ...] = (
    cause(fw_https_downgrade, warns=_came_unprotected),
    cause(fw_mirror_loop_masks_error),
)
