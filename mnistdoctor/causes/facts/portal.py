"""What checks for a captive portal were answered: plain http pages whose right answer is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.marks import made_by_proxy
from mnistdoctor.causes.facts.urls import split_url

_EXPECTED = {
    "generate_204": "",
    "connecttest.txt": "Microsoft Connect Test",
    "ncsi.txt": "Microsoft NCSI",
    "success.txt": "success",
    "hotspot-detect.html": "Success",
}
"""What each system's check must be answered, by the last part of its path; an empty text stands for status 204."""

REDIRECTS = (301, 302, 303, 307, 308)


@final
@dataclass(frozen=True, slots=True)
class Check:
    """A check that was answered as nobody but the right host does, or as it never does."""

    right: bool
    evidence: str = ""
    """The wrong answer, one sentence."""


def checks(case: Case) -> tuple[Check, ...]:
    """Each check's own first answer, where it proves anything. May raise `OpenQuestion`."""
    records = case.ask(Control.PORTAL, ev.Observation)
    judged = []
    for record, after in pairwise((*records, None)):
        if isinstance(record, ev.Exchange) and record.hop == 0 and record.status is not None:
            judged.append(_check(record, after if isinstance(after, ev.Transfer) and after.hop == 0 else None))
    return tuple(one for one in judged if one)


def _check(exchange: ev.Exchange, transfer: ev.Transfer | None) -> Check | None:
    """The check with the body that followed it; None where it proves nothing."""
    parts, status = split_url(exchange.url), exchange.status
    says, text = f"http://{parts.hostname} answered", transfer.text if transfer else ""
    if parts.scheme != "http" or made_by_proxy(exchange, text):
        return None
    if status == 511:
        return Check(right=False, evidence=f"{says} 511, Network Authentication Required")
    expected = _EXPECTED.get(parts.path.rsplit("/", 1)[-1])
    if expected is None:
        return None
    if status in REDIRECTS:
        target = split_url(exchange.location).hostname if exchange.location else None
        away = target not in (None, parts.hostname)
        return Check(right=False, evidence=f"{says} {status} and sent us to {target}") if away else None
    if status == 204:
        return None if expected else Check(right=True)
    has_html = "<html" in text.lower()
    if expected and expected in text and (not has_html or expected == "Success"):
        return Check(right=True)
    html = has_html or (exchange.field("Content-Type") or "").lower().startswith("text/html")
    if status == 200 and html and (text or not transfer or transfer.received):
        page = f"{says} with a web page instead of {expected or 'an empty 204'!r}"
        return Check(right=False, evidence=page)
    return None
