"""Which Python counts, what it is asked, and what is only read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistdoctor.settings import ask_python, site_folders
from mnistdoctor.settings.ask_python import Silent, ask
from mnistdoctor.settings.python import NoPython, Python, own, users

ANSWER = (
    'mnistdoctor:{"name": "CPython 3.13.1", "program": "/x/python3", "prefix": "/x", "base": "/x", "path": [], '
    '"lacks": [], "openssl": "OpenSSL 3.4.0 22 Oct 2024", "cafile": "/elsewhere/cert.pem", "capath": "/elsewhere"}'
)


def environment(folder: Path, *options: str, **packages: str) -> Path:
    """A true virtual environment in which these distributions are said to be."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", *options, str(folder)], check=True, timeout=60)
    for name, release in packages.items():
        put(site(folder), name, release)
    return folder


def put(folder: Path, name: str, release: str, kind: str = "dist-info", file: str = "METADATA") -> Path:
    """A distribution's metadata below this folder of packages."""
    about = folder / f"{name}-{release}.{kind}" / file
    about.parent.mkdir(parents=True)
    about.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n", encoding="utf-8")
    return about


def site(folder: Path) -> Path:
    return next(folder.glob("lib/python3*/site-packages"))


def interpreter(folder: Path) -> str:
    return str(folder / "bin" / "python3")


