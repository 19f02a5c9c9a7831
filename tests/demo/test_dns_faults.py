"""The DNS server, as dnspython's client sees it."""

from __future__ import annotations

import socket
import threading
import time

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.resolver
import pytest

from mnistdoctor.demo.faults_dns import DnsServer, Question, Rule
from tests.faults import dns as rules


def query(server: DnsServer, name: str = "mnist.test", kind: str = "A", *, tcp: bool = False) -> dns.message.Message:
    ask = dns.query.tcp if tcp else dns.query.udp
    return ask(dns.message.make_query(name, kind), server.host, timeout=30, port=server.port)


def resolver(server: DnsServer, lifetime: float = 30.0) -> dns.resolver.Resolver:
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port, made.lifetime, made.timeout = [server.host], server.port, lifetime, lifetime
    return made


def reply(rule: Rule, kind: str = "A") -> dns.message.Message:
    with DnsServer(rule) as server:
        return query(server, kind=kind)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("tcp", [False, True])
def test_addresses_by_family(family: socket.AddressFamily, tcp: bool) -> None:
    with DnsServer(rules.addresses("192.0.2.1", "192.0.2.2", "2001:db8::1"), family) as server:
        assert [item.to_text() for found in query(server, tcp=tcp).answer for item in found] == [
            "192.0.2.1",
            "192.0.2.2",
        ]
        assert [item.to_text() for item in query(server, "MNIST.test", "AAAA", tcp=tcp).answer[0]] == ["2001:db8::1"]
        first, second = server.log.questions
        assert (first.name, first.type, first.transport, first.number) == (
            "mnist.test",
            "A",
            "tcp" if tcp else "udp",
            1,
        )
        assert (second.name, second.type, second.number) == ("mnist.test", "AAAA", 2)


def test_many_queries_on_one_tcp_connection() -> None:
    with (
        DnsServer(rules.addresses("192.0.2.1")) as server,
        socket.create_connection(server.address, timeout=30) as sock,
    ):
        for kind in ("A", "AAAA", "A"):
            dns.query.send_tcp(sock, dns.message.make_query("mnist.test", kind), time.time() + 30)
        answers = [dns.query.receive_tcp(sock, time.time() + 30)[0] for _ in range(3)]
        assert [len(answer.answer) for answer in answers] == [1, 0, 1]
        assert len(server.log.connections) == 1


def test_rcodes_as_the_resolver_tells_them() -> None:
    with DnsServer(rules.nxdomain()) as server, pytest.raises(dns.resolver.NXDOMAIN):
        resolver(server).resolve("mnist.test")
    with DnsServer(rules.no_data()) as server, pytest.raises(dns.resolver.NoAnswer):
        resolver(server).resolve("mnist.test")
    for rule in (rules.servfail(), rules.refused()):
        with DnsServer(rule) as server, pytest.raises(dns.resolver.NoNameservers):
            resolver(server).resolve("mnist.test")
    with DnsServer(rules.silence) as server, pytest.raises(dns.resolver.LifetimeTimeout):
        resolver(server, 0.3).resolve("mnist.test")


@pytest.mark.parametrize(
    ("rule", "rcode", "soa"),
    [
        (rules.nxdomain(), dns.rcode.NXDOMAIN, True),
        (rules.no_data(), dns.rcode.NOERROR, True),
        (rules.servfail(), dns.rcode.SERVFAIL, False),
        (rules.refused(), dns.rcode.REFUSED, False),
        (rules.failure("FORMERR"), dns.rcode.FORMERR, False),
        (rules.failure("NOTIMP"), dns.rcode.NOTIMP, False),
    ],
)
def test_rcodes(rule: Rule, rcode: int, soa: bool) -> None:
    seen = reply(rule)
    assert (seen.rcode(), bool(seen.authority), seen.answer) == (rcode, soa, [])


def test_extended_errors() -> None:
    seen = reply(rules.servfail(((6, "bogus signature"), (22, ""))))
    found = [(option.code, option.text) for option in seen.options if isinstance(option, dns.edns.EDEOption)]
    assert found == [(6, "bogus signature"), (22, None)]
    blocked = reply(rules.nxdomain(((15, "Blocked"),)))
    assert blocked.rcode() == dns.rcode.NXDOMAIN
    assert len(blocked.options) == 1


