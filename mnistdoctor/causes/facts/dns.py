"""What the name servers said, read from the `resolver` and `names` controls; shared by the causes of the dns stage."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

IP = ipaddress.IPv4Address | ipaddress.IPv6Address

# "This network", loopback and the unspecified address (RFC 1122 section 3.2.1.3, RFC 4291): no public host lives there.
_SINKS = tuple(map(ipaddress.ip_network, ("0.0.0.0/8", "127.0.0.0/8", "::/128", "::1/128")))
# RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291.
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)
COLLISION = "127.0.53.53"
"""ICANN's mark for a name that collides with a new top-level domain."""

_LOCAL_NAMES = (
    "localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "test", "invalid", "home.arpa",
)  # fmt: skip
"""Top labels that no public zone serves (RFC 6761, RFC 6762, RFC 8375, and those ICANN keeps back)."""

FILTERED = {"4": "forged answer", "15": "blocked", "16": "censored", "17": "filtered"}
"""Extended errors by which a name server says that it withholds the answer (RFC 8914 sections 4.5, 4.16 to 4.18)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one name server said of a name, its A and AAAA replies taken together."""

    server: str
    said: str
    """``addresses``, ``nxdomain``, ``servfail``, ``refused``, ``rcode``, ``nodata``, ``garbled`` or ``silent``."""
    rcode: str = ""
    addresses: tuple[str, ...] = ()
    authority: bool = False
    extended: tuple[tuple[str, str], ...] = ()
    by_tcp_only: bool = False
    """Whether it was silent over UDP and answered over TCP."""
    unanswered: tuple[str, ...] = ()
    """Record types to which it gave no reply at all."""
    closed: bool = False
    """Whether its machine refused the query instead of staying silent (nothing listens there)."""
    cut: bool = False
    """Whether its replies over UDP were cut short, and none came over TCP."""
    alias: str = ""
    """The name behind the last alias of the chain, where no address is found; the name that was asked for exists."""

    @property
    def answered(self) -> bool:
        """Whether a DNS message came back."""
        return self.said not in ("silent", "garbled")

    @property
    def withheld(self) -> tuple[str, str] | None:
        """(code, text) of an extended error that admits filtering."""
        return next((one for one in self.extended if one[0] in FILTERED), None)


def replies(case: Case, name: str) -> tuple[Reply, ...]:
    """One `Reply` for each name server asked for that name, in order. May raise `OpenQuestion`."""
    queries = [one for one in case.ask(Control.RESOLVER, ev.NameQuery) if _same(one.name, name)]
    servers = dict.fromkeys(one.server for one in queries)
    return tuple(_reply(server, [one for one in queries if one.server == server]) for server in servers)


def _reply(server: str, queries: list[ev.NameQuery]) -> Reply:
    # A query that was put again in another way counts as it was answered last; half a reply counts for none.
    last = {one.type: one for one in queries if one.rcode and not one.truncated}
    addresses = tuple(dict.fromkeys(address for one in last.values() for address in one.answers))
    codes = [one.rcode or "" for one in last.values()]
    unanswered = {one.type for one in queries} - set(last)
    cut = any(one.truncated for one in queries)
    return Reply(
        server=server,
        said=_said(addresses, codes, unanswered, any(one.failure == Failure.DNS_MISBEHAVING for one in queries)),
        rcode=next((code for code in codes if code not in ("NOERROR", "NXDOMAIN")), codes[0] if codes else ""),
        addresses=addresses,
        authority=any(one.authority for one in queries),
        extended=tuple(dict.fromkeys(pair for one in queries for pair in one.extended)),
        unanswered=tuple(sorted(unanswered)),
        by_tcp_only=bool(codes) and not cut and all(one.transport == "tcp" for one in last.values()),
        closed=any(one.failure == Failure.REFUSED for one in queries),
        cut=cut and bool(unanswered),
        alias="" if addresses else next((one.aliases[-1] for one in last.values() if one.aliases), ""),
    )


