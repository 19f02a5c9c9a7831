"""What a server may do, as functions over a connection: each a motive of its own, many generated over a grid."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from mnistdoctor.demo.connection import Connection, Fault
from tests.faults import body as bodies
from tests.faults import dns as names
from tests.faults import tcp
from tests.faults import tls as handshakes

Way = Literal["direct", "forward", "tunnel", "socks5", "socks4", "tls", "dns"]
"""How the doctor meets the server: as an origin, as a proxy of a kind, as a TLS peer, as a name server."""

POISON = {
    "escape": "\x1b[31m\x1b]0;title\x07\x9b2J",
    "bidi": "\u202eevil\u2066\u200b\U000e0041",
    "markup": "[bold red]x[/bold red][link=file:///etc]",
    "html": "<script>alert(1)</script><img src=x onerror=y>\"'&",
    "markdown": "](http://evil) ``` | # <details>",
    "github": "::error::x ##[set-output name=x;]y ::add-mask::z",
    "azure": "##vso[task.setvariable variable=x]y",
    "teamcity": "##teamcity[buildStop comment='x' readdToQueue='true']",
    "sheet": "=cmd|' /C calc'!A0",
    "junit": "]]></failure><x>&\x0b\ufffe",
    "yaml": "- !!python/object:x {a: &b *b}",
    "shell": "$(touch /tmp/x)`id`;' \"",
}
SECRET = "S3cretW0rd-zq9"
DATA = b"\x1f\x8b\x08\x00 data"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to misbehave."""

    name: str
    fault: Fault | Callable[..., object]
    way: Way = "direct"


def after_request(data: bytes, end: str = "finish") -> Fault:
    """Read the request, send these bytes, and end so."""

    def fault(connection: Connection) -> None:
        _ = connection.request
        connection.send(data)
        _end(connection, end)

    return fault


def _end(connection: Connection, end: str) -> None:
    {"finish": connection.finish, "reset": connection.reset, "hang": connection.hang}[end]()


def at_once(data: bytes, end: str) -> Fault:
    """Send these bytes before anything is asked."""

    def fault(connection: Connection) -> None:
        connection.send(data)
        _end(connection, end)

    return fault


def all_behaviours() -> tuple[Behaviour, ...]:
    """Every behaviour, each once."""
    groups = (
        status_lines,
        fields,
        lengths,
        chunks,
        codings,
        ends,
        redirects,
        refusals,
        poison,
        tunnels,
        socks,
        tls,
        dns,
        drips,
    )
    found = tuple(itertools.chain.from_iterable(group() for group in groups))
    assert len({one.name for one in found}) == len(found)
    return found


OK = b"HTTP/1.1 200 OK\r\n"


def status_lines() -> Iterator[Behaviour]:
    """First lines that are none, or hardly."""
    lines = {
        "none": b"",
        "blank": b"\r\n\r\n",
        "http-0.9": b"<html>",
        "no-code": b"HTTP/1.1\r\n\r\n",
        "lower": b"http/1.1 200 OK\r\n\r\n",
        "two-digits": b"HTTP/1.1 20 OK\r\n\r\n",
        "four-digits": b"HTTP/1.1 2000 OK\r\n\r\n",
        "negative": b"HTTP/1.1 -200 OK\r\n\r\n",
        "letters": b"HTTP/1.1 abc OK\r\n\r\n",
        "zero": b"HTTP/1.1 000 Zero\r\n\r\n",
        "099": b"HTTP/1.1 099 x\r\n\r\n",
        "600": b"HTTP/1.1 600 x\r\n\r\n",
        "999": b"HTTP/1.1 999 x\r\n\r\n",
        "http-2": b"HTTP/2 200\r\n\r\n",
        "http-9.9": b"HTTP/9.9 200 OK\r\n\r\n",
        "h2-preface": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18),
        "long-reason": b"HTTP/1.1 404 " + b"x" * 60_000 + b"\r\n\r\n",
        "endless-line": b"HTTP/1.1 404 " + b"x" * 200_000,
        "nul": b"HTTP/1.1 404 a\0b\r\n\r\n",
        "bare-cr": b"HTTP/1.1 404 a\rb\r\n\r\n",
        "bare-lf": b"HTTP/1.1 404 a\n\n",
        "tab": b"HTTP/1.1\t404\tx\r\n\r\n",
        "latin": b"HTTP/1.1 404 \xe9\xff\r\n\r\n",
        "ssh": bodies.SSH_BANNER,
        "garbage": bodies.GARBAGE,
        "smtp": b"220 mail ESMTP\r\n",
        "ftp": b"220 FTP\r\n331 \r\n",
        "twice": OK + OK + b"\r\n",
        "icy": b"ICY 200 OK\r\n\r\n",
        "rtsp": b"RTSP/1.0 200 OK\r\n\r\n",
        "tls-alert": b"\x15\x03\x01\x00\x02\x02\x46",
    }
    for name, line in lines.items():
        yield Behaviour(f"status-line {name}", after_request(line))


