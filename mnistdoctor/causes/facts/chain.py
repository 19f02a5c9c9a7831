"""Why a chain is not trusted: one judgement, so that the causes of an unknown authority never contradict each other.

OpenSSL's number alone does not tell an inspecting gateway from a server that forgot its intermediate: both are 20. What
decides is who the issuer is, what other stores of this machine say, and what unrelated hosts present.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto, unique
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts import verify_codes as codes
from mnistdoctor.causes.facts.issuers import Match, filter_of, product_of
from mnistdoctor.failure import Failure

_FEW = 3
"""A bundle of so few CAs holds an organisation's own, and not the public ones."""


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


Reasons = tuple[Reason, ...]
"""The likeliest first; empty where none is known."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedChain:
    """A chain with an unknown authority: what is known of it, and why it is not trusted."""

    case: Case
    handshake: ev.Handshake
    store: ev.Trust | None
    """The store that the client verified with."""
    match: Match | None
    """The product that its issuer is named after, unless a public store accepts the chain."""
    public: bool
    """Whether its issuer, by name or organisation, is an authority that certifi knows."""
    known: bool
    """The same for any store of this machine."""
    trusted: bool
    """The same for the store in use, or publicly."""
    accepted: tuple[ev.Trust, ...]
    """Other stores of this machine that accept it."""
    refused: tuple[ev.Trust, ...]
    """Other stores that refuse it as well."""
    same: tuple[ev.Handshake, ...] = ()
    """Unrelated hosts that present the same issuer and are refused as well."""
    clean: tuple[ev.Handshake, ...] = ()
    """Unrelated hosts whose chain was accepted."""
    reasons: Reasons = ()
    """Why it is not trusted, the likeliest first; certain where it is the only one."""

    @property
    def leaf(self) -> ev.Certificate | None:
        """The certificate of the server itself."""
        return self.handshake.chain[0] if self.handshake.chain else None

    @property
    def code(self) -> int:
        """OpenSSL's X509_V_ERR_* number."""
        return self.handshake.verify_code or 0

    @property
    def certain(self) -> bool:
        """Whether no other reason is possible."""
        return len(self.reasons) == 1

    @property
    def by_product(self) -> bool:
        """Whether its issuer's name is one that only a product bears."""
        return self.match is not None and self.match.product.weight == "high"

    @property
    def issuer_host(self) -> str | None:
        """The unrelated host whose accepted chain holds the certificate that is missing here."""
        if self.leaf is None:
            return None
        issuer = self.leaf.issuer
        return next((one.server_name for one in self.clean if any(c.subject == issuer for c in one.chain)), None)

    @property
    def evidence(self) -> tuple[str, ...]:
        """What the handshake and its controls showed, one sentence each."""
        sentences = [tls.verification(self.case, self.handshake)]
        if self.leaf:
            count = len(self.handshake.chain)
            beside = ", with nothing beside it" if count == 1 else f", one of {count} sent"
            sentences.append(f'it presented a certificate issued by "{tls.full_issuer(self.leaf)}"{beside}')
        sentences += [f"{one.server_name}, an unrelated host, comes from the same issuer" for one in self.same[:2]]
        if not self.same:
            sentences += [f"{one.server_name}, an unrelated host, was accepted" for one in self.clean[:2]]
        sentences += [f"{tls.store_words(one)} accepts it" for one in self.accepted[:2]]
        if self.refused and not self.accepted:
            labels = ", ".join(one.label for one in self.refused)
            sentences.append(f"no other trust store on this machine accepts it: {labels}")
        if self.store:
            sentences.append(f"{self.case.client.name} verifies with {tls.store_words(self.store)}")
        return tuple(sentences)


def refused_for(case: Case, reason: Reason) -> RefusedChain | None:
    """The chain that ended the examination, where this is the likeliest reason. May raise `OpenQuestion`."""
    chain = refused_chain(case)
    return chain if chain and chain.reasons[0] is reason else None


