"""407, and what it asks for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts.proxy_answers import offered_schemes
from mnistdoctor.causes.proxy.auth import CAUSES
from tests.causes.evidence import Evidence, by_proxy, forwarded, rec, tunnel
from tests.causes.judging import WIRE, commands

PLAIN: dict[str, Any] = {"url": "http://data.example/a.gz"}


def asked(
    *schemes: str, sent: bool = False, client: str = "requests", platform: str = "Linux-6.1", **route: Any
) -> Any:
    route.setdefault("has_credentials", sent)
    refusal = tunnel(407, reason="Proxy Authentication Required", schemes=schemes, credentials_sent=sent)
    return Evidence(client=client).by_proxy(**route).to_proxy().add(refusal).case(platform=platform)


def test_basic_without_credentials() -> None:
    finding = WIRE.only(asked("Basic"), "proxy-auth-required")
    assert finding.certain
    assert "proxy.corp:3128" in finding.title
    assert "`HTTPS_PROXY`" in finding.title
    encode, put = commands(finding)
    assert "import urllib.parse as u,getpass;print(u.quote(getpass.getpass(),safe=''))" in encode
    assert put == 'export HTTPS_PROXY="http://USER:$password@proxy.corp:3128"'
    assert finding.fixes[0].untried
    assert any("Basic" in line for line in finding.evidence)
    assert any("no user name" in line for line in finding.evidence)
    assert "http-401-token-missing" in dict(finding.ruled_out)


def test_the_line_for_powershell() -> None:
    encode, put = commands(WIRE.only(asked("Basic", platform="Windows-10"), "proxy-auth-required"))
    assert encode.startswith("$password = python -c")
    assert put == '$env:HTTPS_PROXY = "http://USER:$($password)@proxy.corp:3128"'


def test_an_option_is_named_as_what_chose_the_proxy() -> None:
    assert "`--proxy`" in WIRE.only(asked("Basic", decided_by="--proxy"), "proxy-auth-required").title


def test_basic_with_credentials_is_wrong_credentials() -> None:
    finding = WIRE.only(asked("Basic", sent=True), "proxy-auth-wrong")
    assert "lock" in finding.explanation
    assert all(fix.change is None for fix in finding.fixes)
    assert finding.certain


def test_a_page_about_a_locked_account_is_quoted() -> None:
    refusal = tunnel(407, schemes=("Basic",), credentials_sent=True, text="Your account has been locked")
    finding = WIRE.only(Evidence().by_proxy(has_credentials=True).add(refusal).case(), "proxy-auth-wrong")
    assert any("locked" in line for line in finding.evidence)


@pytest.mark.parametrize("schemes", [("Negotiate", "NTLM"), ("NTLM",), ("Kerberos",)])
@pytest.mark.parametrize("sent", [False, True])
def test_a_login_that_python_cannot_speak(schemes: tuple[str, ...], sent: bool) -> None:
    finding = WIRE.only(asked(*schemes, sent=sent), "proxy-auth-negotiate")
    assert schemes[0] in finding.title
    assert all(fix.untried for fix in finding.fixes)


def test_negotiate_offers_curl_with_the_login() -> None:
    lines = commands(WIRE.only(asked("Negotiate"), "proxy-auth-negotiate"))
    assert any("curl" in line and "--proxy-negotiate" in line and "http://proxy.corp:3128" in line for line in lines)


def test_negotiate_beside_basic_is_no_obstacle() -> None:
    WIRE.only(asked("Negotiate", "Basic"), "proxy-auth-required")


def test_curl_itself_can_speak_ntlm() -> None:
    WIRE.only(asked("NTLM", client="curl"), "proxy-auth-required")


def test_digest_alone_is_named_as_beyond_python() -> None:
    for sent in (False, True):
        finding = WIRE.only(asked("Digest", sent=sent), "proxy-auth-required")
        assert "Digest" in finding.title
        assert "cannot" in finding.title
        assert any("--proxy-digest" in line for line in commands(finding))


def test_407_without_a_list_of_schemes_is_only_likely() -> None:
    finding = WIRE.only(asked(), "proxy-auth-required")
    assert finding.also_possible == ("proxy-auth-negotiate",)


def test_a_forwarded_request() -> None:
    answer = forwarded(407, ("Proxy-Authenticate", 'Basic realm="a, b", Digest realm="c", nonce="n"'))
    route = by_proxy(way="forward-proxy", decided_by="http_proxy")
    finding = WIRE.only(Evidence(route).to_proxy().add(answer).case(**PLAIN), "proxy-auth-required")
    assert any("Basic, Digest" in line for line in finding.evidence)
    assert 'export http_proxy="' in commands(finding)[1]


def test_a_forwarded_request_with_credentials_and_a_cut_page() -> None:
    answer = forwarded(407, ("Proxy-Authenticate", "Basic"), proxy_credentials=True)
    cut = rec(ev.Transfer, "length", status=407, failure="body_incomplete")
    WIRE.only(Evidence().by_proxy(way="forward-proxy").add(answer, cut).case(**PLAIN), "proxy-auth-wrong")


def test_a_proxy_that_nobody_set_asks_too() -> None:
    answer = rec(ev.Exchange, "http", method="GET", url="http://data.example/a.gz", status=407,
                 fields=(("Proxy-Authenticate", "Basic"),), failure="http_request_failed")  # fmt: skip
    finding = WIRE.only(Evidence(answer).case(**PLAIN), "proxy-auth-required")
    assert finding.also_possible == ("http-4xx-other",)  # the server itself may say it in clear
    assert "has not seen the request" not in finding.explanation


def test_a_407_under_tls_is_not_a_proxys() -> None:
    """A forward proxy asks on CONNECT, and one that nobody set cannot speak inside verified TLS."""
    answer = rec(ev.Exchange, "http", method="GET", url="https://data.example/a.gz", status=407,
                 fields=(("Proxy-Authenticate", "Basic"),), failure="http_request_failed")  # fmt: skip
    WIRE.nothing(Evidence(answer, url="https://data.example/a.gz").case())
    WIRE.nothing(Evidence(url="https://data.example/a.gz").by_proxy().tunnel(200, failure=None).add(answer).case())
    squid = dataclasses.replace(answer, fields=(*answer.fields, ("X-Squid-Error", "ERR_CACHE_ACCESS_DENIED 0")))
    WIRE.only(
        Evidence(url="https://data.example/a.gz").by_proxy().tunnel(200, failure=None).add(squid).case(),
        "proxy-auth-required",
    )


def test_401_is_the_servers() -> None:
    WIRE.nothing(Evidence().by_proxy(way="forward-proxy").forwarded(401, ("WWW-Authenticate", "Basic")).case(**PLAIN))


def test_credentials_held_back() -> None:
    finding = WIRE.only(
        Evidence().by_proxy(has_credentials=True).tunnel(failure="credentials_held_back").case(), "proxy-auth-wrong"
    )
    assert not finding.certain


def test_socks_without_and_with_credentials() -> None:
    nobody = tunnel(protocol="socks5", reply=255, failure="socks_error")
    WIRE.only(Evidence().by_socks().to_proxy().add(nobody).case(), "proxy-auth-required")
    wrong = tunnel(protocol="socks5", reply=255, failure="socks_error", credentials_sent=True)
    WIRE.only(Evidence().by_socks(has_credentials=True).to_proxy().add(wrong).case(), "proxy-auth-wrong")


def test_every_one_of_them_is_the_same_for_all_targets() -> None:
    assert all(cause.machine_wide for cause in CAUSES)


@pytest.mark.parametrize(
    ("values", "schemes"),
    [
        (("Negotiate", "NTLM"), ("Negotiate", "NTLM")),
        (('Digest realm="x, Basic y", nonce="a,b"',), ("Digest",)),
        (("Negotiate TlRMTVNTUAACAAAA==, Basic realm=x",), ("Negotiate", "Basic")),
        (("",), ()),
    ],
)
def test_schemes_in_order(values: tuple[str, ...], schemes: tuple[str, ...]) -> None:
    assert offered_schemes(tuple(("proxy-authenticate", value) for value in values)) == schemes
