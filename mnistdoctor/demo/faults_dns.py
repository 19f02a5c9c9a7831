"""A DNS server on loopback, over UDP and TCP, that answers by rule. The messages are dnspython's."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnistdoctor.demo.connection import Gone
from mnistdoctor.demo.log import Asked
from mnistdoctor.demo.servers import Endpoint, RefusingPort, Server

if TYPE_CHECKING:
    from types import TracebackType

    import dns.message

    from mnistdoctor.demo.connection import Connection, Fault
    from mnistdoctor.demo.log import Log


@dataclass(frozen=True, slots=True)
class Question:
    """A query, as a rule sees it."""

    query: dns.message.Message
    asked: Asked
    stopping: threading.Event

    @property
    def name(self) -> str:
        """Lower case, without the final dot."""
        return self.asked.name

    @property
    def type(self) -> str:
        """`A`, `AAAA`, ..."""
        return self.asked.type

    def reply(self) -> dns.message.Message:
        """Return an empty answer to it."""
        import dns.message

        return dns.message.make_response(self.query, recursion_available=True)


Rule = Callable[[Question], "bytes | None"]
"""The answer on the wire; None stays silent."""


class DnsServer:
    """Answers DNS on one loopback port, UDP and TCP (any number of queries per connection); a context manager.

    `tcp=False` refuses TCP.
    """

    def __init__(self, rule: Rule, family: socket.AddressFamily = socket.AF_INET, *, tcp: bool = True) -> None:
        self.rule = rule
        self._stopping = threading.Event()
        self._udp, self._tcp = self._bind(family, tcp=tcp)
        self.host, self.port, self.log = self._tcp.host, self._tcp.port, self._tcp.log
        self._waker, self._woken = socket.socketpair()
        self._threads: set[threading.Thread] = set()
        self._receiver = threading.Thread(target=self._receive, name=f"demo-dns-{self.port}", daemon=True)
        self._receiver.start()

    def _bind(self, family: socket.AddressFamily, *, tcp: bool) -> tuple[socket.socket, Endpoint]:
        """Take a port that is free for both protocols."""
        for attempt in range(20):
            endpoint = self.streams(self._speak_tcp, family) if tcp else RefusingPort(family)
            udp = socket.socket(family, socket.SOCK_DGRAM)
            try:
                udp.bind(endpoint.address)
            except OSError:
                udp.close()
                endpoint.close()
                if attempt == 19:
                    raise
            else:
                return udp, endpoint
        raise AssertionError

    def streams(self, fault: Fault, family: socket.AddressFamily) -> Endpoint:
        """Start the half that speaks TCP; its address and port are those of the other half."""
        return Server(fault, family=family)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    def _receive(self) -> None:
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._udp, self._woken], [], [])
            if self._udp in ready:
                with contextlib.suppress(OSError):  # ICMP from a client that has gone
                    data, peer = self._udp.recvfrom(65535)
                    # A thread each, so that a slow answer delays no other
                    thread = threading.Thread(target=self._answer_udp, args=(data, peer), daemon=True)
                    thread.name = f"demo-dns-{self.port}-udp"
                    self._threads = {old for old in self._threads if old.is_alive()} | {thread}
                    thread.start()

    def _answer_udp(self, data: bytes, peer: tuple[str, int]) -> None:
        try:
            answer = self._answer(data, "udp", self.log)
            if answer is not None:
                self._udp.sendto(answer, peer)
        except (Gone, OSError):
            pass
        except Exception as mistake:  # a rule's bug must reach its author
            self.log.add(mistake)

    def _speak_tcp(self, connection: Connection) -> None:
        while True:
            length = int.from_bytes(connection.recv_exactly(2), "big")
            answer = self._answer(connection.recv_exactly(length), "tcp", connection.log)
            if answer is not None:
                connection.send(len(answer).to_bytes(2, "big") + answer)

    def _answer(self, data: bytes, transport: str, log: Log) -> bytes | None:
        import dns.exception
        import dns.message
        import dns.rdatatype

        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        if not query.question:
            return None
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        asked = log.number(lambda n: Asked(name, kind, transport, n), Asked)
        return self.rule(Question(query, asked, self._stopping))

    def close(self) -> None:
        """Stop; waits a moment only for answers that are on their way."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._waker.send(b"x")
        self._receiver.join()
        self._tcp.close()
        for thread in self._threads:
            thread.join(0.02)
        for sock in (self._udp, self._waker, self._woken):
            sock.close()

    def __enter__(self) -> DnsServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None:
            for mistake in self.log.errors:
                raise mistake
