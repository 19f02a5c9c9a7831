"""What a program asks of its libraries and does not get: a module that is not there, a call that is gone."""

from __future__ import annotations

import sys

from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import libraries
from mnistdoctor.causes.facts.libraries import RemovedCall
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import in_program, install, python_line
from mnistdoctor.wording import shortened


def program_missing_module(case: Case) -> Finding | None:
    """Holds when the program ended because a module that it imports is not installed."""
    error = final_error(case)
    module = error and libraries.missing_module(error)
    if not error or not module:
        return None
    name, distribution = shortened(module, 60), libraries.distribution_of(module)
    part = f": it comes with `{distribution}`" if distribution and distribution != module else ""
    return finding(
        f"this Python has no module `{name}`{part}",
        "The program stopped before it downloaded anything, or at the step that needs this module: no "
        "network is at fault. The module is not installed in the interpreter that ran the program; another "
        "interpreter, environment or notebook kernel on the same machine may well have it.",
        error.evidence,
        f"the module `{name}` was asked for",
        fixes=_provide(case, module.split(".")[0], distribution),
        unlike={"program-api-changed": "the whole module is not there, not one name of it"},
        perhaps=error.exception not in libraries.IMPORT_ERRORS and "program-api-changed",
    )


def _provide(case: Case, package: str, distribution: str | None) -> tuple[Fix, ...]:
    if distribution:
        return (
            install(case, f"Install `{distribution}` for the very Python that runs the program", distribution),
            Fix(
                title="In a notebook: install it for the running kernel, then restart that",
                commands=(python_line(f"%pip install {distribution}"),),
                untried="it changes your Python, which is yours to do",
            ),
        )
    if package in sys.stdlib_module_names:
        title = f"Install a whole Python: `{package}` belongs to it, and this one was built without it"
        return (Fix(title=title, untried="it changes your Python, which is yours to do"),)
    if package in table("program")["own"]:
        title = f"Start the program in the folder that holds `{package}`: it looks like a file of the project"
        return (Fix(title=title, untried="only you know where it is"),)
    return (
        Fix(
            title=f"Install the package that provides `{package}`; its documentation says under which name",
            untried="a guessed name may be somebody else's package",
        ),
        Fix(
            title=f"Or, if {package}.py is a file of the project, start the program in the folder that holds it",
            untried="only you know where it is",
        ),
    )


def program_api_changed(case: Case) -> Finding | None:
    """Holds when the program ended because a library no longer has, or does not yet have, what it calls."""
    error = final_error(case)
    if error is None or libraries.shadowed_module(error):
        return None
    if removed := libraries.removed_call(error):
        return _removed(case, error, removed)
    missing = libraries.missing_name(error)
    if missing is None:
        return None
    library, name = missing
    package = library.split(".")[0].removesuffix("()")
    holder = package if libraries.is_library(package) else error.package
    return finding(
        f"the program asks {library} for `{name}`, which this release does not have",
        "The program and the library are of different times: a name was removed, renamed or came later. "
        "It stopped there, so no network is at fault. The library's release notes say what took its place; a "
        "tutorial that was written for another release has to be adapted.",
        error.evidence,
        f"`{name}` was asked of {library}",
        fixes=(
            in_program("Use the present name, from the library's release notes"),
            libraries.distribution_of(holder) and _update(case, holder),
        ),
        perhaps="program-missing-module" if error.exception in libraries.IMPORT_ERRORS else "program-loader-bug",
    )


def _removed(case: Case, error: ProgramError, removed: RemovedCall) -> Finding:
    in_library = libraries.is_library(error.package) and not error.of_network
    return finding(
        f"the program uses what is gone: {removed.gone}",
        "The program was written for another release than the one that is installed, so it stopped where "
        "the old call was. No network is at fault, and repeating it cannot help; the same data are to be had by the "
        "present call.",
        error.evidence,
        fixes=(
            removed.call
            and Fix(
                title="Use what took its place",
                commands=(Command(removed.call, removed.shell),),
                untried="it is in your program",
            ),
            in_library and _update(case, error.package),
            not removed.call
            and not in_library
            and Fix(title="Run a newer edition of the program", untried="only you know where it comes from"),
        ),
        unlike=not error.of_network and {"program-missing-module": "the library itself is there"},
    )


def _update(case: Case, package: str) -> Fix:
    distribution = libraries.distribution_of(package)
    if distribution is None:
        return Fix(title=f"Bring {package} up to date", untried="its name on the package index is not known here")
    return install(case, f"Bring `{distribution}` up to date", distribution, upgrade=True)


CAUSES: tuple[Cause, ...] = (
    cause(program_api_changed),
    cause(program_missing_module),
)
