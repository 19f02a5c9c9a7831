"""`mnistdoctor fetch`: nothing takes its final name before it is proven, and nothing that was there is lost."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import by_request, head, respond, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.servers import Server
from tests.cli.test_commands import Done, command, run

DATA = digits()
BODY = DATA.body
SHA256 = DATA.sha256
NAME = "data.gz"
HALF = len(BODY) // 2


def fetch(*arguments: str, **variables: str) -> Done:
    return run("fetch", *arguments, "--proxy", "", **variables)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "to"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestPlaces:
    def test_a_url_goes_into_the_folder(self, folder: Path) -> None:
        with Server(serve(BODY)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
        assert (done.code, names(folder)) == (0, {NAME})
        assert (folder / NAME).read_bytes() == BODY

    def test_what_is_right_is_not_asked_for_again(self, folder: Path) -> None:
        folder.mkdir()
        (folder / NAME).write_bytes(BODY)
        with Server(serve(BODY)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
            assert not server.log.requests
        assert done.code == 0

    def test_what_was_there_and_is_another_is_moved_aside(self, folder: Path) -> None:
        folder.mkdir()
        (folder / NAME).write_bytes(b"mine")
        with Server(serve(BODY)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
        assert done.code == 0
        assert (folder / f"{NAME}.aside").read_bytes() == b"mine"
        assert (folder / NAME).read_bytes() == BODY

    def test_keras_finds_it(self, tmp_path: Path) -> None:
        done = run("fetch", "keras:mnist", "--dry-run", HOME=str(tmp_path), KERAS_HOME="")
        assert done.code == 0
        assert ".keras/datasets/mnist.npz" in done.out

    def test_torchvision_needs_its_root(self) -> None:
        done = fetch("torchvision:mnist")
        assert done.code == 2
        assert "--root" in done.err

    def test_a_plain_dataset_needs_a_folder(self) -> None:
        done = fetch("mnist")
        assert done.code == 2
        assert "--to" in done.err

    @pytest.mark.parametrize("path", ["/..", "/%2e%2e", "/a/", "/x%2fy%5c..%5cz", "/%00"])
    def test_a_url_decides_no_path(self, path: str, folder: Path) -> None:
        with Server(respond(200, b"x")) as server:
            fetch(server.url(path), "--to", str(folder), "--unverified")
        assert all(one.parent == folder for one in folder.rglob("*"))


class TestProof:
    def test_another_digest_is_not_installed(self, folder: Path) -> None:
        with Server(serve(BODY[:-1] + b"x")) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256, "--timeout", "2")
        assert (done.code, names(folder)) == (1, set())

    def test_without_a_digest_only_where_it_is_said(self, folder: Path) -> None:
        with Server(serve(BODY)) as server:
            assert fetch(server.url(f"/{NAME}"), "--to", str(folder)).code == 1
            assert names(folder) == set()
            assert fetch(server.url(f"/{NAME}"), "--to", str(folder), "--unverified").code == 0
        assert names(folder) == {NAME}


def with_tag(after: int) -> Fault:
    """The first bytes of the file with its tag, then the end; the rest where a range is asked for."""

    def cut_off(connection: object) -> None:
        fields = (("ETag", '"demo"'), ("Content-Length", str(len(BODY))), ("Content-Type", "application/gzip"))
        connection.send(head(200, fields) + BODY[:after])  # type: ignore[attr-defined]
        connection.finish()  # type: ignore[attr-defined]

    return by_request(lambda request: request.field("Range") is not None, serve(BODY), cut_off)


class TestCuts:
    def test_it_goes_on_where_it_ended(self, folder: Path) -> None:
        with Server(with_tag(HALF)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
            ranges = [request.field("Range") for request in server.log.requests]
        assert (done.code, (folder / NAME).read_bytes()) == (0, BODY)
        assert ranges[-1] == f"bytes={HALF}-"
        assert names(folder) == {NAME}

    def test_it_gives_up_where_nothing_more_comes(self, folder: Path) -> None:
        with Server(cut(BODY, HALF)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
        assert (done.code, names(folder)) == (1, set())
        assert "body-truncated" in done.out

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_a_killed_one_leaves_the_old_state_and_a_second_finishes(self, folder: Path, number: int) -> None:
        folder.mkdir()
        (folder / NAME).write_bytes(b"mine")
        with Server(cut(BODY, HALF, "stall")) as server:
            arguments = command("fetch", server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256, "--proxy", "")
            with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                while not any(path.stat().st_size for path in folder.glob(".*part")):
                    time.sleep(0.05)
                process.send_signal(number)
                process.wait(timeout=60)
        assert (folder / NAME).read_bytes() == b"mine"
        with Server(serve(BODY)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256)
        assert (done.code, (folder / NAME).read_bytes()) == (0, BODY)
        assert names(folder) == {NAME, f"{NAME}.aside"}

    def test_two_at_once(self, folder: Path) -> None:
        with Server(serve(BODY)) as server:
            arguments = command("fetch", server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256, "--proxy", "")
            both = [subprocess.Popen(arguments, stdout=subprocess.DEVNULL) for _ in range(2)]
            assert [process.wait(timeout=120) for process in both] == [0, 0]
        assert names(folder) == {NAME}

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, folder: Path) -> None:
        folder.mkdir(mode=0o500)
        with Server(serve(BODY)) as server:
            assert fetch(server.url(f"/{NAME}"), "--to", str(folder), "--sha256", SHA256).code == 1

    def test_a_file_in_the_folder_s_place(self, tmp_path: Path) -> None:
        (tmp_path / "to").write_text("x")
        with Server(serve(BODY)) as server:
            done = fetch(server.url(f"/{NAME}"), "--to", str(tmp_path / "to" / "below"), "--sha256", SHA256)
        assert done.code == 1
        assert "cannot be made" in done.out


class TestBrought:
    def test_what_the_user_brings_is_proven_and_placed(self, folder: Path, tmp_path: Path) -> None:
        mine, other = tmp_path / "Download (1).gz", tmp_path / "other.gz"
        mine.write_bytes(BODY)
        other.write_bytes(gzip.compress(b"other"))
        url = "https://files.example/data.gz"
        done = fetch(url, "--to", str(folder), "--sha256", SHA256, "--from-file", str(other), "--from-file", str(mine))
        assert (done.code, (folder / NAME).read_bytes()) == (0, BODY)
        assert "not taken" in done.out
        assert mine.exists()

    def test_what_it_is_not(self, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.gz"
        other.write_bytes(b"other")
        done = fetch(
            "https://files.example/data.gz", "--to", str(folder), "--sha256", SHA256, "--from-file", str(other)
        )
        assert (done.code, names(folder)) == (1, set())


def test_the_home_is_not_told() -> None:
    done = run("fetch", "keras:mnist", "--dry-run")
    assert str(Path.home()) not in done.out


def test_a_disk_that_fills_is_said_and_nothing_half_is_placed(folder: Path) -> None:
    with Server(respond(200, bytes(2**21))) as server:
        line = command("fetch", server.url("/f.bin"), "--to", str(folder), "--unverified", "--proxy", "")
        limited = ["sh", "-c", 'ulimit -f 1024; exec "$@"', "sh", *line]
        done = subprocess.run(limited, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "could not be kept" in done.stdout + done.stderr
    assert not names(folder)
