"""What clients see of the HTTP faults."""

from __future__ import annotations

import gzip
import http.client
import time
import urllib.error
import urllib.request
import zlib
from email.utils import parsedate_to_datetime

import pytest

from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.servers import Server
from tests.faults import body as wire
from tests.faults import http as web
from tests.faults import pages

from .client import Fields, Seen, ask

BODY = gzip.compress(bytes(range(256)) * 400, mtime=0) + bytes(5000)


def once(fault: Fault, target: str = "/", fields: Fields = (), method: str = "GET", timeout: float = 30.0) -> Seen:
    with Server(fault) as server:
        return ask(server, target, fields, method, timeout=timeout)


def fetch(fault: Fault) -> bytes:
    with Server(fault) as server, urllib.request.urlopen(server.url(), timeout=30) as answer:
        data: bytes = answer.read()
        return data


@pytest.mark.parametrize("lower_case", [False, True])
@pytest.mark.parametrize(
    ("framing", "version"),
    [
        ("length", "HTTP/1.1"),
        ("chunked", "HTTP/1.1"),
        ("close", "HTTP/1.1"),
        ("length", "HTTP/1.0"),
        ("close", "HTTP/1.0"),
    ],
)
def test_healthy_in_every_framing(framing: str, version: str, lower_case: bool) -> None:
    assert fetch(web.respond(200, BODY, framing=framing, version=version, lower_case=lower_case)) == BODY


def test_fields_of_an_answer() -> None:
    seen = once(web.respond(200, b"x", (("content-length", "7"), ("Date", "then")), "Fine", lower_case=True))
    assert seen.head.startswith("HTTP/1.1 200 Fine\r\n")
    assert seen.head.count("ength: ") == 1
    assert (seen.field("Content-Length"), seen.field("date")) == ("7", "then")
    assert "content-type: " in seen.head


def test_date_is_now() -> None:
    before = int(time.time())
    date = once(web.respond()).field("Date")
    assert date is not None
    assert before <= parsedate_to_datetime(date).timestamp() <= time.time()


@pytest.mark.parametrize(
    ("status", "reason"), [(204, "No Content"), (304, "Not Modified"), (418, ""), (599, "Unknown")]
)
def test_any_status(status: int, reason: str) -> None:
    seen = once(web.respond(status, reason=None if reason else ""))
    assert seen.head.splitlines()[0] == f"HTTP/1.1 {status} {reason}"


def test_head_has_no_body() -> None:
    seen = once(web.serve(BODY), method="HEAD")
    assert (seen.field("Content-Length"), seen.body) == (str(len(BODY)), b"")


@pytest.mark.parametrize(
    ("asked", "status", "body", "where"),
    [
        ("bytes=0-3", 206, BODY[:4], f"bytes 0-3/{len(BODY)}"),
        ("bytes=100-", 206, BODY[100:], f"bytes 100-{len(BODY) - 1}/{len(BODY)}"),
        ("bytes=-5", 206, BODY[-5:], f"bytes {len(BODY) - 5}-{len(BODY) - 1}/{len(BODY)}"),
        (f"bytes={len(BODY)}-", 416, b"", f"bytes */{len(BODY)}"),
        ("bytes=oops", 200, BODY, None),
        ("bytes=-", 200, BODY, None),
    ],
)
def test_ranges(asked: str, status: int, body: bytes, where: str | None) -> None:
    seen = once(web.serve(BODY), fields=(("Range", asked),))
    assert (seen.status, seen.body, seen.field("Content-Range")) == (status, body, where)


def test_ranges_that_go_wrong() -> None:
    span = (("Range", "bytes=10-19"),)
    assert once(web.serve(BODY, ranges=False), fields=span).status == 200
    shifted = once(web.serve(BODY, shift=3), fields=span)
    assert (shifted.status, shifted.field("Content-Range"), shifted.body) == (
        206,
        f"bytes 10-19/{len(BODY)}",
        BODY[13:23],
    )
    assert once(web.serve(BODY), fields=(*span, ("If-Range", '"old"'))).status == 200
    assert once(web.serve(BODY), fields=(*span, ("If-Range", '"demo"'))).status == 206


