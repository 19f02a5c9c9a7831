"""Name service: dnsmasq as the router's own resolver, and a small server of ours for what dnsmasq cannot play.

dnsmasq knows this world's hosts and forwards the rest to "the internet's" server, which answers NXDOMAIN with an SOA
as a real zone does. As soon as a test has a rule, the router's firewall turns the client's queries to our
server, which plays the rule for its name and hands every other query on to dnsmasq.
"""

from __future__ import annotations

import contextlib
import re
import socket
from dataclasses import dataclass, field
from typing import NamedTuple

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.faults_dns import DnsServer, Question
from mnistdoctor.demo.servers import Endpoint

from . import sites
from .namespace import Lab, inside
from .raw import LabServer

RULE_PORT = 5353
ROUTER = "10.77.0.1"
UNBENT = "10.77.0.3"
"""Another address of the router, at which dnsmasq answers whatever rules are played: who asks it hears the truth."""


class Query(NamedTuple):
    """A query as the resolver saw it."""

    name: str
    kind: str
    """`A`, `AAAA`, ..."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one name (or `*`) gets."""

    answer: tuple[str, ...] | None = None
    rcode: str = "NOERROR"
    ede: int | None = None
    """RFC 8914 code, sent to those who ask with EDNS."""
    ede_text: str = ""
    silent: bool = False
    delay: float = 0.0
    """Seconds before the answer."""
    kinds: tuple[str, ...] = field(default=())
    """Only for these record types; all where empty. Others go on to dnsmasq."""
    alias: str = ""
    """The name that this one is an alias of; nothing stands behind that."""
    cut: bool = False
    """Replies by UDP are marked as cut short, and TCP is silent."""
    without_edns: str = ""
    """What a query with EDNS gets, ``silence`` or an rcode; one without goes on to dnsmasq."""


def _respond(query: dns.message.Message, rule: Rule) -> dns.message.Message:
    response = dns.message.make_response(query, recursion_available=True)
    response.set_rcode(dns.rcode.from_text(rule.rcode))
    question = query.question[0]
    for address in rule.answer or ():
        kind = "AAAA" if ":" in address else "A"
        if dns.rdatatype.to_text(question.rdtype) == kind:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, address))
    if rule.alias:
        response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "CNAME", f"{rule.alias}."))
    if not (response.answer and not rule.alias) and rule.rcode in ("NOERROR", "NXDOMAIN"):
        zone = ".".join(question.name.to_text().rstrip(".").split(".")[-2:]) + "."
        soa = f"ns1.{zone} hostmaster.{zone} 1 7200 900 1209600 300"
        response.authority.append(dns.rrset.from_text(zone, 300, "IN", "SOA", soa))
    if rule.ede is not None and query.edns >= 0:
        response.use_edns(0, options=[dns.edns.EDEOption(dns.edns.EDECode.make(rule.ede), rule.ede_text or None)])
    return response


class _Listener(DnsServer):
    """A UDP and TCP server on one address of a namespace."""

    def __init__(self, name: str, address: str, port: int) -> None:
        self._name, self._at = name, (address, port)
        inside(name, lambda: super(_Listener, self).__init__(self.reply))

    def streams(self, fault: Fault, family: socket.AddressFamily) -> Endpoint:
        return LabServer(self._name, fault, at=self._at)

    def reply(self, question: Question) -> bytes | None:
        raise NotImplementedError


class Internet(_Listener):
    """The server behind dnsmasq: no name exists that this world does not have."""

    def reply(self, question: Question) -> bytes | None:
        return _respond(question.query, Rule(rcode="NXDOMAIN")).to_wire()


class Rules(_Listener):
    """The server in front of dnsmasq, which plays the test's rules."""

    def __init__(self, name: str, address: str, port: int) -> None:
        self.rules: dict[str, Rule] = {}
        self.seen: list[Query] = []
        super().__init__(name, address, port)

    def reply(self, question: Question) -> bytes | None:
        query, tcp = question.query, question.asked.transport == "tcp"
        rule = self.rules.get(question.name) or self.rules.get("*")
        self.seen.append(Query(question.name, question.type))
        if rule is None or (rule.kinds and question.type not in rule.kinds):
            return _from_dnsmasq(query)
        if rule.silent or (rule.cut and tcp) or (rule.without_edns == "silence" and query.edns >= 0):
            return None
        if rule.without_edns:
            return _respond(query, Rule(rcode=rule.without_edns)).to_wire() if query.edns >= 0 else _from_dnsmasq(query)
        if rule.cut:
            response = question.reply()
            response.flags |= dns.flags.TC
            return response.to_wire()
        question.stopping.wait(rule.delay)
        if rule.answer is None and rule.rcode == "NOERROR" and rule.ede is None and not rule.alias:
            return _from_dnsmasq(query)
        return _respond(query, rule).to_wire()


def _from_dnsmasq(query: dns.message.Message) -> bytes | None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(3)
        link.sendto(query.to_wire(), ("127.0.0.1", 53))
        with contextlib.suppress(OSError):
            return link.recv(4096)
        return None


class Names:
    """dnsmasq and the two servers of ours."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._log = lab.folder / "dnsmasq.log"
        self._mark = 0
        self.internet = Internet(lab.names["net"], sites.UPSTREAM_RESOLVER, 53)
        self.rules = Rules(lab.names["router"], ROUTER, RULE_PORT)
        records = []
        for host in [site.host for site in sites.SITES] + [sites.PORTAL_HOST]:
            six = sites.address6(host)
            records.append(f"host-record={host},{sites.address(host)}" + (f",{six}" if six else ""))
            # Without this dnsmasq would ask upstream for the other record types and hand on its NXDOMAIN.
            records.append(f"local=/{host}/")
        lines = [
            "keep-in-foreground\nno-resolv\nno-hosts\nno-daemon\nuser=root\ngroup=root\ncache-size=0\nlog-queries",
            f"pid-file=\nlog-facility={self._log}\nlisten-address={ROUTER},{UNBENT},127.0.0.1\nbind-interfaces",
            f"server={sites.UPSTREAM_RESOLVER}",
            *records,
        ]
        (lab.folder / "dnsmasq.conf").write_text("\n".join(lines) + "\n")
        lab.start("dnsmasq", "router", ["dnsmasq", f"--conf-file={lab.folder}/dnsmasq.conf"])

    def queries(self) -> tuple[Query, ...]:
        """What the client asked since the last `clear`, in order; the proxy's own queries are left out."""
        found = [] if not self._log.exists() else self._log.read_text(errors="replace")[self._mark :].splitlines()
        pattern = re.compile(r"query\[(\w+)\] (\S+) from 10\.77\.0\.2$")
        asked = [Query(m[2].lower(), m[1]) for line in found if (m := pattern.search(line))]
        return (*asked, *self.rules.seen)

    def clear(self) -> None:
        """No rules, an empty log."""
        self.rules.rules.clear()
        self.rules.seen.clear()
        self._mark = len(self._log.read_text(errors="replace")) if self._log.exists() else 0

    def close(self) -> None:
        self.internet.close()
        self.rules.close()
