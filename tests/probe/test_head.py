"""The head of a response as each client reads it: what curl and h11 take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.demo.connection import Connection
from mnistdoctor.demo.servers import Server
from mnistdoctor.failure import Failure

from .scene import DATA, last, probe

LENGTH = b"Content-Length: %d\r\n" % len(DATA)
PATIENT = ("curl", "huggingface")
"""A client of the family curl and one of the family httpx; the others read with http.client."""


def answered(head: bytes, client: str) -> tuple[ev.Exchange, tuple[ev.Observation, ...]]:
    def play(connection: Connection) -> None:
        connection.send(head + b"\r\n" + DATA)

    with Server(play) as server:
        records = probe(server.url("/f"), client=client)
    exchange: Any = last(records, ev.Exchange)
    return exchange, records


@pytest.mark.parametrize("client", PATIENT)
@pytest.mark.parametrize("status", [b"103 Early Hints", b"102 Processing", b"100 Continue"])
def test_interim_responses_are_read_past_and_counted(client: str, status: bytes) -> None:
    interim = b"HTTP/1.1 " + status + b"\r\nLink: </x>; rel=preload\r\n\r\n"
    exchange, records = answered(interim * 2 + b"HTTP/1.1 200 OK\r\n" + LENGTH, client)
    assert (exchange.status, exchange.failure, exchange.interim) == (200, None, 2)
    assert not any(one.failure for one in records)


@pytest.mark.parametrize("client", ["requests", "urllib", "torchvision"])
def test_http_client_takes_103_for_the_answer_and_skips_100(client: str) -> None:
    final = b"HTTP/1.1 200 OK\r\n" + LENGTH
    assert answered(b"HTTP/1.1 103 Early Hints\r\n\r\n" + final, client)[0].status == 103
    exchange, _ = answered(b"HTTP/1.1 100 Continue\r\n\r\n" + final, client)
    assert (exchange.status, exchange.interim) == (200, 1)


def test_interim_responses_without_end_are_left() -> None:
    exchange, _ = answered(b"HTTP/1.1 102 Processing\r\n\r\n" * 500, "curl")
    assert exchange.failure == Failure.HTTP_RESPONSE
    assert "interim" in exchange.detail


def test_a_switch_of_protocols_ends_the_wait() -> None:
    assert answered(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n", "curl")[0].status == 101


MANY = b"".join(b"X-%d: v\r\n" % number for number in range(120))
LONG = b"X-Long: " + b"v" * 80_000 + b"\r\n"


@pytest.mark.parametrize("fields", [MANY, LONG], ids=["120 fields", "80 kB in one"])
@pytest.mark.parametrize("client", PATIENT)
def test_what_only_http_client_refuses(client: str, fields: bytes) -> None:
    exchange, records = answered(b"HTTP/1.1 200 OK\r\n" + fields + LENGTH, client)
    assert exchange.status == 200
    assert not any(one.failure for one in records)
    refused, _ = answered(b"HTTP/1.1 200 OK\r\n" + fields + LENGTH, "requests")
    assert refused.failure == Failure.HTTP_RESPONSE


def test_every_block_boundary_leaves_the_fields_whole() -> None:
    for size in (59_980, 59_990, 60_000, 65_530):
        filler = b"X-Long: " + b"v" * size + b"\r\n"
        exchange, _ = answered(b"HTTP/1.1 200 OK\r\n" + filler + LENGTH + b"X-After: here\r\n", "curl")
        assert (exchange.field("X-After"), exchange.field("Content-Length")) == ("here", str(len(DATA)))


@pytest.mark.parametrize("client", PATIENT)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"Content-Length: abc\r\n", "no number"),
        (b"this line has none\r\n", "no colon"),
        (b"X-A: a\0b\r\n", "no field"),
        (b"X-Big: " + b"v" * 110_000 + b"\r\n", "longer than"),
    ],
)
def test_what_http_client_puts_up_with(client: str, line: bytes, words: str) -> None:
    exchange, _ = answered(b"HTTP/1.1 200 OK\r\n" + line + LENGTH, client)
    assert exchange.failure == Failure.HTTP_RESPONSE
    assert words in exchange.detail


@pytest.mark.parametrize("line", [b"Content-Length: abc\r\n", b"this line has none\r\n"])
def test_http_client_reads_on(line: bytes) -> None:
    assert answered(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n" + line, "requests")[0].status == 200


@pytest.mark.parametrize(
    ("line", "curl", "httpx"),
    [
        (b"Content-Length: %d, %d\r\n" % (len(DATA), len(DATA)), True, True),
        (b"Content-Length: %dx\r\n" % len(DATA), True, False),
        (b"X A: 1\r\n", True, False),
        (b"X-A: 1\r\n folded\r\n", True, True),
    ],
)
def test_where_the_two_differ(line: bytes, curl: bool, httpx: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + line
    assert (answered(head, "curl")[0].status == 200) is curl
    assert (answered(head, "huggingface")[0].status == 200) is httpx


@pytest.mark.parametrize("client", PATIENT)
def test_what_is_no_head_is_told_as_before(client: str) -> None:
    exchange, _ = answered(b"SSH-2.0-OpenSSH_9.2\r\n", client)
    assert exchange.failure == Failure.HTTP_RESPONSE
    assert exchange.first_bytes.startswith("SSH-2.0")


@pytest.mark.parametrize("client", PATIENT)
def test_an_end_without_a_byte_is_an_empty_reply(client: str) -> None:
    with Server(lambda connection: connection.close()) as server:
        exchange = last(probe(server.url("/f"), client=client), ev.Exchange)
    assert isinstance(exchange, ev.Exchange)
    assert exchange.failure in (Failure.EOF, Failure.RESET)


@pytest.mark.parametrize("client", ["keras", "tfds", "huggingface-0"])
def test_loader_that_makes_a_number_of_the_length_ends_where_that_is_none(client: str) -> None:
    exchange, _ = answered(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n" + LENGTH, client)
    assert exchange.failure == Failure.HTTP_RESPONSE
    assert "no number" in exchange.detail
    refused, _ = answered(b"HTTP/1.1 404 Not Found\r\nContent-Length: abc\r\n", client)
    assert (refused.status, refused.failure) == (404, Failure.STATUS)  # it never comes to the length
    assert answered(b"HTTP/1.1 200 OK\r\n" + LENGTH, client)[0].failure is None


@pytest.mark.parametrize(("client", "fails"), [("keras", False), ("tfds", True)])
def test_length_that_is_there_twice_is_joined_by_urllib3_alone(client: str, fails: bool) -> None:
    exchange, _ = answered(b"HTTP/1.1 200 OK\r\n" + LENGTH + LENGTH, client)
    assert (exchange.failure == Failure.HTTP_RESPONSE) is fails
