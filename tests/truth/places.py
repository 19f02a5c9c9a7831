"""Where the real clients are installed: an environment for each, made by pip (or by apt) as it is first needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class NotHadError(Exception):
    """A client that could not be installed here; the reason."""


def environment(folder: Path, python: str, requirements: Sequence[str], bare: Sequence[str] = ()) -> Path:
    """The interpreter of an environment with these requirements, and with the `bare` ones without what they require.

    Raises `NotHadError`.
    """
    interpreter = folder / "bin/python"
    done = folder / "requirements"
    wanted = "\n".join((python, *requirements, *bare))
    if done.is_file() and done.read_text() == wanted:
        return interpreter
    shutil.rmtree(folder, ignore_errors=True)
    _run([_python(python), "-m", "venv", str(folder)])
    for words in ([*requirements], ["--no-deps", *bare]):
        if requirements if words == [*requirements] else bare:
            _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words])
    done.write_text(wanted)
    return interpreter


def _python(version: str) -> str:
    """The interpreter of that release: on the path, or pyenv's."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == version:
        return sys.executable
    found = [shutil.which(f"python{version}") or ""]
    found += sorted(map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")))
    for path in reversed([path for path in found if path]):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    raise NotHadError(f"there is no Python {version} here")


def program(folder: Path, name: str, package: str, *libraries: str) -> tuple[str, ...]:
    """The words that start a program: the system's, or Debian's, unpacked into the folder. Raises `NotHadError`."""
    if found := shutil.which(name):
        return (found,)
    if not (folder / "usr/bin" / name).is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "download", package, *libraries], folder)
        for archive in folder.glob("*.deb"):
            _run(["dpkg", "-x", str(archive), str(folder)])
    paths = [str(path) for path in folder.glob("usr/lib/*-linux-gnu*")]
    return ("env", f"LD_LIBRARY_PATH={':'.join(paths)}", str(folder / "usr/bin" / name))


def _run(argv: Sequence[str], folder: Path | None = None) -> None:
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=1200)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotHadError(str(error)) from None
    if done.returncode:
        raise NotHadError((done.stderr.strip().splitlines() or [f"{argv[0]} ended with {done.returncode}"])[-1])
