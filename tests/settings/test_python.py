"""Which Python counts, what it is asked, and what is only read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mnistdoctor.settings.python import NoPython, Python, own, users


def environment(folder: Path, **packages: str) -> Path:
    """A true virtual environment in which these distributions are said to be."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    for name, release in packages.items():
        about = site(folder) / f"{name}-{release}.dist-info" / "METADATA"
        about.parent.mkdir()
        about.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n", encoding="utf-8")
    return folder


def site(folder: Path) -> Path:
    return next(folder.glob("lib/python3*/site-packages"))


def interpreter(folder: Path) -> str:
    return str(folder / "bin" / "python3")


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


def test_the_interpreter_that_runs_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    python = users(None, {"VIRTUAL_ENV": sys.prefix}, Path("/"))
    assert python.own
    assert python.decided_by == "VIRTUAL_ENV"
    assert python.release("requests")


def test_what_lies_in_the_current_folder_is_read_and_never_run(tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv", torchvision="0.21.0")
    for name in ("python", "python3"):
        (folder / "bin" / name).unlink(missing_ok=True)
    (folder / "bin" / "python3").write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n", encoding="utf-8")
    (folder / "bin" / "python3").chmod(0o755)
    python = users(None, {}, tmp_path)
    assert (python.release("torchvision"), python.version) == ("0.21.0", own().version)
    assert not (tmp_path / "ran").exists()


def test_an_active_one_says_its_own_defaults(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active")
    (folder / "bin" / "python3").unlink()
    (folder / "bin" / "python3").write_text(
        "#!/bin/sh\n"
        """echo '{"name": "CPython 3.13.1", "folders": [], "openssl": "OpenSSL 3.4.0", "strict": true, """
        """"cafile": "/elsewhere/cert.pem", "capath": "/elsewhere/certs"}'\n""",
        encoding="utf-8",
    )
    (folder / "bin" / "python3").chmod(0o755)
    python = users(None, {"VIRTUAL_ENV": str(folder)}, tmp_path)
    assert (python.name, python.openssl, python.strict) == ("CPython 3.13.1", "OpenSSL 3.4.0", True)
    assert (python.cafile, python.capath) == ("/elsewhere/cert.pem", "/elsewhere/certs")


def test_its_certifi_counts_and_ours_where_it_has_none(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active")
    variables = {"VIRTUAL_ENV": str(folder)}
    assert users(None, variables, tmp_path).certifi == own().certifi
    bundle = site(folder) / "certifi" / "cacert.pem"
    bundle.parent.mkdir()
    bundle.write_text("", encoding="utf-8")
    assert users(None, variables, tmp_path).certifi == str(bundle)


def test_a_release_that_is_none_is_not_taken(tmp_path: Path) -> None:
    folder = environment(tmp_path / "active", keras="3.1")
    about = site(folder) / "keras-3.1.dist-info" / "METADATA"
    for text in ("Name: keras\n", "", "Name: keras\nVersion: 3 (evil)\n", "Name: keras\nVersion: 3.1\n\tX: y\n"):
        about.write_text(text, encoding="utf-8")
        assert users(str(folder), {}, tmp_path).release("keras") is None


def test_a_base_whose_packages_are_let_in_is_read_too(tmp_path: Path) -> None:
    folder = environment(tmp_path / ".venv")
    base = tmp_path / "base"
    there = base / "lib" / "python3.11" / "dist-packages" / "keras-2.9.dist-info"
    there.mkdir(parents=True)
    (there / "METADATA").write_text("Name: keras\nVersion: 2.9\n", encoding="utf-8")
    for shared, release in (("false", None), ("true", "2.9")):
        (folder / "pyvenv.cfg").write_text(
            f"home = {base / 'bin'}\ninclude-system-site-packages = {shared}\nversion = 3.11.2\n", encoding="utf-8"
        )
        python = users(None, {}, tmp_path)
        assert (python.release("keras"), python.version) == (release, "3.11.2")


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "fails", "chatters"])
def test_what_is_no_python_is_said_of_the_option(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "python"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_text({"text": "x", "fails": "#!/bin/sh\nexit 1\n", "chatters": "#!/bin/sh\necho hi\n"}[kind])
        path.chmod(0o755)
    with pytest.raises(NoPython):
        users(str(path), {}, tmp_path)


def test_a_variable_that_leads_nowhere_is_passed_over(tmp_path: Path) -> None:
    found: list[Python] = [
        users(None, {"VIRTUAL_ENV": value}, tmp_path) for value in ("", str(tmp_path), "/dev/null", "a" * 5000)
    ]
    assert all(one == own() for one in found)