def test_redirect_chain_ends() -> None:
    with Server(web.redirect_chain(4, web.respond(200, b"end"))) as server:
        with urllib.request.urlopen(server.url("/f"), timeout=30) as answer:
            assert answer.read() == b"end"
        assert [r.target for r in server.log.requests] == ["/f", *(f"/f?hop={n}" for n in range(1, 5))]


@pytest.mark.parametrize("length", [1, 2])
def test_redirect_loop(length: int) -> None:
    with Server(web.redirect_loop(length)) as server, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(server.url("/f"), timeout=30)
    assert "infinite loop" in str(caught.value)
    caught.value.close()


def test_odd_locations() -> None:
    assert once(web.redirect(None)).field("Location") is None
    assert once(web.redirect("http://[bad", 301)).field("Location") == "http://[bad"
    assert b"Location: /\xff\x1b[2J" in once(web.redirect(b"/\xff\x1b[2J")).data


def test_choosing() -> None:
    good, bad = web.respond(200), web.respond(403)
    by_agent = web.by_user_agent(lambda agent: agent.startswith("Python"), bad, good)
    with Server(by_agent) as server:
        assert ask(server, fields=(("User-Agent", "Python-urllib/3"),)).status == 403
        assert ask(server).status == 200
    with Server(web.route({"/a": good})) as server:
        assert [ask(server, target).status for target in ("/a?x", "/b", "http://h/a")] == [200, 404, 200]
    with Server(web.sequence(bad, bad, good)) as server:
        assert [ask(server).status for _ in range(4)] == [403, 403, 200, 200]
    with Server(web.cycle(bad, good)) as server:
        assert [ask(server).status for _ in range(4)] == [403, 200, 403, 200]
    with Server(web.by_method({"HEAD": web.respond(405)}, good)) as server:
        assert [ask(server, method=method).status for method in ("HEAD", "GET")] == [405, 200]
    with Server(web.by_host({"demo.test": good}, bad)) as server:
        assert ask(server).status == 200
    with Server(web.by_host({"else.test": good}, bad)) as server:
        assert ask(server).status == 403


def test_cookies() -> None:
    wall = web.by_cookie("seen", web.respond(200), pages.set_cookie("seen=1; Path=/", "/"))
    with Server(wall) as server:
        first = ask(server)
        assert (first.status, first.field("Set-Cookie")) == (302, "seen=1; Path=/")
        assert ask(server, fields=(("Cookie", "seen=1"),)).status == 200


@pytest.mark.parametrize(
    ("framing", "error"),
    [("length", http.client.IncompleteRead), ("chunked", http.client.IncompleteRead), ("close", None)],
)
def test_truncated(framing: str, error: type[Exception] | None) -> None:
    fault = wire.cut(BODY, 1000, framing=framing)
    seen = once(fault)
    assert seen.end == "fin"
    assert BODY[:1000] in seen.data if framing != "chunked" else seen.body == b"3e8\r\n" + BODY[:1000] + b"\r\n"
    if error is None:
        assert fetch(fault) == BODY[:1000]
    else:
        with pytest.raises(error):
            fetch(fault)


def test_reset_in_mid_body() -> None:
    seen = once(wire.cut(BODY, 1000, "reset"))
    assert (seen.body, seen.end) == (BODY[:1000], "ConnectionResetError")


def test_stall_in_mid_body() -> None:
    seen = once(wire.cut(BODY, 1000, "stall"), timeout=1.0)
    assert (seen.body, seen.end) == (BODY[:1000], "TimeoutError")


