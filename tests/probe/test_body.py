"""The transfer of a body: drips and silences, and pages under a coding."""

from __future__ import annotations

import errno
import gzip
import resource
import shutil
import tempfile
import zlib
from collections.abc import Iterator

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.demo import faults_http
from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.servers import Server
from mnistdoctor.failure import Failure
from tests.faults import body as faults_body

from .scene import DATA, last, probe, report, target


def test_a_drip_that_ends_within_the_window_is_no_stall() -> None:
    with Server(faults_body.drip(DATA[:30], 5, 0.3)) as server:  # 17 bytes a second, for longer than the time-out
        transfer = last(probe(server.url("/"), timeout_s=1.5, data=DATA[:30]), ev.Transfer)
    assert (transfer.failure, transfer.complete) == (None, True)


def test_the_last_silence_counts_as_well() -> None:
    def play(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        connection.hang()

    with Server(play) as server:
        transfer = last(probe(server.url("/"), timeout_s=0.4), ev.Transfer)
    assert isinstance(transfer, ev.Transfer)
    assert transfer.failure == "generic_timeout_error"
    assert transfer.slowest_s >= 0.4


PACKED_PAGE = b"<!doctype html><html><title>Web Page Blocked</title>" + b"<p>words</p>" * 9


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("client", ["urllib", "requests"])
def test_a_page_under_a_coding_is_looked_at_as_a_page(client: str, coding: str) -> None:
    packed = gzip.compress(PACKED_PAGE) if coding == "gzip" else zlib.compress(PACKED_PAGE)
    fields = (("Content-Type", "text/html"), ("Content-Encoding", coding))
    with Server(faults_http.respond(200, packed, fields)) as server:
        records = probe(server.url("/x.gz"), client=client)
    content, transfer = last(records, ev.Content), last(records, ev.Transfer)
    assert isinstance(content, ev.Content)
    assert isinstance(transfer, ev.Transfer)
    assert (content.what, content.title) == ("html", "Web Page Blocked")
    assert "<p>words</p>" in transfer.text
    assert transfer.written == (len(packed) if client == "urllib" else len(PACKED_PAGE))


def test_data_under_a_coding_stay_what_they_are() -> None:
    packed = gzip.compress(DATA)
    with Server(faults_http.respond(200, packed, (("Content-Encoding", "gzip"),))) as server:
        content = last(probe(server.url("/x.gz"), client="urllib"), ev.Content)
    assert isinstance(content, ev.Content)
    assert content.what == "gzip"


@pytest.fixture
def one_megabyte() -> Iterator[None]:
    """No file of this process grows over 1 MB, as in a temporary folder that is full by then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.usefixtures("one_megabyte")
def test_a_full_temporary_folder_is_no_fault_of_the_line(coded: bool) -> None:
    """What cannot be kept is digested all the same: a right digest is right, a wrong one is wrong."""
    body = bytes(range(256)) * (20 * 2**12)
    sent = gzip.compress(body, 0) if coded else body
    with Server(faults_http.respond(200, sent, (("Content-Encoding", "gzip"),) if coded else ())) as server:
        (right,) = report(target(server.url("/f.bin"), data=body)).targets
        (wrong,) = report(target(server.url("/f.bin"), data=b"other")).targets
    transfer = last(right.observations, ev.Transfer)
    assert (right.verdict, transfer.failure, transfer.written) == ("healthy", None, len(body))
    assert transfer.detail.startswith("it could not be kept")
    assert wrong.diagnosis is not None
    assert not wrong.diagnosis.cause.startswith("body-")


@pytest.mark.usefixtures("one_megabyte")
def test_a_full_temporary_folder_and_a_body_cut_short() -> None:
    declared = (("Content-Length", str(21 * 2**20)),)
    with Server(faults_http.respond(200, bytes(20 * 2**20), declared, close=True)) as server:
        assert last(probe(server.url("/f.bin")), ev.Transfer).failure == Failure.INCOMPLETE


def test_a_temporary_folder_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", full)
    with Server(faults_http.serve(DATA)) as server:
        (result,) = report(target(server.url("/"))).targets
    assert result.verdict == "healthy"


def test_a_body_without_an_end_leaves_room_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    used = shutil.disk_usage("/")._replace(free=20 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: used)
    size = 40 * 2**20
    with Server(faults_http.respond(200, bytes(size), framing="close")) as server:
        transfer = last(probe(server.url("/"), full=True), ev.Transfer)
    assert (transfer.failure, transfer.written, transfer.framing) == (None, size, "close")
    assert "fill the disk" in transfer.detail
    assert transfer.digests


def test_a_body_without_an_end_is_left_where_the_length_is_known() -> None:
    with Server(faults_body.endless_body()) as server:
        one = target(server.url("/f.bin"), size=len(DATA))
        (result,) = report(one, full=True).targets
    transfer = last(result.observations, ev.Transfer)
    assert transfer.limited
    assert result.verdict == "ailing"
