"""What a program asks of its libraries and does not get: a module, a name of one, a call that is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, final

from mnistdoctor.causes.base import Shell
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError

IMPORT_ERRORS = ("ImportError", "ModuleNotFoundError")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedCall:
    """A row of the table of calls that libraries no longer have."""

    says: str
    """The pattern that it is known by."""
    gone: str
    """What is gone, and since when, a clause without a full stop."""
    call: str = ""
    """What took its place, as one line."""
    shell: Shell = "python"


def is_library(module: str) -> bool:
    """Whether the module, or the package that it is in, is one of the libraries whose changes are known."""
    return module.split(".")[0] in table("program")["libraries"]


def distribution_of(module: str) -> str | None:
    """Its name on the package index, where it is known."""
    known: dict[str, str] = table("program")["modules"]
    exact = known.get(module) or known.get(module.split(".")[0])
    # In a sentence a library is written as its people write it: TensorFlow, Pillow.
    names = {name.casefold(): name for name in known.values()} | {key.casefold(): name for key, name in known.items()}
    return exact or names.get(module.casefold())


def shadowed_module(error: ProgramError) -> str | None:
    """The module that a file of the user's own hides, by the interpreter's own words; None where none does."""
    known = table("program")["shadowed"]
    if match := error.match(*known["names"]):
        return None if error.match(known["installed"]) else match[1]
    match = error.match(r"cannot import name '?\w+'? from '([\w.]+)' \((.+)\)$")
    return match[1] if match and is_library(match[1]) and not re.search(known["installed"], match[2]) else None


def removed_call(error: ProgramError) -> RemovedCall | None:
    """The call that is known to be gone; of an HTTP error only where it names a service that is gone."""
    if not error.exception or (error.of_network and "mldata.org" not in error.text):
        return None
    rows: list[dict[str, Any]] = table("program")["changed"]
    return next((RemovedCall(**row) for row in rows if error.match(row["says"])), None)


def missing_module(error: ProgramError) -> str | None:
    """The module that is not installed; None where the words are of something else."""
    known = table("program")["missing_module"]
    if error.of_network or shadowed_module(error) or removed_call(error) or missing_name(error):
        return None
    if error.exception not in IMPORT_ERRORS and not error.match(*known["plain"]):
        return None
    if error.match(*known["not_ours"], *known["not_module"]):
        return None
    matches = (match for pattern in known["names"] for match in re.finditer(pattern, error.text))
    names = (match["name"].rstrip(".") for match in matches)
    return next((name for name in names if name.lower() not in known["fillers"]), None)


def missing_name(error: ProgramError) -> tuple[str, str] | None:
    """Which library lacks which name; None where the words do not say it of a library."""
    if error.of_network or "_failed_to_import" in error.text:
        return None
    if error.exception == "AttributeError":
        return _missing_attribute(error)
    if error.exception == "TypeError" and (match := error.match(table("program")["missing_name"]["call"])):
        return (
            (f"{match['module']}()", match["name"] or "this call") if _calls_library(error, match["module"]) else None
        )
    if error.exception in IMPORT_ERRORS and (missing := _missing_import(error)):
        return missing
    return _removed_name(error)


def _missing_attribute(error: ProgramError) -> tuple[str, str] | None:
    known = table("program")
    match = error.match(known["missing_name"]["attribute"])
    if match and is_library(match["module"]):
        return match["module"], match["name"]
    match = error.match(known["missing_name"]["own_attribute"])
    return (error.package, match["name"]) if match and error.package in known["loaders"] else None


def _calls_library(error: ProgramError, function: str) -> bool:
    """Whether the function that was called in a wrong way is a library's, and not the user's."""
    known, name = table("program"), function.split(".")[-1]
    construction = name == "__init__" and "unexpected keyword" in error.text
    in_loader = error.package in known["loaders"] and name != "forward"
    return name in known["loader_calls"] or construction or in_loader


def _missing_import(error: ProgramError) -> tuple[str, str] | None:
    """A name of a module, or a part of a package that is there."""
    known = table("program")
    if match := error.match(known["missing_name"]["name"]):
        library = match["module"] or error.package
        return (library, match["name"]) if is_library(library) else None
    match = error.match(known["missing_name"]["part"])
    whole = match and is_library(match["module"]) and match["module"] not in known["spaces"]
    return (match["module"], match["name"]) if match and whole else None


def _removed_name(error: ProgramError) -> tuple[str, str] | None:
    """What a library that is there says in words that it dropped."""
    match = error.match(table("program")["missing_name"]["removed"])
    return (error.package, match["name"]) if match and is_library(error.package) else None
