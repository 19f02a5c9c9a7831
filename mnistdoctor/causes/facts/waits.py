"""How long an answer asks to wait: Retry-After, and the fields by which services tell when a limit ends."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.wording import shortened

_LIMIT = re.compile(r"(?:x-)?rate-?limit-(limit|remaining|reset|policy)(?:-([\w-]{1,40}))?|ratelimit", re.IGNORECASE)
"""Fields that tell of a limit, with the window that they speak of (``X-RateLimit-Remaining-Hour``)."""

_PAUSE = ("retry-after-ms", "x-ms-retry-after-ms", "x-retry-after-ms", "retry-after", "x-retry-after")
"""Fields that ask for a pause, the most exact first: milliseconds are Azure's and those of services behind it."""

_ITEM = re.compile(r'(?:"[^"]{0,80}"|[^",]){1,200}')
"""A member of a structured list (RFC 9651 section 3.1)."""

_SPAN = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,6}(?:\.\d{1,9})?)s)?(?:(\d{1,6})ms)?")
"""A length of time as Go writes it: ``6m0s``, ``250ms``."""

_EPOCH_S = 1e9
"""From here on a number is no wait but a time since 1970: in 2001, by which none of these fields existed."""

_LONGEST_S = 3.2e8
"""Ten years: what is beyond is no wait that anybody meant."""


def wait_s(case: Case, answer: ev.Exchange | ev.Tunnel) -> float | None:
    """Seconds to wait: Retry-After (RFC 9110 section 10.2.3) and its kin, else the end of a limit that is used up.

    A time of day counts from the answer's own Date, where it has one.
    """
    now = _date(ev.field(answer.fields, "date") or "")
    now = case.machine.unix_time if now is None else now
    for name in _PAUSE:
        seconds = _seconds(ev.field(answer.fields, name) or "", now, milliseconds=name.endswith("-ms"))
        if seconds is not None:
            return seconds
    return max((*_standard(answer), *_by_window(answer, now)), default=None)


def _standard(answer: ev.Exchange | ev.Tunnel) -> Iterator[float]:
    """By ``RateLimit: "api";r=0;t=171``, and its older form ``limit=10, remaining=0, reset=171`` (httpapi drafts)."""
    value = ev.field(answer.fields, "ratelimit") or ""
    for item in (value,) if "reset=" in value else _ITEM.findall(value[:2000]):
        left, ends = (
            re.search(rf"(?:^|[;,\s])(?:{name})\s*=\s*(\d{{1,9}})", item) for name in ("r|remaining", "t|reset")
        )
        if ends and not (left and int(left[1])):
            yield float(ends[1])


def _by_window(answer: ev.Exchange | ev.Tunnel, now: float) -> Iterator[float]:
    """By ``X-RateLimit-Reset`` and its kin: a time since 1970 or seconds from now. What is left over ends no limit."""
    found = [(match, value) for name, value in answer.fields if (match := _LIMIT.fullmatch(name)) and match[1]]
    spent = {_window(match): value for match, value in found if match[1].lower() == "remaining"}
    for match, value in found:
        left = re.match(r"\s*(\d{1,18})", spent.get(_window(match), ""))
        seconds = _seconds(value, now) if match[1].lower() == "reset" and not (left and int(left[1])) else None
        if seconds is not None:
            yield seconds


def _window(match: re.Match[str]) -> str:
    name = (match[2] or "").lower()
    return "" if name == "after" else name


def _seconds(value: str, now: float, *, milliseconds: bool = False) -> float | None:
    """A wait in seconds, from a number, a length of time, or a time of day; None for what is none of these."""
    value = value.strip()[:100]
    number = re.match(r"(\d{1,15}(?:\.\d{1,9})?)\s*(?:[;,]|$)", value)
    span = _SPAN.fullmatch(value)
    if number:
        seconds = float(number[1]) / (1000 if milliseconds else 1)
        if seconds >= _EPOCH_S:
            seconds = seconds / (1000 if seconds >= 1000 * _EPOCH_S else 1) - now
    elif value and span:
        hours, minutes, rest, thousandths = (float(part or 0) for part in span.groups())
        seconds = hours * 3600 + minutes * 60 + rest + thousandths / 1000
    else:
        date = _date(value)
        seconds = math.inf if date is None else date - now
    return max(0.0, round(seconds, 3)) if seconds < _LONGEST_S else None


def _date(value: str) -> float | None:
    """An HTTP-date, or a date in ISO 8601, in seconds since 1970."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = parse(value.replace("Z", "+00:00") if parse is datetime.fromisoformat else value)
            return (date if date.tzinfo else date.replace(tzinfo=timezone.utc)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            continue
    return None


def allowance(exchange: ev.Exchange) -> tuple[str, ...]:
    """What the answer says of a limit and of when it ends, one sentence each."""
    fields = [(name, value) for name, value in exchange.fields if name.lower() in _PAUSE or _LIMIT.fullmatch(name)]
    return tuple(f"it says `{name}: {shortened(value, 60)}`" for name, value in fields[:6])
