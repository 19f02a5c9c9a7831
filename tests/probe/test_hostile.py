"""Servers that mean harm: what they send is bounded in size and in time."""

from __future__ import annotations

import zlib

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server
from mnistdoctor.failure import Failure
from mnistdoctor.probe import body, tally
from tests.probe.scene import last, probe, report, target


def _gzip_of_zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(2**20)
    return b"".join([*(packer.compress(piece) for _ in range(size // 2**20)), packer.flush()])


def test_a_content_coding_that_expands_without_end_is_left_early() -> None:
    bomb = _gzip_of_zeros(3 * tally.BOMB_FROM)
    with Server(respond(200, bomb, (("Content-Encoding", "gzip"),))) as server:
        record = last(probe(server.url("/f"), timeout_s=5.0), ev.Transfer)
    assert isinstance(record, ev.Transfer)
    assert record.failure == Failure.CODING
    assert record.written <= tally.BOMB_FROM + 16 * body.PIECE


def test_a_refusal_with_a_length_of_thousands_of_digits_is_still_a_refusal() -> None:
    def refuse(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 403 No\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\npolicy")

    with Server(refuse) as server:
        records = probe("https://h.invalid/f", proxy=server.url(""))
    record = last(records, ev.Tunnel)
    assert isinstance(record, ev.Tunnel)
    assert (record.status, record.failure, record.text) == (403, Failure.TUNNEL, "policy")


@pytest.mark.parametrize("stage", ["dns", "tcp", "proxy", "tls"])
def test_until_a_stage_before_http_sends_no_request(stage: str) -> None:
    with Server(respond(403)) as server:
        one = target(server.url("/f"))
        result = report(one, until=stage).targets[0]
        assert result.verdict == "healthy"
        assert not server.log.requests
