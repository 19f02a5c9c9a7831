from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.http import redirect
from tests.causes.evidence import HTML, Evidence, got, rec
from tests.causes.judging import HTTP

A, B, C = (f"https://data.example.org/{name}" for name in "abc")
LOGIN = "https://login.example.org/signin?next=a"
FORM = '<html><title>Sign in</title><form><input name="p" type="password"></form>'


def hops(*urls: str, refused: str, failure: str = "http_redirect_loop") -> tuple[Any, ...]:
    found = [one for at, url in enumerate(urls) for one in got(302, url=url, hop=at, location=(*urls, refused)[at + 1])]
    return (*found, rec(ev.Exchange, "http", hop=len(urls) - 1, method="GET", url=refused, failure=failure))


def test_a_circle() -> None:
    found = HTTP.finding("http-redirect-loop", Evidence(*hops(A, B, C, refused=A), url=A).case())
    assert found.title == "data.example.org redirects in a circle of 3 addresses"
    assert found.certain
    assert found.evidence[0] == f"hop 1: {A} answered 302"


def test_to_itself() -> None:
    found = HTTP.finding("http-redirect-loop", Evidence(*hops(A, A, A, refused=A), url=A).case())
    assert found.title.endswith("redirects to itself")


def test_a_long_chain_is_only_likely_a_loop() -> None:
    urls = [f"{A}?n={at}" for at in range(12)]
    found = HTTP.finding("http-redirect-loop", Evidence(*hops(*urls, refused=A), url=A, client="urllib").case())
    assert not found.certain
    assert "at most 10 redirects" in found.explanation
    assert len(found.evidence) <= 7


def test_http_and_https_in_turn_and_lost_cookies() -> None:
    plain = A.replace("https", "http")
    given = (
        Evidence(url=A, client="keras")
        .get(302, url=A, location=plain, fields=(("Set-Cookie", "***"),))
        .get(302, url=plain, location=A, hop=1)
        .rec(ev.Exchange, "http", hop=1, method="GET", url=A, failure="http_redirect_loop")
        .case()
    )
    found = HTTP.finding("http-redirect-loop", given)
    assert any("http and https" in line for line in found.evidence)
    assert any("cookie" in line for line in found.evidence)


@pytest.mark.parametrize("failure", ["http_redirect_private", "http_redirect_scheme"])
def test_other_refused_redirects_are_no_loop(failure: str) -> None:
    assert HTTP.names(Evidence(*hops(A, refused="http://10.0.0.1/", failure=failure), url=A).case()) == set()


def test_a_private_redirect_is_a_warning_and_no_diagnosis() -> None:
    cause = next(one for one in HTTP.causes if one.id == "http-redirect-private")
    given = (
        Evidence(url=A)
        .get(302, url=A, location="http://inner.example.org/")
        .rec(
            ev.Exchange,
            "http",
            hop=1,
            method="GET",
            url="http://inner.example.org/",
            failure="http_redirect_private",
            detail="10.0.0.1",
        )
        .case()
    )
    assert cause.found_in(given) is None
    warning = cause.warning_in(given)
    assert warning is not None
    assert "data.example.org redirects to a private address, inner.example.org (10.0.0.1)" in warning
    assert cause.warning_in(Evidence().get(200, "x").case()) is None


def signed_in(first: str = A, last: str = LOGIN, text: str = FORM, *more: Any, **others: Any) -> Case:
    title = "Sign in" if "Sign in" in text else ""
    return (
        Evidence(url=first)
        .get(302, url=first, location=last)
        .get(200, text, HTML, url=last, hop=1, title=title)
        .add(*more)
        .case(**others)
    )


def test_a_sign_in_page_behind_verified_tls_is_certain() -> None:
    shake = rec(ev.Handshake, "tls", server_name="data.example.org", verify_code=0)
    found = HTTP.finding("http-redirect-to-login", signed_in(A, LOGIN, FORM, shake))
    assert found.certain
    assert found.title == "data.example.org sends you on to a sign-in page at login.example.org"
    assert found.ruled_out[0][0] == "captive-portal"


def test_in_clear_a_portal_must_be_excluded_first() -> None:
    plain = A.replace("https", "http")
    with pytest.raises(OpenQuestion, match="portal"):
        redirect.http_redirect_to_login(signed_in(plain, LOGIN, FORM, asked=()))
    assert not HTTP.finding("http-redirect-to-login", signed_in(plain)).certain
    good = got(204, url="http://connectivitycheck.gstatic.com/generate_204", control="portal")
    assert HTTP.finding("http-redirect-to-login", signed_in(plain, LOGIN, FORM, *good)).certain


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ("https://data.example.org/files/a.html", "<html><title>Files</title>"),
        ("https://auth.example.org/files/a", "<html><title>Files</title>"),
        ("https://login.example.org/signin", "\x1f\x8b data"),
    ],
)
def test_other_ends_are_no_sign_in(last: str, text: str) -> None:
    assert redirect.http_redirect_to_login(signed_in(A, last, text)) is None


def test_a_page_without_a_redirect_is_no_redirect_to_login() -> None:
    assert (
        redirect.http_redirect_to_login(Evidence(url=LOGIN).get(200, FORM, HTML, url=LOGIN, title="Sign in").case())
        is None
    )


def test_googles_sign_in_needs_no_second_sign() -> None:
    last = "https://accounts.google.com/v3/x"
    assert redirect.http_redirect_to_login(signed_in(A, last, "<html>")) is not None


def test_a_sign_in_page_at_the_same_host() -> None:
    found = HTTP.finding("http-redirect-to-login", signed_in(A, "https://data.example.org/login"))
    assert found.title == "data.example.org sends you on to its sign-in page"
