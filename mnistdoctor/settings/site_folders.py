"""Where an environment's packages lie and what is among them, read from its folders.

Nothing of it is run. It may be anybody's (a ``.venv`` that came with a checkout): files are read to a limit, pipes
and devices never, and what they say goes no further than a release, a folder's name and a path.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mnistdoctor.catalogue import release_key

_MOST_ENTRIES = 50_000
"""Of one folder; conda's base and distributions' folders have a few thousand."""
_MOST_BYTES = 1 << 16
_RELEASE = re.compile(r"[0-9][0-9A-Za-z.+!_-]{0,63}")
"""What a distribution's metadata may say; it goes into request fields and reports."""
_ABOUT = re.compile(r"(?P<name>[A-Za-z0-9][\w.]*?)(?:-[^-]+)*\.(?:dist|egg)-info")
_FOLDER = re.compile(r"(python|pypy)(3\.\d+)t?")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the folders of an environment say of it."""

    interpreter: Path | None
    """Its program, which may be a link that leads nowhere; None where there is none."""
    name: str
    """Such as ``CPython 3.11.7`` or ``Python 3.11``; empty where nothing tells."""
    folders: tuple[str, ...]
    """Where it looks for packages, in its order."""


def layout_of(prefix: Path, variables: Mapping[str, str]) -> Layout | None:
    """The environment in this folder: of venv, virtualenv, uv or conda, or an installation; None where it is none."""
    said = configuration(prefix)
    program = interpreter_in(prefix)
    name = _name(prefix, said, program)
    minor = ".".join(name.split()[-1].split(".")[:2]) if name else ""
    folders = unique(_packages(prefix, minor))
    if program is None and not folders:
        return None
    own = list(folders)
    if not said:  # a true installation, conda's too
        own = [*user_folders(minor, variables), *own]
    elif shares_system(said):
        own += user_folders(minor, variables)
        own += _packages(prefix_of(Path(said["home"]) / "python"), minor) if said.get("home") else ()
    return Layout(program, name, unique([*search_path(variables), *own]))


def interpreter_in(prefix: Path) -> Path | None:
    """The program of an environment, on POSIX systems (its macOS frameworks too) and on Windows."""
    names = ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe", "bin/pypy3", "bin/python.exe")
    return next((prefix / name for name in names if os.path.lexists(prefix / name)), None)  # a link may lead nowhere


def prefix_of(interpreter: Path) -> Path:
    """The folder of the environment that this program belongs to."""
    return interpreter.parent.parent if interpreter.parent.name in ("bin", "Scripts") else interpreter.parent


def configuration(prefix: Path) -> dict[str, str]:
    """The lines of an environment's ``pyvenv.cfg``; empty for an installation that is no such environment."""
    pairs = (line.partition("=") for line in _text(prefix / "pyvenv.cfg").splitlines())
    return {name.strip().lower(): value.strip() for name, equals, value in pairs if equals}


def shares_system(said: Mapping[str, str]) -> bool:
    """Whether an environment was made with ``--system-site-packages``."""
    return said.get("include-system-site-packages", "").lower() == "true"


