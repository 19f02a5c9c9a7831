"""Lookups beside what the name servers said when they were asked themselves, and what the hosts file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import addresses
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.network import no_route
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed, shortened

DENIED = (Failure.NXDOMAIN, Failure.NO_ANSWER)
"""How a lookup ends that denies the name, or an address for it."""
_FAILED = (
    *DENIED,
    Failure.DNS_TEMPORARY,
    Failure.DNS_MISBEHAVING,
    Failure.DNS_SERVFAIL,
    Failure.DNS_REFUSED,
    Failure.TIMEOUT,
)

ALLOW_LISTED = ("pypi.org", "github.com")
"""Names that a network with an allow list for programs mostly lets pass, and no other unrelated one."""

ReplyKind = Literal["addresses", "nxdomain", "servfail", "refused", "rcode", "nodata", "garbled", "silent"]
"""``rcode`` stands for any other error code, ``nodata`` for a name without addresses (RFC 2308)."""


@final
@dataclass(frozen=True, slots=True)
class Reply:
    """What one name server said of a name, its A and AAAA replies taken together."""

    server: str
    kind: ReplyKind
    rcode: str = ""
    addresses: tuple[str, ...] = ()
    authority: bool = False
    """Whether it carried the zone's SOA record."""
    extended: ev.Pairs = ()
    """Extended errors (RFC 8914) as (code, text)."""
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
        return self.kind not in ("silent", "garbled")

    @property
    def is_error(self) -> bool:
        """Whether it is an error code that neither knows the name nor denies it."""
        return self.kind in ("servfail", "refused", "rcode")

    @property
    def is_public(self) -> bool:
        """Whether it gives an address of the internet at large."""
        return any(map(addresses.is_public, self.addresses))

    @property
    def withheld(self) -> str:
        """The extended error by which it admits that it filters, in words; empty where it admits nothing."""
        known = table("extended_errors")["withheld"]
        code, text = next((pair for pair in self.extended if pair[0] in known), ("", ""))
        quote = f', "{shortened(text, 100)}"' if text else ""
        return code and f"{known[code]} (RFC 8914 code {code}{quote})"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Its extended errors in words, with their texts."""
        known = table("extended_errors")["reason"]
        return tuple(
            known.get(code, f"extended error {code}") + (f' ("{shortened(text, 80)}")' if text else "")
            for code, text in self.extended
        )

    @property
    def known_reason(self) -> str:
        """The first of its extended errors for which there are words."""
        known = table("extended_errors")["reason"]
        return next((known[code] for code, _ in self.extended if code in known), "")

    @property
    def code(self) -> str:
        """The sentence that it answered, with its error code."""
        return f"name server {self.server} answered {self.rcode}"

    @property
    def evidence(self) -> str:
        """What came from it and by which way, one sentence."""
        who = f"name server {self.server}"
        if self.cut:
            return f"what {who} sent over UDP was marked as cut short, and over TCP it did not answer"
        if self.by_tcp_only:
            return f"{who} was silent over UDP and answered over TCP"
        if self.kind == "silent":
            return f"{who} {'refused the query: nothing listens there' if self.closed else 'stayed silent'}"
        if self.kind == "garbled":
            return f"what {who} sent was no valid answer"
        if self.kind == "addresses":
            late = f", and nothing to {listed(self.unanswered)}" if self.unanswered else " a moment later"
            return f"{who} answered {listed(self.addresses)}{late}"
        return self.code


def replies(case: Case, name: str) -> tuple[Reply, ...]:
    """One `Reply` for each name server asked for that name, in order. May raise `OpenQuestion`."""
    queries = [one for one in case.ask(Control.RESOLVER, ev.NameQuery) if _same(one.name, name)]
    servers = dict.fromkeys(one.server for one in queries)
    return tuple(_reply(server, [one for one in queries if one.server == server]) for server in servers)


def _reply(server: str, queries: list[ev.NameQuery]) -> Reply:
    # A query that was put again in another way counts as it was answered last; half a reply counts for none.
    last = {one.type: one for one in queries if one.rcode and not one.truncated}
    found = tuple(dict.fromkeys(address for one in last.values() for address in one.answers))
    codes = [one.rcode or "" for one in last.values()]
    unanswered = {one.type for one in queries} - set(last)
    cut = any(one.truncated for one in queries)
    garbled = any(one.failure == Failure.DNS_MISBEHAVING for one in queries)
    return Reply(
        server=server,
        kind="addresses" if found else _kind_without_address(codes, half=bool(unanswered), garbled=garbled),
        rcode=next((code for code in codes if code not in ("NOERROR", "NXDOMAIN")), codes[0] if codes else ""),
        addresses=found,
        authority=any(one.authority for one in queries),
        extended=tuple(dict.fromkeys(pair for one in queries for pair in one.extended)),
        unanswered=tuple(sorted(unanswered)),
        by_tcp_only=bool(codes) and not cut and all(one.transport == "tcp" for one in last.values()),
        closed=any(one.failure == Failure.REFUSED for one in queries),
        cut=cut and bool(unanswered),
        alias="" if found else next((one.aliases[-1] for one in last.values() if one.aliases), ""),
    )


_KINDS: dict[str, ReplyKind] = {"NXDOMAIN": "nxdomain", "SERVFAIL": "servfail", "REFUSED": "refused"}


def _kind_without_address(codes: list[str], *, half: bool, garbled: bool) -> ReplyKind:
    known = next((kind for code, kind in _KINDS.items() if code in codes), None)
    if known or any(code != "NOERROR" for code in codes):
        return known or "rcode"
    if codes and not half:
        return "nodata"
    return "garbled" if garbled else "silent"


def is_withheld(answers: tuple[Reply, ...]) -> bool:
    """Whether a name server admits that it filters, or one denies the name to which another gives addresses."""
    return any(one.withheld for one in answers) or {"addresses", "nxdomain"} <= {one.kind for one in answers}


def public_answers(answers: tuple[Reply, ...]) -> tuple[str, ...]:
    """Which name servers have public addresses for the name, one sentence each."""
    return tuple(
        f"name server {one.server} has public addresses for it: {listed(one.addresses)}"
        for one in answers
        if one.is_public
    )


def failed_lookup(case: Case) -> ev.Lookup | None:
    """The target's own lookup that ended the examination.

    A proxy's name is the proxy causes' business, unless the name service gives no answer for unrelated names either.
    """
    lookup = case.stopped(ev.Lookup, *_FAILED)
    if lookup is None or lookup.peer == "origin":
        return lookup
    unanswered = lookup.failure not in DENIED and none_of(case.recorded(Control.NAMES, ev.Lookup))
    return lookup if unanswered else None


def cut_off(case: Case, name: str) -> bool:
    """Whether a lookup failed because this machine has no network. May raise `OpenQuestion`.

    A stub on this machine answers without a route, with an error; a name server in the neighbourhood that answers
    shows that there is a network, if not the internet.
    """
    return bool(no_route(case)) and not any(
        one.answered and not (one.is_error and addresses.is_near(one.server)) for one in replies(case, name)
    )


@final
@dataclass(frozen=True, slots=True)
class Unresolved:
    """A name that did not resolve although this machine has a network, and what its name servers say of it."""

    lookup: ev.Lookup
    replies: tuple[Reply, ...]

    @property
    def name(self) -> str:
        """The name that was looked up."""
        return self.lookup.name

    @property
    def denied(self) -> bool:
        """Whether the system says that there is no such name or no address; macOS and Windows say so of silence too."""
        return self.lookup.failure in DENIED

    @property
    def withheld(self) -> bool:
        """Whether a name server keeps the answer back (`is_withheld`)."""
        return is_withheld(self.replies)

    @property
    def evidence(self) -> str:
        """How the system's own lookup ended."""
        return f"the system's lookup of {self.name} failed: {failure_of(self.lookup)}"

    def of(self, *kinds: ReplyKind) -> tuple[Reply, ...]:
        """The replies of these kinds."""
        return tuple(one for one in self.replies if one.kind in kinds)


