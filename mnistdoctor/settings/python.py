"""The Python that loads the data: it decides which loaders, releases, certifi bundle and OpenSSL defaults count.

The doctor often runs from an environment of its own (pipx, uvx). Nothing of another Python is imported: what is there
is read from its folders, and what its `ssl` has for defaults it is asked itself, once, where something is to be
fetched; never where it merely lies in the current folder.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from mnistdoctor.settings import site_folders

DecidedBy = Literal["option", "VIRTUAL_ENV", "CONDA_PREFIX", "folder", "own"]
"""``folder``: a ``.venv`` of the current folder; ``own``: the interpreter that runs mnistdoctor."""

PATIENCE_S = 10.0
"""For one start of another interpreter; on a cluster's file system it may take seconds."""


class NoPython(Exception):  # noqa: N818 - wrong usage
    """What the option names is no Python that runs; the message follows the name."""

    def __init__(self, message: str, hint: str = "name an interpreter, or its environment's folder") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Python:
    """One interpreter, and where its packages lie."""

    path: str
    """The interpreter's file; that of its environment's folder where there is none."""
    prefix: str
    """The folder of its environment or installation."""
    decided_by: DecidedBy
    name: str
    """Such as ``CPython 3.11.7``, or ``Python 3.11`` where no more could be read."""
    folders: tuple[str, ...] | None
    """Where its packages lie; None: wherever the interpreter that runs mnistdoctor looks."""
    openssl: str | None = None
    """Such as ``OpenSSL 3.0.19``; None where it was not asked."""
    cafile: str = ""
    """OpenSSL's own default, compiled in; that of the doctor's own where this one was not asked."""
    capath: str = ""
    lacks: tuple[str, ...] | None = None
    """What a whole Python has and it has not (``ssl``, ``socket``, ``md5``); None where it was not asked."""
    may_run: bool = False
    """Whether it is still to be asked."""
    note: str = ""
    """What went wrong with it, or with what should have led to another: sentences without a full stop."""

    @property
    def own(self) -> bool:
        """Whether it is the interpreter that runs mnistdoctor."""
        return self.folders is None

    @property
    def version(self) -> str:
        """Such as ``3.11.7``."""
        return self.name.split()[-1]

    @property
    def minor(self) -> tuple[int, int]:
        """The first two numbers of its release."""
        found = re.match(r"(\d+)\.(\d+)", self.version)
        return (int(found[1]), int(found[2])) if found else sys.version_info[:2]

    @property
    def strict(self) -> bool:
        """Whether its default contexts insist on what RFC 5280 says of certificates, as from Python 3.13 on."""
        return self.minor >= (3, 13)

    def release(self, distribution: str) -> str | None:
        """The release of a distribution that is installed there, by its metadata; None: not there."""
        if self.folders is not None:
            return self._installed.get(site_folders.normal(distribution))
        return _release_here(distribution)

    @cached_property
    def _installed(self) -> Mapping[str, str]:
        return site_folders.releases_in(self.folders or ())

    def has(self, module: str) -> bool:
        """Whether it could import that module or package."""
        if self.folders is None:
            return _present_here(module)
        return any(os.path.exists(os.path.join(one, name)) for one in self.folders for name in (module, f"{module}.py"))  # noqa: PTH110, PTH118

    @cached_property
    def certifi(self) -> str | None:
        """The bundle of its certifi; empty where its certifi leads to the system's, None where it has none."""
        if self.folders is None:
            import certifi

            return certifi.where()
        for one in self.folders:
            bundle = os.path.join(one, "certifi", "cacert.pem")  # noqa: PTH118
            if os.path.isfile(bundle):  # noqa: PTH113
                return bundle
            if os.path.isfile(os.path.join(one, "certifi", "core.py")):  # noqa: PTH113, PTH118 - Debian's, Fedora's
                return ""
        return None

    @property
    def installer(self) -> Literal["pip", "uv"]:
        """What installs into it: environments that uv has made have no pip of their own."""
        by_uv = "uv" in site_folders.configuration(Path(self.prefix))
        return "uv" if by_uv and not self.has("pip") else "pip"

    def asked(self, patience_s: float = PATIENCE_S) -> Python:
        """The same with its own word on its release and on its `ssl`, where it may be asked and was not."""
        from mnistdoctor.settings.ask_python import Silent, ask

        if not self.may_run:
            return self
        try:
            return _told(self, ask(self.path, patience_s))
        except Silent as error:
            note = f"it {error}, so OpenSSL's defaults are taken to be those of mnistdoctor's own Python"
            return replace(self, may_run=False, note="; ".join(filter(None, (self.note, note))))


@cache
def _release_here(distribution: str) -> str | None:
    """What this interpreter has; looked up once, though each request of a run names its client's."""
    from importlib.metadata import distributions

    for found in distributions(name=distribution):
        # a broken installation has metadata without a version
        release: str | None = found.metadata["Version"] if found.metadata else None
        if release:
            return release
    return None


