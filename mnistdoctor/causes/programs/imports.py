"""What a program asks of its libraries and does not get: a module that is not there, a call that is gone."""

from __future__ import annotations

import re
import sys
from typing import Any

from mnistdoctor.causes.base import Case, Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.facts.traceback import ProgramError, change, ended_with, facts, in_the_way
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import install, python_line
from mnistdoctor.wording import shortened

_IMPORTS = ("ImportError", "ModuleNotFoundError")
_OTHER_CAUSES = re.compile(
    r"\bssl\b|\b_ssl\b|libssl|libcrypto|SSL module|OpenSSL 1|LibreSSL|\b_?sockets?\b|SOCKS|PySocks|socksio",
    re.IGNORECASE,
)
"""Modules whose absence is a cause of its own: TLS, sockets, a proxy's SOCKS."""
_ABSENT = (
    r"No module named '?\"?(?P<name>[A-Za-z_][\w.]*)",
    r"(?:Missing optional dependency|Failed importing|Failed to import|Unable to import(?: required dependenc\w+)?:?) "
    r"['`\"]?(?P<name>[A-Za-z_][\w-]*)",
    r"(?P<name>[A-Za-z_]\w*)_failed_to_import\b",
    r"[Pp]lease (?:pip )?install (?:the )?(?:package )?['`\"]?(?P<name>[A-Za-z_][\w-]*)",
    r"pip3? install (?:-U |--upgrade )?['`\"]?(?P<name>[A-Za-z_][\w-]*)",
    r"\b(?P<name>[A-Za-z_][\w-]*)\b['`\"]?(?: \([\w .]+\))? (?:is|are|was|not) "
    r"(?:required|not installed|not found|not available|installed|found|needed)",
    r"requires? (?:the )?(?:package |library |installation of )?['`\"]?(?P<name>[A-Za-z_][\w-]*)",
)
_FILLERS = frozenset({"package", "module", "the", "it", "this", "to", "a", "library", "that", "which", "installed"})


def program_missing_module(case: Case) -> Finding | None:
    """Holds when the program ended because a module that it imports is not installed."""
    said = ended_with(case)
    if said is None or said.of_network or in_the_way(said) or change(said) is not None:
        return None
    module = _absent(said)
    if module is None or ("_failed_to_import" not in said.text and _gone(said) is not None):
        return None
    table = facts("program.toml")
    distribution = _distribution(module)
    own = module.split(".")[0] in table["own"]
    part = f": it comes with `{distribution}`" if distribution and distribution != module else ""
    return finding(
        f"this Python has no module `{shortened(module, 60)}`{part}",
        "The program stopped before it downloaded anything, or at the step that needs this module: no "
        "network is at fault. The module is not installed in the interpreter that ran the program; another "
        "interpreter, environment or notebook kernel on the same machine may well have it.",
        said.sentences(f"the module `{shortened(module, 60)}` was asked for"),
        fixes=_bring(case, module, distribution, own=own),
        unlike={"program-api-changed": "the whole module is not there, not one name of it"},
        perhaps=said.symptom.exception not in _IMPORTS and "program-api-changed",
    )


def _absent(said: ProgramError) -> str | None:
    """The module that is said not to be there; None where something else is said."""
    text = said.text
    plain = re.search(r"No module named|_failed_to_import\b|Missing optional dependency", text)
    if (said.symptom.exception not in _IMPORTS and not plain) or _OTHER_CAUSES.search(text):
        return None
    if re.search(r"cannot import name|DLL load failed|shared object|undefined symbol|symbol not found", text):
        return None
    for pattern in _ABSENT:
        for match in re.finditer(pattern, text):
            name = match.group("name").rstrip(".")
            if name.lower() not in _FILLERS:
                return name
    return None


def _distribution(module: str) -> str | None:
    """Its name on the package index, where it is known."""
    table: dict[str, str] = facts("program.toml")["modules"]
    exact = table.get(module) or table.get(module.split(".")[0])
    # In a sentence a library is written as its people write it: TensorFlow, Pillow.
    names = {name.casefold(): name for name in table.values()} | {key.casefold(): name for key, name in table.items()}
    return exact or names.get(module.casefold())


def _bring(case: Case, module: str, distribution: str | None, *, own: bool) -> tuple[Fix, ...]:
    top = module.split(".")[0]
    if distribution:
        return (
            install(case, f"Install `{distribution}` for the very Python that runs the program", distribution),
            Fix(
                title="In a notebook: install it for the running kernel, then restart that",
                commands=(python_line(f"%pip install {distribution}"),),
                untried="it changes your Python, which is yours to do",
            ),
        )
    if top in sys.stdlib_module_names:
        return (
            Fix(
                title=f"Install a whole Python: `{top}` belongs to it, and this one was built without it",
                untried="it changes your Python, which is yours to do",
            ),
        )
    if own:
        return (
            Fix(
                title=f"Start the program in the folder that holds `{top}`: it looks like a file of the project",
                untried="only you know where it is",
            ),
        )
    return (
        Fix(
            title=f"Install the package that provides `{top}`; its documentation says under which name",
            untried="a guessed name may be somebody else's package",
        ),
        Fix(
            title=f"Or, if {top}.py is a file of the project, start the program in the folder that holds it",
            untried="only you know where it is",
        ),
    )


