"""The life of a demo server, and the faults below HTTP."""

from __future__ import annotations

import http.client
import socket
import time

import pytest

from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.log import Accepted
from mnistdoctor.demo.servers import RefusingPort, Server, SilentPort
from tests.faults import tcp
from tests.faults.body import endless_body, stall

from .client import ask, drain, request_bytes


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_url_leads_to_the_server(family: socket.AddressFamily) -> None:
    with Server(respond(200, b"hello"), family=family) as server:
        assert server.url("/x") == f"http://{'[::1]' if family == socket.AF_INET6 else '127.0.0.1'}:{server.port}/x"
        assert server.url("/x", host="mnist.test", scheme="https") == f"https://mnist.test:{server.port}/x"
        assert ask(server, "/x").body == b"hello"


def test_log_holds_connections_and_requests_as_sent() -> None:
    with Server(respond(200)) as server:
        ask(server, "/a?b=c", (("User-Agent", "one"), ("X-Twice", "1"), ("X-Twice", "2")))
        ask(server, "/d", method="HEAD")
        first, second = server.log.requests
        assert [accepted.number for accepted in server.log.connections] == [1, 2]
        assert first.line == "GET /a?b=c HTTP/1.1"
        assert first.path == "/a"
        assert ("X-Twice", "2") in first.fields
        assert first.field("user-agent") == "one"
        assert (second.connection, second.method) == (2, "HEAD")
        assert server.log.sent("user-agent") == ("one",)


def test_connection_is_kept_for_further_requests() -> None:
    with Server(respond(200, b"again")) as server:
        client = http.client.HTTPConnection(*server.address, timeout=30)
        for _ in range(3):
            client.request("GET", "/")
            assert client.getresponse().read() == b"again"
        client.close()
        assert len(server.log.connections) == 1
        assert [request.connection for request in server.log.requests] == [1, 1, 1]


def test_requests_sent_at_once_are_answered_in_turn() -> None:
    with Server(respond(200, b"x")) as server, socket.create_connection(server.address, timeout=30) as sock:
        sock.sendall(request_bytes("GET", "/1", close=False) + request_bytes("GET", "/2"))
        assert drain(sock).data.count(b"200 OK") == 2


def test_post_body_is_read() -> None:
    with Server(respond(200)) as server, socket.create_connection(server.address, timeout=30) as sock:
        sock.sendall(request_bytes("POST", "/", (("Content-Length", "3"),)) + b"abc")
        assert drain(sock).status == 200
        assert server.log.requests[0].body == b"abc"


@pytest.mark.parametrize("fault", [tcp.hang, stall(b"HTTP/1.1 200"), endless_body(), tcp.banner(b"220 mail\r\n")])
def test_close_ends_handlers_that_hang(fault: Fault) -> None:
    server = Server(fault)
    socks = [socket.create_connection(server.address, timeout=30) for _ in range(5)]
    for sock in socks:
        sock.sendall(request_bytes("GET", "/"))
    assert server.log.wait(Accepted, 5)
    server.close()
    server.close()
    for sock in socks:
        sock.close()


def test_clients_that_vanish_do_no_harm() -> None:
    with Server(respond(200, b"x" * 5_000_000)) as server:
        for data in (b"", b"GET /", request_bytes("GET", "/"), b"\x16\x03\x01", b"nonsense\r\n\r\n"):
            with socket.create_connection(server.address, timeout=30) as sock:
                sock.sendall(data)
        assert ask(server).status == 200
        assert server.log.errors == ()


def test_bug_in_a_fault_reaches_its_author() -> None:
    def broken(connection: Connection) -> None:
        _ = connection.request
        raise KeyError("oops")

    def use() -> None:
        with Server(broken) as server:
            assert ask(server).data == b""

    with pytest.raises(KeyError, match="oops"):
        use()


def test_wait_gives_up() -> None:
    with Server(respond()) as server:
        assert not server.log.wait(Accepted, 1, timeout=0.05)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_refusing_port(family: socket.AddressFamily) -> None:
    with RefusingPort(family) as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(port.address, timeout=30)


def test_silent_port_times_out_for_many() -> None:
    with SilentPort() as port:
        socks = [socket.socket() for _ in range(8)]
        for sock in socks:
            sock.setblocking(False)
            sock.connect_ex(port.address)
        time.sleep(0.2)
        for sock in socks:
            with pytest.raises(OSError, match="not connected"):
                sock.getpeername()
            sock.close()
        with pytest.raises(TimeoutError):
            socket.create_connection(port.address, timeout=0.1)


def test_reset_on_accept() -> None:
    with Server(tcp.reset_on_accept) as server, socket.create_connection(server.address, timeout=30) as sock:
        assert drain(sock).end == "ConnectionResetError"


def test_finish_on_accept() -> None:
    with Server(tcp.finish_on_accept) as server:
        seen = ask(server)
        assert (seen.data, seen.end) == (b"", "fin")


def test_hang() -> None:
    with Server(tcp.hang) as server:
        assert ask(server, timeout=0.1).end == "TimeoutError"


def test_banner() -> None:
    with Server(tcp.banner(b"SSH-2.0-x\r\n")) as server, socket.create_connection(server.address, timeout=30) as sock:
        assert sock.recv(100) == b"SSH-2.0-x\r\n"
