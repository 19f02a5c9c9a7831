"""The Python that loads the data: it decides which loaders, releases, certifi bundle and OpenSSL defaults count.

The doctor often runs from an environment of its own (pipx, uvx). Nothing of another Python is imported: what is there
is read from its folders, and what its `ssl` has for defaults it is asked itself, once, unless it merely lies in the
current folder.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

DecidedBy = Literal["option", "VIRTUAL_ENV", "CONDA_PREFIX", "folder", "own"]
"""``folder``: a ``.venv`` of the current folder; ``own``: the interpreter that runs mnistdoctor."""

_PATIENCE_S = 10.0
_RELEASE = re.compile(r"[0-9][0-9A-Za-z.+!_-]{0,63}")
"""What a distribution's metadata may say; it goes into request fields and reports."""
_LARGEST_CFG = 1 << 16

_ASK = """
import json, os, platform, site, sys
found = {"name": platform.python_implementation() + " " + platform.python_version(), "prefix": sys.prefix}
folders = [one for one in sys.path if os.path.basename(one) in ("site-packages", "dist-packages")]
if sys.prefix == sys.base_prefix:
    folders.insert(0, site.getusersitepackages())
found["folders"] = folders
try:
    import ssl
    paths = ssl.get_default_verify_paths()
    found["openssl"] = " ".join(ssl.OPENSSL_VERSION.split()[:2])
    found["cafile"], found["capath"] = paths.openssl_cafile, paths.openssl_capath
    found["strict"] = bool(ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT)
except Exception:
    pass
print(json.dumps(found))
"""
"""Run with ``-I``: nothing of the current folder, of PYTHON* variables or of the user's own folder is imported."""


class NoPython(Exception):  # noqa: N818 - wrong usage
    """What was named is no Python that runs."""


@dataclass(frozen=True)
class Python:
    """One interpreter, and where its packages lie."""

    path: str
    """The interpreter's file; that of its environment's folder where there is none."""
    decided_by: DecidedBy
    name: str
    """Such as ``CPython 3.11.7``."""
    folders: tuple[str, ...] | None
    """Where its packages lie; None: wherever the interpreter that runs mnistdoctor looks."""
    openssl: str
    """Such as ``OpenSSL 3.0.19``."""
    cafile: str
    """OpenSSL's own default, compiled in."""
    capath: str
    strict: bool
    """Whether its default contexts insist on what RFC 5280 says of certificates, as from Python 3.13 on."""

    @property
    def own(self) -> bool:
        """Whether it is the interpreter that runs mnistdoctor."""
        return self.folders is None

    @property
    def version(self) -> str:
        """Such as ``3.11.7``."""
        return self.name.split()[-1]

    def release(self, distribution: str) -> str | None:
        """The release of a distribution that is installed there, by its metadata; None: not there."""
        from importlib.metadata import distributions

        for found in distributions(name=distribution, path=list(sys.path if self.folders is None else self.folders)):
            # a broken installation has metadata without a version
            release = found.metadata["Version"] if found.metadata else None
            if release and _RELEASE.fullmatch(release):
                return release
        return None

    def has(self, module: str) -> bool:
        """Whether it could import that module or package."""
        if self.folders is None:
            return importlib.util.find_spec(module) is not None
        return any(os.path.exists(os.path.join(one, name)) for one in self.folders for name in (module, f"{module}.py"))  # noqa: PTH110, PTH118

    @cached_property
    def certifi(self) -> str:
        """The bundle of its certifi; ours where it has none."""
        import certifi

        places = (os.path.join(one, "certifi", "cacert.pem") for one in self.folders or ())  # noqa: PTH118
        return next((one for one in places if os.path.isfile(one)), None) or certifi.where()  # noqa: PTH113


def own(decided_by: DecidedBy = "own") -> Python:
    """The interpreter that runs mnistdoctor."""
    usual = ssl.get_default_verify_paths()
    return Python(
        path=sys.executable,
        decided_by=decided_by,
        name=f"{platform.python_implementation()} {platform.python_version()}",
        folders=None,
        openssl=" ".join(ssl.OPENSSL_VERSION.split()[:2]),
        cafile=usual.openssl_cafile,
        capath=usual.openssl_capath,
        strict=sys.version_info >= (3, 13),
    )


