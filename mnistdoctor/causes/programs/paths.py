"""A program that looks for its data, or for a module, in a place where they are not."""

from __future__ import annotations

import re

from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.libraries import shadowed_module
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error, missing_path
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, in_program, on_windows, quoted
from mnistdoctor.wording import shortened


def program_wrong_path(case: Case) -> Finding | None:
    """Holds when the program looked for its file or module where it is not."""
    error = final_error(case)
    if error is None:
        return None
    if module := shadowed_module(error):
        return _shadowed(case, error, module)
    if error.of_network:
        return None
    if error.match(*table("program")["path"]["certain"]):
        return _not_there(case, error, "", certain="or corrupted" not in error.text)
    path = missing_path(error)
    return _not_there(case, error, path, certain=error.exception == "FileNotFoundError") if path else None


def _not_there(case: Case, error: ProgramError, path: str, *, certain: bool) -> Finding:
    relative = bool(path) and not re.match(r"[/\\~]|[A-Za-z]:", path)
    shown = f"`{shortened(path, 80)}`" if path else "the folder it was given"
    return finding(
        f"the program looks for its data in {shown}, and they are not there",
        "No network was used: the loader was told to take what is on disk and found nothing. Its `root` "
        "names another folder than the data are in, or nothing was ever downloaded. Loaders expect a fixed tree below "
        "their root: torchvision looks for `MNIST/raw` there, so `root` is the folder above `MNIST`.",
        error.evidence,
        path and f"no such file or folder: {path}",
        relative and "the path is relative: it counts from the folder in which the program was started",
        fixes=(_download(error), _look(case, path, relative=relative)),
        unlike=certain and path and {"cache-stale-bad-file": "no bad file is there: none is"},
        perhaps=not certain and ("cache-stale-bad-file", "disk-permission"),
    )


def _download(error: ProgramError) -> Fix | None:
    """For loaders whose words offer it: the download is off unless it is asked for."""
    if not error.match(*table("program")["path"]["download"]):
        return None
    name = "download_if_missing" if "download_if_missing" in error.text else "download"
    return in_program("Let the loader download", f"{name}=True  # as an argument of the call that failed")


def _look(case: Case, path: str, *, relative: bool) -> Fix:
    title = "Give the right folder, as a full path" if relative else "Look where the data are, and name that folder"
    name = re.split(r"[/\\]", path)[-1]
    pattern = quoted(case, name if re.fullmatch(r"[^*?]{1,80}\.\w{1,6}", name) else "*ubyte*")
    line = (
        f"Get-ChildItem -Recurse -Depth 3 -Filter {pattern}" if on_windows(case) else f"find . -name {pattern} | head"
    )
    return Fix(title=title, commands=(command(case, line),), untried="only you know where the data should be")


def _shadowed(case: Case, error: ProgramError, module: str) -> Finding:
    top = module.split(".")[0]
    name = shortened(top, 60)
    line = f'python -c "import {top}; print({top}.__file__)"'
    return finding(
        f"a file of your own is imported in place of the library `{name}`",
        "Python looks for modules in the program's own folder first. A file or folder there that has the "
        f"library's name, such as {name}.py, hides the library, and what the program asks of it is not "
        "there. No network is at fault.",
        error.evidence,
        f"the module that was found as `{name}` is not an installed one",
        fixes=Fix(
            title=f"See which file it is, then rename it (and remove its `__pycache__`): not {top}.py",
            commands=(command(case, line),) if re.fullmatch(r"\w+", top) else (),
            untried="the file is yours",
        ),
        perhaps=("program-missing-module", "program-api-changed"),
    )


CAUSES: tuple[Cause, ...] = (cause(program_wrong_path),)
