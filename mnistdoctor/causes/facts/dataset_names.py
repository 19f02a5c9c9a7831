"""Names of data sets that a program asked for: which one is not known, and which was probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from mnistdoctor.catalogue import nearest_names
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError


@final
@dataclass(frozen=True, slots=True)
class UnknownDataset:
    """What a service or loader says that it does not know."""

    name: str
    """Empty where the words do not repeat it."""
    version: str | None = None


def unknown_dataset(error: ProgramError) -> UnknownDataset | None:
    """The data set that was asked for and is not known; None where the words are of something else."""
    match = error.match(*table("program")["dataset_name"]["unknown"])
    if match is None or ("HTTP Error 412" in error.text and not error.inside("sklearn", "openml")):
        return None
    groups = match.groupdict()
    return UnknownDataset(" ".join((groups.get("name") or "").split()), groups.get("version"))


def asked_of_module(error: ProgramError) -> bool:
    """Whether a module `datasets` was asked for it, as an attribute or in an import."""
    return error.match(table("program")["dataset_name"]["attribute"]) is not None


def offers_names(error: ProgramError) -> bool:
    """Whether the message itself names what there is."""
    return error.match(table("program")["dataset_name"]["offered"]) is not None


def is_known(case: Case, name: str) -> bool:
    """Whether a loader of the catalogue uses this name, in any letter case."""
    return name.casefold() in map(str.casefold, _known_names(case))


def meant_names(case: Case, error: ProgramError, name: str) -> tuple[str, ...]:
    """The names that were probably meant, best first: those that the message itself offers, else the catalogue's."""
    if not name:
        return ()
    known = table("program")["dataset_name"]
    if hint := error.match(known["meant"]):
        return (hint["name"].rstrip("."),)
    offered = error.match(known["offered"])
    names = re.findall(r"[\w./-]+", offered["names"]) if offered else []
    if "openml" in error.text.lower() or error.exception == "OpenMLError" or error.inside("sklearn"):
        nearest = nearest_names(name, known["openml"])
    else:
        nearest = nearest_names(name, names or (known["classes"] if "module '" in error.text else _known_names(case)))
    return nearest or tuple(names[:6])


def _known_names(case: Case) -> tuple[str, ...]:
    """All names that loaders use, those of the catalogue first."""
    datasets = (dataset for loader in case.catalogue.loaders for dataset in loader.datasets)
    names = (name for dataset in datasets for name in (dataset.name, *dataset.aliases))
    return tuple(dict.fromkeys((*names, *table("program")["dataset_name"]["classes"])))
