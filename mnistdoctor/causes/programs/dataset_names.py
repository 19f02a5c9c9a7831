"""A data set that was asked for by a name which nobody has."""

from __future__ import annotations

from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import dataset_names
from mnistdoctor.causes.facts.libraries import removed_call
from mnistdoctor.causes.facts.traceback import ProgramError, final_error
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import python_line
from mnistdoctor.wording import shortened


def program_wrong_dataset_name(case: Case) -> Finding | None:
    """Holds when the program asked a loader for a data set by a name that it does not know."""
    error = final_error(case)
    unknown = error and dataset_names.unknown_dataset(error)
    if not error or not unknown or removed_call(error) or _refused_for_another_reason(case, error, unknown):
        return None
    name, meant = unknown.name, dataset_names.meant_names(case, error, unknown.name)
    of_module = dataset_names.asked_of_module(error)
    if of_module and not meant:
        return None
    hidden = of_module or "Hub" in error.text or error.exception == "DatasetNotFoundError"
    version = f" version {shortened(unknown.version, 20)}" if unknown.version else ""
    return finding(
        f"no such data set: `{shortened(name, 60)}`{version} is not known where it was asked for"
        if name
        else "no such data set: OpenML does not know the name, number or version it was asked for",
        "The service or the loader was reached and answered that it has nothing of that name. Names differ "
        "between loaders: MNIST is `mnist_784` at OpenML, `ylecun/mnist` on the Hugging Face Hub and `MNIST` in "
        "torchvision. Asking again will not help.",
        error.evidence,
        meant and f"the nearest known: {', '.join(meant)}",
        fixes=_rename(meant),
        unlike=not hidden
        and name
        and {"http-404-unexplained": "the name was looked up and denied; no file was missing"},
        perhaps=(hidden or not name) and _runners_up(error),
    )


def _refused_for_another_reason(case: Case, error: ProgramError, asked: dataset_names.UnknownDataset) -> bool:
    """Whether the name is right after all: a token, a gate or an old loader is in the way."""
    right = dataset_names.is_known(case, asked.name) and asked.version in (None, "active")
    return right and not dataset_names.offers_names(error)


def _runners_up(error: ProgramError) -> tuple[str, ...]:
    if dataset_names.asked_of_module(error):
        return ("program-api-changed",)
    return ("http-401-repo-hidden", "http-403-gated") if "Hub" in error.text else ("http-4xx-other",)


def _rename(meant: tuple[str, ...]) -> Fix:
    if not meant:
        return Fix(
            title="See the names that are known",
            commands=(python_line('fetch_openml("mnist_784", version=1)'),),
            untried="only you know which you want",
        )
    others = f", or one of {', '.join(meant[1:3])}" if meant[1:] else ""
    return Fix(title=f"Ask for `{shortened(meant[0], 60)}`{others}", untried="the name is in your program")


CAUSES: tuple[Cause, ...] = (cause(program_wrong_dataset_name),)
