from __future__ import annotations

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change
from mnistdoctor.causes.case import Case
from tests.causes.evidence import S3, Evidence, got, rec
from tests.causes.judging import HTTP

PLAIN = "http://data.example.org:8443/a.gz"


def strange(first: str, url: str = PLAIN) -> Case:
    return Evidence(url=url).get(None, failure="http_invalid_response", first_bytes=first, url=url).case()


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("SSH-2.0-OpenSSH_9.2", "answers in SSH"),
        ("\\x15\\x03\\x01\\x00\\x02\\x02", "answers in TLS"),
        ("\\x00\\x00\\x12\\x04", "HTTP/2"),
        ("220 ready", "FTP or mail"),
        ("banana", "is not HTTP"),
    ],
)
def test_what_came_instead_is_named(first: str, words: str) -> None:
    found = HTTP.finding("http-not-http", strange(first))
    assert words in found.title
    assert any(first[:8] in line for line in found.evidence)
    assert found.certain


def test_tls_on_a_plain_port_offers_https() -> None:
    found = HTTP.finding("http-not-http", strange("\\x15\\x03\\x01"))
    assert found.side == "you"
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == "https://data.example.org:8443/a.gz"


def test_an_empty_reply_is_worth_one_more_try() -> None:
    found = HTTP.finding("http-not-http", Evidence().get(None, failure="eof_error").case())
    assert found.certain
    assert found.retry is None
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.wait_s is not None
    assert ("tcp-reset", "the connection was closed in order, not reset") in found.ruled_out


@pytest.mark.parametrize(("port", "tls"), [(":8443", True), (":80", False), ("", False)])
def test_an_empty_reply_at_an_odd_port_may_want_https(port: str, tls: bool) -> None:
    url = f"http://data.example.org{port}/a.gz"
    found = HTTP.finding("http-not-http", Evidence(url=url).get(None, failure="eof_error", url=url).case())
    assert any(fix.change and fix.change.url for fix in found.fixes) is tls


def test_an_empty_reply_of_a_proxy_is_the_proxys() -> None:
    route = rec(ev.Route, None, way="forward-proxy", proxy="http://gate:3128", proxy_host="gate", proxy_port=3128)
    found = HTTP.finding(
        "http-not-http", Evidence(route, url=PLAIN).get(None, failure="eof_error", via="proxy", url=PLAIN).case()
    )
    assert found.side == "proxy"
    assert not found.certain
    assert "the proxy gate" in found.title


def test_early_hints_are_named() -> None:
    found = HTTP.finding("http-not-http", Evidence().get(103).case())
    assert "103 (Early Hints)" in found.title
    assert found.fixes[0].change is None
    assert found.fixes[0].commands[0].text.startswith("curl")


def test_a_redirect_to_no_address() -> None:
    bad = got(302, fields=(("Location", "http://"),), location="http://")
    refused = rec(ev.Exchange, "http", method="GET", url="http://", failure="http_invalid_redirect_location")
    found = HTTP.finding("http-redirect-nowhere", Evidence(*bad, refused).case())
    assert found.certain
    assert any("is no address" in line for line in found.evidence)


@pytest.mark.parametrize("status", [300, 304])
def test_a_3xx_that_nobody_asked_for_is_http_all_the_same(status: int) -> None:
    found = HTTP.finding("http-redirect-nowhere", Evidence().get(status).case())
    assert found.title.endswith(f"answers {status}, and sends neither the file nor an address")


@pytest.mark.parametrize(
    ("received", "told"), [(0, "takes the request and does not answer"), (40, "begins an answer and does not get to")]
)
def test_silence_in_place_of_an_answer(received: int, told: str) -> None:
    silent = got(None, failure="generic_timeout_error", received=received, duration_s=10.0)
    found = HTTP.finding("http-not-http", Evidence(*silent).case())
    assert (found.side, found.certain, found.also_possible) == (None, False, ("http-503-overload",))
    assert told in found.title
    assert found.fixes[0].change == Change(timeout_s=60.0)


@pytest.mark.parametrize("failure", ["generic_timeout_error", "connection_reset"])
def test_a_proxy_that_gives_no_answer_is_named(failure: str) -> None:
    route = rec(ev.Route, None, way="forward-proxy", proxy="http://gate:8080", proxy_host="gate", proxy_port=8080)
    silent = got(None, failure=failure, via="proxy", url=PLAIN, duration_s=10.0)
    found = HTTP.finding("http-not-http", Evidence(route, *silent, url=PLAIN).case())
    assert (found.side, found.also_possible) == ("proxy", ("proxy-upstream-failed",))
    assert "the proxy gate" in found.title


def test_a_refused_head_is_told_by_what_the_client_said() -> None:
    broken = got(None, failure="http_invalid_response", detail="BrokenHead: the length is no number: Content-Length: x")
    found = HTTP.finding("http-not-http", Evidence(*broken, client="curl").case())
    assert found.title.startswith("curl refuses the head")
    assert "Content-Length: x" in found.title


def test_repeated_empty_replies_are_counted() -> None:
    found = HTTP.finding(
        "http-not-http", Evidence().get(None, failure="eof_error").get(None, failure="eof_error").case()
    )
    assert "that happened 2 times" in found.evidence
    once = HTTP.finding("http-not-http", Evidence().get(None, failure="eof_error").case())
    assert not any("times" in line for line in once.evidence)


def test_s3s_redirect_without_location_is_the_regions() -> None:
    assert HTTP.names(Evidence().get(301, fields=(("x-amz-bucket-region", "eu-west-1"), *S3)).case()) == {
        "http-301-region"
    }


@pytest.mark.parametrize("failure", ["connection_reset", "unknown_failure"])
def test_other_ends_of_a_request_are_left_to_others(failure: str) -> None:
    assert HTTP.names(Evidence().get(None, failure=failure).case()) == set()


def test_an_end_inside_the_body_is_no_empty_reply() -> None:
    head = rec(ev.Exchange, "http", method="GET", url=PLAIN, status=200)
    body = rec(ev.Transfer, "length", status=200, declared=9, received=3, failure="body_incomplete")
    assert HTTP.names(Evidence(head, body).case()) == set()
