"""The Python that loads the data, the name under which the doctor asks, and the page that says how it is used."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import by_user_agent, respond, serve
from mnistdoctor.demo.pki import Authority
from mnistdoctor.demo.scenes.files import digits
from tests.strangers.lab import CHECKOUT

if TYPE_CHECKING:
    from tests.strangers.lab import Lab


def environment(folder: Path, **packages: str) -> Path:
    """A true virtual environment in which these distributions are said to be."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    for name, release in packages.items():
        about = _site(folder) / f"{name}-{release}.dist-info" / "METADATA"
        about.parent.mkdir()
        name = name.replace("_", "-")
        about.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}\n", encoding="utf-8")
    return folder


def _site(folder: Path) -> Path:
    return next(folder.glob("lib/python3*/site-packages"))


def _program(there: Path, text: str) -> None:
    """A program of that text in the place of the environment's Python."""
    path = there / "bin" / "python3"
    path.unlink()
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _answer(name: str, **more: str) -> str:
    """What a Python of that name says of itself."""
    told = {"name": name, "program": "/x", "prefix": "/x", "base": "/x", "path": [], "lacks": [], **more}
    return "mnistdoctor:" + json.dumps(told)


def s42_the_loaders_of_the_active_environment_are_examined(lab: Lab) -> None:
    """Without a target: MNIST as the active environment's loaders in their releases would fetch it, and it says so."""
    there = environment(lab.home / "work", keras="3.5.0", scikit_learn="1.5.2", torchvision="0.20.1")
    report = lab.run("check", "--offline", "--format", "json", VIRTUAL_ENV=str(there)).report
    found = report["environment"]
    assert found["loaders"] == {"keras": "3.5.0", "sklearn": "1.5.2", "torchvision": "0.20.1"}
    assert found["interpreter"] == {
        "path": "~/work/bin/python3", "decided_by": "VIRTUAL_ENV", "own": False, "asked": True, "note": "",
    }  # fmt: skip
    assert found["openssl"] == found["examined_with"]["openssl"]
    assert {target["client"] for target in report["targets"]} == {"keras", "sklearn", "torchvision"}
    for form in ("rich", "plain"):
        told = " ".join(lab.run("check", "--offline", "--format", form, VIRTUAL_ENV=str(there)).out.split())
        assert "~/work/bin/python3" in told
        assert "keras 3.5.0" in told
        assert told.index("work/bin") > 20  # the answer comes first


def s42_that_no_loader_was_found_is_said(lab: Lab) -> None:
    """An environment without loaders: the plain dataset is examined, and the reason stands in the report."""
    there = environment(lab.folder / "empty")
    answer = lab.run("check", "--offline", "--python", str(there), "--format", "plain")
    assert "no loader is installed" in answer.out
    assert str(there) in answer.out
    report = lab.run("check", "--offline", "--format", "json", MNISTDOCTOR_PYTHON=str(there)).report
    assert report["environment"]["loaders"] == {}
    assert report["environment"]["interpreter"]["decided_by"] == "option"
    assert {target["name"].partition("/")[0] for target in report["targets"]} == {"mnist"}


def s42_an_environment_of_the_current_folder_counts_and_is_not_run(lab: Lab) -> None:
    """`.venv` is read where nothing else is active; whoever put it there gets nothing run."""
    there = environment(lab.folder / ".venv", keras="2.15.0")
    program = there / "bin" / "python3"
    program.unlink()
    program.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(lab.folder / 'ran'))}\n", encoding="utf-8")
    program.chmod(0o755)
    found = lab.run("check", "--offline", "--format", "json").report["environment"]
    assert (found["interpreter"]["decided_by"], found["loaders"]) == ("folder", {"keras": "2.15.0"})
    assert (found["interpreter"]["asked"], found["openssl"]) == (False, None)
    assert not (lab.folder / "ran").exists()


