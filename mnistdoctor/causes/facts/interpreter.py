"""What an interpreter has not: sockets, TLS, MD5. By the machine's record, or by the words of a program."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import UnknownName, release_key
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.cached_file import file_in_place
from mnistdoctor.causes.facts.loader_bugs import md5_mended
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import final_error, first_match, text_of

_WEBASSEMBLY = ("Emscripten", "WASI")
"""Systems as `platform.system()` names them: a page of a browser has no sockets to give."""


def release(case: Case) -> str:
    """The release of this Python, such as ``3.12.4``."""
    return case.machine.python.split()[-1]


def minor_release(case: Case) -> tuple[int, int]:
    """Its first two numbers; (3, 0) where the record does not tell."""
    found = re.match(r"(\d+)\.(\d+)", release(case))
    return (int(found[1]), int(found[2])) if found else (3, 0)


def complaint(case: Case, want: str) -> ev.Symptom | None:
    """The program's last exception that complains of this want (``sockets``, ``tls``, ``old_tls`` or ``md5``)."""
    error = final_error(case)
    chain = error.chain if error else ()
    return next((one for one in chain if first_match(table("program")["interpreter"][want], text_of(one))), None)


def browser(case: Case) -> str:
    """How it is known that this is a Python inside a browser or sandbox; empty where nothing says so."""
    if case.machine.platform.startswith(_WEBASSEMBLY):
        return f"the platform is {case.machine.platform}"
    error = final_error(case)
    if error is None:
        return ""
    frames = (name for one in error.chain for name in one.raised_in)
    inside = any(re.search(table("program")["interpreter"]["browser"], name) for name in (*frames, error.text))
    return "the traceback goes through Pyodide" if inside else ""


def needs_network(case: Case) -> bool:
    """Whether this interpreter has to open a connection: curl and its like do it themselves, a cached file is there."""
    return not case.client.is_program and file_in_place(case) is None


def computes_md5(case: Case) -> bool:
    """Whether the loader's release computes md5 of the file in question, in the way that FIPS builds refuse."""
    loader, release, mended = case.loader, case.subject.release, md5_mended().get(case.subject.loader or "")
    if loader is None or mended is None:
        return False
    if mended and release_key(release or loader.newest_release) >= release_key(mended):
        return False
    here = file_in_place(case)
    if here and here.form in ("decoded", "shadow"):
        return False  # torchvision then looks no further
    if not case.catalogue.by_url(case.subject.url):
        return False
    for dataset in loader.datasets:
        try:
            plan = loader.plan(dataset.name, release)
        except UnknownName:
            continue
        if plan.digest == "md5" and any(planned.file.id == case.subject.file for planned in plan.files):
            return True
    return False
