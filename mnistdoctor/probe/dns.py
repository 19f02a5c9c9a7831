"""Stage `dns`: what the system's lookup answers, which is what a client gets; and why, by queries of our own."""

from __future__ import annotations

import ipaddress
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from mnistdoctor import evidence as ev
from mnistdoctor.failure import Failure, Late, classify, errno_name, lookup_code
from mnistdoctor.run import Recorder, Run, Stopped

if TYPE_CHECKING:
    import dns.message

T = TypeVar("T")

NOTICE_S = 0.1
"""How soon a wait notices that the run was interrupted."""

QUERY_S = 2.0
"""How long one of our own queries waits for one name server."""

RETRY_S = 1.5
"""How long the same query waits when it is put in another way."""

_OLD_RESOLVER = ("FORMERR", "NOTIMP", "BADVERS")
"""What name servers answer that know nothing of EDNS (RFC 6891 section 7)."""


def resolve(rec: Recorder, host: str, port: int, peer: ev.Peer = "origin") -> ev.Lookup:
    """The addresses of the host, in the client's own order; a name that this run has looked up is not asked for again.

    Raises `Stopped` with the record where the lookup failed.
    """
    settings = rec.run.settings
    given = tuple(address for name, number, address in settings.resolve if (name, number) == (host.lower(), port))
    if given or _is_literal(host):
        return rec.add(ev.Lookup, "dns", rec.run.clock(), name=host, peer=peer, addresses=given or (host,))
    record, shared = rec.run.lookups.get((host.lower(), settings.family), lambda: _look_up(rec, host, peer))
    if shared:
        record = rec.record_reuse(record)
    if record.failure:
        raise Stopped(record)
    return record


def _look_up(rec: Recorder, host: str, peer: ev.Peer) -> ev.Lookup:
    started = rec.run.clock()
    family = {4: socket.AF_INET, 6: socket.AF_INET6}.get(rec.run.settings.family or 0, socket.AF_UNSPEC)
    settings = rec.run.settings
    patience = settings.timeout_s if settings.lookup_s is None else settings.lookup_s
    try:
        found = abandonable(rec.run, patience, lambda: rec.run.names.addresses(host, family))
    except (OSError, UnicodeError, Late) as error:
        failure = Failure.URL_INVALID if isinstance(error, UnicodeError) else classify(error)
        code = lookup_code(error) if isinstance(error, socket.gaierror) else None
        return rec.add(ev.Lookup, "dns", started, name=host, peer=peer, failure=failure, code=code, detail=str(error))
    return rec.add(ev.Lookup, "dns", started, name=host, peer=peer, addresses=found)


class SystemNames:
    """The operating system's own resolver."""

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        """By ``getaddrinfo``, in its order, which is the order in which clients connect."""
        found = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(sockaddr[0]) for _, _, _, _, sockaddr in found))

    def servers(self) -> tuple[tuple[str, int], ...]:
        """As configured; empty where none is, or where the list cannot be read."""
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=True)
        except (dns.exception.DNSException, OSError):
            return ()
        return tuple((str(one), resolver.port) for one in resolver.nameservers)

    def reach(self, family: int) -> None:
        """By connecting a UDP socket to a public address (a root name server's), which sends nothing."""
        address = "198.41.0.4" if family == 4 else "2001:503:ba3e::2:30"
        with socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))


@dataclass(frozen=True, slots=True)
class _Raised:
    error: BaseException


def abandonable(run: Run, seconds: float, work: Callable[[], T]) -> T:
    """The result of `work()`, or `TimeoutError` after so many seconds.

    The system's lookup cannot be cancelled, so it runs on a daemon thread that nobody waits for.
    """
    answers: queue.SimpleQueue[T | _Raised] = queue.SimpleQueue()

    def worker() -> None:
        try:
            answers.put(work())
        except BaseException as error:
            answers.put(_Raised(error))

    threading.Thread(target=worker, daemon=True, name="mnistdoctor-lookup").start()
    ends = time.monotonic() + run.limit(seconds)
    while True:
        run.left()
        try:
            answer = answers.get(timeout=max(0.0, min(NOTICE_S, ends - time.monotonic())))
        except queue.Empty:
            if time.monotonic() < ends:
                continue
            raise TimeoutError("no answer from the system's resolver in time") from None
        if isinstance(answer, _Raised):
            raise answer.error
        return answer


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def explain(rec: Recorder, host: str, extra: str | None = None) -> None:
    """Asks each of this machine's name servers, and a further one, for the host's addresses."""
    ask(rec, host, (*rec.run.names.servers()[:3], *((server_of(extra),) if extra else ())))


def server_of(given: str) -> tuple[str, int]:
    """Address and port of a name server as `--resolver` gives it."""
    address, _, port = given.rpartition(":") if given.count(":") == 1 or "]:" in given else (given, "", "53")
    return address.strip("[]"), int(port)