def fields() -> Iterator[Behaviour]:
    """Fields that are none, too many, too long, or contradict each other."""
    length = b"Content-Length: 3\r\n"
    heads = {
        "no-colon": b"Server nginx\r\n",
        "no-name": b": x\r\n",
        "blank-in-name": b"Ser ver: x\r\n",
        "blank-first": b" Server: x\r\n",
        "folded": b"Server: a\r\n b\r\n\tc\r\n",
        "nul": b"Server: a\0b\r\n",
        "bare-cr": b"Server: a\rX: y\r\n",
        "high-bytes": b"S\xe9rver: \xff\xfe\r\n",
        "utf-16": "Server: x\r\n".encode("utf-16"),
        "long-value": b"Server: " + b"x" * 60_000 + b"\r\n",
        "longer-value": b"Server: " + b"x" * 70_000 + b"\r\n",
        "long-name": b"x" * 60_000 + b": y\r\n",
        "99-fields": b"X: y\r\n" * 99,
        "101-fields": b"X: y\r\n" * 101,
        "5000-fields": b"X: y\r\n" * 5000,
        "date-odd": b"Date: 99 Foo 99999 99:99:99\r\n",
        "date-year-0": b"Date: Thu, 01 Jan 0000 00:00:00 GMT\r\n",
        "date-far": b"Date: Thu, 01 Jan 9999 23:59:59 -9999\r\n",
        "etag-odd": b'ETag: W/"' + b'"' * 500 + b"\r\n",
        "type-odd": b"Content-Type: text/html; charset=x-none; charset=\xff\r\n",
        "type-long": b"Content-Type: " + b"a/" * 9000 + b"\r\n",
        "charset-codec": b"Content-Type: text/plain; charset=zlib_codec\r\n",
        "charset-idna": b"Content-Type: text/plain; charset=idna\r\n",
        "cookie-odd": b"Set-Cookie: =;=;;\0; Max-Age=99999999999999\r\n",
        "cookies": b"Set-Cookie: a=b\r\n" * 90,
        "age-long": b"Age: " + b"9" * 2000 + b"\r\n",
        "range-unasked": b"Content-Range: bytes 0-2/" + b"9" * 400 + b"\r\n",
        "link-dots": b"Link: " + b"a." * 9000 + b"\r\n",
        "via-long": b"Via: " + b"1.1 a, " * 5000 + b"\r\n",
    }
    for name, head in heads.items():
        for status in (200, 403):
            yield Behaviour(
                f"field {name} {status}", after_request(b"HTTP/1.1 %d X\r\n" % status + head + length + b"\r\nabc")
            )


