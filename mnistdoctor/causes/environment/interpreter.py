"""What the interpreter itself has not: TLS, sockets, md5. Told by the machine's record, or by what a program said."""

from __future__ import annotations

import re

from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import interpreter
from mnistdoctor.causes.facts.loader_bugs import md5_mended
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error, text_of
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, install, on_windows, python_line

_LACKS = {
    "socket": "the module `_socket` is not in this interpreter",
    "sockets": "the system refuses to make a socket for this process",
}


def env_no_sockets(case: Case) -> Finding | None:
    """Holds when this interpreter, or the sandbox around it, hands programs no network sockets."""
    error, browser = final_error(case), interpreter.browser(case)
    observed = _program_without(case, error, browser) if error else _machine_without(case, browser)
    if observed is None:
        return None
    certain, evidence = observed
    return finding(
        "this Python has no network sockets: "
        + ("it runs in a browser or a sandbox" if browser else "its sandbox or its build does not give them"),
        "Loaders open network connections, and this interpreter cannot: Pyodide, JupyterLite and sandboxes "
        "hand programs no sockets. The server was not asked. In a browser only the page's own fetch reaches the net, "
        "and only servers that allow it (CORS), which dataset hosts rarely do.",
        evidence,
        fixes=(
            Fix(
                title="Download the file with the browser, upload it beside the notebook, and load it from there",
                untried="it is done in the browser",
            ),
            browser and case.subject.url and _fetch_as_the_page(case.subject.url),
            Fix(title="Run the program in an ordinary Python", untried="it is another place"),
        ),
        unlike=certain and {"notebook-internet-disabled": "there sockets exist and nobody answers"},
        perhaps=not certain and "tls-module-missing",
    )


def _program_without(case: Case, error: ProgramError, browser: str) -> tuple[bool, tuple[str, ...]] | None:
    """Whether it is certain, and the evidence; None where the program did not end for want of sockets."""
    complaint = interpreter.complaint(case, "sockets")
    failed = error.of_network or error.exception in ("OSError", "BlockingIOError") or interpreter.complaint(case, "tls")
    if complaint is None and not (browser and failed):
        return None
    return complaint is not None and complaint.exception != "", (*error.evidence, browser)


def _machine_without(case: Case, browser: str) -> tuple[bool, tuple[str, ...]] | None:
    """The same by the machine's record."""
    lacks = next((_LACKS[name] for name in case.machine.lacks if name in _LACKS), None)
    if not (lacks or browser) or not interpreter.needs_network(case):
        return None
    if lacks:
        return True, (lacks, browser)
    # Since urllib3 2.2 `requests` goes by the page's fetch there, and may succeed.
    return case.client.family != "requests", (browser, "WebAssembly has no sockets")


def _fetch_as_the_page(url: str) -> Fix:
    name = split_url(url).path.rsplit("/", 1)[-1]
    name = name if re.fullmatch(r"[\w.-]+", name) and name.strip(".") else "download"
    line = f"from pyodide.http import pyfetch; open({name!r}, 'wb').write(await (await pyfetch({url!r})).bytes())"
    return Fix(
        title="Fetch it as the page does, where the server allows that (top level of a notebook cell)",
        commands=(python_line(line),),
        untried="it runs in the page, not here",
    )


def tls_module_missing(case: Case) -> Finding | None:
    """Holds when this interpreter has no `ssl` module, or one that its TLS library no longer fits."""
    error, url = final_error(case), split_url(case.subject.url)
    absent, too_old = interpreter.complaint(case, "tls"), interpreter.complaint(case, "old_tls")
    if not absent and not too_old:
        https = url.scheme.lower() == "https"
        if error or "ssl" not in case.machine.lacks or not https or not interpreter.needs_network(case):
            return None
    if interpreter.browser(case):
        return None
    only_old = too_old is not None and absent is None
    why = "its OpenSSL is older than the library demands" if only_old else "the module `ssl` cannot be loaded"
    return finding(
        f"this Python cannot speak TLS, so no https URL can be fetched: {why}",
        "Python's TLS is the module `ssl` with OpenSSL's libraries below it. Here it was not built in, or "
        "the libraries are not found: usual where Python was compiled without OpenSSL's headers, or conda's was "
        "started without activating its environment. The server was not asked.",
        error.evidence
        if error
        else (
            f"the module `_ssl` is not in this interpreter ({case.machine.python})",
            f"{url.hostname or case.subject.url} is asked for by https, which needs it",
        ),
        fixes=(
            _repair(case),
            only_old
            and install(case, "Until then, keep urllib3 at the releases that still take this OpenSSL", "urllib3<2"),
        ),
        unlike={"tls-trust-store-empty": "no certificate was looked at: TLS itself is not there"},
        perhaps=only_old and "program-api-changed",
    )


