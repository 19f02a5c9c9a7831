"""The transfer of a body: drips and silences, and pages under a coding."""

from __future__ import annotations

import errno
import gzip
import tempfile
import zlib

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.demo import faults_http
from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.servers import Server
from mnistdoctor.failure import Failure
from tests.faults import body as faults_body

from .scene import DATA, last, probe


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


def test_a_full_disk_of_our_own_is_no_fault_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", full)
    with Server(faults_http.serve(DATA)) as server:
        transfer = last(probe(server.url("/")), ev.Transfer)
    assert (transfer.failure, transfer.detail) == (Failure.UNKNOWN, "[Errno 28] No space left on device")
