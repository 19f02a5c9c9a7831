"""Abuse of the commands: bad values, closed and full streams, signals, secrets in what was typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mnistdoctor.cli import files
from mnistdoctor.cli.group import Wrong
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.log import Request
from mnistdoctor.demo.servers import RefusingPort, Server
from tests.cli.test_commands import command, run
from tests.faults.body import stall

QUICK = ("--no-try", "--no-controls")


@pytest.mark.parametrize("option", ["--timeout", "--deadline"])
@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "1e300", "soon"])
def test_seconds_are_a_time(option: str, value: str) -> None:
    done = run("check", "http://127.0.0.1:1/", option, value)
    assert done.code == 2
    assert option in done.err
    assert value in done.err
    assert not done.out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chek",), "`mnistdoctor check`"),
        (("lst",), "`mnistdoctor list`"),
        (("preflght",), "`mnistdoctor preflight`"),
        (("check", "mnist", "--until", "dnz"), "`dns`"),
        (("check", "mnist", "--format", "jsn"), "`json`"),
        (("check", "mnist", "--as", "keraz"), "`keras`"),
        (("completion", "bsh"), "`bash`"),
    ],
)
def test_the_nearest_choice_is_named(arguments: tuple[str, ...], hint: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert hint in done.err.partition("hint:")[2]


@pytest.mark.parametrize(
    "url",
    [
        "http://jo:s3cretpw@127.0.0.1:99999/f", "http://jo:s3cretpw@/f", "http://jo:s3cretpw@a b/f",
        "http:/jo:s3cretpw@host/f", "jo:s3cretpw@host.example/f", "http://host/f?token=s3cretpw\x01",
        "http://jo:s3cretpw/x@host:port/f",
    ],
)  # fmt: skip
def test_a_refused_target_keeps_its_secret(url: str) -> None:
    done = run("check", url)
    assert done.code == 2
    assert "s3cretpw" not in done.err


def test_a_broken_client_certificate_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "client.pem"
    file.write_text("no certificate")
    done = run("check", "https://127.0.0.1:1/", "--cert", str(file))
    assert done.code == 2
    assert "client.pem" in done.err
    assert "certificate" in done.err


def test_a_huge_catalogue_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "big.toml"
    with file.open("wb") as made:
        made.truncate(3 * 2**30)
    done = run("list", "--catalogue", str(file))
    assert done.code == 2
    assert "larger than any catalogue" in done.err


@pytest.mark.parametrize("server", ["[::1]:53", "[::1]", "::1", "127.0.0.1:5353", "127.0.0.1"])
def test_a_name_server_may_have_a_port(server: str) -> None:
    assert run("check", "http://127.0.0.1:1/", "--until", "dns", "--resolver", server).code == 0


class TestReportFiles:
    def test_a_device_is_written_to_and_not_replaced(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            files.write(pipe, "a report")
            assert os.read(reader, 100) == b"a report"
        finally:
            os.close(reader)
        assert pipe.is_fifo()

    def test_a_link_stays_and_permissions_too(self, tmp_path: Path) -> None:
        file, link = tmp_path / "real.json", tmp_path / "link.json"
        file.write_text("old")
        file.chmod(0o640)
        link.symlink_to(file)
        files.write(link, "new")
        assert link.is_symlink()
        assert file.read_text() == "new"
        assert file.stat().st_mode & 0o777 == 0o640

    def test_a_new_file_obeys_the_mask(self, tmp_path: Path) -> None:
        before = os.umask(0o027)
        try:
            files.write(tmp_path / "r.json", "x")
        finally:
            os.umask(before)
        assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o640

    def test_two_reports_need_two_files(self, tmp_path: Path) -> None:
        file = tmp_path / "r"
        with pytest.raises(Wrong, match="two `--report` options"):
            files.report_files((f"json={file}", f"plain={file}"))

    @pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no /dev/full here")
    def test_a_full_disk_costs_one_report_only(self, tmp_path: Path) -> None:
        other = tmp_path / "r.md"
        with RefusingPort() as port:
            done = run(
                "check", port.url("/f"), *QUICK, "--format", "json", "--report", "plain=/dev/full",
                "--report", f"markdown={other}",
            )  # fmt: skip
        assert done.code == 2
        assert "No space left" in done.err
        assert json.loads(done.out)["verdict"] == "ailing"
        assert other.read_text()
        assert Path("/dev/full").is_char_device()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's redirections")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed: str) -> None:
    import shlex

    with RefusingPort() as port:
        line = shlex.join(command("check", port.url("/f"), *QUICK))
        done = subprocess.run(f"{line} {closed}", shell=True, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert not done.stderr


@pytest.mark.parametrize(
    ("number", "code", "times"),
    [(signal.SIGTERM, 143, 3), (signal.SIGINT, 130, 3), (signal.SIGTERM, 143, 1), (signal.SIGINT, 130, 1)],
)
def test_signals_in_a_row_cost_nothing_that_was_seen(number: signal.Signals, code: int, times: int) -> None:
    with Server(stall()) as server:
        url = server.url("/f")
        arguments = command("check", url, "--format", "json", "--timeout", "30")
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                assert server.log.wait(Request, 1)  # an examination is under way: the handlers stand
                for _ in range(times):
                    process.send_signal(number)
                    time.sleep(0.02)
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
    # The last of several may come when the interpreter has given its handlers back; what was seen is printed by then.
    assert process.returncode in ((code,) if times == 1 else (code, -number)), err
    assert json.loads(out)["exit_code"] == code


def test_what_a_server_repeats_of_a_netrc_password(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login jo password N3trcPassw0rd\n")
    (tmp_path / ".netrc").chmod(0o600)
    basic = "am86TjN0cmNQYXNzdzByZA"
    page = b"<title>N3trcPassw0rd</title>" + basic.encode()
    with Server(respond(403, page, (("Server", basic),))) as server:
        done = run("check", server.url("/f"), *QUICK, "--format", "json", HOME=str(tmp_path))
    assert done.code == 1
    assert "N3trcPassw0rd" not in done.out
    assert basic not in done.out