def unresolved(case: Case) -> Unresolved | None:
    """The target's own name where its lookup failed, and not for want of a network. May raise `OpenQuestion`."""
    lookup = failed_lookup(case)
    if lookup is None or cut_off(case, lookup.name):
        return None
    return Unresolved(lookup, replies(case, lookup.name))


@final
@dataclass(frozen=True, slots=True)
class OtherNames:
    """How the lookups of unrelated names went."""

    resolved: tuple[ev.Lookup, ...]
    failed: tuple[ev.Lookup, ...]

    @property
    def all_failed(self) -> bool:
        """Whether some were looked up, and none of them resolved."""
        return bool(self.failed) and not self.resolved

    @property
    def allow_listed(self) -> bool:
        """Whether none but names of the kind that allow lists hold resolved."""
        known = {one.name.lower() for one in self.resolved}
        return bool(known and self.failed) and known <= set(ALLOW_LISTED)

    @property
    def failed_names(self) -> str:
        """Those that did not resolve, in words."""
        return listed([one.name for one in self.failed])

    @property
    def public(self) -> tuple[ev.Lookup, ...]:
        """Those that brought an address of the internet at large."""
        return tuple(one for one in self.resolved if any(map(addresses.is_public, one.addresses)))

    @property
    def evidence(self) -> str:
        """That others resolve, or that they fail as well; empty where none was looked up."""
        if self.resolved:
            return f"other names resolve here: {listed([one.name for one in self.resolved])}"
        return f"other names fail too: {self.failed_names}" if self.failed else ""


def other_names(case: Case, name: str) -> OtherNames:
    """Lookups of names that have nothing to do with this one. May raise `OpenQuestion`."""
    lookups = [one for one in case.ask(Control.NAMES, ev.Lookup) if one.peer == "origin" and not _same(one.name, name)]
    return OtherNames(tuple(one for one in lookups if not one.failure), tuple(one for one in lookups if one.failure))


def hosts_line(case: Case) -> ev.HostsFile | None:
    """The hosts file's line that decided the target's address, if one did. May raise `OpenQuestion`."""
    return recorded_hosts_line(case) if case.ask(Control.HOSTS_FILE, ev.HostsFile) else None


def recorded_hosts_line(case: Case) -> ev.HostsFile | None:
    """The same, where the hosts file was read already; asks nothing."""
    lookup = next((one for one in reversed(case.all(ev.Lookup, hop=case.hop)) if one.peer == "origin"), None)
    if lookup is None or case.proxied:
        return None
    host = lookup.name.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or addresses.ip(host) is not None:
        return None
    given = set(map(addresses.ip, lookup.addresses))
    lines = (one for one in case.recorded(Control.HOSTS_FILE, ev.HostsFile) if one.name.lower() == host)
    return next((one for one in lines if given & set(map(addresses.ip, one.addresses))), None)


def _same(name: str, other: str) -> bool:
    return name.lower().rstrip(".") == other.lower().rstrip(".")
