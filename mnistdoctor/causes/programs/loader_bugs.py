"""What only a program said: names of data sets that nobody has, and known faults of a loader's release."""

from __future__ import annotations

import re
from typing import Any

from mnistdoctor.catalogue import nearest_names, release_key
from mnistdoctor.causes.base import Case, Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.facts.traceback import ProgramError, change, ended_with, facts, first_match
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import install, python_line
from mnistdoctor.wording import shortened

_NAMES = (
    r"Dataset (?P<name>[\w .-]{1,60}?) with version (?P<version>\S+) not found",
    r"No active (?:version of )?[Dd]ataset (?P<name>[\w .-]{1,60}?) found",
    r"Dataset '(?P<name>[^']{1,100})' (?:doesn't exist|not found)",
    r"Couldn't find '(?P<name>[^']{1,100})' on the Hugging Face Hub",
    r"Dataset (?P<name>[\w.-]{1,60}) not found",
    r"Failed to construct dataset:? \"?(?P<name>[\w./-]{1,60})",
    r"BuilderConfig ['\"]?(?P<name>[\w.-]{1,60})['\"]? not found",
    r"Unknown split ['\"](?P<name>[^'\"]{1,60})['\"]",
    r"Unknown value '(?P<name>[^']{1,60})' for argument (?:split|dataset|what|name|subset)",
    r"Dataset (?P<name>[\w.-]{1,60}) cannot be loaded at version (?P<version>[\w.]+)",
    r"data_name/(?P<name>[^/]*\s[^/]*)/",
    r"module '(?:[\w.]+\.)?datasets' has no attribute '(?P<name>\w{1,60})'",
    r"cannot import name '(?P<name>\w{1,60})' from '[\w.]+\.datasets'",
    r"Config name is missing",
    r"returned code 111: Unknown dataset",
    r"HTTP Error 412: ",
)
_CHOICES = re.compile(
    r"(?:[Aa]vailable(?: configs)?:|Should be one of|Valid values are|only:|Available datasets:) ?"
    r"[\[{(]?(?P<all>.{1,2000})"
)
_CLASSES = (
    "MNIST",
    "FashionMNIST",
    "KMNIST",
    "EMNIST",
    "QMNIST",
    "MovingMNIST",
    "CIFAR10",
    "CIFAR100",
    "mnist",
    "fashion_mnist",
    "cifar10",
    "cifar100",
    "fetch_openml",
    "load_digits",
)
"""What the `datasets` modules of loaders hold, for names that were mistyped in a program."""


def program_wrong_dataset_name(case: Case) -> Finding | None:
    """Holds when the program asked a loader for a data set by a name that it does not know."""
    said = ended_with(case)
    if said is None or change(said) is not None:
        return None
    pattern = next((one for one in _NAMES if re.search(one, said.text)), None)
    match = re.search(pattern, said.text) if pattern else None
    if match is None or ("HTTP Error 412" in said.text and not said.inside(("sklearn", "openml"))):
        return None
    given = match.groupdict()
    name, version = " ".join((given.get("name") or "").split()), given.get("version")
    right = _right(case, said, name)
    hidden = "Hub" in said.text or said.symptom.exception == "DatasetNotFoundError"
    if name and _exists(case, name) and version in (None, "active") and not _CHOICES.search(said.text):
        return None  # a name that is right is refused for another reason: a token, a gate, an old loader
    if "module '" in said.text or "cannot import name" in said.text:
        if not right:
            return None
        hidden = True
    what = f"`{shortened(name, 60)}`" + (f" version {shortened(version, 20)}" if version else "") if name else ""
    return finding(
        f"no such data set: {what} is not known where it was asked for"
        if what
        else "no such data set: OpenML does not know the name, number or version it was asked for",
        "The service or the loader was reached and answered that it has nothing of that name. Names differ "
        "between loaders: MNIST is `mnist_784` at OpenML, `ylecun/mnist` on the Hugging Face Hub and `MNIST` in "
        "torchvision. Asking again will not help.",
        said.sentences(*((f"the nearest known: {', '.join(right)}",) if right else ())),
        fixes=_rename(right),
        unlike=not hidden
        and name
        and {"http-404-unexplained": "the name was looked up and denied; no file was missing"},
        perhaps=(hidden or not name) and _else(said),
        certain=not hidden and bool(name),
    )