def lengths() -> Iterator[Behaviour]:
    """What Content-Length may hold, and how much comes."""
    values = (
        "0",
        "-1",
        "+3",
        "3.0",
        "0x3",
        "1e3",
        "3,3",
        "3,4",
        " 3",
        "3 ",
        "",
        "abc",
        "9" * 18,
        "9" * 20,
        "9" * 400,
        "9" * 5000,
        "\u0663",
        "18446744073709551616",
        "00000000000000000003",
    )
    for value, sent in itertools.product(values, (b"abc", b"")):
        head = OK + b"Content-Length: " + value.encode() + b"\r\n\r\n"
        yield Behaviour(f"length {value[:24]!r} of {len(value)} sent {len(sent)}", after_request(head + sent))
    for first, second in (("3", "5"), ("5", "3"), ("3", "3"), ("-1", "3"), ("3", "x")):
        yield Behaviour(f"lengths {first} and {second}", bodies.two_lengths(b"abc", first, second))
    yield Behaviour(
        "length and chunked",
        after_request(OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    )


def chunks() -> Iterator[Behaviour]:
    """Chunked framing that is broken."""
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    parts = {
        "none": b"",
        "letters": b"xyz\r\nabc\r\n",
        "negative": b"-3\r\nabc\r\n",
        "long-size": b"f" * 5000 + b"\r\nabc",
        "huge": b"ffffffffffffffff\r\nabc",
        "no-end": b"3\r\nabc\r\n",
        "no-crlf": b"3\r\nabc0\r\n\r\n",
        "short": b"9\r\nabc\r\n0\r\n\r\n",
        "long-extension": b"3;" + b"x" * 100_000 + b"\r\nabc\r\n0\r\n\r\n",
        "bare-lf": b"3\nabc\n0\n\n",
        "0x": b"0x3\r\nabc\r\n0\r\n\r\n",
        "trailers": b"0\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        "endless-trailer": b"0\r\nX: " + b"y" * 200_000,
        "plus": b"+3\r\nabc\r\n0\r\n\r\n",
        "underscore": b"1_0\r\nabc\r\n0\r\n\r\n",
        "more": b"3\r\nabcdef\r\n0\r\n\r\n",
    }
    for name, part in parts.items():
        yield Behaviour(f"chunk {name}", after_request(head + part))
    for coding in (b"gzip", b"chunked, chunked", b"gzip, chunked", b"identity", b"x", b"chunked;q=1", b"\x00"):
        yield Behaviour(
            f"transfer-encoding {coding!r}",
            after_request(OK + b"Transfer-Encoding: " + coding + b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        )


def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(300)), packer.flush()])


def codings() -> Iterator[Behaviour]:
    """Content codings that are not what they say, or far more than they seem."""
    whole = gzip.compress(b"data" * 500)
    kinds = {
        "right": whole,
        "cut": whole[:40],
        "none": b"",
        "garbage": bytes(range(256)),
        "plain": b"plain text",
        "bomb": _bomb(),
        "twice": gzip.compress(whole),
        "behind": whole + b"tail",
        "flag": whole[:3] + b"\xff" + whole[4:],
    }
    for coding, (kind, sent) in itertools.product(
        ("gzip", "deflate", "br", "zstd", "x-none", "gzip, gzip", "gzip" + ", gzip" * 40), kinds.items()
    ):
        head = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
        yield Behaviour(f"coding {coding[:20]} of {len(coding)} {kind}", after_request(head + sent))


def ends() -> Iterator[Behaviour]:
    """Silence, the end and a reset, at each point of an answer, of an origin and of a proxy."""
    points = {
        "request": b"",
        "status": b"HTTP/1.1 20",
        "status-line": OK,
        "field": OK + b"Content-Le",
        "head": OK + b"Content-Length: 9\r\n\r\n",
        "body": OK + b"Content-Length: 9\r\n\r\nabc",
        "chunk-size": OK + b"Transfer-Encoding: chunked\r\n\r\n9",
        "unframed": OK + b"\r\nabc",
        "interim": b"HTTP/1.1 100 Continue\r\n\r\n",
        "location": b"HTTP/1.1 302 Found\r\nLocation: /a",
    }
    ways: tuple[Way, ...] = ("direct", "forward")
    for (point, sent), end, way in itertools.product(points.items(), ("finish", "reset", "hang"), ways):
        yield Behaviour(f"{end} in {point} {way}", after_request(sent, end), way)
    ways = (*ways, "tunnel", "socks5", "tls")
    for end, way in itertools.product(("finish", "reset", "hang"), ways):
        yield Behaviour(f"{end} on accept {way}", at_once(b"", end), way)


