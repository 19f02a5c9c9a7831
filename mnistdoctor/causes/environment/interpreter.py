"""What the interpreter itself has not: TLS, sockets, md5. Told by the machine's record, or by what a program said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import UnknownName, release_key
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts.cached_file import file_in_place
from mnistdoctor.causes.facts.traceback import ProgramError, ended_with, facts, text_of
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, install, on_windows, python_line

_SANDBOX = ("Emscripten", "WASI")
"""Systems of WebAssembly, as `platform.system()` names them: a page of a browser has no sockets to give."""
_BROWSER = re.compile(r"pyodide|emscripten|jupyterlite|wasm", re.IGNORECASE)
_NO_SOCKET = re.compile(
    r"No module named '?_?socket\b|import of _socket halted|sockets? (is|are) not (available|supported)|"
    r"DLL load failed while importing _socket",
    re.IGNORECASE,
)
_NO_TLS = re.compile(
    r"SSL module is not available|No module named '?_?ssl\b|import of _ssl halted|"
    r"unknown url type: ['\"]?https\b|DLL load failed while importing _ssl|_ssl[\w.-]*\.(so|pyd|dylib)\b|"
    r"lib(ssl|crypto)[\w.-]*: cannot open shared object|Library not loaded: .{0,200}lib(ssl|crypto)|"
    r"no module named ssl\b|ssl module in Python is not available|built without (the )?ssl|"
    r"module 'ssl' has no attribute '(SSLContext|SSLError|create_default_context)|HTTPSHandler",
    re.IGNORECASE,
)
_OLD_TLS = re.compile(r"only supports (OpenSSL|LibreSSL) .{1,80}'?ssl'? module is compiled with", re.IGNORECASE)
_NO_MD5 = re.compile(
    r"disabled for fips|unsupported hash type:? ?\(?'?md5|UnsupportedDigestmodError|"
    r"\[digital envelope routines[^\]]*\] ?(unsupported|disabled)",
    re.IGNORECASE,
)


_LACKS = {
    "socket": "the module `_socket` is not in this interpreter",
    "sockets": "the system refuses to make a socket for this process",
}


def _told(case: Case, pattern: re.Pattern[str]) -> ev.Symptom | None:
    """What the program ended with, or what lay below it, in these words; a line only where no exception was told."""
    said = ended_with(case)
    chain: Iterable[ev.Symptom] = (said.symptom, *reversed(said.below)) if said else ()
    return next((one for one in chain if pattern.search(text_of(one))), None)


def _needs_network(case: Case) -> bool:
    """Whether this interpreter has to open a connection: curl brings its own TLS, and a file in the cache is there."""
    return case.client.family != "curl" and file_in_place(case) is None


def _browser(case: Case, said: ProgramError | None) -> str:
    """Why this is a Python inside a browser or sandbox; empty where nothing says so."""
    if case.machine.platform.startswith(_SANDBOX):
        return f"the platform is {case.machine.platform}"
    if said is None:
        return ""
    inside = any(_BROWSER.search(name) for one in (*said.below, said.symptom) for name in one.raised_in)
    return "the traceback goes through Pyodide" if inside or _BROWSER.search(said.text) else ""


def env_no_sockets(case: Case) -> Finding | None:
    """Holds when this interpreter, or the sandbox around it, hands programs no network sockets."""
    said = ended_with(case)
    where = _browser(case, said)
    seen = _no_sockets(case, said, where)
    if seen is None:
        return None
    certain, evidence = seen
    return finding(
        "this Python has no network sockets: "
        + ("it runs in a browser or a sandbox" if where else "its sandbox or its build does not give them"),
        "Loaders open network connections, and this interpreter cannot: Pyodide, JupyterLite and sandboxes "
        "hand programs no sockets. The server was not asked. In a browser only the page's own fetch reaches the net, "
        "and only servers that allow it (CORS), which dataset hosts rarely do.",
        evidence,
        fixes=(
            Fix(
                title="Download the file with the browser, upload it beside the notebook, and load it from there",
                untried="it is done in the browser",
            ),
            where
            and case.subject.url
            and Fix(
                title="Or fetch it as the page does, where the server allows that (top level of a notebook cell)",
                commands=(
                    python_line(
                        f"from pyodide.http import pyfetch; open({_name(case)!r}, 'wb').write("
                        f"await (await pyfetch({case.subject.url!r})).bytes())"
                    ),
                ),
                untried="it runs in the page, not here",
            ),
            Fix(title="Or run the program in an ordinary Python", untried="it is another place"),
        ),
        unlike=certain and {"notebook-internet-disabled": "there sockets exist and nobody answers"},
        perhaps=not certain and "tls-module-missing",
    )


def _no_sockets(case: Case, said: ProgramError | None, where: str) -> tuple[bool, tuple[str, ...]] | None:
    """Whether it is certain, and what was seen; None where sockets are not in question."""
    if said is not None:
        told = _told(case, _NO_SOCKET)
        failed = said.of_network or _told(case, _NO_TLS) or said.symptom.exception in ("OSError", "BlockingIOError")
        if told is None and not (where and failed):
            return None
        return told is not None and told.exception != "", said.sentences(*((where,) if where else ()))
    lacks = next((_LACKS[name] for name in case.machine.lacks if name in _LACKS), None)
    if lacks and _needs_network(case):
        return True, tuple(filter(None, (lacks, where)))
    if where and _needs_network(case):
        # Since urllib3 2.2 `requests` goes by the page's fetch there, and may succeed.
        return case.client.family != "requests", (where, "WebAssembly has no sockets")
    return None


def _name(case: Case) -> str:
    name = split_url(case.subject.url).path.rsplit("/", 1)[-1]
    return name if re.fullmatch(r"[\w.-]+", name) and name.strip(".") else "download"


def tls_module_missing(case: Case) -> Finding | None:
    """Holds when this interpreter has no `ssl` module, or one that its TLS library no longer fits."""
    said = ended_with(case)
    told, old = _told(case, _NO_TLS), _told(case, _OLD_TLS)
    if told is None and old is None:
        https = split_url(case.subject.url).scheme.lower() == "https"
        if said is not None or "ssl" not in case.machine.lacks or not https or not _needs_network(case):
            return None
    if _browser(case, said):
        return None
    seen = (*(said.sentences() if said else ()),) or (
        f"the module `_ssl` is not in this interpreter ({case.machine.python})",
        f"{split_url(case.subject.url).hostname or case.subject.url} is asked for by https, which needs it",
    )
    why = "its OpenSSL is older than the library demands" if old and not told else "the module `ssl` cannot be loaded"
    return finding(
        f"this Python cannot speak TLS, so no https URL can be fetched: {why}",
        "Python's TLS is the module `ssl` with OpenSSL's libraries below it. Here it was not built in, or "
        "the libraries are not found: usual where Python was compiled without OpenSSL's headers, or conda's was "
        "started without activating its environment. The server was not asked.",
        seen,
        fixes=(_repair(case), old and not told and _older_urllib3(case)),
        unlike={"tls-trust-store-empty": "no certificate was looked at: TLS itself is not there"},
        perhaps=old and not told and "program-api-changed",
    )


def _repair(case: Case) -> tuple[Fix, ...]:
    windows = on_windows(case)
    test = 'python -c "import ssl; print(ssl.OPENSSL_VERSION)"'
    untried = "the interpreter is yours to mend"
    activate = "conda activate base" if windows else 'conda activate "${CONDA_DEFAULT_ENV:-base}"'
    build = "pyenv install --force 3.12" if not windows else "winget install Python.Python.3.12"
    return (
        Fix(
            title="See what `ssl` says when it is loaded, by the Python that runs the program",
            commands=(command(case, test),),
            untried="it shows the reason, and mends nothing",
        ),
        Fix(
            title="With conda: activate the environment before Python is started",
            commands=(command(case, activate),),
            untried=untried,
        ),
        Fix(
            title="Else install Python again, with OpenSSL"
            + ("" if windows else " (`libssl-dev` or `openssl-devel` must be there before it is built)"),
            commands=(command(case, build),),
            untried=untried,
        ),
    )


def _older_urllib3(case: Case) -> tuple[Fix, ...]:
    return (install(case, "Until then, keep urllib3 at the releases that still take this OpenSSL", "urllib3<2"),)


def checksum_md5_unavailable(case: Case) -> Finding | None:
    """Holds when this interpreter refuses MD5, as OpenSSL in FIPS mode does, and the client asks for it."""
    told = _told(case, _NO_MD5)
    said = ended_with(case)
    if told is not None and said is not None:
        another = re.search(r"\b(sha1|md4|sha256|blake2\w*)\b", text_of(told))
        return None if another else _forbidden(case, said.sentences(), certain=_of_md5(said, text_of(told)))
    if said is not None or "md5" not in case.machine.lacks or not _hashes(case):
        return None
    loader, release = case.subject.loader, case.subject.release
    return _forbidden(
        case,
        (
            "`hashlib.md5()` is refused by this interpreter: a build or a system in FIPS mode",
            f"{loader} {release or '(its newest release)'} compares md5, and does not say that it is not for security",
        ),
        certain=release is not None,
    )


def _of_md5(said: ProgramError, text: str) -> bool:
    """Whether it was md5 that was refused: by name, or because the loader computes no other digest."""
    table = facts("loader_bugs.toml")["md5"]
    return "md5" in text.lower() or ("fips" in text.lower() and said.inside(set(table) - {"keras"}))


def _hashes(case: Case) -> bool:
    """Whether this loader's release would compute md5 in the way that is refused, for the file in question."""
    loader, release = case.loader, case.subject.release
    mended = facts("loader_bugs.toml")["md5"].get(case.subject.loader)
    if (
        loader is None
        or mended is None
        or (mended and release_key(release or loader.newest_release) >= release_key(mended))
    ):
        return False
    here = file_in_place(case)
    if here is not None and here.form in ("decoded", "shadow"):
        return False  # torchvision then looks no further
    known = case.catalogue
    for dataset in loader.datasets:
        try:
            plan = loader.plan(dataset.name, release)
        except UnknownName:
            continue
        if plan.digest == "md5" and any(
            planned.file.id == case.subject.file and known.by_url(case.subject.url) for planned in plan.files
        ):
            return True
    return False


def _forbidden(case: Case, evidence: tuple[str, ...], *, certain: bool) -> Finding:
    said = ended_with(case)
    loader = case.subject.loader or ("torchvision" if said is not None and said.inside(("torchvision",)) else "")
    mended = facts("loader_bugs.toml")["md5"].get(loader)
    newer = (
        (
            install(
                case,
                f"Update torchvision: since {mended} it says that its md5 is not for security",
                f"torchvision>={mended}",
                upgrade=True,
            ),
        )
        if mended
        else ()
    )
    return finding(
        f"{loader or 'the program'} cannot compare the file's md5: this machine forbids md5 (FIPS mode)",
        "On a FIPS machine OpenSSL refuses md5 unless the caller says that it is not meant for security. "
        "The file may be perfectly right: nothing was compared. From Python 3.9 on libraries can say so, "
        "and newer ones do.",
        evidence,
        fixes=(
            newer,
            Fix(
                title="Or see the file's sources and its SHA-256, and check what you fetch with that",
                commands=(command(case, f"mnistdoctor list {case.subject.file.split('/')[0]}"),)
                if case.subject.file and re.fullmatch(r"[\w./-]+", case.subject.file)
                else (),
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