def s42_a_broken_environment_is_said_and_its_folders_are_read(lab: Lab) -> None:
    """Its base is gone: the loaders are known all the same, and one sentence says what was not asked, and why."""
    there = environment(lab.home / "work", keras="3.5.0")
    for name in ("python", "python3"):
        (there / "bin" / name).unlink()
        (there / "bin" / name).symlink_to("/no/such/python")
    answer = lab.run("check", "--offline", "--format", "plain", VIRTUAL_ENV=str(there))
    (line,) = [line for line in answer.out.splitlines() if line.startswith("python:")]
    assert "keras 3.5.0" in line
    assert "cannot be started: No such file or directory" in line


def s42_one_that_hangs_costs_a_bounded_time(lab: Lab) -> None:
    """The active environment's Python says nothing: it is ended, and the run goes on; an option ends the run."""
    there = environment(lab.home / "work", keras="3.5.0")
    _program(there, "sleep 600")
    known = ("--timeout", "0.5", "--format", "plain")
    answer = lab.run("check", "--offline", *known, VIRTUAL_ENV=str(there))
    assert "did not answer within 0.5 s" in answer.out
    answer = lab.run("check", "--offline", *known, "--python", str(there))
    assert (answer.code, answer.out) == (2, "")
    assert "did not answer within 0.5 s" in answer.err
    assert len(answer.err.splitlines()) == 2


def s42_a_variable_that_leads_nowhere_is_said(lab: Lab) -> None:
    """A shell that still has the VIRTUAL_ENV of a removed environment."""
    gone = lab.home / "gone"
    answer = lab.run("check", "mnist", "--offline", "--format", "plain", VIRTUAL_ENV=str(gone))
    assert "`VIRTUAL_ENV` names ~/gone, where no Python is" in answer.out
    server = lab.serve(serve(digits().body))
    assert lab.check(server.url("/data.gz"), VIRTUAL_ENV=str(gone)).verdict == "healthy"


def s42_nothing_is_run_where_nothing_is_fetched(lab: Lab) -> None:
    """A file on this disk, the version and the help need no other Python."""
    there = environment(lab.folder / "active")
    ran = lab.folder / "ran"
    _program(there, f"touch {shlex.quote(str(ran))}")
    (lab.folder / "a.gz").write_bytes(digits().body)
    for words in (("check", "./a.gz"), ("--version",), ("check", "--help"), ("list", "mnist"), ("demo", "--list")):
        lab.run(*words, VIRTUAL_ENV=str(there))
        assert not ran.exists(), words
    lab.run("check", "mnist", "--offline", VIRTUAL_ENV=str(there))
    assert ran.exists()


def s42_its_release_is_what_the_loader_says_of_itself(lab: Lab) -> None:
    """urllib names its Python's release: the user's, not the doctor's."""
    there = environment(lab.folder / "active")
    _program(there, f"echo {shlex.quote(_answer('CPython 3.8.18'))}")
    server = lab.serve(serve(digits().body))
    lab.check(server.url("/data.gz"), "--as", "urllib", VIRTUAL_ENV=str(there))
    assert server.log.sent("User-Agent") == ("Python-urllib/3.8",)


def s42_its_openssl_defaults_decide(lab: Lab) -> None:
    """An interpreter whose OpenSSL looks elsewhere (conda, python.org on macOS) refuses what ours would take."""
    there = environment(lab.folder / "active")
    with Authority("Lab", "Lab Root CA") as ours:
        (lab.folder / "ca.pem").write_bytes(ours.pem)
        server = lab.serve(serve(digits().body), ours.issue("127.0.0.1", "localhost").server_context())
        for place, verdict in ((lab.folder / "ca.pem", "healthy"), (lab.folder / "none.pem", "ailing")):
            told = _answer("CPython 3.12.1", openssl="OpenSSL 3.0.2 15 Mar 2022", cafile=str(place), capath="")
            _program(there, f"echo {shlex.quote(told)}")
            words = ("--as", "urllib", "--no-try", "--no-controls")
            report = lab.run("check", server.url("/data.gz"), *words, "--format", "json", VIRTUAL_ENV=str(there)).report
            assert (report["verdict"], report["environment"]["openssl"]) == (verdict, "OpenSSL 3.0.2")


