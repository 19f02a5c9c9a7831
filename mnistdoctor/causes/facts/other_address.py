"""Other addresses of the host: those that its name has beside the one that was used, and how one of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses, expected, pages
from mnistdoctor.wording import listed


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """An address of the host at which the target was not examined, and what was had there."""

    address: str
    evidence: str


def untried(case: Case) -> tuple[str, ...]:
    """Addresses that name servers or the lookup gave for the last hop's host, and that were not connected to."""
    lookups = [one for one in case.all(ev.Lookup, hop=case.hop) if one.peer == "origin"]
    if case.proxied or not lookups:
        return ()
    used = {addresses.ip(one.address) for one in case.all(ev.Connect, hop=case.hop)}
    asked = [one for one in case.observations if isinstance(one, ev.NameQuery)]
    told = (address for one in asked if one.name.lower() == lookups[-1].name.lower() for address in one.answers)
    known = dict.fromkeys((*told, *lookups[-1].addresses))
    families = {one.family for one in case.all(ev.Connect, hop=case.hop)}
    found = [one for one in known if addresses.ip(one) not in used]
    return tuple(
        sorted(found, key=lambda one: (not addresses.is_public(one), (6 if ":" in one else 4) not in families))
    )


def serving(case: Case) -> OtherAddress | None:
    """The other address that served what was asked for. May raise `OpenQuestion`."""
    if not untried(case):
        return None
    records = case.ask(Control.OTHER_ADDRESS, ev.Observation)
    starts = [n for n, one in enumerate(records) if isinstance(one, ev.Address) and one.hop == 0]
    for start, end in pairwise((*starts, len(records))):
        own = records[start:end]
        address = next((one.address for one in own if isinstance(one, ev.Connect) and not one.failure), "")
        if address and _served(case, own):
            status = next(one.status for one in reversed(own) if isinstance(one, ev.Exchange))
            return OtherAddress(address, f"asked at {address}, another address of {case.host}, it answers {status}")
    return None


def failing(case: Case) -> str:
    """The other addresses that were asked and served no better, in words; empty where none was."""
    asked = [one.address for one in case.recorded(Control.OTHER_ADDRESS, ev.Connect) if one.hop == 0]
    return listed(tuple(dict.fromkeys(asked))) if asked else ""


def _served(case: Case, records: tuple[ev.Observation, ...]) -> bool:
    """Whether a success came, whole as far as it was read, and no page in the place of data."""
    last = next((one for one in reversed(records) if isinstance(one, ev.Transfer)), None)
    page = any(isinstance(one, ev.Content) and one.what == "html" for one in records)
    if last is None or last.failure or not 200 <= (last.status or 0) < 300:
        return False
    return expected.digest_right(case, last) is not False and (not page or pages.html_expected(case))