def ask(rec: Recorder, host: str, asked: tuple[tuple[str, int], ...]) -> None:
    """Asks these name servers for the host's A and AAAA records, all at once."""
    threads = [
        threading.Thread(target=_ask, args=(rec, host, kind, address, port), daemon=True)
        for address, port in asked
        for kind in ("A", "AAAA")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(QUERY_S + 2 * RETRY_S + 1)


def _ask(rec: Recorder, host: str, kind: str, address: str, port: int) -> None:
    """By UDP with EDNS; without it where that is not answered or not understood; by TCP where UDP does not do."""
    reply = _query(rec, host, kind, address, port)
    if _silent(reply) or reply.rcode in _OLD_RESOLVER:
        reply = _query(rec, host, kind, address, port, edns=False)
    if _silent(reply) or reply.truncated:
        _query(rec, host, kind, address, port, transport="tcp", edns=reply.edns or _silent(reply))


def _silent(reply: ev.NameQuery) -> bool:
    return reply.rcode is None and reply.failure == Failure.TIMEOUT


def _query(
    rec: Recorder,
    host: str,
    kind: str,
    address: str,
    port: int,
    *,
    transport: Literal["udp", "tcp"] = "udp",
    edns: bool = True,
) -> ev.NameQuery:
    import dns.exception
    import dns.message
    import dns.query

    started = rec.run.clock()
    server = address if port == 53 else f"{address}:{port}"
    about = {"name": host, "type": kind, "server": server, "transport": transport, "edns": edns}
    patience = QUERY_S if edns and transport == "udp" else RETRY_S
    try:
        with_edns = {"use_edns": 0, "payload": 1232} if edns else {"use_edns": False}
        message = dns.message.make_query(host.rstrip(".") + ".", kind, **with_edns)
        send = partial(dns.query.udp, ignore_unexpected=True) if transport == "udp" else dns.query.tcp
        answer = send(message, address, timeout=rec.run.limit(patience), port=port)
        reply = cast("dns.message.QueryMessage", answer)
    except dns.exception.Timeout:
        return rec.add(ev.NameQuery, "dns", started, failure=Failure.TIMEOUT, **about)
    except (OSError, EOFError, Late) as error:  # dnspython lets the end of a TCP connection through as EOFError
        return rec.add(ev.NameQuery, "dns", started, failure=classify(error), detail=str(error), **about)
    except (dns.exception.DNSException, ValueError) as error:
        failure = Failure.DNS_MISBEHAVING
        return rec.add(ev.NameQuery, "dns", started, failure=failure, detail=type(error).__name__, **about)
    return rec.add(ev.NameQuery, "dns", started, failure=_failure(reply), **_reply(reply), **about)


def _failure(reply: dns.message.QueryMessage) -> Failure | None:
    import dns.rcode

    by_code = {
        dns.rcode.NXDOMAIN: Failure.NXDOMAIN,
        dns.rcode.SERVFAIL: Failure.DNS_SERVFAIL,
        dns.rcode.REFUSED: Failure.DNS_REFUSED,
    }
    if reply.rcode() != dns.rcode.NOERROR:
        return by_code.get(reply.rcode(), Failure.DNS_MISBEHAVING)
    return None if _addresses(reply) else Failure.NO_ANSWER


def _reply(reply: dns.message.QueryMessage) -> dict[str, object]:
    import dns.edns
    import dns.flags
    import dns.rcode
    import dns.rdatatype

    extended = tuple(
        (str(int(option.code)), option.text or "") for option in reply.options if isinstance(option, dns.edns.EDEOption)
    )
    return {
        "rcode": dns.rcode.to_text(reply.rcode()),
        "answers": _addresses(reply),
        "authority": any(rrset.rdtype == dns.rdatatype.SOA for rrset in reply.authority),
        "extended": extended,
        "aliases": _aliases(reply),
        "truncated": bool(reply.flags & dns.flags.TC),
    }


def _aliases(reply: dns.message.QueryMessage) -> tuple[str, ...]:
    """The chain of CNAME records from the name that was asked for; none where it runs in a circle."""
    import dns.exception

    try:
        chain = reply.resolve_chaining().cnames
    except dns.exception.DNSException:
        return ()
    return tuple(rrset[0].target.to_text(omit_final_dot=True) for rrset in chain)


def _addresses(reply: dns.message.QueryMessage) -> tuple[str, ...]:
    import dns.rdatatype

    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return tuple(item.address for rrset in reply.answer if rrset.rdtype in wanted for item in rrset)[:16]


def hosts_file(rec: Recorder, host: str) -> None:
    """What the hosts file says of the host; no record where the file cannot be read."""
    started = rec.run.clock()
    if sys.platform == "win32":
        path = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "drivers" / "etc" / "hosts"
    else:
        path = Path("/etc/hosts")
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    words = ((number, line.partition("#")[0].lower().split()) for number, line in enumerate(lines, 1))
    hits = [(number, parts[0]) for number, parts in words if host.lower() in parts[1:]]
    addresses, line = tuple(address for _, address in hits), hits[0][0] if hits else None
    rec.add(ev.HostsFile, "dns", started, name=host, path=str(path), addresses=addresses, line=line)


def reach(rec: Recorder) -> None:
    """Whether the kernel knows a way to the internet."""
    for family in (4, 6):
        started = rec.run.clock()
        try:
            rec.run.names.reach(family)
        except OSError as error:
            about = {"failure": classify(error), "errno": errno_name(error), "detail": str(error)}
            rec.add(ev.Reach, "tcp", started, family=family, **about)
        else:
            rec.add(ev.Reach, "tcp", started, family=family)