@cache
def _present_here(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def own(decided_by: DecidedBy = "own") -> Python:
    """The interpreter that runs mnistdoctor."""
    usual = ssl.get_default_verify_paths()
    return Python(
        path=sys.executable or sys.prefix,
        prefix=sys.prefix,
        decided_by=decided_by,
        name=f"{platform.python_implementation()} {platform.python_version()}",
        folders=None,
        openssl=_short(ssl.OPENSSL_VERSION),
        cafile=usual.openssl_cafile,
        capath=usual.openssl_capath,
    )


def users(option: str | None, variables: Mapping[str, str], folder: Path, patience_s: float = PATIENCE_S) -> Python:
    """The option's, else the active environment's, else that of ``.venv`` in the folder, else our own.

    Raises `NoPython` where the option names none; a variable that does is passed over, and `Python.note` says so.
    Only the one that the option names is asked at once.
    """
    if option:
        return _named(option, variables, patience_s)
    passed: list[str] = []
    active: tuple[DecidedBy, ...] = ("VIRTUAL_ENV", "CONDA_PREFIX")
    for name in active:
        if value := variables.get(name):
            if found := _in(Path(value), name, variables):
                return replace(found, may_run=not found.own, note="; ".join(passed))
            passed.append(f"`{name}` names {value[:200]}, where no Python is")
    return replace(_in(folder / ".venv", "folder", variables) or own(), note="; ".join(passed))


def _in(prefix: Path, decided_by: DecidedBy, variables: Mapping[str, str]) -> Python | None:
    """The Python of the environment in this folder, by what can be read."""
    try:
        prefix = prefix.absolute()
        if not prefix.is_dir():
            return None
        if os.path.samefile(prefix, sys.prefix):  # noqa: PTH121
            return own(decided_by)
        layout = site_folders.layout_of(prefix, variables)
    except OSError:
        return None
    if layout is None:
        return None
    ours, path = own(), str(layout.interpreter or prefix)
    return Python(
        path=path,
        prefix=str(prefix),
        decided_by=decided_by,
        name=layout.name or ours.name,
        folders=layout.folders,
        cafile=ours.cafile,
        capath=ours.capath,
    )


def _named(option: str, variables: Mapping[str, str], patience_s: float) -> Python:
    """The interpreter that the option names, by its own word. Raises `NoPython`."""
    from mnistdoctor.settings.ask_python import Silent, ask

    path = _program(option)
    if path.parent.parent == Path(sys.executable).parent.parent and _same(path, Path(sys.executable)):
        return own("option")
    bare = Python(path=str(path), prefix="", decided_by="option", name="", folders=())
    try:
        told = ask(str(path), patience_s)
    except Silent as error:
        raise NoPython(f"which is no Python that runs: it {error}") from None
    if (told["prefix"], told["name"]) == (sys.prefix, own().name):
        return own("option")
    prefix = Path(told["prefix"])
    said = site_folders.configuration(prefix)
    folders = [one for one in told["path"] if os.path.isabs(one)]  # noqa: PTH117
    if not said or site_folders.shares_system(said):
        minor = ".".join(str(told["name"]).split()[-1].split(".")[:2])
        place = next((number for number, one in enumerate(folders) if _packages_of_base(one, prefix, said)), 0)
        folders[place:place] = site_folders.user_folders(minor, variables)
    search = site_folders.unique([*site_folders.search_path(variables), *folders])
    program = str(told["program"])  # of a shim (pyenv's) the one behind it
    return _told(replace(bare, folders=search, path=program if os.path.isfile(program) else bare.path), told)  # noqa: PTH113


def _packages_of_base(folder: str, prefix: Path, said: Mapping[str, str]) -> bool:
    """Whether it is a folder of packages before which the user's own come: any but the environment's."""
    if os.path.basename(folder) not in ("site-packages", "dist-packages"):  # noqa: PTH119
        return False
    return not said or not folder.startswith(f"{prefix}{os.sep}")


def _program(option: str) -> Path:
    """The file that the option means: a path, an environment's folder, or a name to look for as a shell does."""
    import shutil

    place = Path(os.path.expanduser(option))  # noqa: PTH111 - it stays as it is where no home is known
    try:
        if place.is_dir():
            if (found := site_folders.interpreter_in(place)) is None:
                raise NoPython("a folder that holds no Python")
            return found.absolute()
        if not re.search(r"[/\\]", option):
            by_path = shutil.which(option)
            if by_path is None or _same(Path(by_path).absolute().parent, Path()):
                here = place.is_file()
                raise NoPython(
                    "which is no program of your PATH",
                    f"write `{Path(option)}` with its folder, as in `.{os.sep}{option}`" if here else NoPython("").hint,
                )
            return Path(by_path).absolute()
        if not os.path.lexists(place):
            raise NoPython("which is not there")
    except OSError as error:
        raise NoPython(f"which cannot be looked at: {error.strerror}") from None
    return place.absolute()


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)  # noqa: PTH121
    except OSError:
        return False


def _told(python: Python, told: Mapping[str, Any]) -> Python:
    """With the interpreter's own word."""
    return replace(
        python,
        name=str(told["name"]),
        prefix=str(told["prefix"]),
        openssl=_short(told.get("openssl", "")),
        cafile=told.get("cafile", python.cafile),
        capath=told.get("capath", python.capath),
        lacks=tuple(one for one in told["lacks"] if one in ("ssl", "socket", "md5")),
        may_run=False,
    )


def _short(openssl: str) -> str | None:
    """``OpenSSL 3.0.19``, of the whole sentence."""
    return " ".join(openssl.split()[:2]) or None
