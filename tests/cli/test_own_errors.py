"""What used to end in an error of our own: odd lengths, odd files, odd names, full disks. Each by its kind."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from mnistdoctor import wording
from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server
from mnistdoctor.report import Format
from tests.cli.test_commands import Done, command, run

QUICK = ("--no-try", "--no-controls", "--timeout", "5")
LONG = "a" * 300
FORMS = [one.value for one in Format]


def check(*arguments: str, **variables: str) -> Done:
    done = run("check", *arguments, *QUICK, **variables)
    assert "itself failed" not in done.out + done.err
    return done


@pytest.mark.parametrize("digits", [20, 400, 5000])
@pytest.mark.parametrize("form", FORMS)
def test_a_length_that_no_file_has(digits: int, form: str) -> None:
    def answer(connection: Connection) -> None:
        _ = connection.request
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * digits + b"\r\n\r\nabc")
        connection.finish()

    with Server(answer) as server:
        done = check(server.url("/f"), "--format", form, "-v")
    assert done.code == (1 if digits < 5000 else 0)  # `http.client` takes no more for a number, and reads to the end


@pytest.mark.parametrize("power", [15, 400, 4400], ids=str)
def test_numbers_in_words_have_an_end(power: int) -> None:
    for say in (wording.nbytes, wording.rounded_bytes, wording.exact_bytes):
        assert say(10**power) == "over 1000 TB"


@pytest.mark.parametrize(("client", "code"), [("requests", 1), ("urllib", 1), ("curl", 0)])
def test_a_password_beyond_latin_1(client: str, code: int) -> None:
    with Server(respond(200, b"data")) as server:
        done = check(server.url("/f", host="jo:\u043f\u0430\u0440\u043e\u043b\u044c@127.0.0.1"), "--as", client)
    assert done.code == code
    assert "\u043f\u0430\u0440\u043e\u043b\u044c" not in done.out


@pytest.mark.parametrize("client", ["requests", "urllib", "curl", "wget", "aria2", "keras", "huggingface"])
@pytest.mark.parametrize(
    "value", ["http://joe:pw@", "http://127.0.0.1:99999", "http://127.0.0.1:-1", "http://[", "@", ":"]
)
def test_a_proxy_variable_that_is_none(client: str, value: str) -> None:
    with Server(respond(200, b"data")) as server:
        url = server.url("/f")
        done = check(url, "--as", client, http_proxy=value, NO_PROXY="", no_proxy="", ALL_PROXY="", all_proxy="")
    assert done.code in (0, 1)


class TestNetrc:
    @pytest.mark.parametrize("kind", ["latin-1", "pipe", "device", "large"])
    def test_one_that_requests_cannot_read_is_told_of(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "netrc"
        if kind == "latin-1":
            path.write_bytes(b"machine 127.0.0.1 login jo password p\xe9\xe9\xe9\n")
            path.chmod(0o600)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "large":
            with path.open("wb") as file:
                file.truncate(3 * 2**30)
        else:
            path = Path("/dev/zero")
        with Server(respond(200, b"data")) as server:
            done = check(server.url("/f"), "--format", "json", NETRC=str(path))
            assert not server.log.requests
        (target,) = json.loads(done.out)["targets"]
        assert target["diagnosis"]["stage"] == "http"
        assert any(path.name in one for one in target["diagnosis"]["evidence"])

    def test_a_folder_of_that_name_is_passed_over_as_requests_does(self, tmp_path: Path) -> None:
        with Server(respond(200, b"data")) as server:
            assert check(server.url("/f"), NETRC=str(tmp_path)).code == 0


class TestReport:
    def refused(self, *arguments: str) -> str:
        done = check("http://127.0.0.1:1/f", *arguments)
        assert (done.code, done.out) == (2, "")
        return done.err

    def test_a_link_to_itself(self, tmp_path: Path) -> None:
        (tmp_path / "r").symlink_to("r")
        assert "cannot be written" in self.refused("--report", f"json={tmp_path}/r")

    def test_a_long_name(self, tmp_path: Path) -> None:
        assert "shorter" in self.refused("--report", f"json={tmp_path}/{LONG}")

    def test_two_names_of_one_file(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("r.json")
        for other in ("r.json", "./r.json", "link"):
            said = self.refused("--report", f"json={tmp_path}/r.json", "--report", f"plain={tmp_path}/{other}")
            assert "two `--report` options" in said

    @pytest.mark.parametrize("option", ["--ca-bundle", "--catalogue", "--pac", "--from"])
    def test_what_an_option_names_is_not_overwritten(self, option: str, tmp_path: Path) -> None:
        file, link = tmp_path / "kept", tmp_path / "link"
        file.write_text("")
        link.hardlink_to(file)
        arguments = ("check", *(() if option == "--from" else ("http://127.0.0.1:1/f",)), option, str(file))
        done = run(*arguments, "--report", f"json={link}")
        assert (done.code, file.read_text()) == (2, "")
        assert f"which is what `{option}` names" in done.err

    def test_a_loaders_own_file_is_not_overwritten(self, tmp_path: Path) -> None:
        place = tmp_path / "MNIST" / "raw"
        place.mkdir(parents=True)
        file = place / "train-images-idx3-ubyte.gz"
        file.write_bytes(b"mine")
        done = run("check", "torchvision:mnist", "--root", str(tmp_path), "--offline", "--report", f"json={file}")
        assert (done.code, file.read_bytes()) == (2, b"mine")

    def test_a_pipe_that_nobody_reads_does_not_hold_the_run(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        done = check("http://127.0.0.1:1/f", "--report", f"json={tmp_path}/pipe")
        assert done.code == 2
        assert done.out


@pytest.mark.parametrize("arguments", [(LONG,), (f"./{LONG}",), ("http://127.0.0.1:1/", "--pac", LONG)])
def test_names_longer_than_the_system_takes(arguments: tuple[str, ...]) -> None:
    assert check(*arguments).code == 2
    assert run("triage", LONG).code == 2


@pytest.mark.parametrize("option", ["--cert", "--key", "--ca-bundle", "--catalogue", "--from"])
def test_a_pipe_where_a_file_is_due(option: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = check("http://127.0.0.1:1/f", option, str(tmp_path / "pipe"))
    assert done.code == 2
    assert option in done.err


@pytest.mark.parametrize("url", ["http://[/{name}", "http://h:99999/{name}", "http://h:x/{name}"])
@pytest.mark.parametrize("line", ["list", "check mnist --offline"])
def test_a_catalogue_whose_url_is_none(url: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(f'[[source]]\nid = "x"\ndataset = "mnist"\nstatus = "in_use"\nurl = "{url}"\n')
    done = run(*line.split(), "--catalogue", str(file))
    assert done.code == 2
    assert "`url` must begin" in done.err


def test_few_descriptors() -> None:
    with Server(respond(200, b"data")) as server:
        urls = [server.url(f"/{number}") for number in range(30)]
        line = command("check", *urls, *QUICK, "--jobs", "16", "--per-host", "16", "--format", "json")
        limited = ["sh", "-c", 'ulimit -n 20; exec "$@"', "sh", *line]
        done = subprocess.run(limited, capture_output=True, text=True, timeout=60, check=False)
    assert {one["verdict"] for one in json.loads(done.stdout)["targets"]} == {"healthy"}


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
class TestFullDisks:
    @pytest.mark.parametrize(
        "line", ["--version", "--help", "list", "explain --list", "completion bash", "demo --list"]
    )
    def test_behind_stdout(self, line: str) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                command(*line.split()), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
            )
        assert done.returncode == 3
        assert done.stderr.startswith("error: ")
        assert "No space left" in done.stderr
        assert "itself failed" not in done.stderr

    @pytest.mark.parametrize(("line", "code"), [("check --bogus", 2), ("explain nothing-at-all", 2)])
    def test_behind_stderr(self, line: str, code: int) -> None:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command(*line.split()), stdout=full, stderr=full, timeout=60, check=False)
        assert done.returncode == code


def test_a_header_that_no_client_can_send() -> None:
    done = check("http://127.0.0.1:1/f", "--header", "X-A: \u79d8\u5bc6")
    assert done.code == 2
    assert "X-A" in done.err
    assert "\u79d8\u5bc6" not in done.err


@pytest.mark.parametrize("begin", ["", "[", "[["])
def test_a_key_of_20000_parts_costs_no_memory(begin: str, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(f"{begin}a{'.a' * 20_000} = 1\n")
    done = run("list", "--catalogue", str(file))
    assert done.code == 2
    assert "parts" in done.err
