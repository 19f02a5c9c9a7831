"""Why a chain is not trusted: one judgement, so that the causes of an unknown authority never contradict each other.

OpenSSL's number alone does not tell an inspecting gateway from a server that forgot its intermediate: both are 20. What
decides is who the issuer is, what other stores of this machine say, and what unrelated hosts present.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto, unique

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.issuers import Match, filter_of, product_of
from mnistdoctor.failure import Failure


@unique
class Reason(Enum):
    """Why no authority that the client trusts stands at the end of a chain."""

    INTERCEPTED = auto()
    """Re-signed on the way, by a device of the network."""
    LOCAL = auto()
    """Re-signed by a program on this machine."""
    PATH = auto()
    """The store that was named is not there, or holds nothing."""
    EMPTY = auto()
    """The default store holds nothing."""
    REPLACED = auto()
    """The store that was named holds an organisation's own authorities alone."""
    DIFFERS = auto()
    """Another store of this machine accepts the chain."""
    OLD = auto()
    """The store does not know an authority of today."""
    MISSING = auto()
    """The server left out a certificate between its own and the authority's."""
    SELF_SIGNED = auto()
    """The server signed its certificate itself."""
    BLOCK_PAGE = auto()
    """A filter answers in the server's place."""
    PORTAL = auto()
    """A network that wants a sign-in answers in the server's place; only ever beside another reason."""


