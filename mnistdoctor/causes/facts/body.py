"""What came: the transfer of a body, its text and digest, and what caches and controls say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.content import damage
from mnistdoctor.content.kinds import DOCUMENTS, UNSURE
from mnistdoctor.content.unfinished import when_whole
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, span

_SELF_CHECKING = frozenset({"gzip", "xz", "bzip2", "zip", "npz"})
"""Formats that carry a check of their content, so that an intact one was not damaged at random."""

_DIGESTS = ("sha256", "sha1", "md5")
"""The strongest first."""


def on_this_disk(case: Case) -> bool:
    """Whether the subject is a file that is here already: it has no server and no response."""
    return case.subject.url.startswith("file:")


def unfinished_name(case: Case) -> str | None:
    """The name that a file on this disk would have once its download has ended, where its own says that it has not."""
    return when_whole(re.split(r"[/\\]", case.subject.url)[-1]) if on_this_disk(case) else None


def _success(case: Case) -> bool:
    """Whether the last response is one of success (RFC 9110 section 15.3)."""
    return case.status is not None and 200 <= case.status < 300


def completed(case: Case) -> ev.Transfer | None:
    """The transfer of a success response (or of a file on disk) that nothing interrupted; perhaps limited."""
    transfer = case.transfer
    if transfer is None or case.stopped_by is not None:
        return None
    return transfer if _success(case) or transfer.framing == "file" else None


def interrupted(case: Case, *failures: Failure) -> ev.Transfer | None:
    """The transfer of a success response that ended with one of these failures."""
    transfer = case.stopped(ev.Transfer, *failures)
    return transfer if _success(case) else None


def unasked_part(case: Case) -> tuple[int, int, int] | None:
    """First byte, last byte and whole length of a part that nobody asked for (206, RFC 9110 section 14.4)."""
    exchange = case.exchange
    if exchange is None or exchange.status != 206 or ev.field(exchange.request_fields, "Range") is not None:
        return None
    content_range = (exchange.field("Content-Range") or "").strip()
    found = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", content_range, re.IGNORECASE)
    if found is None:
        return None
    first, last, total = (int(number) for number in found.groups())
    return (first, last, total) if first <= last < total and last - first + 1 < total else None


def passes_own_check(content: ev.Content) -> bool:
    """Whether a check that the format itself carries says that the content is whole and right."""
    return content.intact is True and content.what in _SELF_CHECKING


def fails_own_check(content: ev.Content) -> bool:
    """Whether the format's own check says that the content is damaged; bytes after a good end are no damage.

    Of what only looks like a format (`formats.shows_its_end`), and of texts, nothing is claimed.
    """
    sure = content.what in _SELF_CHECKING or (content.what not in DOCUMENTS and content.what not in UNSURE)
    return content.intact is False and sure and not damage.is_trailing(content.damage)


def text_mode_damage(content: ev.Content) -> bool:
    """Whether a program that took the file for text rewrote some of its bytes."""
    return content.intact is False and content.damage in damage.TEXT_MODE


def strongest_digest(transfer: ev.Transfer) -> str:
    """The strongest digest of what came, as ``sha256 0123456789ab…``."""
    return strongest_of(transfer.digests)


def strongest_of(digests: ev.Pairs) -> str:
    """The strongest of these, in the same form."""
    taken = dict(digests)
    return next((f"{name} {taken[name][:12]}…" for name in _DIGESTS if taken.get(name)), "no digest")


def same_bytes(transfer: ev.Transfer, other: ev.Transfer) -> bool | None:
    """Whether two transfers brought the same bytes; None where no digest was taken of both."""
    first, second = dict(transfer.digests), dict(other.digests)
    shared = [name for name in _DIGESTS if name in first and name in second]
    return all(first[name] == second[name] for name in shared) if shared else None


def same_contents(case: Case) -> bool:
    """Whether the second fetch brought other bytes that hold the very same content, whole and packed anew."""
    again, first = case.recorded(Control.AGAIN, ev.Content), case.content.contents if case.content else ""
    return bool(again and first) and again[-1].contents == first


def fetched_by(case: Case, control: Control) -> ev.Transfer | None:
    """The last whole, successful transfer that a control made. May raise `OpenQuestion`."""
    for transfer in reversed(case.ask(control, ev.Transfer)):
        if not transfer.failure and not transfer.limited and 200 <= (transfer.status or 0) < 300:
            return transfer
    return None


_ROUND = (2**20, 10**6, 2**19)
"""Limits are set in whole mebibytes or megabytes."""


def is_round(number: int) -> bool:
    """Whether a box with a limit may have cut there."""
    return number >= min(_ROUND) and any(number % step == 0 for step in _ROUND)


CutPlace = Literal["unknown", "none", "moved", "same"]
"""Where a second fetch was cut beside the first: not at all, at another byte, or at the very same one."""


@dataclass(frozen=True, slots=True)
class SecondFetch:
    """How the same URL ended at a second asking, after a body that had ended before its end."""

    place: CutPlace
    evidence: str = ""


def cut_again(case: Case, cut: ev.Transfer) -> SecondFetch:
    """The second fetch of a body that was cut, ``unknown`` where nothing came. May raise `OpenQuestion`."""
    others = [one for one in case.ask(Control.AGAIN, ev.Transfer) if 200 <= (one.status or 0) < 300 and one.received]
    if not others or not cut.received:
        return SecondFetch("unknown")
    other = others[-1]
    if not other.failure:
        return SecondFetch("none", f"a second fetch brought all {exact_bytes(other.received)}")
    if other.received != cut.received:
        return SecondFetch("moved", f"a second fetch ended after {exact_bytes(other.received)}")
    return SecondFetch("same", f"a second fetch ended at the same byte, {other.received}")


def cache_hit(case: Case) -> str | None:
    """The field by which a cache says that it answered (RFC 9111 section 5.1, RFC 9211), ready to be quoted."""
    if case.exchange is None:
        return None
    for name in ("X-Cache", "Cache-Status", "CF-Cache-Status"):
        value = case.exchange.field(name) or ""
        if "hit" in value.lower():
            return f"{name}: {value[:80]}"
    age = case.exchange.field("Age") or ""
    return f"Age: {span(int(age))}" if re.fullmatch(r"0*[1-9]\d{0,9}", age) else None


def age_evidence(case: Case) -> tuple[str, ...]:
    """What the server and the caches before it say of the file's age."""
    modified, cache = case.exchange and case.exchange.field("Last-Modified"), cache_hit(case)
    sentences = (modified and f"Last-Modified: {modified[:40]}", cache and f"a cache answered ({cache})")
    return tuple(one for one in sentences if one)


def leftovers(case: Case) -> str:
    """What to do about the bad file that a loader may have kept, as a further sentence; empty without a loader."""
    loader = case.subject.loader
    if not loader:
        return ""
    return f" If {loader} kept the bad file, remove it before the next try: it may be read again."