def _said(addresses: tuple[str, ...], codes: list[str], unanswered: set[str], garbled: bool) -> str:
    if addresses:
        return "addresses"
    for code in ("NXDOMAIN", "SERVFAIL", "REFUSED"):
        if code in codes:
            return code.lower()
    if any(code != "NOERROR" for code in codes):
        return "rcode"
    if codes and not unanswered:
        return "nodata"
    return "garbled" if garbled else "silent"


def other_names(case: Case, name: str) -> tuple[tuple[ev.Lookup, ...], tuple[ev.Lookup, ...]]:
    """Lookups of unrelated names that went well, and those that did not. May raise `OpenQuestion`."""
    found = [one for one in case.ask(Control.NAMES, ev.Lookup) if one.peer == "origin" and not _same(one.name, name)]
    return tuple(one for one in found if not one.failure), tuple(one for one in found if one.failure)


def ip(address: str) -> IP | None:
    """The address as a number; None where it is none. An IPv4 address in IPv6's clothes is taken as IPv4."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return mapped or number


def is_sink(address: str) -> bool:
    """Whether nothing but this machine itself can be there."""
    number = ip(address)
    return number is not None and any(number in net for net in _SINKS if net.version == number.version)


def is_private(address: str) -> bool:
    """Whether the address means something within one network only."""
    number = ip(address)
    return number is not None and any(number in net for net in _PRIVATE if net.version == number.version)


def is_public(address: str) -> bool:
    """Whether it is an address of the internet at large."""
    return ip(address) is not None and not is_sink(address) and not is_private(address)


def public_name(host: str) -> bool:
    """Whether a host may be expected in the public DNS: no address, with a dot, under no local top label."""
    name = host.lower().rstrip(".")
    return ip(name) is None and "." in name and not name.endswith(tuple("." + one for one in _LOCAL_NAMES))


def known_public(case: Case, host: str) -> bool:
    """Whether the catalogue knows this host: a public one, unlike the mirror that an organisation runs inside."""
    name = host.lower().rstrip(".")
    urls = (url for source in case.catalogue.sources if source.priority == "normal" for _, url in source.urls)
    return any(urlsplit(url).hostname == name for url in urls)


def is_near(server: str) -> bool:
    """Whether a name server runs on this very machine (a stub, a container's own): it answers without a route."""
    bare = server.rpartition(":")[0] if server.count(":") == 1 else server
    number = ip(bare)
    return number is not None and (number.is_loopback or number.is_link_local)


def _same(one: str, other: str) -> bool:
    return one.lower().rstrip(".") == other.lower().rstrip(".")


DENIED = (Failure.NXDOMAIN, Failure.NO_ANSWER)


_UNDECIDED = (
    Failure.DNS_TEMPORARY,
    Failure.DNS_MISBEHAVING,
    Failure.DNS_SERVFAIL,
    Failure.DNS_REFUSED,
    Failure.TIMEOUT,
)


def failed_lookup(case: Case) -> ev.Lookup | None:
    """The target's own lookup that ended the examination; a proxy's name is the proxy causes' business."""
    stop = case.stopped(ev.Lookup, *DENIED, *_UNDECIDED)
    return stop if stop is not None and stop.peer == "origin" else None


def any_withheld(heard: tuple[Reply, ...]) -> bool:
    """Whether a name server admits that it filters, or one denies the name to which another gives addresses."""
    told = {one.said for one in heard}
    return any(one.withheld for one in heard) or {"addresses", "nxdomain"} <= told


def unrelated_resolved(well: tuple[ev.Lookup, ...]) -> tuple[str, ...]:
    """The sentence that other names resolve, where they do."""
    return (f"other names resolve here: {listed(tuple(one.name for one in well))}",) if well else ()


def hosts_line(case: Case) -> ev.HostsFile | None:
    """The hosts file's line that decided the target's address, if one did; looks at what was read, asks nothing."""
    lookup = next((one for one in reversed(case.all(ev.Lookup, hop=case.hop)) if one.peer == "origin"), None)
    if lookup is None or case.proxied:
        return None
    host = lookup.name.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or ip(host) is not None:
        return None
    given = set(map(ip, lookup.addresses))
    lines = (one for one in case.observations if isinstance(one, ev.HostsFile) and one.name.lower() == host)
    return next((one for one in lines if given & set(map(ip, one.addresses))), None)
