"""HTTP and SOCKS proxies, as raw clients, urllib and PySocks see them."""

from __future__ import annotations

import base64
import socket
import urllib.request
from typing import TYPE_CHECKING

import pytest
import socks  # type: ignore[import-untyped]

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_http import respond, serve
from mnistdoctor.demo.pki import Authority
from mnistdoctor.demo.servers import RefusingPort, Server
from tests.faults import body as wire
from tests.faults import proxy
from tests.faults import socks as faults_socks
from tests.faults.http import by_host
from tests.faults.socks import socks5
from tests.faults.tcp import hang
from tests.faults.tls import tls

from .client import Fields, Seen, ask, drain, pump, request_bytes, trusting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mnistdoctor.demo.connection import Fault

BODY = bytes(range(256)) * 500
BASIC = "Basic " + base64.b64encode(b"ann:s3:cret").decode()


@pytest.fixture
def origin() -> Iterator[Server]:
    with Server(serve(BODY)) as server:
        yield server


def connect(server: Server, target: str = "mnist.test:443", fields: Fields = (), timeout: float = 30.0) -> Seen:
    """What a CONNECT brings, up to the end of the head if the tunnel stands."""
    with socket.create_connection(server.address, timeout=timeout) as sock:
        sock.sendall(request_bytes("CONNECT", target, fields, close=False))
        return drain(sock)


def answer(fault: Fault, timeout: float = 30.0) -> Seen:
    with Server(fault) as server:
        return connect(server, timeout=timeout)


def test_forwarded_get(origin: Server) -> None:
    with Server(proxy.http_proxy({"mnist.test": origin.port})) as server:
        seen = ask(server, "http://mnist.test/f?x=1", (("Proxy-Authorization", BASIC), ("User-Agent", "me")))
        assert (seen.status, seen.body, seen.field("Via")) == (200, BODY, "1.1 proxy.demo")
        (request,) = origin.log.requests
        assert (request.target, request.field("User-Agent")) == ("/f?x=1", "me")
        assert request.field("Proxy-Authorization") is None
        assert request.field("Via") == "1.1 proxy.demo"
        assert server.log.destinations == ("mnist.test:80",)
        assert server.log.sent("Proxy-Authorization") == (BASIC,)


def test_urllib_goes_through(origin: Server) -> None:
    with Server(proxy.http_proxy({"mnist.test:8000": origin.port})) as server:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": server.url()}))
        with opener.open("http://mnist.test:8000/f", timeout=30) as reply:
            assert reply.read() == BODY


def test_tunnel_with_tls_inside(authority: Authority) -> None:
    with (
        Server(serve(BODY), authority.issue("mnist.test").server_context()) as origin,
        Server(proxy.http_proxy({"mnist.test:443": origin.port})) as server,
        socket.create_connection(server.address, timeout=30) as sock,
    ):
        sock.sendall(request_bytes("CONNECT", "mnist.test:443", close=False))
        assert sock.recv(1000) == proxy.ESTABLISHED
        with trusting(authority).wrap_socket(sock, server_hostname="mnist.test") as inner:
            inner.sendall(request_bytes("GET", "/"))
            assert drain(inner).body == BODY
        assert [request.target for request in server.log.connects] == ["mnist.test:443"]


def test_tls_proxy_with_tls_inside(authority: Authority) -> None:
    from ssl import MemoryBIO

    with (
        Server(serve(BODY), authority.issue("mnist.test").server_context()) as origin,
        Server(proxy.http_proxy({"mnist.test:443": origin.port}), authority.issue().server_context()) as server,
        socket.create_connection(server.address, timeout=30) as plain,
        trusting(authority).wrap_socket(plain, server_hostname="localhost") as outer,
    ):
        outer.sendall(request_bytes("CONNECT", "mnist.test:443", close=False))
        assert outer.recv(1000) == proxy.ESTABLISHED
        incoming, outgoing = MemoryBIO(), MemoryBIO()
        inner = trusting(authority).wrap_bio(incoming, outgoing, server_hostname="mnist.test")
        pump(outer, incoming, outgoing, inner.do_handshake)
        inner.write(request_bytes("GET", "/"))
        data = b""
        while more := pump(outer, incoming, outgoing, lambda: inner.read(65536)):
            data += more
        assert data.endswith(b"\r\n\r\n" + BODY)
        outer.settimeout(30)
        assert drain(outer) == Seen(b"", "fin")


