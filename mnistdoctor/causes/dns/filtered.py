"""The cause of an answer that a filter in the name service withholds or bends."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses, dns, other_address, pages
from mnistdoctor.causes.finding import Sentences, finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

_NO_PEER = (Failure.REFUSED, Failure.TIMEOUT, Failure.RESET, Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE)
_OTHER_PEER = (Failure.UNKNOWN_AUTHORITY, Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE, Failure.NOT_TLS)
"""How a handshake ends with a peer that is not the one whose name was looked up."""


def dns_filtered(case: Case) -> Finding | None:
    """Holds when a name server withholds the name, or answers with an address at which no public host can be."""
    unresolved = dns.unresolved(case)
    if unresolved:
        return _withheld(case, unresolved)
    lookup = _led_nowhere(case)
    return _bent(case, lookup) if lookup else _led_astray(case)


def _withheld(case: Case, unresolved: dns.Unresolved) -> Finding | None:
    """A name server admits that it filters, or denies the name that another one knows."""
    admitted = next((one for one in unresolved.replies if one.withheld), None)
    if admitted:
        return _finding(case, unresolved.name, f"{admitted.code} and gives the reason: {admitted.withheld}")
    denials, public = unresolved.of("nxdomain"), dns.public_answers(unresolved.replies)
    if not public:
        return _not_on_the_list(case, unresolved)
    if not denials:
        return None
    return _finding(case, unresolved.name, [one.code for one in denials], public, perhaps="dns-split-horizon")


def _not_on_the_list(case: Case, unresolved: dns.Unresolved) -> Finding | None:
    """Unrelated names are denied as this one is, and names that allow lists hold resolve."""
    denied = unresolved.denied or unresolved.of("nxdomain", "nodata", "refused")
    others = dns.other_names(case, unresolved.name) if denied and not unresolved.of("silent", "garbled") else None
    if others is None or not others.allow_listed:
        return None
    return finding(
        f"this network resolves the names of an allow list alone, and {unresolved.name} is not on it",
        "The name service answers for hosts that networks with an allow list let programs reach, and denies this name "
        "and unrelated ones of the internet. Whoever runs the network decides which names are on the list. The host "
        "itself is probably well.",
        unresolved.evidence,
        [one.code for one in unresolved.of("nxdomain")],
        f"unrelated names are denied as well: {others.failed_names}",
        f"names that allow lists hold resolve: {listed([one.name for one in others.resolved])}",
        fixes=(
            fixes.other_sources(case),
            fixes.ask(
                "who runs this network",
                f"to put {unresolved.name} on the allow list, or for a mirror of the data inside",
                why="only the list's owner can do that",
            ),
            fixes.ask("them", "whether a proxy leads out, and set it for this program", why="only they know the proxy"),
        ),
        perhaps=not addresses.known_public(case, unresolved.name) and "dns-nxdomain",
    )


def _led_nowhere(case: Case) -> ev.Lookup | None:
    """The lookup that brought only addresses at which no public host can be, and there the examination ended."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.peer != "origin" or not lookup.addresses or case.proxied or not _host_missed(case):
        return None
    if addresses.COLLISION in lookup.addresses and not addresses.known_public(case, lookup.name):
        return None  # an inner name that was asked for outside, see `dns-split-horizon`
    inner = any(all(map(kind, lookup.addresses)) for kind in (addresses.is_sink, addresses.is_private))
    return lookup if _unspecified(lookup) or (inner and addresses.public_name(lookup.name)) else None


def _host_missed(case: Case) -> bool:
    """Whether nobody answered there, or not the host; a peer that proved its name clears the address."""
    match case.stopped_by:
        case ev.Connect(peer="origin", failure=failure):
            return failure in _NO_PEER
        case ev.Handshake(peer="origin", failure=failure):
            return failure in _OTHER_PEER
    proven = case.exchange is None or any(not one.failure for one in case.all(ev.Handshake, hop=case.hop))
    return not proven and pages.file_missed(case)  # over plain http nobody proves a name