def refused_chain(case: Case) -> RefusedChain | None:
    """The chain whose unknown authority ended the examination, with the reasons. May raise `OpenQuestion`."""
    handshake = case.stopped(ev.Handshake, Failure.UNKNOWN_AUTHORITY)
    if handshake is None:
        return None
    chain = _beside_stores(case, handshake)
    if reasons := _void_store(chain):
        return replace(chain, reasons=reasons)
    chain = _beside_other_hosts(chain)
    rules = (_product, _few, _self_signed, _forgotten, _everywhere, _accepted, _public, _private)
    return next((replace(chain, reasons=reasons) for rule in rules if (reasons := rule(chain))), None)


def _beside_stores(case: Case, handshake: ev.Handshake) -> RefusedChain:
    """What its issuer's name and the stores of this machine tell."""
    own = handshake.peer == "origin"  # the controls are made for the server, not for a proxy that speaks TLS
    accepted = tls.accepting(case) if own else ()
    match = product_of(handshake.chain)
    labels = {label for one in handshake.chain[:1] for label in (*one.issuer_known_to, *one.organisation_known_to)}
    labels |= {label for one in handshake.chain[1:] for label in one.issuer_known_to}
    # Whoever appends the organisation's root to certifi's file has not made its gateway a public authority.
    gateway = match is not None and match.product.weight == "high"
    accepts = any(one.label == "certifi" for one in accepted) and not gateway
    labels = set() if match else labels
    return RefusedChain(
        case=case,
        handshake=handshake,
        store=tls.in_use(case),
        match=None if accepts else match,
        public=accepts or "certifi" in labels,
        known=accepts or bool(labels),
        trusted=accepts or bool(labels & {"certifi", handshake.trust}),
        accepted=accepted,
        refused=tls.refusing(case) if own else (),
    )


def _beside_other_hosts(chain: RefusedChain) -> RefusedChain:
    """The same, with what unrelated hosts present; they go by the same proxy, and tell nothing of its certificate."""
    others = tls.unrelated(chain.case) if chain.handshake.peer == "origin" else ()
    return replace(
        chain,
        same=tuple(one for one in others if not tls.chain_accepted(one) and _alike(chain.handshake, one)),
        clean=tuple(one for one in others if tls.chain_accepted(one)),
    )


def _alike(handshake: ev.Handshake, other: ev.Handshake) -> bool:
    """Whether both chains come from the same hand: the same certificate, issuer, root or product."""
    if other.failure != Failure.UNKNOWN_AUTHORITY or not handshake.chain or not other.chain:
        return False
    leaf, other_leaf = handshake.chain[0], other.chain[0]
    if leaf.sha256 and leaf.sha256 == other_leaf.sha256:
        return True
    if leaf.self_signed and leaf.issuer != other_leaf.issuer:
        return False
    match, other_match = product_of(handshake.chain), product_of(other.chain)
    if match and other_match and match.product.id == other_match.product.id:
        return True
    same_root = handshake.chain[-1].issuer == other.chain[-1].issuer
    return bool(leaf.issuer) and (leaf.issuer == other_leaf.issuer or same_root)


def signed_by_none(handshake: ev.Handshake) -> ev.Certificate | None:
    """The certificate above the server's own that is no authority's (verify codes 24 and 79), where that was shown."""
    if handshake.verify_code not in codes.NO_AUTHORITY or len(handshake.chain) < 2:
        return None
    issuers = {one.issuer for one in handshake.chain}
    return next((one for one in handshake.chain[1:] if not one.authority and one.subject in issuers), None)


def _void_store(chain: RefusedChain) -> Reasons:
    """The store holds nothing, so no server at all can be trusted with it."""
    store = chain.store
    if store is None:
        return ()
    named = tls.named(store)
    if store.certificates != 0 and (store.exists or not named):
        return ()
    if chain.by_product and chain.refused and not chain.accepted:
        return ()
    beside = store.certificates is None  # OpenSSL still reads its directory of CAs beside the missing file
    alone = chain.code == codes.SELF_SIGNED_LEAF
    if beside and not chain.accepted and alone:
        return ()
    reason = Reason.PATH if named else Reason.EMPTY
    if chain.accepted or (not beside and (chain.code in codes.NO_ISSUER or not chain.refused)):
        return (reason,)
    return reason, Reason.SELF_SIGNED if alone else Reason.INTERCEPTED


