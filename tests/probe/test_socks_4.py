"""SOCKS4 and 4a on the wire, as PySocks and curl speak them, and final dots of host names."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo import faults_http
from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.relay import connect_backend, relay
from mnistdoctor.demo.servers import Server
from mnistdoctor.probe.http import host_field
from mnistdoctor.probe.tls import server_name_of
from mnistdoctor.settings import rules_of

from .scene import DATA, last, probe


def socks4(seen: list[Any], port: int, answer: bytes = b"\0\x5a") -> Fault:
    """Notes (port, address, user, name) of the request, gives the answer, and relays where it was granted."""

    def text(connection: Connection) -> bytes:
        found = b""
        while (one := connection.recv_exactly(1)) != b"\0":
            found += one
        return found

    def fault(connection: Connection) -> None:
        head = connection.recv_exactly(8)
        assert head[:2] == b"\4\1"
        address, user = head[4:], text(connection)
        name = text(connection) if address[:3] == bytes(3) else b""
        seen.append((int.from_bytes(head[2:4], "big"), address, user, name))
        connection.send(answer + bytes(6) if len(answer) == 2 else answer)
        if answer[1:2] == b"\x5a":
            upstream = connect_backend(("127.0.0.1", port))
            assert upstream is not None
            with upstream:
                relay(connection, upstream)

    return fault


@pytest.mark.parametrize(
    ("scheme", "host", "address", "name"),
    [
        ("socks4", "127.0.0.1", bytes((127, 0, 0, 1)), b""),
        ("socks4a", "127.0.0.1", bytes((127, 0, 0, 1)), b""),
        ("socks4a", "data.test", bytes((0, 0, 0, 1)), b"data.test"),
    ],
)
def test_the_file_comes_through(scheme: str, host: str, address: bytes, name: bytes) -> None:
    seen: list[Any] = []
    with Server(faults_http.serve(DATA)) as origin, Server(socks4(seen, origin.port)) as proxy:
        url = f"{scheme}://jo:x@127.0.0.1:{proxy.port}"
        records = probe(f"http://{host}:{origin.port}/", client="curl", proxy=url)
    assert last(records, ev.Transfer).complete
    assert seen == [(origin.port, address, b"jo", name)]
    assert "jo" not in repr(last(records, ev.Tunnel))


@pytest.mark.parametrize(
    ("answer", "failure", "reply"),
    [
        (b"\0\x5b", "socks_error", 91),
        (b"\4\x5d", "socks_error", 93),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "proxy_invalid_response", None),
    ],
)
def test_refusals(answer: bytes, failure: str, reply: int | None) -> None:
    with Server(socks4([], 0, answer)) as proxy:
        records = probe("http://data.test/", client="curl", proxy=f"socks4a://127.0.0.1:{proxy.port}")
    tunnel = last(records, ev.Tunnel)
    assert (tunnel.failure, tunnel.reply) == (failure, reply)


def test_version_4_knows_no_ipv6() -> None:
    with Server(socks4([], 0)) as proxy:
        records = probe("http://[::1]/", client="curl", proxy=f"socks4://127.0.0.1:{proxy.port}")
    assert last(records, ev.Lookup).failure == "dns_no_answer"
    assert not any(isinstance(one, ev.Tunnel) for one in records)


@pytest.mark.parametrize(
    ("client", "name", "direct", "tunnelled"),
    [
        ("requests", "data.test", None, "data.test.:8443"),
        ("curl", "data.test", "data.test.:8443", "data.test.:8443"),
        ("keras", "data.test.", "data.test.:8443", "data.test.:8443"),
    ],
)
def test_final_dot(client: str, name: str, direct: str | None, tunnelled: str) -> None:
    """Measured on requests 2.34 with urllib3 2.8, curl 7.88 and urllib of CPython 3.11."""
    known = load().client(client)
    assert server_name_of("data.test.", known) == name
    url = "https://data.test.:8443/a.gz"
    form = rules_of(known).request_form(url, False)
    plain = rules_of(known).request_form("https://data.test/a.gz", False)
    # `http.client` writes the host that it connects to, dot and all, where nobody tells it another.
    usual = "data.test:8443" if client == "requests" else "data.test.:8443"
    assert dict(host_field(known, form, "https", tunnelled=False)).get("Host", usual) == (direct or usual)
    assert dict(host_field(known, form, "https", tunnelled=True)).get("Host", usual) == tunnelled
    assert host_field(known, plain, "https", tunnelled=True) == []
