"""Proxy settings that cannot work, and proxies that cannot be reached."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from tests.causes.build import case, rec
from tests.causes.wire_records import (
    HOST,
    broken,
    by_proxy,
    nothing,
    only,
    opened,
    question,
    socks_route,
    texts,
    to_proxy,
    tunnel,
)


def lookup(name: str = "proxy.corp", peer: str = "proxy", code: str = "EAI_NONAME", **fields: Any) -> Any:
    failure = {"EAI_NONAME": "dns_nxdomain_error", "EAI_AGAIN": "dns_temporary_failure"}[code]
    return rec(ev.Lookup, "dns", name=name, peer=peer, code=code, failure=failure, **fields)


def known(name: str = "example.com") -> Any:
    return rec(ev.Lookup, "dns", control="names", name=name, addresses=("192.0.2.9",))


def unknown(code: str = "EAI_AGAIN") -> Any:
    return lookup("example.com", "origin", code, control="names")


# malformed and unencoded


def test_quotes_make_the_setting_unreadable() -> None:
    route = by_proxy(
        failure="proxy_setting_invalid", oddities=("quotes", "no-scheme"), detail="the proxy URL has no host"
    )
    finding = only(case(route), "proxy-env-malformed")
    assert "HTTPS_PROXY" in finding.title
    assert any("quote mark" in line for line in finding.evidence)
    assert finding.fixes[0].untried


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ('"http://proxy.corp:3128"', "http://proxy.corp:3128"),
        ("'http://proxy.corp:3128/'", "http://proxy.corp:3128/"),
        ("http://proxy.corp:3128\\x0d", "http://proxy.corp:3128"),
        (" http://proxy.corp:3128 ", "http://proxy.corp:3128"),
        ('"http://***@proxy.corp:3128"', None),
        ('"proxy.corp:3128"', None),
        ("http://proxy.corp:31x28 ", None),
        ("http://proxy corp:3128 ", None),
        ("http://proxy.corp:3128", None),
    ],
)
def test_the_value_without_what_stands_around_it(value: str, meant: str | None) -> None:
    route = by_proxy(failure="proxy_setting_invalid", oddities=("quotes",))
    finding = only(case(route, machine={"variables": (("HTTPS_PROXY", value),)}), "proxy-env-malformed")
    first = finding.fixes[0]
    assert (first.change.proxy if first.change else None) == meant
    if meant:
        assert [line.text for line in first.commands] == [f"export HTTPS_PROXY={meant}"]


def test_a_host_that_begins_with_a_quote_mark_is_malformed_and_no_dns_failure() -> None:
    route = by_proxy(oddities=("quotes",), proxy_host='"http')
    found = only(case(route, lookup('"http')), "proxy-env-malformed")
    assert found.certain


def test_an_unknown_scheme_is_malformed() -> None:
    route = by_proxy(
        failure="proxy_setting_invalid", oddities=("unsupported-scheme",), detail="unknown proxy scheme socks"
    )
    only(case(route), "proxy-env-malformed")


def test_a_malformed_url_is_not_a_malformed_proxy() -> None:
    nothing(case(rec(ev.Address, None, url="https://[", failure="url_invalid"), url="https://example.com/"))


def test_junk_in_answer_to_connect_is_no_http_proxy() -> None:
    finding = only(case(by_proxy(), to_proxy(), tunnel(failure="proxy_invalid_response", text="SSH-2.0-x")),
                   "proxy-env-malformed")  # fmt: skip
    assert not finding.certain
    assert "proxy.corp:3128" in finding.title


@pytest.mark.parametrize("oddity", ["reserved", "backslash"])
def test_special_characters_in_the_password(oddity: str) -> None:
    route = by_proxy(failure="proxy_setting_invalid", oddities=(oddity,), has_credentials=True)
    finding = only(case(route), "proxy-env-credentials-unencoded")
    assert "percent-encoded" in finding.title
    assert any("urllib.parse" in line and "getpass" in line for line in texts(finding))
    assert finding.fixes[0].untried


def test_a_backslash_that_turned_the_domain_into_the_host() -> None:
    route = by_proxy(oddities=("backslash",), proxy_host="corp")
    only(case(route, lookup("corp")), "proxy-env-credentials-unencoded")


def test_407_to_credentials_that_were_mangled() -> None:
    route = by_proxy(oddities=("reserved",), has_credentials=True)
    refusal = tunnel(407, schemes=("Basic",), credentials_sent=True)
    finding = only(case(route, to_proxy(), refusal), "proxy-env-credentials-unencoded")
    assert any("407" in line for line in finding.evidence)


def test_reserved_characters_that_did_no_harm_are_nothing() -> None:
    nothing(case(by_proxy(oddities=("reserved",)), to_proxy(), tunnel(200, failure=None)))


# https:// in the value


def https_case(*records: Any, **fields: Any) -> Case:
    route = by_proxy(proxy_scheme="https", proxy="https://proxy.corp:3128", **fields)
    return case(route, to_proxy(), *records, asked=("proxy-plain",))


PLAIN = broken("ssl_plaintext_answer", peer="proxy", reason="WRONG_VERSION_NUMBER", first_bytes="HTTP/1.1 400 Bad")


def test_a_proxy_given_as_https_that_answers_a_clear_connect() -> None:
    answer = tunnel(200, failure=None, control="proxy-plain")
    finding = only(https_case(PLAIN, answer), "proxy-env-https-scheme")
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.proxy == "http://proxy.corp:3128"
    assert texts(finding) == ["export HTTPS_PROXY=http://proxy.corp:3128"]


def test_a_407_in_clear_shows_a_clear_proxy_too() -> None:
    silent = broken("eof_error", peer="proxy", reason="UNEXPECTED_EOF_WHILE_READING")
    only(https_case(silent, tunnel(407, control="proxy-plain")), "proxy-env-https-scheme")


def test_with_a_password_the_change_is_not_tried() -> None:
    finding = only(https_case(PLAIN, has_credentials=True), "proxy-env-https-scheme")
    assert finding.fixes[0].change is None
    assert "USER:PASSWORD@" in texts(finding)[0]


def test_the_question_is_asked_before_it_is_said() -> None:
    route = by_proxy(proxy_scheme="https")
    assert question(case(route, PLAIN, asked=())) == {"proxy-plain"}


def test_a_tls_proxy_with_an_untrusted_certificate_is_no_wrong_scheme() -> None:
    from tests.causes.wire_records import cert, refused

    shake = refused(19, cert("proxy.corp", "Corp CA", "Corp"), peer="proxy", server_name="proxy.corp")
    finding = only(https_case(shake), "tls-self-signed-server")
    assert "the proxy proxy.corp:3128" in finding.title
    assert finding.side == "proxy"


def test_plain_http_of_the_server_is_no_proxy_scheme() -> None:
    shake = broken("ssl_plaintext_answer", reason="WRONG_VERSION_NUMBER", first_bytes="HTTP/1.1 400 Bad")
    only(case(shake), "tls-plaintext-port")


# SOCKS


def test_urllib_cannot_speak_socks() -> None:
    route = socks_route(failure="proxy_scheme_unsupported", detail="keras downloads with urllib")
    finding = only(case(route, client="keras"), "proxy-socks-support-missing")
    assert not any("pip install" in line for line in texts(finding))


def test_requests_needs_a_package_for_socks() -> None:
    finding = only(case(socks_route(failure="proxy_scheme_unsupported")), "proxy-socks-support-missing")
    assert 'python3 -m pip install "requests[socks]"' in texts(finding)


def test_http_spoken_to_a_socks_port() -> None:
    route = by_proxy(proxy_scheme="socks5")
    only(case(route, to_proxy(), tunnel(failure="connection_reset")), "proxy-socks-support-missing")


def test_a_dead_socks_port_is_stale_and_not_missing_support() -> None:
    only(case(socks_route(), to_proxy("connection_refused", "127.0.0.1")), "proxy-env-stale")


def test_socks5_looks_names_up_at_home() -> None:
    mine = lookup(HOST, "origin")
    finding = only(case(socks_route(), to_proxy(), mine, unknown(), asked=("names",)), "proxy-socks-dns-local")
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.proxy == "socks5h://127.0.0.1:1080"


def test_socks5_with_other_names_well_may_be_a_typing_error() -> None:
    mine = lookup(HOST, "origin")
    finding = only(case(socks_route(), to_proxy(), mine, known(), asked=("names",)), "proxy-socks-dns-local")
    assert not finding.certain
    assert finding.also_possible == ("dns-nxdomain",)


def test_without_a_proxy_a_failed_lookup_is_not_ours() -> None:
    nothing(case(lookup(HOST, "origin")))


def test_socks5h_does_not_look_names_up() -> None:
    finding = only(case(socks_route("socks5h"), tunnel(protocol="socks5h", reply=4, failure="socks_error")),
                   "proxy-upstream-failed")  # fmt: skip
    assert "127.0.0.1:1080" in finding.title


# stale, unknown, unreachable


def test_nothing_listens_on_loopback() -> None:
    route = by_proxy(proxy_host="localhost", proxy_port=7890, proxy="http://localhost:7890")
    found = case(route, to_proxy("connection_refused", "::1"), to_proxy("connection_refused", "127.0.0.1"))
    finding = only(found, "proxy-env-stale")
    assert finding.certain
    assert "localhost:7890" in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.direct
    assert texts(finding) == ["unset HTTPS_PROXY"]
    assert "tcp-refused" in dict(finding.ruled_out)


def test_all_variables_that_are_set_are_unset() -> None:
    route = by_proxy(proxy_host="127.0.0.1")
    machine = rec(ev.Machine, None, platform="Linux-6.1", python="3.11.7", openssl="OpenSSL 3.0.19",
                  variables=(("http_proxy", "x"), ("NO_PROXY", "y"), ("HTTPS_PROXY", "z")))  # fmt: skip
    found = case(route, to_proxy("connection_refused", "127.0.0.1"))
    records = tuple(machine if isinstance(one, ev.Machine) else one for one in found.observations)
    finding = only(Case(records, found.catalogue), "proxy-env-stale")
    assert texts(finding) == ["unset http_proxy HTTPS_PROXY"]


def test_on_windows_the_system_setting_is_masked() -> None:
    route = by_proxy(proxy_host="127.0.0.1", decided_by="system settings")
    found = case(route, to_proxy("connection_refused", "127.0.0.1"), platform="Windows-10")
    assert texts(only(found, "proxy-env-stale")) == ["$env:NO_PROXY = '*'"]


def test_a_refused_server_on_loopback_is_no_stale_proxy() -> None:
    nothing(case(rec(ev.Connect, "tcp", address="127.0.0.1", port=443, family=4, failure="connection_refused")))


def test_a_remote_proxy_that_refuses() -> None:
    finding = only(case(by_proxy(), to_proxy("connection_refused")), "proxy-unreachable")
    assert "refuses connections" in finding.title
    assert not any(fix.change and fix.change.direct for fix in finding.fixes)


def test_a_proxy_without_a_port_is_told_so() -> None:
    route = by_proxy(oddities=("no-port",), proxy_port=80)
    finding = only(case(route, to_proxy("generic_timeout_error")), "proxy-unreachable")
    assert any("names no port" in line for line in finding.evidence)


def test_a_loopback_proxy_that_is_silent_is_not_stale() -> None:
    route = by_proxy(proxy_host="127.0.0.1")
    only(case(route, to_proxy("generic_timeout_error", "127.0.0.1")), "proxy-unreachable")


def test_no_route_at_all_is_not_the_proxys_fault() -> None:
    way = rec(ev.Reach, "tcp", control="reach", family=4, errno="ENETUNREACH", failure="network_unreachable")
    nothing(case(by_proxy(), to_proxy("network_unreachable"), way, asked=("reach",)))


def test_no_route_to_the_proxy_alone() -> None:
    way = rec(ev.Reach, "tcp", control="reach", family=4)
    only(case(by_proxy(), to_proxy("network_unreachable"), way, asked=("reach",)), "proxy-unreachable")


def test_a_second_address_that_works_is_no_failure() -> None:
    nothing(case(by_proxy(), to_proxy("connection_refused"), to_proxy(), tunnel(200, failure=None)))


def test_a_proxy_that_answers_nobody() -> None:
    other = rec(ev.Tunnel, "proxy", control="unrelated-tls", protocol="http", target="example.com:443", proxy="p",
                failure="eof_error")  # fmt: skip
    finding = only(case(by_proxy(), to_proxy(), tunnel(failure="eof_error"), other, asked=("unrelated-tls",)),
                   "proxy-unreachable")  # fmt: skip
    assert not finding.certain


def test_a_proxy_that_answers_others_is_reachable() -> None:
    found = case(by_proxy(), to_proxy(), tunnel(failure="eof_error"), opened(), asked=("unrelated-tls",))
    assert not only(found, "proxy-connect-denied").certain


def test_the_proxys_name_does_not_exist() -> None:
    finding = only(case(by_proxy(), lookup(), known(), asked=("names",)), "proxy-dns-failure")
    assert finding.certain
    assert "proxy.corp" in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.direct


def test_a_resolver_that_answers_nothing_is_not_the_proxys_name() -> None:
    nothing(case(by_proxy(), lookup(code="EAI_AGAIN"), unknown(), asked=("names",)))


def test_the_proxys_name_alone_fails_for_a_time() -> None:
    found = case(by_proxy(), lookup(code="EAI_AGAIN"), known(), asked=("names",))
    assert only(found, "proxy-dns-failure").certain


def test_without_controls_a_temporary_failure_is_only_likely() -> None:
    finding = only(case(by_proxy(), lookup(code="EAI_AGAIN")), "proxy-dns-failure")
    assert finding.also_possible == ("dns-temporary-failure", "env-no-network-link")
