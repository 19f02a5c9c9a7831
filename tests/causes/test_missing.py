from __future__ import annotations

import pytest

from mnistdoctor.causes.case import Control
from mnistdoctor.causes.http import missing
from tests.causes.evidence import HTML, S3, Evidence, got, store_error
from tests.causes.judging import HTTP

BUCKET = "https://storage.googleapis.com/cvdf-datasets/mnist/"
RIGHT = BUCKET + "t10k-labels-idx1-ubyte.gz"
TYPO = BUCKET + "t10k-label-idx1-ubyte.gz"


def test_a_proven_typo_marks_the_place() -> None:
    found = HTTP.finding(
        "http-404-typo", Evidence(url=TYPO).get(404).control(Control.NEAREST).get(200, url=RIGHT).case()
    )
    assert found.certain
    assert found.title == "storage.googleapis.com answers 404: that address was mistyped (t10k-label → t10k-labels)"
    asked, differs, known = found.evidence[:3]
    at = differs.index("^")
    assert asked == "asked    …/t10k-label-idx1-ubyte.gz"
    assert known == "known    …/t10k-labels-idx1-ubyte.gz"
    assert differs.startswith("differs ")
    assert known[at] == "s"
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == RIGHT


def test_an_unproven_typo_is_likely() -> None:
    found = HTTP.finding("http-404-typo", Evidence(url=TYPO).get(404).case())
    assert not found.certain
    assert found.also_possible == ("http-404-moved",)
    failed = (
        Evidence(url=TYPO).get(404).control(Control.NEAREST).get(None, url=RIGHT, failure="connection_reset").case()
    )
    assert not HTTP.finding("http-404-typo", failed).certain


def test_a_near_address_that_fails_too_is_no_typo() -> None:
    assert (
        missing.http_404_typo(Evidence(url=TYPO).get(404).control(Control.NEAREST).get(404, url=RIGHT).case()) is None
    )


def test_a_known_address_is_no_typo() -> None:
    assert missing.http_404_typo(Evidence(url=RIGHT).get(404).case()) is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("mnist//t10k-labels-idx1-ubyte.gz", "a slash"),
        ("mnist/T10k-labels-idx1-ubyte.gz", "the case of its letters"),
        ("mnist/t10k-labels-idx1-ubyte.gzip", "its ending"),
        ("mnist/t10k-labels-idx1-ubyte.gz%0D", "what trails behind it"),
        ("mnist/t10k-labels-idx1-ubtye.gz", "one character"),
    ],
)
def test_slips_are_named(path: str, words: str) -> None:
    url = "https://storage.googleapis.com/cvdf-datasets/" + path
    found = HTTP.finding(
        "http-404-typo", Evidence(url=url).get(404).control(Control.NEAREST).get(200, url=RIGHT).case()
    )
    assert words in found.explanation
    assert found.certain


def test_the_address_that_never_was_is_said_to_be_so() -> None:
    url = "https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz"
    found = HTTP.finding("http-404-moved", Evidence(url=url).get(404, "", HTML).case())
    assert found.certain
    assert "no file was ever at that address" in found.title
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == "https://github.com/pytorch/tutorials/raw/main/_static/mnist.pkl.gz"


def test_a_retired_address_leads_to_a_current_one() -> None:
    found = HTTP.finding(
        "http-404-moved", Evidence(url="https://s3.amazonaws.com/img-datasets/mnist.npz").get(404).case()
    )
    assert found.certain
    assert "storage.googleapis.com" in found.fixes[0].title


def test_a_current_address_without_a_stores_word_is_judged_by_its_neighbour() -> None:
    assert not HTTP.finding("http-404-moved", Evidence().get(404, "", HTML).case()).certain
    beside = got(200, url=RIGHT, control="known-key")
    assert HTTP.finding("http-404-moved", Evidence().get(404, "", HTML).add(*beside).case()).certain


def test_a_missing_key_of_an_unknown_bucket_may_be_a_slip() -> None:
    found = HTTP.finding(
        "http-404-moved", Evidence(url="https://b.s3.amazonaws.com/x").get(404, store_error("NoSuchKey"), S3).case()
    )
    assert not found.certain
    assert found.also_possible == ("http-404-typo",)


def test_denied_and_retired_needs_the_known_key() -> None:
    url = "https://s3.amazonaws.com/img-datasets/mnist.npz"
    assert missing.http_404_moved(Evidence(url=url).get(403, store_error("AccessDenied"), S3).case()) is None
    assert (
        missing.http_404_moved(Evidence(url=url).get(403, "", HTML).control(Control.KNOWN_KEY).get(200).case()) is None
    )


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://raw.githubusercontent.com/a/b/master/c/d.gz", "https://raw.githubusercontent.com/a/b/main/c/d.gz"),
        ("https://github.com/a/b/raw/main/c.gz", "https://github.com/a/b/raw/master/c.gz"),
    ],
)
def test_the_other_branch_is_offered(url: str, other: str) -> None:
    found = HTTP.finding("http-404-revision-or-path", Evidence(url=url).get(404, "404: Not Found").case())
    assert not found.certain
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == other


def test_a_doubled_slash_is_shown_with_the_name_before_it() -> None:
    url = "https://storage.googleapis.com/cvdf-datasets/mnist//t10k-labels-idx1-ubyte.gz"
    found = HTTP.finding(
        "http-404-typo", Evidence(url=url).get(404).control(Control.NEAREST).get(200, url=RIGHT).case()
    )
    assert found.title.endswith("(mnist//t10k → mnist/t10k)")


def test_a_commit_in_the_path_is_no_branch() -> None:
    url = "https://raw.githubusercontent.com/a/b/0f1e2d3c/c.gz"
    assert missing.http_404_revision_or_path(Evidence(url=url).get(404).case()) is None


@pytest.mark.parametrize(("code", "word"), [("RevisionNotFound", "that revision"), ("EntryNotFound", "that file")])
def test_the_hub_says_which_name_is_wrong(code: str, word: str) -> None:
    url = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
    found = HTTP.finding("http-404-revision-or-path", Evidence(url=url).get(404, "", (("X-Error-Code", code),)).case())
    assert found.title.endswith(word)
    assert found.certain


def test_a_disabled_repository_has_moved() -> None:
    url = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
    said = (("X-Error-Message", "Access to this resource is disabled."),)
    assert HTTP.finding("http-404-moved", Evidence(url=url).get(404, "", said).case()).certain