def test_sinkhole() -> None:
    assert reply(rules.addresses(*rules.SINKHOLE)).answer[0][0].to_text() == "0.0.0.0"
    assert reply(rules.addresses(*rules.SINKHOLE), "AAAA").answer[0][0].to_text() == "::"


def test_cname_chain() -> None:
    seen = reply(rules.records("CNAME edge.test.", "A 192.0.2.7"))
    assert [(s.name.to_text(), s[0].to_text()) for s in seen.answer] == [
        ("mnist.test.", "edge.test."),
        ("edge.test.", "192.0.2.7"),
    ]


def test_truncation_with_and_without_tcp() -> None:
    rule = rules.truncated(rules.addresses("192.0.2.1"))
    with DnsServer(rule) as server:
        assert query(server).flags & dns.flags.TC
        assert resolver(server).resolve("mnist.test")[0].to_text() == "192.0.2.1"
        assert [asked.transport for asked in server.log.questions] == ["udp", "udp", "tcp"]
    with DnsServer(rule, tcp=False) as server, pytest.raises(ConnectionRefusedError):
        query(server, tcp=True)


def test_wrong_id() -> None:
    with DnsServer(rules.wrong_id(rules.addresses("192.0.2.1"))) as server, pytest.raises(dns.query.BadResponse):
        query(server)


def test_garbage() -> None:
    with DnsServer(rules.garbage()) as server, pytest.raises(dns.exception.DNSException):
        query(server)
    with DnsServer(rules.garbage(b"\1", keep_id=False)) as server, pytest.raises(dns.exception.DNSException):
        query(server)


def test_slow_answers_do_not_wait_for_each_other() -> None:
    came = threading.Event()

    def waits_for_the_other(question: Question) -> bytes | None:
        assert came.wait(60)
        return rules.addresses("192.0.2.1")(question)

    def is_waited_for(question: Question) -> bytes | None:
        came.set()
        return rules.no_data()(question)

    with DnsServer(rules.by_type({"A": waits_for_the_other, "AAAA": is_waited_for})) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(60)
            for kind in ("A", "AAAA"):
                sock.sendto(dns.message.make_query("mnist.test", kind).to_wire(), server.address)
            replies = [dns.message.from_wire(sock.recv(1000)) for _ in range(2)]
        assert sorted(len(reply.answer) for reply in replies) == [0, 1]


def test_choosing() -> None:
    rule = rules.zone({"mnist.test": rules.in_turn(rules.servfail(), rules.addresses("192.0.2.1"))})
    with DnsServer(rule) as server:
        codes = [query(server, name).rcode() for name in ("mnist.test", "mnist.test", "mnist.test", "other.test")]
        assert codes == [dns.rcode.SERVFAIL, dns.rcode.NOERROR, dns.rcode.NOERROR, dns.rcode.NXDOMAIN]


def test_close_ends_answers_that_wait() -> None:
    with DnsServer(rules.slow(30, rules.no_data())) as server:
        for tcp in (False, True):
            with pytest.raises(dns.exception.Timeout):
                dns.query.tcp(
                    dns.message.make_query("a.", "A"), server.host, 0.05, server.port
                ) if tcp else dns.query.udp(dns.message.make_query("a.", "A"), server.host, 0.05, server.port)
        server.close()


def test_nonsense_is_not_answered() -> None:
    with DnsServer(rules.no_data()) as server:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"hello", server.address)
        assert query(server).rcode() == dns.rcode.NOERROR
        assert len(server.log.questions) == 1


def test_bug_in_a_rule_reaches_its_author() -> None:
    def broken(question: Question) -> bytes:
        raise KeyError(question.name)

    def use() -> None:
        with DnsServer(broken) as server, pytest.raises(dns.exception.Timeout):
            dns.query.udp(dns.message.make_query("a.", "A"), server.host, 0.1, server.port)

    with pytest.raises(KeyError):
        use()
