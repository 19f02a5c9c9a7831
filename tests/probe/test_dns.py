"""Queries of our own to name servers on loopback: put again in another way where the first does not do."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.faults_dns import DnsServer
from mnistdoctor.demo.servers import Endpoint, Server
from mnistdoctor.examine.conductor import new_run
from mnistdoctor.probe import dns as probe
from mnistdoctor.run import Recorder
from mnistdoctor.settings import Environment, Settings
from tests.faults.dns import silence, truncated
from tests.faults.tcp import finish_on_accept

Answer = Callable[[dns.message.Message, str], "dns.message.Message | None"]
"""What the server says to a query that came by ``udp`` or ``tcp``; None is silence."""
HOST = "data.example.org"
ADDRESS = "93.184.216.34"


@contextlib.contextmanager
def name_server(answer: Answer) -> Iterator[tuple[str, int]]:
    """A name server on loopback, over UDP and TCP."""
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())

    def datagrams() -> None:
        with contextlib.suppress(OSError):
            while True:
                wire, peer = udp.recvfrom(4096)
                said = answer(dns.message.from_wire(wire), "udp") if wire else None
                if said is not None:
                    udp.sendto(said.to_wire(), peer)

    links: list[socket.socket] = []

    def streams() -> None:
        with contextlib.suppress(OSError):
            while True:
                links.append(tcp.accept()[0])
                size = struct.unpack(">H", links[-1].recv(2))[0]
                said = answer(dns.message.from_wire(links[-1].recv(size)), "tcp")
                if said is not None:
                    links[-1].sendall(struct.pack(">H", len(said.to_wire())) + said.to_wire())

    for work in (datagrams, streams):
        threading.Thread(target=work, daemon=True).start()
    try:
        yield tcp.getsockname()
    finally:
        for one in (udp, tcp, *links):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Names(probe.SystemNames):
    """A machine that is told of one name server."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.server = server

    def servers(self) -> tuple[tuple[str, int], ...]:
        return (self.server,)


def asked(answer: Answer, monkeypatch: pytest.MonkeyPatch, kind: str = "A") -> list[ev.NameQuery]:
    """The queries for one record type, in order."""
    monkeypatch.setattr(probe, "QUERY_S", 0.4)
    monkeypatch.setattr(probe, "RETRY_S", 0.4)
    with name_server(answer) as server:
        run = new_run(Settings(), load(), (), Environment({}), Names(server))
        rec = Recorder(run, "t", "control", "resolver")
        probe.explain(rec, HOST)
    return [one for one in rec.records if isinstance(one, ev.NameQuery) and one.type == kind]


def reply(query: dns.message.Message, *rows: tuple[str, str, str], rcode: str = "NOERROR") -> dns.message.Message:
    made = dns.message.make_response(query)
    made.set_rcode(dns.rcode.from_text(rcode))
    for name, kind, value in rows:
        made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, value))
    return made


def ways(queries: list[ev.NameQuery]) -> list[tuple[str, bool, str | None]]:
    return [(one.transport, one.edns, one.rcode) for one in queries]


def test_one_query_where_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = asked(lambda query, _way: reply(query, (f"{HOST}.", "A", ADDRESS)), monkeypatch)
    assert ways(queries) == [("udp", True, "NOERROR")]
    assert queries[0].answers == (ADDRESS,)
    assert not queries[0].truncated


@pytest.mark.parametrize("first", ["FORMERR", "NOTIMP", None])
def test_a_server_without_edns_is_asked_again_without(first: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(query: dns.message.Message, _way: str) -> dns.message.Message | None:
        if query.edns < 0:
            return reply(query, rcode="NXDOMAIN")
        return reply(query, rcode=first) if first else None

    assert ways(asked(answer, monkeypatch)) == [("udp", True, first), ("udp", False, "NXDOMAIN")]


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "NXDOMAIN"])
def test_what_is_an_answer_is_not_asked_again(rcode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ways(asked(lambda query, _way: reply(query, rcode=rcode), monkeypatch)) == [("udp", True, rcode)]


@pytest.mark.parametrize("open_", [True, False])
def test_a_reply_that_was_cut_short_is_asked_for_over_tcp(open_: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(query: dns.message.Message, way: str) -> dns.message.Message | None:
        if way == "tcp":
            return reply(query, (f"{HOST}.", "A", ADDRESS)) if open_ else None
        made = reply(query)
        made.flags |= dns.flags.TC
        return made

    queries = asked(answer, monkeypatch)
    assert ways(queries) == [("udp", True, "NOERROR"), ("tcp", True, "NOERROR" if open_ else None)]
    assert [one.truncated for one in queries] == [True, False]


def test_a_server_that_hangs_up_on_tcp_is_told_so() -> None:
    """Under a load that made UDP look silent, this ended a thread with a traceback."""

    class HangsUp(DnsServer):
        def streams(self, fault: Fault, family: socket.AddressFamily) -> Endpoint:
            return Server(finish_on_accept, family=family)

    with HangsUp(truncated(silence)) as server:
        run = new_run(Settings(), load(), (), Environment({}), Names(server.address))
        rec = Recorder(run, "t", "control", "resolver")
        probe.explain(rec, HOST)
    queries = [one for one in rec.records if isinstance(one, ev.NameQuery)]
    assert [one.failure for one in queries if one.transport == "tcp"] == ["eof_error"] * 2


def test_silence_over_udp_is_asked_again_over_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = asked(lambda query, way: reply(query, rcode="NXDOMAIN") if way == "tcp" else None, monkeypatch)
    assert ways(queries) == [("udp", True, None), ("udp", False, None), ("tcp", True, "NXDOMAIN")]


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "NOERROR"])
def test_aliases_are_followed_to_the_last(rcode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (("edge.example.net.", "CNAME", "gone.example.com."), (f"{HOST}.", "CNAME", "edge.example.net."))
    (query,) = asked(lambda query, _way: reply(query, *rows, rcode=rcode), monkeypatch)
    assert query.aliases == ("edge.example.net", "gone.example.com")
    assert (query.rcode, query.answers) == (rcode, ())


def test_aliases_in_a_circle_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ((f"{HOST}.", "CNAME", "b.example.net."), ("b.example.net.", "CNAME", f"{HOST}."))
    (query,) = asked(lambda query, _way: reply(query, *rows), monkeypatch)
    assert query.aliases == ()