def test_reset_behind_the_proxy_reaches_the_client() -> None:
    with (
        Server(wire.cut(BODY, 5000, "reset")) as origin,
        Server(proxy.http_proxy({"mnist.test": origin.port})) as server,
    ):
        seen = ask(server, "http://mnist.test/")
        assert (seen.body, seen.end) == (BODY[:5000], "ConnectionResetError")


def test_upstream_that_fails() -> None:
    with (
        RefusingPort() as closed,
        Server(wire.empty_reply()) as empty,
        Server(wire.reset_after_request()) as reset,
        Server(proxy.http_proxy({"a": closed.port, "b": empty.port, "c": reset.port, "d": None})) as server,
    ):
        seen = {host: ask(server, f"http://{host}/") for host in ("a", "b", "c", "d", "nowhere.test")}
        assert {h: (s.status, (s.field("X-Squid-Error") or "").split()[0]) for h, s in seen.items()} == {
            "a": (503, "ERR_CONNECT_FAIL"),
            "b": (502, "ERR_ZERO_SIZE_OBJECT"),
            "c": (502, "ERR_READ_ERROR"),
            "d": (503, "ERR_CONNECT_FAIL"),
            "nowhere.test": (503, "ERR_DNS_FAIL"),
        }
        assert connect(server, "nowhere.test:443").status == 503
        assert ask(server, "/not-absolute").status == 400


def test_silent_backend_does_not_block_close() -> None:
    with Server(hang) as origin:
        server = Server(proxy.http_proxy({"mnist.test": origin.port}))
        socks_ = [socket.create_connection(server.address, timeout=30) for _ in range(2)]
        socks_[0].sendall(request_bytes("GET", "http://mnist.test/"))
        socks_[1].sendall(request_bytes("CONNECT", "mnist.test:443"))
        assert socks_[1].recv(100) == proxy.ESTABLISHED
        socks_[1].shutdown(socket.SHUT_WR)
        server.close()
        for handler in tuple(server._live):
            handler.join(60)
        assert not server._live  # every handler has ended
        for sock in socks_:
            sock.close()


def test_transfer_is_cut_at_a_limit(origin: Server) -> None:
    with Server(proxy.http_proxy({"mnist.test": origin.port}, limit=10_000)) as server:
        seen = ask(server, "http://mnist.test/")
        assert (len(seen.data), seen.end) == (10_000, "ConnectionResetError")


def test_basic_auth(origin: Server) -> None:
    fault = proxy.basic_auth("ann", "s3:cret", proxy.http_proxy({"mnist.test": origin.port}))
    with Server(fault) as server:
        denied = connect(server)
        assert (denied.status, denied.field("Proxy-Authenticate")) == (407, 'Basic realm="proxy.demo"')
        assert denied.field("X-Squid-Error") == "ERR_CACHE_ACCESS_DENIED 0"
        assert ask(server, "http://mnist.test/", (("Proxy-Authorization", "Basic eDp5"),)).status == 407
        assert ask(server, "http://mnist.test/", (("Proxy-Authorization", BASIC),)).body == BODY
        assert server.log.sent("Proxy-Authorization") == ("Basic eDp5", BASIC)
        assert len(server.log.connects) == 1


@pytest.mark.parametrize("challenges", [(), ('Digest realm="r", nonce="n", qop="auth"',), ("Negotiate", "NTLM")])
def test_other_challenges(challenges: tuple[str, ...]) -> None:
    seen = answer(proxy.auth_required(*challenges))
    assert seen.status == 407
    assert tuple(r.split(": ", 1)[1] for r in seen.head.splitlines() if r.startswith("Proxy-Auth")) == challenges


