"""A program that looks for its data, or for a module, in a place where they are not."""

from __future__ import annotations

import re

from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts.traceback import ProgramError, ended_with, facts, first_match, in_the_way
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, python_line
from mnistdoctor.wording import shortened

_NOT_FOUND = (
    "FileNotFoundError",
    "NotFoundError",
    "OSError",
    "IOError",
    "RuntimeError",
    "ValueError",
    "MXNetError",
    "AssertionError",
    "PermissionDeniedError",
)
_TLS = ("ssl", "httpx", "httpcore", "requests", "urllib3", "certifi", "aiohttp")
"""A file that these do not find is a trust store: `tls-ca-path-wrong`."""
_HUB = re.compile(r"\bHub\b|[Cc]ouldn't find (any data file|a dataset script|any data)|snapshot|LocalEntry")
"""Hugging Face says so for 403, 404, 5xx and portals too: the words prove nothing about a path."""
_LONGEST = 250
"""Characters; Windows refuses longer paths with the same words (260 with the ending NUL and a short name)."""


def program_wrong_path(case: Case) -> Finding | None:
    """Holds when the program looked for its file or module where it is not."""
    said = ended_with(case)
    if said is None:
        return None
    module = in_the_way(said)
    if module is not None:
        return _hidden(case, said, module)
    if said.of_network:
        return None
    table = facts("program.toml")["path"]
    if first_match(table["certain"], said.text):
        return _not_there(case, said, "", certain="or corrupted" not in said.text)
    path = _named(said)
    return _not_there(case, said, path, certain=said.symptom.exception == "FileNotFoundError") if path else None


def _named(said: ProgramError) -> str | None:
    """The path that was not found; None where the words are of something else than a program's data."""
    table, text = facts("program.toml")["path"], said.text
    if said.symptom.exception not in _NOT_FOUND or said.where in _TLS or _HUB.search(text):
        return None
    if not first_match((table["missing"],), text) or first_match((table["not_ours"],), text):
        return None
    match = re.search(
        r"['\"](?P<q>[^'\"]{1,400})['\"]|Error: (?P<tf>(?:[\w.~-]*[/\\]|[A-Za-z]:)[^;:]{0,400})"
        r"|Error: (?P<np>[^\s'\"]{1,250}\.\w{1,6}) not found",
        text,
    )
    path = (match["q"] or match["tf"] or match["np"]) if match else ""
    is_path = "/" in path or "\\" in path or re.search(r"\.\w{1,6}$", path)
    if not path or "://" in path or len(path) > _LONGEST or re.search(r"\s{2}", path):
        return None
    return path if is_path or said.symptom.exception == "FileNotFoundError" else None


def _not_there(case: Case, said: ProgramError, path: str, *, certain: bool) -> Finding:
    relative = bool(path) and not re.match(r"[/\\~]|[A-Za-z]:", path)
    shown = f"`{shortened(path, 80)}`" if path else "the folder it was given"
    seen = [f"no such file or folder: {path}"] if path else []
    if relative:
        seen.append("the path is relative: it counts from the folder in which the program was started")
    return finding(
        f"the program looks for its data in {shown}, and they are not there",
        "No network was used: the loader was told to take what is on disk and found nothing. Its `root` "
        "names another folder than the data are in, or nothing was ever downloaded. Loaders expect a fixed tree below "
        "their root: torchvision looks for `MNIST/raw` there, so `root` is the folder above `MNIST`.",
        said.sentences(*seen),
        fixes=(_download(said), _look(case, relative=relative)),
        unlike=certain and path and {"cache-stale-bad-file": "no bad file is there: none is"},
        perhaps=not certain and ("cache-stale-bad-file", "disk-permission"),
    )


def _download(said: ProgramError) -> tuple[Fix, ...]:
    """For loaders whose words offer it: the download is off unless it is asked for."""
    if not re.search(r"download ?= ?True|download_if_missing|download_and_prepare", said.text):
        return ()
    name = "download_if_missing" if "download_if_missing" in said.text else "download"
    line = f"{name}=True  # as an argument of the call that failed"
    return (Fix(title="Let the loader download", commands=(python_line(line),), untried="it is in your program"),)


def _look(case: Case, *, relative: bool) -> Fix:
    title = "Give the right folder, as a full path" if relative else "Look where the data are, and name that folder"
    line = "Get-ChildItem -Recurse -Depth 3 -Filter '*ubyte*'" if on_windows(case) else "find . -name '*ubyte*' | head"
    return Fix(title=title, commands=(command(case, line),), untried="only you know where the data should be")


def _hidden(case: Case, said: ProgramError, module: str) -> Finding:
    top = module.split(".")[0]
    line = f'python -c "import {top}; print({top}.__file__)"'
    return finding(
        f"a file of your own is imported in place of the library `{shortened(top, 60)}`",
        "Python looks for modules in the program's own folder first. A file or folder there that has the "
        f"library's name, such as {shortened(top, 60)}.py, hides the library, and what the program asks of it is not "
        "there. No network is at fault.",
        said.sentences(f"the module that was found as `{shortened(top, 60)}` is not an installed one"),
        fixes=Fix(
            title=f"See which file it is, then rename it (and remove its `__pycache__`): not {top}.py",
            commands=(command(case, line),) if re.fullmatch(r"\w+", top) else (),
            untried="the file is yours",
        ),
        perhaps=("program-missing-module", "program-api-changed"),
    )


CAUSES: tuple[Cause, ...] = (cause(program_wrong_path),)