def s42_a_trial_is_made_with_the_same_python(lab: Lab) -> None:
    """A fix that removes a variable is tried with the defaults of the user's OpenSSL, not with the doctor's."""
    there = environment(lab.folder / "active")
    with Authority("Lab", "Lab Root CA") as ours:
        (lab.folder / "ca.pem").write_bytes(ours.pem)
        told = _answer("CPython 3.12.1", openssl="OpenSSL 3.0.2", cafile=str(lab.folder / "ca.pem"), capath="")
        _program(there, f"echo {shlex.quote(told)}")
        server = lab.serve(serve(digits().body), ours.issue("127.0.0.1", "localhost").server_context())
        answer = lab.check(
            server.url("/data.gz"), "--as", "urllib", VIRTUAL_ENV=str(there), SSL_CERT_FILE="/no/such.pem"
        )
        assert answer.cause == "tls-ca-path-wrong"
        (fix,) = [fix for fix in answer.fixes if fix["commands"][:1] == [_posix("unset SSL_CERT_FILE")]]
        assert fix["trial"]["status"] == "helped"


def s42_the_release_of_a_cached_files_loader_is_the_users(lab: Lab) -> None:
    """`cache` speaks of that release too, and needs nothing run."""
    there = environment(lab.folder / "active", keras="2.2.0")
    _program(there, f"touch {shlex.quote(str(lab.folder / 'ran'))}")
    place = lab.home / ".keras" / "datasets" / "mnist.npz"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"<html>")
    for active, release in ((str(there), "2.2.0"), ("", None)):
        report = lab.run("cache", "keras:mnist", "--format", "json", VIRTUAL_ENV=active).report
        assert report["targets"][0]["observations"][0].get("release") == release
    assert not (lab.folder / "ran").exists()


def _posix(text: str) -> dict[str, str]:
    return {"shell": "posix", "text": text}


def s42_its_strict_checks_are_those_of_its_release(lab: Lab) -> None:
    """An authority without key usage: Python 3.13 refuses it, 3.12 does not, whichever of them runs the doctor."""
    there = environment(lab.folder / "active")
    with Authority("Lab", "Lab Root CA", strict=False) as ours:
        (lab.folder / "ca.pem").write_bytes(ours.pem)
        server = lab.serve(serve(digits().body), ours.issue("127.0.0.1", "localhost").server_context())
        for name, cause in (("CPython 3.13.1", "tls-ca-strict-rejected"), ("CPython 3.12.1", "healthy")):
            _program(there, f"echo {shlex.quote(_answer(name))}")
            words = ("--as", "urllib", "--no-try", "--no-controls", "--ca-bundle", str(lab.folder / "ca.pem"))
            answer = lab.run("check", server.url("/data.gz"), *words, "--format", "json", VIRTUAL_ENV=str(there))
            assert answer.cause == cause, name


def s42_apart_from_the_loader_as_pipx_installs_it(lab: Lab) -> None:
    """The doctor's own environment has no loader; the active one has, and its packages are not the doctor's."""
    own, there = environment(lab.folder / "pipx"), environment(lab.folder / "work", keras="3.5.0")
    above = next(one for one in sys.path if one.endswith("site-packages"))
    (_site(own) / "doctor.pth").write_text(f"{CHECKOUT}\n{above}\n", encoding="utf-8")
    command = [str(own / "bin" / "python3"), "-m", "mnistdoctor", "check", "--offline", "--format", "json"]
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(lab.home), "PYTHONUTF8": "1"}
    for environ, decided_by in (({"VIRTUAL_ENV": str(there)}, "VIRTUAL_ENV"), ({}, "own")):
        done = subprocess.run(
            command, capture_output=True, text=True, env=variables | environ, cwd=lab.folder, timeout=120, check=False
        )
        found = json.loads(done.stdout)["environment"]
        assert found["interpreter"]["decided_by"] == decided_by
        if environ:
            assert found["loaders"] == {"keras": "3.5.0"}
        else:
            assert found["interpreter"]["path"] == str(own / "bin" / "python3")


