"""How long an answer asks to wait, in the words of the services that say it."""

from __future__ import annotations

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts.waits import allowance, wait_s
from tests.causes.evidence import Evidence

NOW = 1_795_000_000
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"


def _answer(*fields: tuple[str, str], date: str = DATE) -> tuple[float | None, tuple[str, ...]]:
    case = Evidence().get(429, "", (("Date", date), *fields)).case()
    assert isinstance(case.exchange, ev.Exchange)
    return wait_s(case, case.exchange), allowance(case.exchange)


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [
        ("Retry-After", "9", 9),
        ("Retry-After", "0", 0),
        ("Retry-After", "1.5", 1.5),
        ("Retry-After", "Wed, 18 Nov 2026 11:08:40 GMT", 120),
        ("Retry-After", "Wed, 18 Nov 2026 11:00:00 GMT", 0),
        ("retry-after-ms", "1500", 1.5),
        ("x-ms-retry-after-ms", "60000", 60),
        ("RateLimit", '"api";r=0;t=171', 171),
        ("RateLimit", '"burst";r=5;t=1, "daily";t=3600;r=0', 3600),
        ("RateLimit", "limit=100, remaining=0, reset=50", 50),
        ("RateLimit-Reset", "171", 171),
        ("RateLimit-Reset", "171;w=300", 171),
        ("X-RateLimit-Reset", str(NOW + 600), 600),
        ("X-RateLimit-Reset", str((NOW + 600) * 1000), 600),
        ("X-RateLimit-Reset", "2026-11-18T11:16:40Z", 600),
        ("X-RateLimit-Reset", str(NOW - 600), 0),
        ("X-Rate-Limit-Reset", "30", 30),
        ("X-RateLimit-Reset-After", "64.57", 64.57),
        ("x-ratelimit-reset-requests", "6m0s", 360),
        ("x-ratelimit-reset-tokens", "1h2m3s", 3723),
        ("x-ratelimit-reset-tokens", "250ms", 0.25),
    ],
)
def test_every_way_to_ask_for_a_pause(name: str, value: str, seconds: float) -> None:
    wait, told = _answer((name, value))
    assert wait == pytest.approx(seconds)
    assert told == (f"it says `{name}: {value}`",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Retry-After", "soon"),
        ("Retry-After", "-5"),
        ("Retry-After", "9" * 5000),
        ("Retry-After", "Wed, 99 Nov 2026 11:08:40 GMT"),
        ("X-RateLimit-Reset", ""),
        ("X-RateLimit-Reset", "9" * 15),
        ("RateLimit", '"api";r=3;t=171'),
        ("RateLimit", "limit=100, remaining=7, reset=50"),
        ("RateLimit-Policy", '"api";q=500;w=300'),
        ("X-RateLimit-Limit", "60"),
    ],
)
def test_what_names_no_pause(name: str, value: str) -> None:
    assert _answer((name, value))[0] is None


def test_a_pause_that_is_asked_for_comes_before_the_end_of_a_limit() -> None:
    assert _answer(("X-RateLimit-Reset", str(NOW + 600)), ("Retry-After", "60"))[0] == 60


def test_a_limit_that_is_not_used_up_is_not_waited_for() -> None:
    reset = ("x-ratelimit-reset", str(NOW + 600))
    assert _answer(("x-ratelimit-remaining", "0"), reset)[0] == 600
    assert _answer(("x-ratelimit-remaining", "57"), reset)[0] is None
    hours = (("X-RateLimit-Remaining-Hour", "0"), ("X-RateLimit-Reset-Hour", "900"))
    assert _answer(*hours, ("X-RateLimit-Remaining-Day", "9"), ("X-RateLimit-Reset-Day", "80000"))[0] == 900


def test_a_time_of_day_counts_from_the_answers_own_clock() -> None:
    assert _answer(("X-RateLimit-Reset", str(NOW + 600)), date="Wed, 18 Nov 2026 11:11:40 GMT")[0] == 300