_SELF_SIGNED_LEAF, _SELF_SIGNED_ROOT = 18, 19
_NO_ISSUER = frozenset({2, 20, 21})
_NO_AUTHORITY = (24, 79)
"""X509_V_ERR_* of an issuer that is no authority."""
FEW = 3
"""A bundle of so few CAs holds an organisation's own, and not the public ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a chain that was refused."""

    case: Case
    handshake: ev.Handshake
    store: ev.Trust | None
    match: Match | None
    public: bool
    """Whether its issuer, by name or organisation, is an authority that certifi knows."""
    known: bool
    """The same for any store of this machine."""
    trusted: bool
    """The same for the store in use, or publicly."""
    accepted: tuple[ev.Trust, ...]
    refused: tuple[ev.Trust, ...]
    same: tuple[ev.Handshake, ...]
    """Unrelated hosts that present the same issuer and are refused as well."""
    clean: tuple[ev.Handshake, ...]
    """Unrelated hosts whose chain was accepted."""

    @property
    def leaf(self) -> ev.Certificate | None:
        """The certificate of the server itself."""
        return self.handshake.chain[0] if self.handshake.chain else None

    @property
    def code(self) -> int:
        """OpenSSL's X509_V_ERR_* number."""
        return self.handshake.verify_code or 0

    @property
    def issuer_host(self) -> str | None:
        """The unrelated host whose accepted chain holds the certificate that is missing here."""
        leaf = self.leaf
        if leaf is None:
            return None
        hosts = (one.server_name for one in self.clean if any(c.subject == leaf.issuer for c in one.chain))
        return next(hosts, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The one reason, how sure, and the facts that it rests on."""

    reason: Reason
    certain: bool
    facts: Facts
    also: tuple[Reason, ...] = ()


def judge(case: Case) -> Verdict | None:
    """The judgement on a chain whose authority is unknown; None where that is not what ended the examination."""
    handshake = case.stopped(ev.Handshake, Failure.UNKNOWN_AUTHORITY)
    if handshake is None:
        return None
    first = _void_store(_gather(case, handshake, ()))
    if first is not None:
        return first
    # Unrelated hosts go by the same proxy, and tell nothing of the proxy's own certificate.
    facts = _gather(case, handshake, tls.unrelated(case) if handshake.peer == "origin" else ())
    rules = (_product, _few, _self_signed, _forgotten, _everywhere, _elsewhere, _public, _private)
    return next((verdict for rule in rules if (verdict := rule(facts))), None)


def _gather(case: Case, handshake: ev.Handshake, others: tuple[ev.Handshake, ...]) -> Facts:
    own = handshake.peer == "origin"  # the controls are made for the server, not for a proxy that speaks TLS
    accepted = tls.accepting(case) if own else ()
    refused = tls.refusing(case) if own else ()
    match = product_of(handshake.chain)
    labels = {label for one in handshake.chain[:1] for label in (*one.issuer_known_to, *one.organisation_known_to)}
    labels |= {label for one in handshake.chain[1:] for label in one.issuer_known_to}
    # Whoever appends the organisation's root to certifi's file has not made its gateway a public authority.
    gateway = match is not None and match.product.weight == "high"
    accepts = any(one.label == "certifi" for one in accepted) and not gateway
    return Facts(
        case=case, handshake=handshake, store=tls.in_use(case), match=None if accepts else match,
        public=accepts or ("certifi" in labels and match is None),
        known=accepts or (bool(labels) and match is None),
        trusted=accepts or (match is None and bool(labels & {"certifi", handshake.trust})),
        accepted=accepted, refused=refused,
        same=tuple(one for one in others if not tls.knows(one) and _alike(handshake, one, match)),
        clean=tuple(one for one in others if tls.knows(one)),
    )  # fmt: skip


def _alike(handshake: ev.Handshake, other: ev.Handshake, match: Match | None) -> bool:
    """Whether both chains come from the same hand: the same certificate, issuer, root or product."""
    if other.failure != Failure.UNKNOWN_AUTHORITY or not handshake.chain or not other.chain:
        return False
    ours, theirs = (handshake.chain[0], handshake.chain[-1]), (other.chain[0], other.chain[-1])
    if ours[0].sha256 and ours[0].sha256 == theirs[0].sha256:
        return True
    if ours[0].self_signed and ours[0].issuer != theirs[0].issuer:
        return False
    found = product_of(other.chain)
    if match and found and match.product.id == found.product.id:
        return True
    return bool(ours[0].issuer) and (ours[0].issuer == theirs[0].issuer or ours[1].issuer == theirs[1].issuer)


def observed(facts: Facts) -> tuple[str, ...]:
    """What the handshake and its controls showed, one sentence each."""
    case, handshake, leaf = facts.case, facts.handshake, facts.leaf
    said = [f"{tls.who(case, handshake)}: {tls.verdict(handshake)}"]
    if leaf:
        count = len(handshake.chain)
        said.append(
            f'it presented a certificate issued by "{tls.full_issuer(leaf)}"'
            + (", with nothing beside it" if count == 1 else f", one of {count} sent")
        )
    said += [f"{one.server_name}, an unrelated host, comes from the same issuer" for one in facts.same[:2]]
    said += [f"{one.server_name}, an unrelated host, was accepted" for one in facts.clean[:2] if not facts.same]
    said += [f"{tls.store_words(one)} accepts it" for one in facts.accepted[:2]]
    if facts.refused and not facts.accepted:
        said.append("no other trust store on this machine accepts it: " + ", ".join(one.label for one in facts.refused))
    if facts.store:
        said.append(f"{case.client.name} verifies with {tls.store_words(facts.store)}")
    return tuple(said)


def signed_by_none(handshake: ev.Handshake) -> ev.Certificate | None:
    """The certificate above the server's own that is no authority's (verify codes 24 and 79), where that was shown."""
    if handshake.verify_code not in _NO_AUTHORITY or len(handshake.chain) < 2:
        return None
    issuers = {one.issuer for one in handshake.chain}
    return next((one for one in handshake.chain[1:] if not one.authority and one.subject in issuers), None)


def _void_store(facts: Facts) -> Verdict | None:
    """The store holds nothing, so no server at all can be trusted with it."""
    store = facts.store
    if store is None:
        return None
    named = tls.named(store)
    gone = named and not store.exists
    if store.certificates != 0 and not gone:
        return None
    if facts.match and facts.match.product.weight == "high" and facts.refused and not facts.accepted:
        return None
    beside = store.certificates is None  # OpenSSL still reads its directory of CAs beside the missing file
    if beside and not facts.accepted and facts.code == _SELF_SIGNED_LEAF:
        return None
    telling = bool(facts.accepted) or (not beside and (facts.code in _NO_ISSUER or not facts.refused))
    other = Reason.SELF_SIGNED if facts.code == _SELF_SIGNED_LEAF else Reason.INTERCEPTED
    return Verdict(
        reason=Reason.PATH if named else Reason.EMPTY, certain=telling, facts=facts, also=() if telling else (other,)
    )


def _product(facts: Facts) -> Verdict | None:
    """The issuer is a product that re-signs TLS."""
    match = facts.match
    if match is None or facts.handshake.peer == "proxy":
        return None
    if match.product.weight == "low" and not facts.same:
        return None
    reason = Reason.LOCAL if match.product.local else Reason.INTERCEPTED
    certain = match.product.weight == "high" or bool(facts.same)
    return Verdict(reason=reason, certain=certain, facts=facts, also=() if certain else (Reason.MISSING,))


def _few(facts: Facts) -> Verdict | None:
    """The bundle holds an organisation's own CA alone, and the issuer is a public one."""
    store = facts.store
    if store is None or not tls.named(store) or not 1 <= (store.certificates or 0) <= FEW:
        return None
    if facts.code not in (*_NO_ISSUER, _SELF_SIGNED_ROOT):
        return None
    if not facts.public and not (facts.accepted and not facts.same):
        return None
    return Verdict(
        reason=Reason.REPLACED,
        certain=bool(facts.accepted),
        facts=facts,
        also=() if facts.accepted else (Reason.MISSING,),
    )


def _self_signed(facts: Facts) -> Verdict | None:
    """One certificate that signs itself."""
    if facts.code != _SELF_SIGNED_LEAF:
        return None
    if facts.accepted:
        return Verdict(reason=Reason.DIFFERS, certain=True, facts=facts)
    if facts.same or (facts.leaf and filter_of(facts.leaf)):
        return Verdict(reason=Reason.BLOCK_PAGE, certain=True, facts=facts, also=(Reason.PORTAL,) if facts.same else ())
    certain = bool(facts.clean) or facts.handshake.peer == "proxy"
    return Verdict(
        reason=Reason.SELF_SIGNED, certain=certain, facts=facts, also=() if certain else (Reason.BLOCK_PAGE,)
    )


def _forgotten(facts: Facts) -> Verdict | None:
    """Another host's accepted chain holds the very certificate that this server did not send."""
    if facts.code not in _NO_ISSUER or facts.same or facts.issuer_host is None:
        return None
    return Verdict(reason=Reason.MISSING, certain=True, facts=facts)


def _everywhere(facts: Facts) -> Verdict | None:
    """Unrelated hosts present the same issuer, which no public store knows."""
    if not facts.same or facts.public:
        return None
    return Verdict(reason=Reason.INTERCEPTED, certain=True, facts=facts)


def _elsewhere(facts: Facts) -> Verdict | None:
    """Another store of this machine accepts the chain."""
    if not facts.accepted:
        return None
    also = () if facts.public else (Reason.INTERCEPTED,)
    return Verdict(reason=Reason.DIFFERS, certain=facts.public, facts=facts, also=also)


def _public(facts: Facts) -> Verdict | None:
    """A public issuer that no store of this machine can complete."""
    if facts.code not in _NO_ISSUER or facts.leaf is None:
        return None
    alone = len(facts.handshake.chain) == 1
    if facts.known and not alone:
        return Verdict(reason=Reason.OLD, certain=False, facts=facts, also=(Reason.MISSING,))
    if facts.known and facts.same:
        return Verdict(reason=Reason.OLD, certain=False, facts=facts, also=(Reason.INTERCEPTED,))
    if facts.known:
        certain = bool(facts.clean) and facts.trusted
        return Verdict(
            reason=Reason.MISSING,
            certain=certain,
            facts=facts,
            also=() if certain else (Reason.OLD, Reason.INTERCEPTED),
        )
    if alone and facts.leaf.names_issuer_url and facts.leaf.issuer != facts.leaf.subject and facts.match is None:
        return Verdict(reason=Reason.MISSING, certain=False, facts=facts, also=(Reason.INTERCEPTED,))
    return None


def _private(facts: Facts) -> Verdict | None:
    """An issuer that nobody knows, for this host alone."""
    if facts.handshake.peer == "proxy":
        return Verdict(reason=Reason.SELF_SIGNED, certain=False, facts=facts, also=(Reason.MISSING,))
    if facts.leaf is None:
        return None
    also = (Reason.SELF_SIGNED,) if facts.code == _SELF_SIGNED_ROOT else (Reason.MISSING, Reason.SELF_SIGNED)
    return Verdict(reason=Reason.INTERCEPTED, certain=False, facts=facts, also=also)
