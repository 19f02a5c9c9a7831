"""A download that was cut, gone on with from where it ended (RFC 9110 sections 13.1.5 and 14.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, cast

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.download import placing
from mnistdoctor.download.wanted import Wanted, draft
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure
from mnistdoctor.settings import Settings

MOST_RESUMED = 20
"""How often a download that was cut is gone on with, as long as each try brings bytes."""
MOST_REPEATED = 3
"""The same where it has to begin anew."""
_CUTS = (Failure.INCOMPLETE, Failure.RESET, Failure.STALLED, Failure.TIMEOUT, Failure.EOF)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")

Again = Callable[[Target, Settings, Path], TargetResult]
"""One more examination that keeps the body under that path."""


def gone_on(one: Wanted, url: str, case: Case, again: Again, settings: Settings) -> bool:
    """Whether the part is whole, and proven as far as it can be, once what was cut was asked for from where it ended.

    Where nothing tells that the rest would be of the same file, the whole is asked for again.
    """
    transfer, exchange = case.transfer, case.exchange
    if transfer is None or transfer.failure not in _CUTS or not one.part.exists():
        return False
    validator = None if transfer.coding or one.part.stat().st_size < transfer.written else _validator(exchange)
    for number in range(MOST_RESUMED):
        have = one.part.stat().st_size
        tag = validator if have else None
        if tag is None and number >= MOST_REPEATED:
            return False
        same = replace(one.target, urls=(url,), size=None, digests=(), described_by=None)
        point = (have, tag) if tag else None
        quiet = replace(settings, resume=point, accept_encoding_identity=True, controls_allowed=False)
        rest = again(same, quiet, _second(one))
        if not _joined(one, rest, have, transfer.declared):
            return False
        if _came_whole(rest):
            if _is_the_file(one):
                return True
            one.part.write_bytes(b"")  # a rest that does not fit
            validator = None
    return False


def _second(one: Wanted) -> Path:
    return draft(one.part)


def _is_the_file(one: Wanted) -> bool:
    """Whether it is proven, as far as it can be."""
    if not one.target.digests:
        return True
    with one.part.open("rb") as file:
        return placing.is_right(one, cast(BinaryIO, file))


def _came_whole(result: TargetResult) -> bool:
    transfer = result.case.transfer if result.case else None
    return transfer is not None and transfer.failure is None


def _validator(exchange: ev.Exchange | None) -> str | None:
    """What tells that the rest is of the same file: a strong tag, or the time of its last change.

    That time is weak where it is the very second of the answer: the file may have changed since (section 8.8.2.2).
    """
    if exchange is None:
        return None
    tag = exchange.field("ETag")
    if tag and not tag.startswith("W/"):
        return tag
    changed = exchange.field("Last-Modified")
    try:
        age = parsedate_to_datetime(exchange.field("Date") or "") - parsedate_to_datetime(changed or "")
    except (ValueError, TypeError):  # one of them is missing, or no date
        return None
    return changed if age.total_seconds() >= 1 else None


def _joined(one: Wanted, rest: TargetResult, have: int, length: int | None) -> bool:
    """Put the rest behind what is there; a whole file takes its place. False where nothing came."""
    second, exchange = _second(one), rest.case.exchange if rest.case else None
    try:
        if exchange is None or not second.exists() or not second.stat().st_size:
            return False
        if exchange.status == 200:
            second.replace(one.part)
            return True
        if exchange.status != 206 or not _fits(exchange.field("Content-Range") or "", have, length):
            return False
        with one.part.open("ab") as part, second.open("rb") as more:
            while piece := more.read(2**20):
                part.write(piece)
        return True
    finally:
        second.unlink(missing_ok=True)


def _fits(content_range: str, have: int, length: int | None) -> bool:
    """Whether it begins where the part ends, and is of a file of that length."""
    found = _RANGE.match(content_range)
    return found is not None and int(found[1]) == have and (length is None or found[3] in ("*", str(length)))
