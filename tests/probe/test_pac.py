"""PAC files: what they return is recorded, and none of them can hold the examination or tell a password."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo import faults_http
from mnistdoctor.demo.log import Request
from mnistdoctor.demo.servers import RefusingPort, Server
from mnistdoctor.probe import pac
from mnistdoctor.redact import Redactor
from mnistdoctor.run import Recorder, Run
from mnistdoctor.settings import Environment, Settings
from tests.faults import body as faults_body

CHECKOUT = Path(__file__).parents[2]
URL = "https://data.example/mnist/x.gz"
FILE = """
function FindProxyForURL(url, host) {
  if (isPlainHostName(host) || dnsDomainIs(host, ".corp.example")) return "DIRECT";
  if (shExpMatch(url, "*/mnist/*")) return "PROXY a.corp:1; SOCKS b.corp:2; DIRECT";
  return "PROXY other.corp:3";
}
"""

needs_pypac = pytest.mark.skipif(importlib.util.find_spec("pypac") is None, reason="needs pypac")


def asked(where: object, url: str = URL, *, timeout_s: float = 20.0) -> list[ev.KnownProxy]:
    """The records of one evaluation."""
    run = Run(Settings(timeout_s=timeout_s), Environment({}), load(), Redactor(), names=None)  # type: ignore[arg-type]
    rec = Recorder(run, "target", "control", "pac")
    pac.evaluate(rec, str(where), url)
    records = [one for one in rec.records if isinstance(one, ev.KnownProxy)]
    assert len(records) == len(rec.records)
    assert all((one.place, one.key, one.control) == ("pac", "FindProxyForURL", "pac") for one in records)
    return records


def refused(where: object, **more: Any) -> str:
    """Why the one record says nothing."""
    (record,) = asked(where, **more)
    assert (record.failure, record.proxy) == ("pac_failed", "")
    return record.detail


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "proxy.pac"
    path.write_text(FILE)
    return path


def returning(path: Path, value: str) -> Path:
    path.write_text(f"function FindProxyForURL(url, host) {{ return {value}; }}")
    return path


WAYS = ["http://a.corp:1", "socks5://b.corp:2", ""]


@needs_pypac
class TestWhatItReturns:
    def test_from_disk(self, file: Path) -> None:
        records = asked(file)
        assert [one.proxy for one in records] == WAYS
        assert [one.where for one in records] == [str(file)] * 3
        assert not any(one.failure or one.has_credentials for one in records)
        assert [one.proxy for one in asked(file.as_uri())] == WAYS

    def test_from_a_server(self) -> None:
        with Server(faults_http.serve(FILE.encode())) as server:
            assert [one.proxy for one in asked(server.url("/proxy.pac"))] == WAYS

    @pytest.mark.parametrize(
        ("url", "ways"),
        [
            ("https://data.example/other", ["http://other.corp:3"]),
            ("https://intranet/mnist/x", [""]),
            ("https://in.corp.example/mnist/x", [""]),
        ],
    )
    def test_it_is_asked_for_this_url(self, file: Path, url: str, ways: list[str]) -> None:
        assert [one.proxy for one in asked(file, url)] == ways

    @pytest.mark.parametrize(
        ("value", "ways"),
        [
            ('"DIRECT"', [""]),
            ('"PROXY a:1;;  DIRECT"', ["http://a:1", ""]),
            ('"HTTPS c:3"', ["https://c:3"]),
            ('"SOCKS5 d:4"', ["socks5://d:4"]),
            ('new Array(99).join("PROXY a:1;")', ["http://a:1"] * pac.MOST_WAYS),
        ],
    )
    def test_forms(self, file: Path, value: str, ways: list[str]) -> None:
        assert [one.proxy for one in asked(returning(file, value))] == ways

    def test_a_password_in_the_answer_is_not_recorded(self, file: Path) -> None:
        (record,) = asked(returning(file, '"PROXY jo:s3cret@a.corp:1"'))
        assert (record.proxy, record.has_credentials) == ("http://a.corp:1", True)
        assert "s3cret" not in repr(record)

    def test_environment_and_folder_of_the_user_do_not_matter(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (file.parent / "json.py").write_text("raise SystemExit")
        monkeypatch.chdir(file.parent)
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        with Server(faults_http.serve(FILE.encode())) as server:
            assert [one.proxy for one in asked(server.url("/proxy.pac"))] == WAYS


@needs_pypac
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("function FindProxyForURL(url, host) { return 'PROXY a:1'", "SyntaxError"),
        ("<!doctype html><html><title>Sign in</title></html>", "SyntaxError"),
        ("var a = 1;", "not defined"),
        ("", "not defined"),
        ("function FindProxyForURL(url, host) { throw 'no' }", "no PAC file that runs"),
        ("function FindProxyForURL(url, host) { return null }", "no PAC file that runs"),
        ("function FindProxyForURL(url, host) { return '' }", "names no way"),
        ("function FindProxyForURL(url, host) { return 'ask IT' }", "'ask IT', which names no way"),
        ("function FindProxyForURL(url, host) { var s = 'x'; while (true) s += s }", "no PAC file that runs"),
    ],
    ids=["syntax", "a page", "no function", "empty", "throws", "null", "nothing", "words", "memory"],
)
def test_what_is_no_pac_file(file: Path, text: str, word: str) -> None:
    file.write_text(text)
    detail = refused(file)
    assert word in detail
    assert "\n" not in detail
    assert "\\x0a" not in detail


@needs_pypac
@pytest.mark.parametrize("body", ["while (true) {}", "for (;;) Math.random()"])
def test_an_endless_one_is_ended(file: Path, body: str) -> None:
    file.write_text(f"function FindProxyForURL(url, host) {{ {body} }}")
    # On a busy machine the ten seconds of the clock may come before the second of the processor.
    assert refused(file) in ("it did not answer within a second", "it did not answer in time")


@needs_pypac
def test_an_endless_one_is_ended_where_processor_time_ends_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pac, "EVALUATION_S", 0.0)  # no timer at all
    monkeypatch.setattr(pac, "PATIENCE_S", 0.5)
    file.write_text("function FindProxyForURL(url, host) { while (true) {} }")
    assert refused(file) == "it did not answer in time"


def test_without_pypac(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "pypac").mkdir()
    (file.parent / "pypac/__init__.py").write_text("raise ImportError('not here')")
    monkeypatch.setenv("PYTHONPATH", str(file.parent))
    assert 'pip install "mnistdoctor[pac]"' in refused(file)


class TestFilesThatCannotBeRead:
    def test_on_disk(self, tmp_path: Path) -> None:
        assert "No such file" in refused(tmp_path / "none.pac")
        assert refused(tmp_path) == "it is no file"
        assert "cannot be read" in refused("http://[bad/p.pac")
        large = tmp_path / "large.pac"
        large.write_bytes(b" " * (pac.LARGEST + 1))
        assert "larger than 1 MiB" in refused(large)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
    def test_a_pipe_is_not_opened(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert refused(tmp_path / "pipe") == "it is no file"

    @pytest.mark.parametrize(
        ("fault", "word"),
        [
            (faults_http.respond(404), "Not Found"),
            (faults_body.not_http(), "cannot be read"),
            (faults_body.empty_reply(), "cannot be read"),
            (faults_body.cut(b" " * 5000, 1000), "no PAC file that runs"),
            (faults_body.endless_body(), "larger than 1 MiB"),
            (faults_body.stall(), "time"),
            (faults_body.drip(b" " * 5000, 1, 0.05), "did not come in time"),
            (faults_body.drip_head(1, 0.05), "did not come in time"),
        ],
        ids=["404", "no HTTP", "nothing", "cut", "endless", "silent", "drips", "drips its head"],
    )
    def test_from_a_server(self, fault: Any, word: str) -> None:
        if word == "no PAC file that runs" and importlib.util.find_spec("pypac") is None:
            pytest.skip("needs pypac")
        with Server(fault) as server:
            assert word in refused(server.url("/proxy.pac"), timeout_s=0.5)

    def test_nobody_listens(self) -> None:
        with RefusingPort() as port:
            assert "refused" in refused(port.url("/proxy.pac"))


@needs_pypac
def test_a_password_in_its_own_url_is_sent_there_and_not_recorded() -> None:
    with Server(faults_http.serve(FILE.encode())) as server:
        records = asked(server.url("/proxy.pac", host="jo:s3%20cret@127.0.0.1"))
        sent = [one.field("Authorization") for one in server.log.of(Request)]
    assert [one.proxy for one in records] == WAYS
    assert sent == ["Basic am86czMgY3JldA=="]
    assert "cret" not in repr(records)


@pytest.mark.parametrize("port", ["", ":9", ":x"])
def test_nor_where_it_cannot_be_read(port: str) -> None:
    (record,) = asked(f"http://jo:s3cret@127.0.0.1{port}/none.pac")
    assert record.failure == "pac_failed"
    assert "s3cret" not in repr(record)


@needs_pypac
@pytest.mark.skipif(sys.platform != "linux", reason="prctl")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_endless_file_ends_with_whoever_asked_it(tmp_path: Path, number: int) -> None:
    file = tmp_path / "endless.pac"
    file.write_text("function FindProxyForURL(){for(;;){}}")
    code = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from mnistdoctor import interrupt; interrupt.listen()\n"
        "from tests.probe.test_pac import asked, pac; pac.EVALUATION_S = pac.PATIENCE_S = 600.0\n"
        f"asked({str(file)!r})"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as doctor:
        try:
            child = _child_of(doctor.pid)
            doctor.send_signal(number)
            doctor.communicate(timeout=60)
        finally:
            doctor.kill()
    ends = time.monotonic() + 60
    while _is_running(child) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not _is_running(child)


def _child_of(pid: int) -> int:
    """The process that reads the file, once it is there."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        for one in Path(f"/proc/{pid}/task").glob("*/children"):
            for number in one.read_text().split():
                if b"pypac" in Path(f"/proc/{number}/cmdline").read_bytes():
                    return int(number)
        time.sleep(0.02)
    raise AssertionError("no child came")


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