def test_head_of_a_body_that_breaks() -> None:
    for fault in (wire.cut(BODY, 9, "reset"), wire.drip(BODY, 1, 1)):
        seen = once(fault, method="HEAD")
        assert (seen.field("Content-Length"), seen.body, seen.end) == (str(len(BODY)), b"", "fin")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the faults make, in place of the waiting."""
    made: list[float] = []
    monkeypatch.setattr(Connection, "pause", lambda _connection, seconds: made.append(seconds))
    return made


def test_pause_is_healthy(pauses: list[float]) -> None:
    assert fetch(wire.cut(BODY, 10, "pause", pause=0.1)) == BODY
    assert fetch(wire.cut(BODY, 10, "pause", framing="chunked", pause=0.1)) == BODY
    assert fetch(wire.delayed(0.1, web.respond(200, BODY))) == BODY
    assert pauses == [0.1, 0.1, 0.1]


def test_drips(pauses: list[float]) -> None:
    assert once(wire.drip(b"0123456789", 2, 0.02)).body == b"0123456789"
    assert pauses == [0.02] * 5
    assert once(wire.drip_head(8, 0.005, body=b"x")).body == b"x"


@pytest.mark.parametrize("fault", [wire.endless_head(0), wire.endless_continue(0), wire.endless_body()])
def test_endless(fault: Fault) -> None:
    with Server(fault) as server:
        assert ask(server, limit=300_000).end == "limit"


def test_endless_continue_holds_http_client() -> None:
    with Server(wire.endless_continue(0.01)) as server:
        assert set(ask(server, limit=1000).data.split(b"\r\n\r\n")[:-1]) == {b"HTTP/1.1 100 Continue"}


def test_large_heads() -> None:
    with pytest.raises(http.client.LineTooLong):
        fetch(wire.huge_field(100_000))
    with pytest.raises(http.client.HTTPException, match="more than 100"):
        fetch(wire.many_fields(200))


@pytest.mark.parametrize("data", [wire.SSH_BANNER, wire.GARBAGE])
def test_not_http(data: bytes) -> None:
    with pytest.raises(http.client.BadStatusLine):
        fetch(wire.not_http(data))


def test_no_answer() -> None:
    assert once(wire.empty_reply()) == Seen(b"", "fin")
    with pytest.raises(http.client.RemoteDisconnected):
        fetch(wire.empty_reply())
    assert once(wire.reset_after_request()) == Seen(b"", "ConnectionResetError")
    assert once(wire.stall(b"HTTP/1.1 20"), timeout=1.0) == Seen(b"HTTP/1.1 20", "TimeoutError")


def test_codings() -> None:
    for coding, unpack in (("gzip", gzip.decompress), ("deflate", zlib.decompress)):
        seen = once(wire.coded(BODY, coding))
        assert (seen.field("Content-Encoding"), unpack(seen.body)) == (coding, BODY)
    assert once(wire.coded(BODY, honest=False)).body == BODY
    assert once(wire.coded(BODY, "br", honest=False)).field("Content-Encoding") == "br"


def test_gzip_bomb_is_small_on_the_wire() -> None:
    seen = once(wire.gzip_bomb(8, as_coding=True))
    assert seen.field("Content-Encoding") == "gzip"
    assert len(seen.body) < 20_000
    assert len(gzip.decompress(seen.body)) == 8 << 20


def test_two_lengths() -> None:
    seen = once(wire.two_lengths(b"abcd", "4", "2"))
    assert seen.head.count("Content-Length") == 2


def test_control_characters_arrive() -> None:
    seen = once(web.respond(503, b"", (("X-Odd", b"a\0b\x1b]0;t\x07"),), b"\x1b[31mNo"))
    assert b"503 \x1b[31mNo\r\n" in seen.data
    assert b"X-Odd: a\0b\x1b]0;t\x07\r\n" in seen.data


def test_early_hints() -> None:
    seen = once(wire.early_hints(web.respond(200, b"x")))
    assert seen.data.startswith(b"HTTP/1.1 103 Early Hints\r\n")
    assert seen.data.endswith(b"\r\n\r\nx")


def test_bit_flip() -> None:
    got = once(wire.bit_flip(BODY)).body
    assert len(got) == len(BODY)
    assert sum(bin(a ^ b).count("1") for a, b in zip(got, BODY, strict=True)) == 1