_NO_ATTRIBUTE = re.compile(r"module '?(?P<module>[\w.]+)'? has no attribute '?(?P<name>\w+)")
_NO_NAME = re.compile(r"cannot import name '?(?P<name>\w+)'?(?: from '?(?P<module>[\w.]+)'?)?")
_NO_PART = re.compile(r"No module named '?(?P<module>[A-Za-z_]\w*)\.(?P<name>[\w.]+)")
_OWN_ATTRIBUTE = re.compile(
    r"(?:'(?!NoneType)(?P<module>[A-Z]\w+)' object|type object '(?P<type>\w+)') has no attribute '(?P<name>\w+)'"
)
_WRONG_CALL = re.compile(
    r"(?P<module>[\w.]+)\(\) (?:got an unexpected keyword argument|takes .{0,40}positional|"
    r"got multiple values|missing \d+ required)(?: '(?P<name>\w+)')?"
)
_LOADER_CALLS = frozenset(
    {
        "fetch_openml",
        "load_data",
        "load_dataset",
        "get_file",
        "download_url",
        "hf_hub_download",
        "read_data_sets",
        "get_mnist",
    }
)


def program_api_changed(case: Case) -> Finding | None:
    """Holds when the program ended because a library no longer has, or does not yet have, what it calls."""
    said = ended_with(case)
    if said is None or in_the_way(said):
        return None
    row = change(said)
    if row is not None:
        return _known_change(case, said, row)
    gone = None if said.of_network or "_failed_to_import" in said.text else _gone(said)
    if gone is None:
        return None
    library, name = gone
    return finding(
        f"the program asks {library} for `{name}`, which this release does not have",
        "The program and the library are of different times: a name was removed, renamed or came later. "
        "It stopped there, so no network is at fault. The library's release notes say what took its place; a "
        "tutorial that was written for another release has to be adapted.",
        said.sentences(f"`{name}` was asked of {library}"),
        fixes=_adapt(case, library, said),
        perhaps="program-missing-module" if said.symptom.exception in _IMPORTS else "program-loader-bug",
    )


def _known_change(case: Case, said: ProgramError, row: dict[str, Any]) -> Finding:
    call = row.get("call")
    shell = row.get("shell", "python")
    lines = (Command(call, shell),) if call else ()
    inside = said.where in facts("program.toml")["libraries"] and not said.of_network
    return finding(
        f"the program uses what is gone: {row['gone']}",
        "The program was written for another release than the one that is installed, so it stopped where "
        "the old call was. No network is at fault, and repeating it cannot help; the same data are to be had by the "
        "present call.",
        said.sentences(),
        fixes=(
            call and Fix(title="Use what took its place", commands=lines, untried="it is in your program"),
            inside and _newer(case, said.where),
            not call
            and not inside
            and Fix(title="Run a newer edition of the program", untried="only you know where it comes from"),
        ),
        unlike=not said.of_network and {"program-missing-module": "the library itself is there"},
    )


def _gone(said: ProgramError) -> tuple[str, str] | None:
    """Which library lacks which name; None where the words do not say it of a library."""
    table, text, kind = facts("program.toml"), said.text, said.symptom.exception
    libraries, loaders = table["libraries"], table["loaders"]
    if kind == "AttributeError":
        match = _NO_ATTRIBUTE.search(text)
        if match and match["module"].split(".")[0] in libraries:
            return match["module"], match["name"]
        match = _OWN_ATTRIBUTE.search(text)
        return (said.where, match["name"]) if match and said.where in loaders else None
    if kind in _IMPORTS:
        return _gone_import(said) or _removed(said)
    if kind == "TypeError" and (match := _WRONG_CALL.search(text)):
        names = match["module"].split(".")
        made = names[-1] == "__init__" and "unexpected keyword" in text
        ours = names[-1] in _LOADER_CALLS or made or (said.where in loaders and names[-1] != "forward")
        return (match["module"] + "()", match["name"] or "this call") if ours else None
    return _removed(said)


def _gone_import(said: ProgramError) -> tuple[str, str] | None:
    """As `_gone`, of an import: of a name, or of a part of a package that is there."""
    table = facts("program.toml")
    match = _NO_NAME.search(said.text)
    if match:
        library = match["module"] or said.where
        return (library, match["name"]) if library.split(".")[0] in table["libraries"] else None
    match = _NO_PART.search(said.text)
    known = match and match["module"] in table["libraries"] and match["module"] not in table["spaces"]
    return (match["module"], match["name"]) if match and known else None


def _removed(said: ProgramError) -> tuple[str, str] | None:
    """As `_gone`, where a library that is there says in words what it dropped."""
    removed = re.search(r"`?(\w[\w.]*)`? (?:has been|was|is) (?:removed|no longer supported)", said.text)
    return (said.where, removed.group(1)) if removed and said.where in facts("program.toml")["libraries"] else None


def _adapt(case: Case, library: str, said: ProgramError) -> tuple[Fix, ...]:
    top = library.split(".")[0].removesuffix("()")
    holder = top if top in facts("program.toml")["libraries"] else said.where
    return (
        Fix(title="Use the present name, from the library's release notes", untried="it is in your program"),
        *((_newer(case, holder),) if _distribution(holder) else ()),
    )


def _newer(case: Case, package: str) -> Fix:
    distribution = _distribution(package)
    if distribution is None:
        return Fix(title=f"Or bring {package} up to date", untried="its name on the package index is not known here")
    return install(case, f"Or bring `{distribution}` up to date", distribution, upgrade=True)


CAUSES: tuple[Cause, ...] = (
    cause(program_api_changed),
    cause(program_missing_module),
)
