"""A name service that asks one DNS server of a scene, and answers as glibc's resolver would."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import dns.message

WAIT_S = 1.0
"""Seconds for each question; glibc waits 5 s, twice, for the same end (resolv.conf(5), `timeout` and `attempts`)."""

_TEXTS = {
    "EAI_NONAME": "Name or service not known",
    "EAI_AGAIN": "Temporary failure in name resolution",
    "EAI_NODATA": "No address associated with hostname",
}
"""What glibc's gai_strerror says of each."""


class DemoNames:
    """Stands in for the operating system's resolver: the names of a scene never reach the machine's own."""

    def __init__(self, address: str, port: int) -> None:
        self._server = (address, port)

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        """Return the host's addresses; raise `socket.gaierror` with glibc's code where it has none."""
        kinds = {socket.AF_INET: ("A",), socket.AF_INET6: ("AAAA",)}.get(socket.AddressFamily(family), ("A", "AAAA"))
        replies = [self._ask(host, kind) for kind in kinds]
        found = tuple(dict.fromkeys(address for reply in replies for address in _addresses(reply)))
        if not found:
            raise _error([None if reply is None else int(reply.rcode()) for reply in replies])
        return found

    def servers(self) -> tuple[tuple[str, int], ...]:
        """Return the scene's name server."""
        return (self._server,)

    def reach(self, family: int) -> None:
        """Raise nothing: a scene's machine has a network, also where the real one has none."""

    def _ask(self, host: str, kind: str) -> dns.message.Message | None:
        """Return the reply, over TCP where UDP cut it short; None where none came that can be read."""
        import dns.exception
        import dns.message
        import dns.query

        address, port = self._server
        try:
            query = dns.message.make_query(host.rstrip(".") + ".", kind)
            return dns.query.udp_with_fallback(query, address, timeout=WAIT_S, port=port, ignore_unexpected=True)[0]
        except (dns.exception.DNSException, OSError):
            return None


def _addresses(reply: dns.message.Message | None) -> list[str]:
    import dns.rdatatype

    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    answer = reply.answer if reply is not None else ()
    return [item.address for records in answer if records.rdtype in wanted for item in records]


def _error(rcodes: list[int | None]) -> socket.gaierror:
    """Return the exception for replies without an address, by their rcodes; None stands for silence."""
    import dns.rcode

    if dns.rcode.NXDOMAIN in rcodes:
        name = "EAI_NONAME"
    elif any(rcode != dns.rcode.NOERROR for rcode in rcodes):
        name = "EAI_AGAIN"
    else:
        name = "EAI_NODATA" if hasattr(socket, "EAI_NODATA") else "EAI_NONAME"
    return socket.gaierror(getattr(socket, name), _TEXTS[name])