LOCATIONS = (
    "",
    " ",
    "/",
    "//",
    "///",
    "?",
    "#",
    ".",
    "/f",
    "http:",
    "http://",
    "http:///f",
    "http://:80/",
    "http://@/",
    "http://[::1",
    "http://[/",
    "http://h:0/",
    "http://h:99999/",
    "http://h:-1/",
    "http://h:x/",
    "http://a..b/",
    "http://" + "a" * 64 + ".b/",
    "http://" + "a." * 200,
    "file:///etc/passwd",
    "ftp://h/f",
    "javascript:alert(1)",
    "data:text/plain,x",
    "gopher://h/",
    "unix:/x",
    "HTTP://%31/",
    "\\\\h\\f",
    "http://h\\@127.0.0.2/",
    "http://jo:pw@/",
    "/" + "a." * 15_000,
    "/" + "%25" * 9000,
    "http://\u0660/",
    "http://xn--/",
    "http://0x7f.1:1/",
    "http://2130706433:1/",
    "http://0177.0.0.1:1/",
    "http://127.1:1/",
    "http://[::ffff:127.0.0.2]:1/",
    "http://[fe80::1%25lo]:1/",
)


def redirects() -> Iterator[Behaviour]:
    """Where a redirect may lead: nowhere, out of http, in a circle."""
    for number, location in enumerate(LOCATIONS):
        head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n"
        yield Behaviour(f"location {number} {location[:30]!r}", after_request(head))
    for status in (300, 301, 303, 304, 305, 306, 307, 308):
        yield Behaviour(
            f"redirect {status} without a place", after_request(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)
        )
        yield Behaviour(
            f"redirect {status} to itself",
            after_request(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nLocation: /f\r\n\r\n" % status),
        )


def refusals() -> Iterator[Behaviour]:
    """Every status with the fields that belong to it, filled with nonsense."""
    odd = (
        b"WWW-Authenticate: Basic"
        + b' =,"' * 300
        + b'\r\nProxy-Authenticate: \x00"\r\nRetry-After: '
        + b"9" * 400
        + b"\r\nAllow: ,,\r\n"
    )
    statuses = (400, 401, 402, 403, 404, 405, 407, 408, 410, 416, 421, 429, 451, 500, 502, 503, 504, 511)
    ways: tuple[Way, ...] = ("direct", "forward")
    for status, way in itertools.product(statuses, ways):
        yield Behaviour(
            f"refusal {status} {way}",
            after_request(b"HTTP/1.1 %d X\r\n" % status + odd + b"Content-Length: 0\r\n\r\n"),
            way,
        )


def poison() -> Iterator[Behaviour]:
    """The poisonous alphabet in whatever a server writes."""
    for name, text in POISON.items():
        raw = text.replace("\r", "").replace("\n", "").encode("utf-8")
        said = raw + SECRET.encode()
        length = b"Content-Length: %d\r\n\r\n" % (len(raw) + 40)
        page = b"<html><title>" + raw + b"</title>"
        places = {
            "reason": b"HTTP/1.1 403 " + said + b"\r\nContent-Length: 0\r\n\r\n",
            "server": b"HTTP/1.1 403 X\r\nServer: " + said + b"\r\nContent-Length: 0\r\n\r\n",
            "location": b"HTTP/1.1 302 X\r\nLocation: http://[" + raw + b"\r\nContent-Length: 0\r\n\r\n",
            "page": b"HTTP/1.1 404 X\r\nContent-Type: text/html\r\n" + length + page.ljust(len(raw) + 40),
            "type": b"HTTP/1.1 200 X\r\nContent-Type: "
            + raw
            + b"\r\nContent-Encoding: "
            + raw
            + b"\r\nContent-Length: 3\r\n\r\nabc",
            "challenge": b"HTTP/1.1 401 X\r\nWWW-Authenticate: "
            + raw
            + b" realm="
            + raw
            + b"\r\nContent-Length: 0\r\n\r\n",
            "cookie": b"HTTP/1.1 403 X\r\nSet-Cookie: "
            + said
            + b"="
            + raw
            + b"\r\nVia: 1.1 "
            + raw
            + b"\r\nContent-Length: 0\r\n\r\n",
        }
        for place, sent in places.items():
            yield Behaviour(f"poison {name} in {place}", after_request(sent))
        yield Behaviour(f"poison {name} in status line", after_request(raw + b"\r\n\r\n"))
        yield Behaviour(
            f"poison {name} by a proxy",
            after_request(b"HTTP/1.1 407 " + said + b"\r\nProxy-Authenticate: " + raw + b"\r\n\r\n"),
            "tunnel",
        )


def tunnels() -> Iterator[Behaviour]:
    """Answers to CONNECT."""
    answers = {
        "none": b"",
        "ssh": bodies.SSH_BANNER,
        "204": b"HTTP/1.1 204 X\r\n\r\n",
        "100": b"HTTP/1.1 100 X\r\n\r\n" * 70,
        "302": b"HTTP/1.1 302 X\r\nLocation: file:///x\r\n\r\n",
        "999": b"HTTP/1.1 999 X\r\n\r\n",
        "200-garbage": OK + b"\r\n" + bodies.GARBAGE,
        "200-page": OK + b"\r\n<html>sign in</html>",
        "200-length": OK + b"Content-Length: 400\r\n\r\n",
        "endless-line": b"HTTP/1.1 200 " + b"x" * 200_000,
        "fields": OK + b"X: y\r\n" * 5000 + b"\r\n",
        "via": b"HTTP/1.1 502 X\r\nProxy-Status: " + b'a;b="' * 900 + b"\r\n\r\n",
        "status-odd": b"HTTP/1.1 4x3 X\r\n\r\n",
        "challenge": b"HTTP/1.1 407 X\r\nProxy-Authenticate: " + b'Basic realm="' * 400 + b"\r\n\r\n",
        "length-odd": b"HTTP/1.1 403 X\r\nContent-Length: -9\r\n\r\nabc",
        "chunked": b"HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    }
    for (name, sent), end in itertools.product(answers.items(), ("finish", "reset", "hang")):
        yield Behaviour(f"tunnel {name} {end}", after_request(sent, end), "tunnel")


def socks() -> Iterator[Behaviour]:
    """Answers of a SOCKS proxy (RFC 1928)."""

    def answering(first: bytes, second: bytes, end: str) -> Fault:
        def fault(connection: Connection) -> None:
            connection.recv()
            connection.send(first)
            if second:
                connection.recv()
                connection.send(second)
            _end(connection, end)

        return fault

    for code in (*range(10), 0x55, 0xFF):
        yield Behaviour(
            f"socks reply {code}", answering(b"\5\0", bytes([5, code, 0, 1]) + bytes(6), "finish"), "socks5"
        )
    for method in (1, 2, 3, 0x80, 0xFF):
        yield Behaviour(f"socks method {method}", answering(bytes([5, method]), b"", "finish"), "socks5")
    odd = {"empty": b"", "version-4": b"\4\0", "one-byte": b"\5", "http": OK + b"\r\n", "ssh": bodies.SSH_BANNER}
    for (name, first), end in itertools.product(odd.items(), ("finish", "reset", "hang")):
        yield Behaviour(f"socks greeting {name} {end}", answering(first, b"", end), "socks5")
    for kind in (0, 2, 3, 4, 9):
        yield Behaviour(
            f"socks address type {kind}",
            answering(b"\5\0", bytes([5, 0, 0, kind, 255]) + b"x" * 20, "finish"),
            "socks5",
        )
    for code in (0, 90, 91, 92, 93, 255):
        yield Behaviour(f"socks4 reply {code}", answering(bytes([0, code]) + bytes(6), b"", "finish"), "socks4")


def tls() -> Iterator[Behaviour]:
    """A TLS peer that ends, alerts, or speaks something else."""
    for number in (
        0,
        10,
        20,
        22,
        40,
        42,
        43,
        44,
        45,
        46,
        47,
        48,
        49,
        50,
        51,
        70,
        71,
        80,
        86,
        90,
        109,
        110,
        112,
        113,
        115,
        116,
        120,
        255,
    ):
        yield Behaviour(f"alert {number}", handshakes.alert(number), "tls")
    for fault in (handshakes.reset_after_hello, handshakes.finish_after_hello, handshakes.stall_after_hello):
        yield Behaviour(f"hello {fault.__name__}", fault, "tls")
    records = {
        "http": OK + b"\r\n",
        "ssh": bodies.SSH_BANNER,
        "garbage": bodies.GARBAGE,
        "huge-record": b"\x16\x03\x03\xff\xff" + bytes(65535),
        "empty-records": b"\x16\x03\x03\x00\x00" * 3000,
        "warnings": b"\x15\x03\x03\x00\x02\x01\x5a" * 3000,
        "ssl2": b"\x80\x2e\x01\x00\x02" + bytes(40),
        "short": b"\x16\x03\x03\x00\x30\x02",
        "version": b"\x16\x09\x09\x00\x04" + bytes(4),
        "hello-back": b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
    }
    for (name, sent), end in itertools.product(records.items(), ("finish", "hang")):
        yield Behaviour(f"tls {name} {end}", _after_hello(sent, end), "tls")


def _after_hello(sent: bytes, end: str) -> Fault:
    def fault(connection: Connection) -> None:
        connection.recv()
        connection.send(sent)
        _end(connection, end)

    return fault


def dns() -> Iterator[Behaviour]:
    """A name server's replies, as rules of `mnistdoctor.demo.faults_dns`."""
    from mnistdoctor.demo import dns_rules

    rules = {
        "refused": names.refused(),
        "no-data": names.no_data(),
        "garbage": names.garbage(),
        "garbage-id": names.garbage(keep_id=False),
        "wrong-id": names.wrong_id(dns_rules.addresses("127.0.0.1")),
        "truncated": names.truncated(dns_rules.addresses("127.0.0.1")),
        "slow": names.slow(1.5, dns_rules.addresses("127.0.0.1")),
        "ede": names.refused(((15, "\x1b[31m" + "x" * 400), (999, "::error::"))),
        "zeros": dns_rules.addresses("0.0.0.0"),
        "many": dns_rules.addresses(*(f"127.0.1.{n}" for n in range(1, 60))),
        "empty": names.garbage(b""),
        "one-byte": names.garbage(b"\0", keep_id=False),
        "long": names.garbage(b"\xc0\x0c" * 2000),
    }
    for name, rule in rules.items():
        yield Behaviour(f"dns {name}", rule, "dns")


def drips() -> Iterator[Behaviour]:
    """What never ends, or only byte by byte."""
    faults = {
        "head": bodies.drip_head(1, 0.1),
        "body": bodies.drip(DATA * 9, 1, 0.1),
        "endless head": bodies.endless_head(),
        "endless continue": bodies.endless_continue(),
        "endless body": bodies.endless_body(),
        "many fields": bodies.many_fields(),
        "huge field": bodies.huge_field(),
        "bomb": bodies.gzip_bomb(),
        "bomb as coding": bodies.gzip_bomb(as_coding=True),
        "slow body": bodies.drip(DATA * 99, 1, 0.3),
        "banner": tcp.banner(b"hello\r\n"),
    }
    for name, fault in faults.items():
        yield Behaviour(f"drip {name}", fault)
        if name not in ("bomb", "bomb as coding"):
            yield Behaviour(f"drip {name} by a proxy", fault, "tunnel")
