"""Answers for `faults_dns.DnsServer`, and the ways to choose among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import dns.message

    from mnistdoctor.demo.faults_dns import Question, Rule


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


def silence(_question: Question) -> bytes | None:
    """Never answer."""
    return None


def zone(names: Mapping[str, Rule], otherwise: Rule | None = None) -> Rule:
    """Choose by name, in lower case without the final dot; NXDOMAIN for others unless `otherwise` is given."""
    missing = otherwise or nxdomain()
    return lambda question: names.get(question.name, missing)(question)