def users(option: str | None, variables: Mapping[str, str], folder: Path) -> Python:
    """The option's, else the active environment's, else that of ``.venv`` in the folder, else our own.

    Raises `NoPython` where the option names none; a variable that does is passed over.
    """
    if option:
        import shutil

        found = shutil.which(option) if not re.search(r"[/\\]", option) and not Path(option).exists() else option
        interpreter = _interpreter(Path(found).expanduser()) if found else None
        python = interpreter and _asked(interpreter, "option")
        if not python:
            raise NoPython(option)
        return python
    active: tuple[DecidedBy, ...] = ("VIRTUAL_ENV", "CONDA_PREFIX")
    for name in active:
        interpreter = _interpreter(Path(variables[name])) if variables.get(name) else None
        python = interpreter and (_asked(interpreter, name) or _read(interpreter, name))
        if python:
            return python
    interpreter = _interpreter(folder / ".venv")
    return _read(interpreter, "folder") if interpreter else own()


def _interpreter(path: Path) -> Path | None:
    """The file itself, or that of an environment's folder."""
    try:
        if path.is_dir():
            names = ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe")
            return next((path.absolute() / name for name in names if (path / name).is_file()), None)
        return path.absolute() if path.is_file() else None
    except OSError:
        return None


def _prefix(interpreter: Path) -> Path:
    return interpreter.parent.parent if interpreter.parent.name in ("bin", "Scripts") else interpreter.parent


def _is_own(interpreter: Path) -> bool:
    try:
        return os.path.samefile(interpreter, sys.executable) and os.path.samefile(_prefix(interpreter), sys.prefix)  # noqa: PTH121
    except OSError:
        return False


def _asked(interpreter: Path, decided_by: DecidedBy) -> Python | None:
    """What the interpreter says of itself; None where it does not run."""
    if _is_own(interpreter):
        return own(decided_by)
    import json
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603 - the user's own interpreter
            [str(interpreter), "-I", "-c", _ASK],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        ours = own()
        return Python(
            path=str(interpreter),
            decided_by=decided_by,
            name=str(found["name"]),
            folders=tuple(found["folders"]),
            openssl=found.get("openssl", ours.openssl),
            cafile=found.get("cafile", ours.cafile),
            capath=found.get("capath", ours.capath),
            strict=found.get("strict", ours.strict),
        )
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


def _read(interpreter: Path, decided_by: DecidedBy) -> Python:
    """What its folders say; nothing of it is run, so OpenSSL's defaults are taken to be ours."""
    if _is_own(interpreter):
        return own(decided_by)
    prefix, ours = _prefix(interpreter), own()
    said = _configuration(prefix)
    release = re.match(r"\d+\.\d+(\.\d+)?", said.get("version") or said.get("version_info") or "")
    places = [*prefix.glob("lib/python3*/site-packages"), *prefix.glob("Lib/site-packages")]
    if said.get("include-system-site-packages", "").lower() == "true" and said.get("home"):
        base = _prefix(Path(said["home"]) / "python")
        for pattern in ("lib/python3*/*-packages", "Lib/site-packages", "local/lib/python3*/*-packages"):
            places += base.glob(pattern)
    minor = tuple(map(int, release[0].split(".")[:2])) if release else sys.version_info[:2]
    return Python(
        path=str(interpreter),
        decided_by=decided_by,
        name=f"Python {release[0]}" if release else ours.name,
        folders=tuple(map(str, places)),
        openssl=ours.openssl,
        cafile=ours.cafile,
        capath=ours.capath,
        strict=minor >= (3, 13),
    )


def _configuration(prefix: Path) -> dict[str, str]:
    """The lines of an environment's ``pyvenv.cfg``."""
    try:
        with (prefix / "pyvenv.cfg").open("rb") as file:
            text = file.read(_LARGEST_CFG).decode("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