def script(path: Path, text: str) -> Path:
    """A program of that text in the place of an interpreter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_one_after_the_other_decides(tmp_path: Path) -> None:
    one, two, three = (environment(tmp_path / name, keras=f"3.{name}") for name in "123")
    environment(tmp_path / ".venv", keras="3.4")
    variables = {"VIRTUAL_ENV": str(two), "CONDA_PREFIX": str(three)}

    def found(option: str | None = None) -> tuple[str, str | None]:
        python = users(option, variables, tmp_path)
        return python.decided_by, python.release("keras")

    assert found(interpreter(one)) == ("option", "3.1")
    assert found(str(one)) == ("option", "3.1")
    assert found() == ("VIRTUAL_ENV", "3.2")
    variables["VIRTUAL_ENV"] = str(tmp_path / "gone")
    assert found() == ("CONDA_PREFIX", "3.3")
    variables.clear()
    assert found() == ("folder", "3.4")
    assert users(None, {}, tmp_path / "1") == own()


def test_nothing_is_run_to_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    active = environment(tmp_path / "active", keras="3.1")
    monkeypatch.setattr(subprocess, "Popen", None)
    python = users(None, {"VIRTUAL_ENV": str(active)}, tmp_path)
    assert (python.release("keras"), python.version, python.openssl) == ("3.1", own().version, None)
    assert users(None, {"VIRTUAL_ENV": sys.prefix}, Path("/")).asked().decided_by == "VIRTUAL_ENV"
    assert users(sys.executable, {}, Path("/")) == own("option")
    assert users(sys.prefix, {}, Path("/")).own


def test_what_lies_in_the_current_folder_is_read_and_never_run(tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv", torchvision="0.21.0")
    script(folder / "bin" / "python3", f"touch {tmp_path / 'ran'}")
    python = users(None, {}, tmp_path).asked()
    assert (python.release("torchvision"), python.version) == ("0.21.0", own().version)
    assert (python.openssl, python.note) == (None, "")
    assert not (tmp_path / "ran").exists()


def test_an_active_one_says_its_own_defaults(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active")
    script(folder / "bin" / "python3", f"echo 'warning of a package'; echo '{ANSWER}'")
    read = users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path)
    python = read.asked()
    assert (read.version, read.strict) == (own().version, own().strict)
    assert (python.name, python.openssl, python.strict) == ("CPython 3.13.1", "OpenSSL 3.4.0", True)
    assert (python.cafile, python.capath) == ("/elsewhere/cert.pem", "/elsewhere")
    assert python.asked() is python


def other_interpreters() -> list[str]:
    """Further Pythons of this machine, where there are any."""
    found = [*Path("/root/.pyenv/versions").glob("3.*/bin/python3"), *Path("/usr/bin").glob("python3")]
    return [str(one) for one in found if os.access(one, os.X_OK)]


@pytest.mark.parametrize("path", other_interpreters())
def test_true_interpreters_are_read_as_they_are(path: str, tmp_path: Path) -> None:
    python = users(path, {}, tmp_path)
    assert python.path == path or python.own
    said = subprocess.run([path, "-I", "-V"], capture_output=True, text=True, check=True, timeout=60).stdout
    assert python.version == said.split()[1]
    layout = site_folders.layout_of(Path(python.prefix), {"PYTHONNOUSERSITE": "1"})
    assert layout is not None
    assert python.version.startswith(layout.name.split()[-1])
    packages = {
        one for one in python.folders or sys.path if one.endswith("-packages") and one.startswith(python.prefix)
    }
    assert packages <= set(layout.folders)


def test_its_certifi_counts(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active")
    variables = {"VIRTUAL_ENV": str(folder)}
    assert users(None, variables, tmp_path).certifi is None
    place = site(folder) / "certifi"
    place.mkdir()
    (place / "core.py").touch()
    assert users(None, variables, tmp_path).certifi == ""
    (place / "cacert.pem").touch()
    assert users(None, variables, tmp_path).certifi == str(place / "cacert.pem")


def test_a_release_that_is_none_is_not_taken(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.1")
    about = site(folder) / "keras-3.1.dist-info" / "METADATA"
    for text in ("Name: keras\n", "", "Name: keras\nVersion: 3 (evil)\n", "Name: keras\nVersion: 3.1\n\tX: y\n"):
        about.write_text(text, encoding="utf-8")
        assert users(str(folder), {}, tmp_path).release("keras") is None


@pytest.mark.parametrize("place", ["METADATA", "cfg"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(place: str, tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv", keras="3.1")
    path = folder / "pyvenv.cfg" if place == "cfg" else site(folder) / "keras-3.1.dist-info" / "METADATA"
    path.unlink()
    os.mkfifo(path)
    assert users(None, {}, tmp_path).release("keras") == (None if place == "METADATA" else "3.1")


@pytest.mark.parametrize(
    ("folder", "kind", "file", "name"),
    [
        ("lib/python3.11/site-packages", "dist-info", "METADATA", "scikit_learn"),
        ("lib64/python3.11/site-packages", "dist-info", "METADATA", "scikit-learn"),
        ("lib/python3/dist-packages", "egg-info", "PKG-INFO", "Scikit.Learn"),
        ("lib/python3.11/dist-packages", "egg-info", "PKG-INFO", "scikit_learn"),
        ("local/lib/python3.11/dist-packages", "dist-info", "METADATA", "scikit-learn"),
        ("lib/python3.13t/site-packages", "dist-info", "METADATA", "scikit-learn"),
        ("lib/pypy3.10/site-packages", "dist-info", "METADATA", "scikit-learn"),
        ("Lib/site-packages", "dist-info", "METADATA", "scikit-learn"),
    ],
)
def test_every_layout_is_read(folder: str, kind: str, file: str, name: str, tmp_path: Path) -> None:
    put(tmp_path / "conda" / folder, name, "1.5.2", kind, file)
    python = users(None, {"CONDA_PREFIX": str(tmp_path / "conda")}, tmp_path)
    assert (python.decided_by, python.release("scikit-learn")) == ("CONDA_PREFIX", "1.5.2")
    minor = folder.partition("python")[2].partition("/")[0] or folder.partition("pypy")[2].partition("/")[0]
    if "." in minor and folder.endswith("site-packages"):
        assert python.version == minor.rstrip("t")


def test_conda_tells_its_release_and_has_the_users_own_packages(tmp_path: Path) -> None:
    prefix, user = tmp_path / "conda", tmp_path / "user"
    put(prefix / "lib/python3.10/site-packages", "keras", "2.9")
    put(user / "lib/python3.10/site-packages", "keras", "2.11")
    (prefix / "conda-meta").mkdir()
    (prefix / "conda-meta" / "python-3.10.14-h955ad1f_1.json").touch()
    (prefix / "conda-meta" / "python-dateutil-2.9.0-py_0.json").touch()
    variables = {"CONDA_PREFIX": str(prefix), "PYTHONUSERBASE": str(user)}
    python = users(None, variables, tmp_path)
    assert (python.name, python.release("keras")) == ("CPython 3.10.14", "2.11")
    assert users(None, variables | {"PYTHONNOUSERSITE": "1"}, tmp_path).release("keras") == "2.9"
    further = tmp_path / "further"
    put(further, "keras", "3.0")
    assert users(None, variables | {"PYTHONPATH": f"relative{os.pathsep}{further}"}, tmp_path).release("keras") == "3.0"


def test_windows_is_read_wherever_it_lies(tmp_path: Path) -> None:
    put(tmp_path / "Lib" / "site-packages", "keras", "2.9")
    (tmp_path / "Scripts").mkdir()
    (tmp_path / "Scripts" / "python.exe").touch()
    (tmp_path / "python312.dll").touch()
    python = users(None, {"VIRTUAL_ENV": str(tmp_path)}, tmp_path)
    assert python.path == str(tmp_path / "Scripts" / "python.exe")
    assert (python.name, python.release("keras")) == ("Python 3.12", "2.9")


def test_a_base_whose_packages_are_let_in_is_read_too(tmp_path: Path) -> None:
    folder, base, user = environment(tmp_path / ".venv"), tmp_path / "base", tmp_path / "user"
    put(base / "lib" / "python3.11" / "dist-packages", "keras", "2.9")
    put(base / "lib" / "python3.9" / "site-packages", "torchvision", "0.9")
    put(user / "lib" / "python3.11" / "site-packages", "scikit-learn", "1.1")
    for shared, release in (("false", None), ("true", "2.9")):
        (folder / "pyvenv.cfg").write_text(
            f"home = {base / 'bin'}\ninclude-system-site-packages = {shared}\nversion = 3.11.2\n", encoding="utf-8"
        )
        python = users(None, {"PYTHONUSERBASE": str(user)}, tmp_path)
        assert (python.release("keras"), python.version) == (release, "3.11.2")
        assert python.release("torchvision") is None  # of another Python
        assert python.release("scikit-learn") == (release and "1.1")


def test_an_asked_one_has_the_same_packages_as_a_read_one(tmp_path: Path) -> None:
    user = tmp_path / "user"
    variables = {"PYTHONUSERBASE": str(user)}
    for number, options in enumerate(((), ("--system-site-packages",))):
        folder = environment(tmp_path / str(number), *options, keras="3.1")
        place = user / site(folder).relative_to(folder)
        if not place.exists():
            put(place, "torchvision", "0.9")
        read = users(None, {**variables, "VIRTUAL_ENV": str(folder)}, tmp_path)
        asked = users(str(folder), {**variables, "PYTHONUSERBASE": str(user)}, tmp_path)
        shared = "0.9" if options else None
        assert (read.release("torchvision"), asked.release("torchvision")) == (shared, shared)
        assert (read.release("keras"), asked.release("keras")) == ("3.1", "3.1")
        assert asked.openssl == own().openssl


def test_an_environment_whose_base_is_gone_is_still_read(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.1")
    for name in ("python", "python3"):
        (folder / "bin" / name).unlink()
        (folder / "bin" / name).symlink_to("/no/such/python")
    read = users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path)
    assert read.release("keras") == "3.1"
    assert "it cannot be started: No such file" in read.asked().note


def test_what_is_installed_for_editing_is_known_by_its_metadata(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.9.0.dev1")
    (site(folder) / "__editable__.keras-3.9.0.dev1.pth").write_text("/src/keras\n", encoding="utf-8")
    (site(folder) / "hostile.pth").write_text(f"import os; os.mknod({str(tmp_path / 'ran')!r})\n", encoding="utf-8")
    python = users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path)
    assert python.release("keras") == "3.9.0.dev1"
    assert not (tmp_path / "ran").exists()


def test_what_was_left_behind_by_an_older_release_does_not_count(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.10.0")
    put(site(folder), "keras", "3.9.0")
    (site(folder) / "keras-3.11.0.dist-info").mkdir()  # without metadata
    (site(folder) / "~eras-3.12.0.dist-info").mkdir()
    assert users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path).release("keras") == "3.10.0"


WRONG = {
    "text": None, "fails": "echo 'no libpython3.11.so.1.0' >&2; exit 127", "chatters": "echo hi",
    "lies": """echo 'mnistdoctor:{"name": 3}'""", "killed": "kill -9 $$",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "which is not there"),
        ("folder", "a folder that holds no Python"),
        ("text", "cannot be started: Exec format error"),
        ("fails", "ended with exit code 127: no libpython3.11.so.1.0"),
        ("chatters", "answers as no Python does"),
        ("lies", "answers as no Python does"),
        ("killed", "was ended by signal 9"),
    ],
)
def test_what_is_no_python_is_said_of_the_option(kind: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "python"
    if kind == "folder":
        path.mkdir()
    elif WRONG.get(kind):
        script(path, str(WRONG[kind]))
    elif kind == "text":
        path.write_text("x", encoding="utf-8")
        path.chmod(0o755)
    with pytest.raises(NoPython, match=said):
        users(str(path), {}, tmp_path)


def test_a_bare_name_is_looked_for_as_a_shell_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs, here = tmp_path / "bin", tmp_path / "here"
    here.mkdir()
    script(programs / "mypython", f"echo '{ANSWER}'")
    script(here / "other", f"touch {tmp_path / 'ran'}")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}{os.pathsep}")
    assert users("mypython", {}, here).path == str(programs / "mypython")
    for path in (os.environ["PATH"], f".{os.pathsep}{here}"):
        monkeypatch.setenv("PATH", path)
        with pytest.raises(NoPython) as error:
            users("other", {}, here)
        assert "./other" in error.value.hint
    assert not (tmp_path / "ran").exists()


def test_behind_a_shim_stands_the_true_one(tmp_path: Path) -> None:
    folder = environment(tmp_path / "true", keras="3.1")
    shim = script(tmp_path / "shims" / "python3", f'exec {interpreter(folder)} "$@"')
    python = users(str(shim), {}, tmp_path)
    assert (python.path, python.release("keras")) == (interpreter(folder), "3.1")


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    number = tmp_path / "number"
    path = script(tmp_path / "python", f"sleep 600 & echo $! > {number}; wait")
    with pytest.raises(Silent, match=r"did not answer within 0\.5 s"):
        ask(str(path), 0.5)
    child = Path("/proc", number.read_text("utf-8").strip(), "stat")
    assert not child.exists() or child.read_text("utf-8").split()[2] in "ZX"


def test_one_that_prints_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_python, "_MOST_BYTES", 1 << 16)
    with pytest.raises(Silent, match="was ended by signal 9"):
        ask(str(script(tmp_path / "python", "exec yes")), 60)


def test_one_that_leaves_something_running_has_answered(tmp_path: Path) -> None:
    path = script(tmp_path / "python", f"sleep 1 & echo '{ANSWER}'")
    assert ask(str(path), 30)["name"] == "CPython 3.13.1"


def test_an_active_one_that_fails_is_passed_over_with_a_sentence(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.1")
    script(folder / "bin" / "python3", "exit 1")
    python = users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path).asked()
    assert (python.release("keras"), python.cafile) == ("3.1", own().cafile)
    assert python.note.startswith("it ended with exit code 1, so OpenSSL's defaults")


def test_a_variable_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    for value in ("", str(tmp_path), "/dev/null", "a" * 5000):
        found: Python = users(None, {"VIRTUAL_ENV": value}, tmp_path)
        assert found.own
        assert found.decided_by == "own"
        assert found.note.startswith("`VIRTUAL_ENV` names ") is bool(value)


def test_environments_of_uv_have_no_pip(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active")
    variables = {"VIRTUAL_ENV": str(folder)}
    assert users(None, variables, tmp_path).installer == "pip"
    with (folder / "pyvenv.cfg").open("a", encoding="utf-8") as file:
        file.write("uv = 0.5.1\n")
    assert users(None, variables, tmp_path).installer == "uv"
    (site(folder) / "pip").mkdir()
    assert users(None, variables, tmp_path).installer == "pip"
