"""Errors that a loader shows in place of the one that matters: another mirror's, or a second try over plain http."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts.traceback import ended_with, is_network, text_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, install, quoted
from mnistdoctor.wording import shortened

_ONE_LINE = re.compile(r"Error downloading (?P<file>[\w.-]{1,120})$")
"""torchvision 0.9.1 to 0.20.1; from 0.21 on a colon and what each mirror said follow."""
_ALL_MIRRORS = re.compile(
    r"(all|any of the|every) (mirrors?|sources?)\b.{0,40}\b(failed|exhausted|tried|could be)|"
    r"(could not|failed to|unable to) (be )?download(ed)?\b.{0,80}\bfrom (any|all)( of)?( the| its)? (mirror|source)",
    re.IGNORECASE,
)
_REASON = re.compile(r"Tried \S+, got|\bErrno\b|WinError|certificate|timed out|HTTP Error|urlopen error|status \d{3}")
_SWITCH = re.compile(r"Trying https -> http instead")
_SILENT_SINCE, _SILENT_BEFORE = "0.9.1", "0.21"


def fw_mirror_loop_masks_error(case: Case) -> Finding | None:
    """Holds when the loader tried its mirrors and reports the last one's error, or none of them."""
    said = ended_with(case)
    if said is None or said.symptom.exception not in ("RuntimeError", "Exception", "OSError", ""):
        return None
    match = _ONE_LINE.search(said.symptom.message.strip()) or _ALL_MIRRORS.search(said.text)
    if match is None or _REASON.search(said.text):
        return None
    if any(is_network(one) or _REASON.search(one.message) for one in case.all(ev.Symptom) if one is not said.symptom):
        return None  # a mirror's own words are there: they are the cause
    torchvision = "file" in match.groupdict() and match["file"]
    target = f"torchvision:{dataset}" if torchvision and (dataset := _dataset(case)) else "YOUR_URL"
    ask = f"mnistdoctor {quoted(case, case.subject.url) if case.subject.url else target}"
    return finding(
        "the error that is shown hides the one that matters: why each mirror failed is not in it",
        "The loader tried its mirrors one after the other and then said only that the download failed. "
        "Each mirror had a reason of its own, and the first one's is what has to be mended; the lines that were "
        "printed before the traceback, or a probe of each mirror, tell it.",
        said.sentences("no mirror's own error is among what was shown"),
        fixes=(
            Fix(
                title="Let mnistdoctor probe every mirror, and name the cause at the first",
                commands=(command(case, ask),),
                untried="fill in the URL" if ask.endswith("YOUR_URL") else "it is the next run",
            ),
            torchvision
            and install(
                case,
                f"Update torchvision: from {_SILENT_BEFORE} on it says what each mirror answered",
                f"torchvision>={_SILENT_BEFORE}",
                upgrade=True,
            ),
            Fix(
                title="Or show the lines above the traceback, from `Failed to download (trying next)` on",
                untried="they are in your terminal or log",
            ),
        ),
        perhaps="fw-url-stale",
    )


def _dataset(case: Case) -> str:
    """The loader's data set where the file is known; torchvision's MNIST has the same four names as its kin."""
    file = case.subject.file
    return file.split("/")[0].replace("_", "-") if file and re.fullmatch(r"[\w./-]+", file) else ""


def fw_https_downgrade(case: Case) -> Finding | None:
    """Holds when a program failed at, or fell back to, plain http where it had asked for https."""
    said = ended_with(case)
    if said is None or not is_network(said.symptom):
        return None
    switched = any(_SWITCH.search(one.message) for one in case.all(ev.Symptom))
    tries = [one for one in said.below if one.exception in ("URLError", "OSError", "HTTPError", "ConnectionResetError")]
    first = tries[-1] if tries else None
    chain = first is not None and _both_tries(said.symptom, first)
    if not switched and not chain:
        return None
    if first is not None and _same(first, said.symptom):
        return None  # both tries met the same thing, and the error shown is true
    return finding(
        "the error that is shown is of a second try over plain http: the https download had failed before it",
        "When an https download fails, torchvision repeats it without TLS and shows how that went. What "
        "has to be mended is the https failure; a file that came over plain http could have been changed by anyone on "
        "the way, and only its digest can vouch for it.",
        said.sentences(
            *((f"before that, the https try ended with {shortened(text_of(first), 160)}",) if first else ()),
            *(('torchvision said: "Trying https -> http instead"',) if switched else ()),
        ),
        fixes=(
            Fix(
                title="Let mnistdoctor probe the https URL, and mend what it names",
                commands=(command(case, f"mnistdoctor {quoted(case, case.subject.url)}"),) if case.subject.url else (),
                untried="it is the next run",
            ),
            Fix(
                title="Always give `md5=` to `download_url`, so that a changed file is noticed",
                untried="it is in your program",
            ),
        ),
        perhaps=("tcp-reset", "body-reset"),
    )


def _both_tries(last: ev.Symptom, first: ev.Symptom) -> bool:
    """Whether the chain has the shape of `download_url`: one urllib error inside torchvision while another is handled.

    A URLError that was raised from the socket's own error is one try, not two.
    """
    opened = ("URLError", "HTTPError")
    both = last.exception in opened and first.exception in opened
    return both and all("torchvision" in one.raised_in and "urllib" in one.raised_in for one in (last, first))


def _same(first: ev.Symptom, last: ev.Symptom) -> bool:
    """Whether both say the same, the source line of OpenSSL's complaint aside."""
    return _bare(first) == _bare(last)


def _bare(symptom: ev.Symptom) -> str:
    return re.sub(r"<urlopen error |[<>]|\(_ssl\.c:\d+\)", "", text_of(symptom)).strip().partition(": ")[2]


def _came_unprotected(case: Case) -> str | None:
    """The file that came by the second try, with no error after it."""
    symptoms = case.all(ev.Symptom)
    switched = [place for place, one in enumerate(symptoms) if _SWITCH.search(one.message)]
    if not switched or any(one.exception for one in symptoms[switched[-1] :]):
        return None
    return "torchvision fetched the file over plain http, after https had failed"


CAUSES: tuple[Cause, ...] = (
    cause(fw_https_downgrade, warns=_came_unprotected),
    cause(fw_mirror_loop_masks_error),
)
