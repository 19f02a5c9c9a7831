"""What the catalogue and the server together say of an address: one slip from a known one, or good once and no more."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Nearest
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import answer, answered, body, denied, retired

_GONE_CODES = ("NoSuchKey", "NoSuchBucket", "BlobNotFound", "ContainerNotFound")


@dataclass(frozen=True, slots=True)
class Slip:
    """An address that was refused, and the known one that is nearest to it."""

    exchange: ev.Exchange
    nearest: Nearest
    served: ev.Exchange | None
    """The known one's answer; None where it could not be asked."""


def slip(case: Case) -> Slip | None:
    """The mistyped address; None where the known one fails as well. May raise `OpenQuestion`."""
    exchange = answer(case, 404, 410, 400) or denied(case)
    nearest = case.catalogue.nearest(case.subject.url) if exchange else None
    if exchange is None or nearest is None or (exchange.status == 400 and nearest.edits != 0):
        return None
    asked = case.ask(Control.NEAREST, ev.Exchange)
    served = answered(asked)
    if served is None and (exchange.status != 404 or any(one.status is not None for one in asked)):
        return None
    return Slip(exchange, nearest, served)


@dataclass(frozen=True, slots=True)
class Gone:
    """An address at which there is nothing any more."""

    exchange: ev.Exchange
    certain: bool
    """Whether catalogue, store, hub or a neighbour in the same place confirm it."""


def gone(case: Case) -> Gone | None:
    """The address that was good once, or of which a store or hub says that nothing has it. May raise `OpenQuestion`."""
    exchange = answer(case, 404) or denied(case) or _withdrawn_by_403(case)
    if exchange is None or (marks.hub_meaning(exchange) and not withdrawn(exchange)):
        return None
    if withdrawn(exchange):
        return Gone(exchange, certain=True)
    known = case.catalogue.by_url(case.subject.url) is not None
    if exchange.status == 403:
        sure = bool(retired(case)) and _neighbour_answers(case)
        return Gone(exchange, certain=True) if sure else None
    store = marks.store_error(exchange, body(case))
    stated = store is not None and store.code in _GONE_CODES
    if not known:
        return Gone(exchange, certain=False) if stated else None
    return Gone(exchange, certain=bool(retired(case)) or stated or _neighbour_answers(case))


def withdrawn(exchange: ev.Exchange) -> bool:
    """Whether a hub says that it has withdrawn the file (huggingface_hub, `DisabledRepoError`)."""
    meaning = marks.hub_meaning(exchange)
    return meaning is not None and meaning[0] == "gone"


def _withdrawn_by_403(case: Case) -> ev.Exchange | None:
    exchange = answer(case, 403)
    return exchange if exchange and withdrawn(exchange) else None


def _neighbour_answers(case: Case) -> bool:
    return answered(case.ask(Control.KNOWN_KEY, ev.Exchange)) is not None