def user_folders(minor: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The user's own packages for that Python, as `site` has them; empty where PYTHONNOUSERSITE forbids them."""
    if variables.get("PYTHONNOUSERSITE") or not minor:
        return ()
    base, number = variables.get("PYTHONUSERBASE"), minor.replace(".", "")
    home = os.path.expanduser("~")  # noqa: PTH111 - it stays as it is where no home is known
    if sys.platform == "win32":
        below = os.path.join(base or os.path.join(variables.get("APPDATA") or home, "Python"), f"Python{number}")  # noqa: PTH118
        return (os.path.join(below, "site-packages"),)  # noqa: PTH118
    found = [f"{base or os.path.join(home, '.local')}/lib/python{minor}/site-packages"]  # noqa: PTH118
    if sys.platform == "darwin" and not base:  # a framework's
        found.append(f"{home}/Library/Python/{minor}/lib/python/site-packages")
    return tuple(found)


def search_path(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The folders of PYTHONPATH, which come before all others; those below whatever folder is current are left out."""
    return tuple(one for one in variables.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(one))  # noqa: PTH117


def unique(given: Iterable[str]) -> tuple[str, ...]:
    """Each folder that is there, once: `lib64` is mostly a link to `lib`."""
    folders = list(given)
    by_place = {os.path.realpath(one): one for one in reversed(folders) if os.path.isdir(one)}  # noqa: PTH112
    kept = set(by_place.values())
    return tuple(dict.fromkeys(one for one in folders if one in kept))


def releases_in(folders: tuple[str, ...]) -> dict[str, str]:
    """The release of each distribution by its normal name (PEP 503), as the first folder that has it says."""
    found: dict[str, str] = {}
    for folder in folders:
        here: dict[str, str] = {}
        for about in _about(folder):
            name, release = _metadata(about)
            if name and release_key(release) > release_key(here.get(name, "")):
                here[name] = release  # an older one beside it was left behind
        found = here | found
    return found


def normal(name: str) -> str:
    """The name under which a package index knows a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _about(folder: str) -> Iterator[Path]:
    """The files with the metadata of the distributions in this folder; those installed for editing have theirs here."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in itertools.islice(entries, _MOST_ENTRIES)]
    except OSError:
        return
    for name in names:
        if _ABOUT.fullmatch(name):
            place = Path(folder, name)
            yield place / ("METADATA" if name.endswith(".dist-info") else "PKG-INFO") if place.is_dir() else place


def _metadata(path: Path) -> tuple[str, str]:
    """The normal name and the release that the head of the file states; empty where it does not."""
    head = _text(path).partition("\n\n")[0]
    stated = {name: value.strip(" \t") for name, value in re.findall(r"^(Name|Version):(.*)$", head, re.M)}
    release = stated.get("Version", "")
    folded = re.search(r"^Version:.*\n[ \t]", head, re.M)  # a further line of the same field: no release is so
    return (normal(stated.get("Name", "")), release) if _RELEASE.fullmatch(release) and not folded else ("", "")


def _packages(prefix: Path, minor: str) -> Iterator[str]:
    """The folders of packages below an installation or environment, for that minor release where it is known."""
    for below in ("local/lib", "lib", "lib64"):  # Debian's own come before those that it ships
        try:
            names = sorted(os.listdir(prefix / below))  # noqa: PTH208 - names alone
        except OSError:
            continue
        for name in names:
            match = _FOLDER.fullmatch(name)
            if name == "python3" or (match and match[2] == (minor or match[2])):
                for kind in ("site-packages", "dist-packages"):
                    yield str(prefix / below / name / kind)
    if prefix == Path("/usr"):
        yield from _packages(Path("/usr/local"), minor)
    yield str(prefix / "Lib" / "site-packages")  # Windows
    yield str(prefix / "site-packages")  # PyPy up to 3.7


def _name(prefix: Path, said: Mapping[str, str], program: Path | None) -> str:
    """By ``pyvenv.cfg``; by conda's records; by the folder of packages; by the program's name or Windows' library."""
    number = re.match(r"3\.\d+(\.\d+)?", said.get("version") or said.get("version_info") or "")
    if number:
        return f"{said['implementation'] if said.get('implementation') in _KINDS else 'Python'} {number[0]}"
    texts = [path.name for path in _listed(prefix, "conda-meta", r"python-3\.\d+\.\d+-.*\.json")]
    if found := re.search(r"3\.\d+\.\d+", " ".join(texts)):
        return f"CPython {found[0]}"
    link = os.path.realpath(program) if program else ""
    if found := re.search(r"python(3\.\d+)t?(?:\.exe)?$", link):
        return f"Python {found[1]}"
    for path in (*_listed(prefix, "lib", _FOLDER.pattern), *_listed(prefix, "lib64", _FOLDER.pattern)):
        match = _FOLDER.fullmatch(path.name)
        if match and (path / "site-packages").is_dir():
            return f"{'PyPy' if match[1] == 'pypy' else 'Python'} {match[2]}"
    for path in _listed(prefix, "", r"python3\d+\.dll"):
        return f"Python 3.{path.stem.removeprefix('python3')}"
    return ""


_KINDS = ("CPython", "PyPy", "GraalVM")
"""Implementations as virtualenv and uv write them."""


def _listed(prefix: Path, below: str, pattern: str) -> list[Path]:
    try:
        names = sorted(os.listdir(prefix / below))  # noqa: PTH208 - names alone
    except OSError:
        return []
    return [prefix / below / name for name in names if re.fullmatch(pattern, name)]


def _text(path: Path) -> str:
    """The beginning of a file; empty for one that cannot be read, and for a pipe."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