def s42_a_url_is_not_burdened_with_it(lab: Lab) -> None:
    """Where the doctor's own Python asks for a URL, no loader has to do with it, and none is spoken of."""
    server = lab.serve(serve(digits().body))
    assert "python:" not in lab.run("check", server.url("/data.gz"), "--format", "plain").out


def s42_an_option_that_names_no_python_is_wrong_usage(lab: Lab) -> None:
    """The sentence names the option and its value."""
    answer = lab.run("check", "mnist", "--offline", "--python", "/no/such/python")
    assert (answer.code, answer.out) == (2, "")
    assert "--python" in answer.err
    assert "/no/such/python" in answer.err


def s32_the_bundle_is_named_by_its_path(lab: Lab) -> None:
    """The company's root is added to the bundle of the Python that loads the data, not of whatever `python3` is."""
    there = environment(lab.folder / "my work")
    bundle = _site(there) / "certifi" / "cacert.pem"
    bundle.parent.mkdir()
    with Authority("Elsewhere", "Elsewhere Root CA") as other, Authority("Zscaler Inc.", "Zscaler Root CA") as office:
        bundle.write_bytes(other.pem)
        server = lab.serve(serve(digits().body), office.issue("127.0.0.1", "localhost").server_context())
        neutral = server.url("/").replace("127.0.0.1", "localhost")
        answer = lab.check(server.url("/data.gz"), "--control", neutral, VIRTUAL_ENV=str(there))
        assert answer.cause == "tls-intercepted"
        lines = [
            command["text"] for fix in answer.fixes for command in fix["commands"] if "ca-bundle.pem" in command["text"]
        ]
        assert not any("-m certifi" in line for line in lines)
        added = next(line for line in lines if line.startswith("cat "))
        assert shlex.split(added)[1] == str(bundle)
        (lab.folder / "corp-root.pem").write_bytes(office.pem)
        environ = {"HOME": str(lab.home), "PATH": "/usr/bin:/bin"}
        subprocess.run(["sh", "-ec", added], check=True, cwd=lab.folder, env=environ, timeout=60)
        assert (lab.home / "ca-bundle.pem").read_bytes() == other.pem + office.pem


def s47_the_first_page_is_for_its_readers(lab: Lab) -> None:
    """It is short, holds no help dumps, and says where to install, what `likely` means and where the file must go."""
    del lab
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 220
    assert "Usage: mnistdoctor" not in page
    for word in (
        "pipx",
        "pip install",
        "**likely**",
        "fetch TARGET --from-file",
        "uses: OWNER/mnistdoctor",
        "preflight",
    ):
        assert word in page
    assert re.search(r"^\$ mnistdoctor demo healthy$", page, re.M)


def _own_name(lab: Lab, contact: str = "") -> str:
    """The name under which a server that refuses Python's was asked again."""
    fault = by_user_agent(lambda agent: agent.startswith("python-requests"), respond(403), serve(digits().body))
    server = lab.serve(fault)
    answer = lab.check(server.url("/data.gz"), MNISTDOCTOR_CONTACT=contact)
    assert answer.cause == "http-403-user-agent"
    return next(name for name in server.log.sent("User-Agent") if name.startswith("mnistdoctor"))


def s48_the_doctors_own_name_points_nowhere(lab: Lab) -> None:
    """The name says the program and its purpose, and no address that nobody keeps."""
    name = _own_name(lab)
    assert re.fullmatch(r"mnistdoctor/[\d.]+ \([a-z ]+\)", name)


def s48_a_contact_may_be_added(lab: Lab) -> None:
    """The user's own address stands beside the purpose."""
    name = _own_name(lab, "https://lab.example.org/robots, data@example.org")
    assert name.endswith("; https://lab.example.org/robots, data@example.org)")


def s48_a_contact_that_would_end_the_field_is_left_out(lab: Lab) -> None:
    """Line ends, other control characters, parentheses and letters beyond ASCII have no place there."""
    plain = _own_name(lab)
    for number, contact in enumerate(("a\r\nX-Injected: 1", "a\tb", "a) evil (", "caf\u00e9", " ", "x" * 201)):
        assert _own_name(lab, contact) == plain, number