@pytest.mark.parametrize(
    ("fault", "status", "mark"),
    [
        (proxy.squid_error("ERR_ACCESS_DENIED", 403), 403, "X-Squid-Error: ERR_ACCESS_DENIED 0"),
        (proxy.squid_error("ERR_READ_TIMEOUT", 504), 504, "X-Squid-Error: ERR_READ_TIMEOUT 0"),
        (proxy.proxy_status("dns_error", 502, 'rcode="NXDOMAIN"'), 502, 'error=dns_error; rcode="NXDOMAIN"'),
        (proxy.on_connect(pages.html(), respond(500)), 200, "text/html"),
        (
            proxy.on_connect(pages.captive_portal("http://login.test/"), respond(500)),
            302,
            "Location: http://login.test/",
        ),
        (proxy.speaks_no_connect(), 405, "Method Not Allowed"),
        (proxy.deny(lambda host: host == "mnist.test:443", respond(200)), 403, "ERR_ACCESS_DENIED"),
    ],
)
def test_answers_to_connect(fault: Fault, status: int, mark: str) -> None:
    seen = answer(fault, 0.2)
    assert seen.status == status
    assert mark in seen.head


def test_broken_tunnels() -> None:
    assert answer(proxy.tunnel(proxy.reset_now)) == Seen(proxy.ESTABLISHED, "ConnectionResetError")
    assert answer(proxy.tunnel(hang), 0.1) == Seen(proxy.ESTABLISHED, "TimeoutError")
    assert answer(hang, 0.1) == Seen(b"", "TimeoutError")
    assert answer(wire.empty_reply()) == Seen(b"", "fin")
    assert answer(wire.reset_after_request()) == Seen(b"", "ConnectionResetError")


def test_intercepting_proxy() -> None:
    corp = Authority("Zscaler Inc.")
    site = by_host({"mnist.test": respond(200, b"seen")}, respond(404))
    fault = proxy.tunnel(tls(corp.issue("mnist.test", "demo.test").server_context(), site))
    with Server(fault) as server, socket.create_connection(server.address, timeout=30) as sock:
        sock.sendall(request_bytes("CONNECT", "mnist.test:443", close=False))
        assert sock.recv(1000) == proxy.ESTABLISHED
        with trusting(corp).wrap_socket(sock, server_hostname="mnist.test") as inner:
            inner.sendall(b"GET /f HTTP/1.1\r\nHost: mnist.test:443\r\nConnection: close\r\n\r\n")
            assert drain(inner).body == b"seen"
        assert [request.method for request in server.log.requests] == ["CONNECT", "GET"]
        assert server.log.handshakes[0].server_name == "mnist.test"
        assert server.log.destinations == ("mnist.test:443",)


def through_socks(server: Server, host: str, *, user: str | None = None, remote: bool = True) -> bytes:
    sock = socks.socksocket()
    sock.settimeout(30)
    password = "pw" if user else None
    sock.set_proxy(socks.SOCKS5, *server.address, rdns=remote, username=user, password=password)
    with sock:
        sock.connect((host, 80))
        sock.sendall(request_bytes("GET", "/"))
        return drain(sock).body


def test_socks(origin: Server) -> None:
    backends = {"mnist.test": origin.port, "127.0.0.1": origin.port}
    with Server(socks5(backends)) as server:
        assert through_socks(server, "mnist.test") == BODY
        assert through_socks(server, "127.0.0.1", remote=False) == BODY
        assert server.log.destinations == ("mnist.test:80", "127.0.0.1:80")
        with pytest.raises(socks.ProxyError, match="0x04"):
            through_socks(server, "nowhere.test")


def test_socks_credentials(origin: Server) -> None:
    with Server(socks5({"mnist.test": origin.port}, ("ann", "pw"))) as server:
        assert through_socks(server, "mnist.test", user="ann") == BODY
        with pytest.raises(socks.ProxyError, match="authentication failed"):
            through_socks(server, "mnist.test", user="bob")
        with pytest.raises(socks.ProxyError, match="rejected"):
            through_socks(server, "mnist.test")


@pytest.mark.parametrize("reply", range(1, 9))
def test_socks_replies(reply: int) -> None:
    with Server(socks5({}, reply=reply)) as server:
        with pytest.raises(socks.ProxyError, match=f"0x0{reply}"):
            through_socks(server, "mnist.test")
        assert server.log.destinations == ("mnist.test:80",)


def test_socks_without_method() -> None:
    with Server(socks5({}, method=faults_socks.NO_METHOD)) as server, pytest.raises(socks.ProxyError):
        through_socks(server, "mnist.test")


def test_http_client_at_a_socks_port() -> None:
    with Server(socks5({})) as server:
        assert connect(server) == Seen(b"", "fin")
