"""No regular expression of the package takes quadratic time: servers, proxies and pasted texts choose what it reads."""

from __future__ import annotations

import re
import time

import pytest

from mnistdoctor.redact import Redactor, shown
from tests.patterns import grows, patterns


def test_every_pattern_is_linear() -> None:
    found = patterns()
    assert len(found) > 150, "the walk over modules, sources and tables finds them no more"
    slow = {where: how for where, pattern, method in found if (how := grows(pattern, method))}
    assert not slow


def test_growth_is_seen() -> None:
    """The measure itself: what redact.py once held, and two patterns that are well."""
    assert grows(re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^/]*)@"), "search")
    assert grows(re.compile(r"\s+$"), "search")
    assert not grows(re.compile(r"(?<!\s)\s+$"), "search")
    assert not grows(re.compile(r"\w+@"), "match")


@pytest.mark.parametrize(
    "piece",
    [
        "a.",
        "?a=",
        ";sid=a?",
        "?token=a&",
        "?md5=a;",
        "?verify=a;",
        "%3Fa%3D",
        "%3Ftoken%3Da",
        "a://b:x",
        "eyJ-",
        "a:b@",
    ],
)
def test_a_text_is_cleaned_in_linear_time(piece: str) -> None:
    redactor = Redactor(["a-secret-of-the-user"])
    times = []
    for size in (4000, 16000):
        text = piece * (size // len(piece))
        started = time.process_time()
        redactor.text(text)
        shown(text)
        times.append(time.process_time() - started)
    assert times[1] < 0.05 or times[1] < 9 * times[0]


def test_no_length_of_a_scheme_hides_a_password() -> None:
    for scheme in ("x" * 30, "x" * 300, "a." * 300 + "a", "1http"):
        assert "s3cret" not in Redactor().text(f"see {scheme}://jo:s3cret@host/f"), scheme
        assert "s3cret" not in Redactor().text(f"see {scheme}://jo:s3/cret-s3cret@host/f"), scheme
        assert "s3cret" not in shown(f"cannot read {scheme}://jo:s3cret@host/f"), scheme
