"""Answers for `faults_dns.DnsServer`, and the ways to choose among them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import Gone

if TYPE_CHECKING:
    from collections.abc import Mapping

    import dns.message

    from mnistdoctor.demo.faults_dns import Question, Rule

SINKHOLE = ("0.0.0.0", "::")  # noqa: S104  # an answer, not a bind
"""What filters answer for a name that they block."""


def records(*lines: str, ttl: int = 60) -> Rule:
    """Answer with records, `"A 127.0.0.1"`, `"CNAME other.test."`; those of another type than asked for are left out.

    A CNAME is sent for any type. Nothing of the type leaves the empty answer with its SOA (NODATA, RFC 2308).
    """

    def rule(question: Question) -> bytes:
        import dns.rrset

        reply, owner = question.reply(), question.query.question[0].name
        for line in lines:
            kind, _, data = line.partition(" ")
            if kind in (question.type, "CNAME"):
                found = dns.rrset.from_text(owner, ttl, "IN", kind, data)
                # A set each: dnspython shuffles the records within one, and scenes need a first address
                reply.answer.append(found)
                if kind == "CNAME":
                    owner = found[0].target
        if not reply.answer:
            _add_soa(question, reply)
        return bytes(reply.to_wire())

    return rule


def addresses(*ips: str, ttl: int = 60) -> Rule:
    """Answer A and AAAA with these addresses, each by its family; `SINKHOLE` and private ones are lies to play."""
    return records(*(f"{'AAAA' if ':' in ip else 'A'} {ip}" for ip in ips), ttl=ttl)


def failure(rcode: str, ede: tuple[tuple[int, str], ...] = (), *, soa: bool = False) -> Rule:
    """Answer with an rcode (`SERVFAIL`, `REFUSED`, ...) and extended errors of number and text (RFC 8914)."""

    def rule(question: Question) -> bytes:
        import dns.edns
        import dns.rcode

        reply = question.reply()
        reply.set_rcode(dns.rcode.from_text(rcode))
        if soa:
            _add_soa(question, reply)
        if ede:
            reply.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.make(n), text or None) for n, text in ede])
        return bytes(reply.to_wire())

    return rule


def _add_soa(question: Question, reply: dns.message.Message) -> None:
    import dns.name
    import dns.rrset

    name = question.query.question[0].name
    zone = dns.name.Name(name.labels[-2:]) if len(name.labels) > 1 else dns.name.root
    reply.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", "ns.demo. admin.demo. 1 3600 600 86400 60"))


def nxdomain(ede: tuple[tuple[int, str], ...] = ()) -> Rule:
    """Deny the name, with an SOA (RFC 2308); number 15 or 17 in `ede` says that a filter did."""
    return failure("NXDOMAIN", ede, soa=True)


def servfail(ede: tuple[tuple[int, str], ...] = ()) -> Rule:
    """SERVFAIL; `((6, "bogus"),)` and its neighbours are DNSSEC's."""
    return failure("SERVFAIL", ede)


def refused(ede: tuple[tuple[int, str], ...] = ()) -> Rule:
    """REFUSED."""
    return failure("REFUSED", ede)


def no_data() -> Rule:
    """The name exists and has nothing of the type: NOERROR, an SOA, no answer."""
    return records()


def silence(_question: Question) -> bytes | None:
    """Never answer."""
    return None


def slow(seconds: float, rule: Rule) -> Rule:
    """Answer after a wait."""

    def delayed(question: Question) -> bytes | None:
        if question.stopping.wait(seconds):
            raise Gone
        return rule(question)

    return delayed


def truncated(rule: Rule) -> Rule:
    """Over UDP an empty answer with the TC bit; over TCP the rule's."""

    def cut(question: Question) -> bytes | None:
        import dns.flags

        if question.asked.transport == "tcp":
            return rule(question)
        reply = question.reply()
        reply.flags |= dns.flags.TC
        return bytes(reply.to_wire())

    return cut


def wrong_id(rule: Rule) -> Rule:
    """Answer under another message id."""

    def spoilt(question: Question) -> bytes | None:
        data = rule(question)
        return data and bytes([data[0] ^ 0xFF]) + data[1:]

    return spoilt


def garbage(data: bytes = b"\xde\xad\xbe\xef" * 8, *, keep_id: bool = True) -> Rule:
    """Answer with bytes that are no DNS message, after the query's id unless `keep_id` is false."""
    return lambda question: (question.query.id.to_bytes(2, "big") if keep_id else b"") + data


def zone(names: Mapping[str, Rule], otherwise: Rule | None = None) -> Rule:
    """Choose by name, in lower case without the final dot; NXDOMAIN for others unless `otherwise` is given."""
    missing = otherwise or nxdomain()
    return lambda question: names.get(question.name, missing)(question)


def by_type(types: Mapping[str, Rule], otherwise: Rule | None = None) -> Rule:
    """Choose by type, e.g. `{"AAAA": silence}`; NODATA for others unless `otherwise` is given."""
    missing = otherwise or no_data()
    return lambda question: types.get(question.type, missing)(question)


def in_turn(*rules: Rule) -> Rule:
    """One rule for each question; the last one stays."""
    lock = threading.Lock()
    asked = 0

    def rule(question: Question) -> bytes | None:
        nonlocal asked
        with lock:
            number, asked = asked, asked + 1
        return rules[min(number, len(rules) - 1)](question)

    return rule