def _else(said: ProgramError) -> tuple[str, ...]:
    if "module '" in said.text or "cannot import name" in said.text:
        return ("program-api-changed",)
    return ("http-401-repo-hidden", "http-403-gated") if "Hub" in said.text else ("http-4xx-other",)


def _known(case: Case) -> tuple[str, ...]:
    """All names that loaders use, those of the likelier loader first."""
    own = [
        one for loader in case.catalogue.loaders for known in loader.datasets for one in (known.name, *known.aliases)
    ]
    return tuple(dict.fromkeys((*own, *_CLASSES)))


def _exists(case: Case, name: str) -> bool:
    return name.casefold() in {one.casefold() for one in _known(case)}


def _right(case: Case, said: ProgramError, name: str) -> tuple[str, ...]:
    """The names that were probably meant: those that the message itself offers, else the catalogue's."""
    if not name:
        return ()
    offered = _CHOICES.search(said.text)
    words = re.findall(r"[\w./-]+", offered["all"]) if offered else ()
    hint = re.search(r"Did you mean:? (?:.{0,60}->)? ?['\"`]?([\w./-]+)", said.text)
    if hint:
        return (hint.group(1).rstrip("."),)
    if "openml" in said.text.lower() or said.symptom.exception == "OpenMLError" or said.inside(("sklearn",)):
        near = nearest_names(name, ("mnist_784", "Fashion-MNIST", "CIFAR_10"))
    else:
        near = nearest_names(name, words or (_CLASSES if "module '" in said.text else _known(case)))
    return near or tuple(words)[:6]


def _rename(right: tuple[str, ...]) -> tuple[Fix, ...]:
    if not right:
        return (
            Fix(
                title="See the names that are known",
                untried="only you know which you want",
                commands=(python_line('fetch_openml("mnist_784", version=1)'),),
            ),
        )
    best = right[0]
    title = f"Ask for `{shortened(best, 60)}`" + (f", or one of {', '.join(right[1:3])}" if right[1:] else "")
    return (Fix(title=title, untried="the name is in your program"),)


def program_loader_bug(case: Case) -> Finding | None:
    """Holds when the program ended with an error that is known of a release of the loader."""
    said = ended_with(case)
    if said is None:
        return None
    for row in facts("loader_bugs.toml")["bug"]:
        inside = said.inside((row["package"],)) or (row.get("distinct") and not said.symptom.raised_in)
        if inside and first_match((row["says"],), said.text):
            known = _affected(case, row)
            if known is not False and not (known is None and row.get("needs_release")):
                return _known_bug(case, said, row, installed=known is True)
    return None


def _affected(case: Case, row: dict[str, Any]) -> bool | None:
    """Whether the installed release has the fault; None where the release is not known."""
    release = case.subject.release
    if not row["before"] or release is None or row.get("loader") is None or case.subject.loader != row["loader"]:
        return None
    return release_key(row["since"]) <= release_key(release) < release_key(row["before"])


def _known_bug(case: Case, said: ProgramError, row: dict[str, Any], *, installed: bool) -> Finding:
    name, release = row["distribution"], case.subject.release
    span = f"before {row['before']}" if row["before"] else "of that time"
    span = f"from {row['since']} on, {span}" if row["since"] else span
    which = f"{name} {release}" if installed else f"{name} {span}"
    need = f">={row['before']}" if row["before"] else ""
    upgrade = row["upgrade"].split() if "upgrade" in row else [name + need]
    mended = f"release {row['before']} mended it" if row["before"] else "later releases mended it"
    ways = (
        (
            Fix(
                title=row["way"],
                commands=(Command(row["command"], row.get("shell", "posix")),),
                untried="it is yours to do",
            ),
        )
        if "way" in row
        else ()
    )
    return finding(
        f"a known fault of {which}: {shortened(row['what'], 150)}",
        f"This is the library's own fault, and {mended}. Neither the network nor your program is to blame, "
        "and the same release will fail in the same way again.",
        said.sentences(
            *((f"{name} {release} is installed; the fault is in releases {span}",) if installed else ()),
            f"described in {row['source']}",
        ),
        fixes=(install(case, f"Update {name}: {mended}", *upgrade, upgrade=True), ways),
        unlike=installed and {"fw-url-stale": "no address is at fault: it fails on what is here"},
        perhaps=not (installed and not row.get("needs_release"))
        and ("cache-stale-bad-file" if row.get("needs_release") else "program-api-changed"),
    )


CAUSES: tuple[Cause, ...] = (
    cause(program_loader_bug),
    cause(program_wrong_dataset_name),
)