def _led_astray(case: Case) -> Finding | None:
    """The name led to public addresses where it failed, and at those that `--resolver` gives the host answers."""
    lookup = case.last(ev.Lookup)
    if lookup is None or lookup.peer != "origin" or not lookup.addresses or case.proxied:
        return None
    if not isinstance(case.stopped_by, (ev.Connect, ev.Handshake)):
        return None
    told = {address for one in case.ask(Control.OTHER_RESOLVER, ev.NameQuery) for address in one.answers}
    if not told or told & set(lookup.addresses) or dns.hosts_line(case):
        return None
    right = other_address.serving(case)
    if right is None:
        return None
    where, stop = listed(lookup.addresses), case.stopped_by
    shown = isinstance(stop, ev.Handshake) and stop.failure in _OTHER_PEER
    return finding(
        f"this network's name server sends {lookup.name} to {where}, where it is not",
        "The name service of this network gives an address of its own for this host, and another name server gives one "
        "at which the host answers. A filter, a portal or a stale record does that. The host itself is well.",
        f"{lookup.name} resolves to {where} here",
        f"there it ended: {stop.failure}",
        f"the name server that `--resolver` names says {listed(tuple(sorted(told)))}",
        right.evidence,
        fixes=(
            fixes.other_sources(case),
            fixes.ask(
                "who runs this network's name server", f"to correct {lookup.name}, and give them the lines above"
            ),
        ),
        unlike={"dns-hosts-override": "the hosts file has no line for it"},
        perhaps=not shown and "tcp-dead-address",
    )


def _unspecified(lookup: ev.Lookup) -> bool:
    """Whether a name has no address but 0.0.0.0 or ::."""
    return addresses.ip(lookup.name) is None and all(map(addresses.is_unspecified, lookup.addresses))


def _bent(case: Case, lookup: ev.Lookup) -> Finding | None:
    """The name service gave that address, and others are meant to be found at public ones."""
    if dns.hosts_line(case):
        return None
    replies = dns.replies(case, lookup.name)
    bent = [one for one in replies if set(one.addresses) & set(lookup.addresses)]
    if any(one.answered for one in replies) and not bent:
        return None  # the name service does not say so: something on this machine does
    others, public = dns.other_names(case, lookup.name).public, dns.public_answers(replies)
    nowhere = _unspecified(lookup)
    if not others and not public and not nowhere:
        return None  # a laboratory or a closed network gives such addresses to everybody
    sunk, admitted = all(map(addresses.is_sink, lookup.addresses)), any(one.withheld for one in bent)
    if not (sunk or nowhere or admitted or addresses.known_public(case, lookup.name)):
        return None  # nobody says that this host was ever meant to be found from outside
    where = listed(lookup.addresses)
    certain = admitted or (bool(bent) and bool((sunk and public) or (nowhere and others)))
    return _finding(
        case,
        lookup.name,
        f"{lookup.name} resolves to {where}, {'which is no host at all' if sunk else 'a private address'}",
        [f"name server {one.server} said so" for one in bent if not one.is_public],
        public,
        [f"{one.name} resolves to a public address, {one.addresses[0]}" for one in others[:1]],
        perhaps="" if certain else "dns-split-horizon",
        address=where,
    )


def _finding(case: Case, host: str, *evidence: Sentences, perhaps: str = "", address: str = "") -> Finding:
    how = f"it answers {address} for it" if address else "it withholds the answer"
    return finding(
        f"your network's name server blocks {host}: {how}",
        "A filter in the name service (a company's or school's policy, a family filter, Pi-hole, a "
        "provider's block list) keeps this host from being found. The host itself is probably well. Only "
        "who runs the filter can let it through.",
        *evidence,
        fixes=(
            fixes.other_sources(case),
            fixes.ask(
                "who runs the filter",
                f"to allow {host}, and give them the lines above",
                why="only the filter's owner can do that",
            ),
        ),
        unlike=address and {"dns-hosts-override": "the hosts file has no line for it"},
        perhaps=perhaps,
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        dns_filtered,
        needs=(
            Control.HOSTS_FILE,
            Control.REACH,
            Control.RESOLVER,
            Control.NAMES,
            Control.OTHER_RESOLVER,
            Control.OTHER_ADDRESS,
        ),
    ),
)
