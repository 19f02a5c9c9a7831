"""Answers under a certificate that a box on the way signed, by a root that the client trusts: whose are they?

The handshake goes well, so nothing but the issuer tells: unrelated hosts of the internet bear it too, and no public
bundle knows it. A mirror under its organisation's own authority bears an issuer that the unrelated hosts do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses, tls
from mnistdoctor.causes.facts.issuers import is_public_authority, product_of
from mnistdoctor.causes.facts.urls import split_url

PUBLIC = "certifi"
"""The store whose authorities are public ones."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Resigned:
    """The hand that signed the last answer's certificate, where it is no public authority's."""

    issuer: str
    proven: bool
    """Whether a box signs here in every server's name; otherwise nobody could be asked."""
    evidence: tuple[str, ...]


def resigned(case: Case) -> Resigned | None:
    """Who signed in the server's place, or may have; None for a public authority and for a server's own one.

    May raise `OpenQuestion`.
    """
    handshake = next((one for one in reversed(case.all(ev.Handshake, hop=case.hop)) if one.peer == "origin"), None)
    if handshake is None or handshake.failure or not handshake.chain or case.exchange is None:
        return None
    leaf, match = handshake.chain[0], product_of(handshake.chain)
    by_product = match is not None and match.product.weight == "high"
    if handshake.trust == PUBLIC and not by_product:
        return _by_an_added_root(case, leaf)
    issuer = tls.issuer_name(leaf)
    named = f'the certificate of {tls.who(case, handshake)} was issued by "{tls.full_issuer(leaf)}"'
    others = tuple(one for one in tls.unrelated(case) if one.chain)
    same = tuple(one for one in others if tls.chain_accepted(one) and _same_hand(leaf, one))
    if by_product or any(not _is_public(one) for one in same):
        alike = tuple(f"{one.server_name}, an unrelated host, comes from the same issuer" for one in same[:2])
        unknown = () if by_product else ("no public authority has that name",)
        return Resigned(issuer=issuer, proven=True, evidence=(named, *alike, *unknown))
    if added := _by_an_added_root(case, leaf):
        return added
    if others or not _is_outside(case) or any(one.label == PUBLIC for one in tls.accepting(case)):
        return None
    if any(one.label == PUBLIC for one in tls.refusing(case)):
        judged = "certifi's bundle, which holds the public authorities, does not accept it"
    elif handshake.trust not in tls.BUILT_IN:
        judged = "a bundle of one's own accepts it, and no public one was asked"
    else:
        return None
    return Resigned(issuer=issuer, proven=False, evidence=(named, judged))


def _by_an_added_root(case: Case, leaf: ev.Certificate) -> Resigned | None:
    """Somebody appended a root to certifi's own file, and its owner signs for every host that is asked, or for this
    one of the public internet.

    Three hosts of one public authority are no sign of it, so those are known by name.
    """
    if is_public_authority(leaf):
        return None
    others = tuple(one for one in tls.unrelated(case) if one.chain)
    all_alike = bool(others) and all(tls.chain_accepted(one) and _same_hand(leaf, one) for one in others)
    if not all_alike and not addresses.known_public(case, case.host):
        return None
    alike = others[:2] if all_alike else ()
    return Resigned(
        issuer=tls.issuer_name(leaf),
        proven=all_alike,
        evidence=(
            f'the certificate of {case.host} was issued by "{tls.full_issuer(leaf)}"',
            *(f"{one.server_name}, an unrelated host, comes from the same issuer" for one in alike),
            "no public authority is known by that name, and a trusted bundle here holds its root",
        ),
    )


def sealed(case: Case) -> bool:
    """Whether the answer came over TLS that a public authority vouches for: then nobody on the way altered it.

    No variable or option chose the trust store, and nobody on the way re-signs. May raise `OpenQuestion`.
    """
    done = [one for one in case.all(ev.Handshake, hop=case.hop) if one.peer == "origin" and not one.failure]
    return bool(done) and done[-1].trust in tls.BUILT_IN and resigned(case) is None


def _same_hand(leaf: ev.Certificate, other: ev.Handshake) -> bool:
    """By the parts of the issuer's name: a healthy target's certificate is written otherwise than a control's."""
    return bool(leaf.issuer_fields) and sorted(leaf.issuer_fields) == sorted(other.chain[0].issuer_fields)


def _is_public(handshake: ev.Handshake) -> bool:
    """Whether certifi knows an issuer in the chain."""
    leaf, *upper = handshake.chain
    known = {label for one in handshake.chain for label in one.issuer_known_to} | set(leaf.organisation_known_to)
    return PUBLIC in known or any(PUBLIC in one.organisation_known_to for one in upper)


def _is_outside(case: Case) -> bool:
    """Whether the host may be one of the internet: a name of the public DNS, and no address of an inner network."""
    connect = case.last(ev.Connect)
    inner = connect is not None and connect.peer == "origin" and addresses.is_private(connect.address)
    return addresses.known_public(case, case.host) or (addresses.public_name(case.host) and not inner)


@final
@dataclass(frozen=True, slots=True)
class _Answer:
    exchange: ev.Exchange
    transfer: ev.Transfer | None

    @property
    def host(self) -> str:
        return split_url(self.exchange.url).hostname or self.exchange.url


def boxs_own(case: Case) -> tuple[str, ...]:
    """What shows that the box wrote the last answer itself: neutral hosts answer the same. Empty where nothing does.

    May raise `OpenQuestion`.
    """
    box = resigned(case)
    if box is None or not box.proven:
        return ()
    answers, transfer = _neutral_answers(case), case.transfer
    refused = 400 <= (case.status or 0) < 500
    if refused and answers and all(one.exchange.status == case.status for one in answers):
        said = tuple(f"{one.host}, an unrelated host, answers {case.status} as well" for one in answers[:2])
        return (*box.evidence, *said)
    same = tuple(one for one in answers if one.exchange.status == case.status and _same_bytes(transfer, one.transfer))
    if not same:
        return ()
    return (*box.evidence, *(f"{one.host}, an unrelated host, sends the very same bytes" for one in same[:2]))


def _neutral_answers(case: Case) -> tuple[_Answer, ...]:
    records = case.ask(Control.NEUTRAL_ANSWER, ev.Observation)
    found: dict[str, _Answer] = {}
    for record, after in pairwise((*(one for one in records if isinstance(one, (ev.Exchange, ev.Transfer))), None)):
        if isinstance(record, ev.Exchange) and record.status is not None and record.hop == 0:
            found[record.url] = _Answer(record, after if isinstance(after, ev.Transfer) else None)
    return tuple(found.values())


def _same_bytes(own: ev.Transfer | None, other: ev.Transfer | None) -> bool:
    if own is None or other is None or not own.written:
        return False
    digests = set(own.digests) & set(other.digests)
    return bool(digests) and own.written == other.written
