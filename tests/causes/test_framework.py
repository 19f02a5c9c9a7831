"""Loaders that show another error than the one that matters, and those that show the true one."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.loaders.framework import CAUSES
from tests.causes.evidence import Evidence, symptom
from tests.causes.judging import cause_of, finding_of

DOWNGRADE = next(cause for cause in CAUSES if cause.id == "fw-https-downgrade")
MASKED = symptom("RuntimeError", "Error downloading train-images-idx3-ubyte.gz", "__main__", "torchvision")
SWITCH = symptom("", "Failed download. Trying https -> http instead. Downloading http://h/f.zip to ./f.zip")


def test_the_last_line_alone_hides_the_cause() -> None:
    found = finding_of("fw-mirror-loop-masks-error", MASKED)
    assert not found.certain
    assert any("torchvision>=0.21" in line.text for fix in found.fixes for line in fix.commands)


@pytest.mark.parametrize(
    "line",
    [
        "HTTP Error 403: Forbidden",
        "<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer>",
        "<urlopen error [Errno 110] Connection timed out>",
    ],
)
def test_a_mirrors_own_error_is_the_cause(line: str) -> None:
    shown = (symptom("", "Failed to download (trying next):"), symptom("", line))
    assert cause_of(*shown, MASKED) is None


def test_newer_releases_say_what_each_mirror_answered() -> None:
    said = (
        "Error downloading f.gz:\nTried https://a/, got:\nHTTP Error 404: Not Found\nTried http://b/, got:\ntimed out"
    )
    assert cause_of(symptom("RuntimeError", said, "torchvision")) is None


@pytest.mark.parametrize(
    "message",
    ["Cannot download https://h/f.gz within retry limit 3", "Failed downloading url https://h/f.gz",
     "Automatic download failed! Please download manually"],
)  # fmt: skip
def test_one_source_has_no_other(message: str) -> None:
    assert cause_of(symptom("RuntimeError", message, "paddle")) is None


def tries(first: str, last: str, *, last_kind: str = "HTTPError") -> tuple[object, ...]:
    return (
        symptom("ConnectionResetError", "[Errno 104] Connection reset by peer", "urllib", "http", earlier=True),
        symptom("URLError", first, "__main__", "torchvision", "urllib", earlier=True),
        symptom(last_kind, last, "__main__", "torchvision", "urllib"),
    )


def test_the_second_try_hides_the_first() -> None:
    shown = tries("<urlopen error [Errno 104] Connection reset by peer>", "HTTP Error 403: Forbidden")
    found = finding_of("fw-https-downgrade", *shown)
    assert not found.certain
    assert "Connection reset" in " ".join(found.evidence)


def test_both_tries_alike_tell_the_truth() -> None:
    name = "<urlopen error [Errno -2] Name or service not known>"
    assert cause_of(*tries(name, name, last_kind="URLError")) is None
    assert cause_of(SWITCH, *tries(name, name, last_kind="URLError")) is None


def test_one_try_is_no_second() -> None:
    below = symptom("gaierror", "[Errno -2] Name or service not known", "urllib", "socket", earlier=True)
    last = symptom("URLError", "<urlopen error [Errno -2] Name or service not known>", "torchvision", "urllib")
    assert cause_of(below, last) is None


def test_its_own_line_tells_it() -> None:
    assert cause_of(SWITCH, symptom("HTTPError", "HTTP Error 403: Forbidden", "torchvision")) == "fw-https-downgrade"


def test_a_file_that_came_over_http_is_a_warning() -> None:
    assert DOWNGRADE.warning_in(Evidence(SWITCH).symptom("", "100.0%").case()) is not None
    assert DOWNGRADE.found_in(Evidence(SWITCH).symptom("", "100.0%").case()) is None
    assert DOWNGRADE.warning_in(Evidence(SWITCH).symptom("ValueError", "x").case()) is None
    assert DOWNGRADE.warning_in(Evidence().case()) is None
