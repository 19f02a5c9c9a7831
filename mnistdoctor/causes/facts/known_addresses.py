"""What catalogue and server together say of an address: one slip from a known one, given up, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File, Nearest, Source
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, marks

_STATES = {
    "dead_reported": "reported dead",
    "superseded": "given up by newer releases",
    "never_existed": "a place that never existed",
}


def retired(case: Case) -> tuple[Source, File] | None:
    """The catalogue's entry of the URL asked for, where that place is no longer current."""
    entry = case.catalogue.by_url(case.subject.url)
    return entry if entry and not entry[0].current else None


def retirement(case: Case) -> tuple[str, ...]:
    """What the catalogue has to say of a retired place, one sentence each."""
    entry = retired(case)
    if entry is None:
        return ()
    source = entry[0]
    listed = f"the catalogue lists this address as {_STATES.get(source.status, 'retired')}"
    dated = source.evidence and source.status == "dead_reported"
    return (listed, f"known since {source.evidence[-1]}") if dated else (listed,)


@final
@dataclass(frozen=True, slots=True)
class Slip:
    """An address that was refused, and the known one that is nearest to it."""

    exchange: ev.Exchange
    nearest: Nearest
    served: ev.Exchange | None
    """The known one's answer; None where it could not be asked."""


def slip(case: Case) -> Slip | None:
    """The mistyped address; None where the known one fails as well. May raise `OpenQuestion`."""
    exchange = http.answer(case, 404, 410, 400) or _denied(case)
    nearest = case.catalogue.nearest(case.subject.url) if exchange else None
    if exchange is None or nearest is None or (exchange.status == 400 and nearest.edits != 0):
        return None
    asked = case.ask(Control.NEAREST, ev.Exchange)
    served = http.first_success(asked)
    if served is None and (exchange.status != 404 or any(one.status is not None for one in asked)):
        return None
    return Slip(exchange, nearest, served)


@final
@dataclass(frozen=True, slots=True)
class Gone:
    """An address at which there is nothing any more."""

    exchange: ev.Exchange
    certain: bool
    """Whether catalogue, store, hub or a neighbour in the same place confirm it."""


def gone(case: Case) -> Gone | None:
    """The address that was good once, or of which a store or hub says that nothing has it. May raise `OpenQuestion`."""
    exchange = http.answer(case, 404) or _denied(case) or _withdrawn_by_403(case)
    if exchange is None or (marks.hub_reason(exchange) and not withdrawn(exchange)):
        return None
    if withdrawn(exchange):
        return Gone(exchange, certain=True)
    if exchange.status == 403:
        return Gone(exchange, certain=True) if retired(case) and _neighbour_answers(case) else None
    store = http.store_error(case)
    stated = store is not None and store.meaning == "gone"
    if case.catalogue.by_url(case.subject.url) is None:
        return Gone(exchange, certain=False) if stated else None
    return Gone(exchange, certain=bool(retired(case)) or stated or _neighbour_answers(case))


def withdrawn(exchange: ev.Exchange) -> bool:
    """Whether a hub says that it has withdrawn the file (huggingface_hub, `DisabledRepoError`)."""
    reason = marks.hub_reason(exchange)
    return reason is not None and reason.meaning == "gone"


def _denied(case: Case) -> ev.Exchange | None:
    """A store's AccessDenied to an unsigned request: also what S3 says of a key that is not there."""
    store = http.store_error(case)
    denied = store is not None and store.code == "AccessDenied" and store.meaning == "private"
    return http.answer(case, 403) if denied else None


def _withdrawn_by_403(case: Case) -> ev.Exchange | None:
    exchange = http.answer(case, 403)
    return exchange if exchange and withdrawn(exchange) else None


def _neighbour_answers(case: Case) -> bool:
    return http.first_success(case.ask(Control.KNOWN_KEY, ev.Exchange)) is not None