def _repair(case: Case) -> tuple[Fix, ...]:
    windows = on_windows(case)
    activate = "conda activate base" if windows else 'conda activate "${CONDA_DEFAULT_ENV:-base}"'
    build = "winget install Python.Python.3.12" if windows else "pyenv install --force 3.12"
    headers = "" if windows else " (`libssl-dev` or `openssl-devel` must be there before it is built)"
    return (
        Fix(
            title="See what `ssl` says when it is loaded, by the Python that runs the program",
            commands=(command(case, 'python -c "import ssl; print(ssl.OPENSSL_VERSION)"'),),
            untried="it shows the reason, and mends nothing",
        ),
        Fix(
            title="With conda: activate the environment before Python is started",
            commands=(command(case, activate),),
            untried="the interpreter is yours to mend",
        ),
        Fix(
            title=f"Else install Python again, with OpenSSL{headers}",
            commands=(command(case, build),),
            untried="the interpreter is yours to mend",
        ),
    )


def checksum_md5_unavailable(case: Case) -> Finding | None:
    """Holds when this interpreter refuses MD5, as OpenSSL in FIPS mode does, and the client asks for it."""
    error, complaint = final_error(case), interpreter.complaint(case, "md5")
    if error and complaint:
        text = text_of(complaint)
        if re.search(table("program")["interpreter"]["not_md5"], text):
            return None
        return _md5_forbidden(case, error, error.evidence, certain=_of_md5(error, text))
    if error or "md5" not in case.machine.lacks or not interpreter.computes_md5(case):
        return None
    loader, release = case.subject.loader, case.subject.release
    evidence = (
        "`hashlib.md5()` is refused by this interpreter: a build or a system in FIPS mode",
        f"{loader} {release or '(its newest release)'} compares md5, and does not say that it is not for security",
    )
    return _md5_forbidden(case, None, evidence, certain=release is not None)


def _of_md5(error: ProgramError, text: str) -> bool:
    """Whether it was md5 that was refused: by name, or because the loader computes no other digest."""
    return "md5" in text.lower() or ("fips" in text.lower() and error.inside(*md5_mended().keys() - {"keras"}))


def _md5_forbidden(case: Case, error: ProgramError | None, evidence: tuple[str, ...], *, certain: bool) -> Finding:
    loader = case.subject.loader or ("torchvision" if error and error.inside("torchvision") else "")
    mended, file = md5_mended().get(loader), case.subject.file or ""
    shows = f"mnistdoctor list {file.split('/')[0]}"
    return finding(
        f"{loader or 'the program'} cannot compare the file's md5: this machine forbids md5 (FIPS mode)",
        "On a FIPS machine OpenSSL refuses md5 unless the caller says that it is not meant for security. "
        "The file may be perfectly right: nothing was compared. From Python 3.9 on libraries can say so, "
        "and newer ones do.",
        evidence,
        fixes=(
            mended
            and install(
                case,
                f"Update torchvision: since {mended} it says that its md5 is not for security",
                f"torchvision>={mended}",
                upgrade=True,
            ),
            Fix(
                title="See the file's sources and its SHA-256, and check what you fetch with that",
                commands=(command(case, shows),) if re.fullmatch(r"[\w./-]+", file) else (),
                untried="it only shows them",
            ),
        ),
        unlike={"checksum-mismatch-corruption": "nothing was compared, so nothing differed"},
        perhaps=not certain and "program-api-changed",
    )


CAUSES: tuple[Cause, ...] = (
    cause(env_no_sockets, before_wire=True, machine_wide=True),
    cause(tls_module_missing, before_wire=True, machine_wide=True),
    cause(checksum_md5_unavailable, before_wire=True),
)