def _product(chain: RefusedChain) -> Reasons:
    """The issuer is a product that re-signs TLS."""
    match = chain.match
    if match is None or chain.handshake.peer == "proxy":
        return ()
    if match.product.weight == "low" and not chain.same:
        return ()
    reason = Reason.LOCAL if match.product.local else Reason.INTERCEPTED
    return (reason,) if chain.by_product or chain.same else (reason, Reason.MISSING)


def _few(chain: RefusedChain) -> Reasons:
    """The bundle holds an organisation's own CA alone, and the issuer is a public one."""
    store = chain.store
    if store is None or not tls.named(store) or not 1 <= (store.certificates or 0) <= _FEW:
        return ()
    if chain.code not in (*codes.NO_ISSUER, codes.SELF_SIGNED_ROOT):
        return ()
    if not chain.public and not (chain.accepted and not chain.same):
        return ()
    return (Reason.REPLACED,) if chain.accepted else (Reason.REPLACED, Reason.MISSING)


def _self_signed(chain: RefusedChain) -> Reasons:
    """One certificate that signs itself."""
    if chain.code != codes.SELF_SIGNED_LEAF:
        return ()
    if chain.accepted:
        return (Reason.DIFFERS,)
    if chain.same or (chain.leaf and filter_of(chain.leaf)):
        return (Reason.BLOCK_PAGE,)
    if chain.clean or chain.handshake.peer == "proxy":
        return (Reason.SELF_SIGNED,)
    return Reason.SELF_SIGNED, Reason.BLOCK_PAGE


def _forgotten(chain: RefusedChain) -> Reasons:
    """Another host's accepted chain holds the very certificate that this server did not send."""
    forgotten = chain.code in codes.NO_ISSUER and not chain.same and chain.issuer_host is not None
    return (Reason.MISSING,) if forgotten else ()


def _everywhere(chain: RefusedChain) -> Reasons:
    """Unrelated hosts present the same issuer, which no public store knows."""
    return (Reason.INTERCEPTED,) if chain.same and not chain.public else ()


def _accepted(chain: RefusedChain) -> Reasons:
    """Another store of this machine accepts the chain."""
    if not chain.accepted:
        return ()
    return (Reason.DIFFERS,) if chain.public else (Reason.DIFFERS, Reason.INTERCEPTED)


def _public(chain: RefusedChain) -> Reasons:
    """A public issuer that no store of this machine can complete."""
    leaf = chain.leaf
    if chain.code not in codes.NO_ISSUER or leaf is None:
        return ()
    alone = len(chain.handshake.chain) == 1
    if chain.known and not alone:
        return Reason.OLD, Reason.MISSING
    if chain.known and chain.same:
        return Reason.OLD, Reason.INTERCEPTED
    if chain.known:
        return (Reason.MISSING,) if chain.clean and chain.trusted else (Reason.MISSING, Reason.OLD, Reason.INTERCEPTED)
    if alone and leaf.names_issuer_url and leaf.issuer != leaf.subject and chain.match is None:
        return Reason.MISSING, Reason.INTERCEPTED
    return ()


def _private(chain: RefusedChain) -> Reasons:
    """An issuer that nobody knows, for this host alone."""
    if chain.handshake.peer == "proxy":
        return Reason.SELF_SIGNED, Reason.MISSING
    if chain.leaf is None:
        return ()
    if chain.code == codes.SELF_SIGNED_ROOT:
        return Reason.INTERCEPTED, Reason.SELF_SIGNED
    return Reason.INTERCEPTED, Reason.MISSING, Reason.SELF_SIGNED
