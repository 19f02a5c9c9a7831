"""Proxy settings that cannot work, and proxies that cannot be reached."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from tests.causes.evidence import HOST, Evidence, broken, by_proxy, cert, opened, rec, refused, socks_route, tunnel
from tests.causes.judging import WIRE, commands


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
    finding = WIRE.only(Evidence(route).case(), "proxy-env-malformed")
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
    finding = WIRE.only(Evidence(route).case(machine={"variables": (("HTTPS_PROXY", value),)}), "proxy-env-malformed")
    first = finding.fixes[0]
    assert (first.change.proxy if first.change else None) == meant
    if meant:
        assert [line.text for line in first.commands] == [f"export HTTPS_PROXY={meant}"]


def test_a_host_that_begins_with_a_quote_mark_is_malformed_and_no_dns_failure() -> None:
    route = by_proxy(oddities=("quotes",), proxy_host='"http')
    found = WIRE.only(Evidence(route, lookup('"http')).case(), "proxy-env-malformed")
    assert found.certain


def test_an_unknown_scheme_is_malformed() -> None:
    route = by_proxy(
        failure="proxy_setting_invalid", oddities=("unsupported-scheme",), detail="unknown proxy scheme socks"
    )
    WIRE.only(Evidence(route).case(), "proxy-env-malformed")


def test_a_malformed_url_is_not_a_malformed_proxy() -> None:
    WIRE.nothing(
        Evidence(url="https://example.com/").rec(ev.Address, None, url="https://[", failure="url_invalid").case()
    )


def test_junk_in_answer_to_connect_is_no_http_proxy() -> None:
    finding = WIRE.only(
        Evidence().by_proxy().to_proxy().tunnel(failure="proxy_invalid_response", text="SSH-2.0-x").case(),
        "proxy-env-malformed",
    )
    assert not finding.certain
    assert "proxy.corp:3128" in finding.title


@pytest.mark.parametrize("oddity", ["reserved", "backslash"])
def test_special_characters_in_the_password(oddity: str) -> None:
    route = by_proxy(failure="proxy_setting_invalid", oddities=(oddity,), has_credentials=True)
    finding = WIRE.only(Evidence(route).case(), "proxy-env-credentials-unencoded")
    assert "percent-encoded" in finding.title
    assert any("urllib.parse" in line and "getpass" in line for line in commands(finding))
    assert finding.fixes[0].untried


def test_a_backslash_that_turned_the_domain_into_the_host() -> None:
    route = by_proxy(oddities=("backslash",), proxy_host="corp")
    WIRE.only(Evidence(route, lookup("corp")).case(), "proxy-env-credentials-unencoded")


def test_407_to_credentials_that_were_mangled() -> None:
    route = by_proxy(oddities=("reserved",), has_credentials=True)
    refusal = tunnel(407, schemes=("Basic",), credentials_sent=True)
    finding = WIRE.only(Evidence(route).to_proxy().add(refusal).case(), "proxy-env-credentials-unencoded")
    assert any("407" in line for line in finding.evidence)


def test_reserved_characters_that_did_no_harm_are_nothing() -> None:
    WIRE.nothing(Evidence().by_proxy(oddities=("reserved",)).to_proxy().tunnel(200, failure=None).case())


# https:// in the value


def https_case(*records: Any, **fields: Any) -> Case:
    route = by_proxy(proxy_scheme="https", proxy="https://proxy.corp:3128", **fields)
    return Evidence(route).to_proxy().add(*records).case(asked=("proxy-plain",))


PLAIN = broken("ssl_plaintext_answer", peer="proxy", reason="WRONG_VERSION_NUMBER", first_bytes="HTTP/1.1 400 Bad")


def test_a_proxy_given_as_https_that_answers_a_clear_connect() -> None:
    answer = tunnel(200, failure=None, control="proxy-plain")
    finding = WIRE.only(https_case(PLAIN, answer), "proxy-env-https-scheme")
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.proxy == "http://proxy.corp:3128"
    assert commands(finding) == ["export HTTPS_PROXY=http://proxy.corp:3128"]


def test_a_407_in_clear_shows_a_clear_proxy_too() -> None:
    silent = broken("eof_error", peer="proxy", reason="UNEXPECTED_EOF_WHILE_READING")
    WIRE.only(https_case(silent, tunnel(407, control="proxy-plain")), "proxy-env-https-scheme")


def test_with_a_password_the_change_is_not_tried() -> None:
    finding = WIRE.only(https_case(PLAIN, has_credentials=True), "proxy-env-https-scheme")
    assert finding.fixes[0].change is None
    assert "USER:PASSWORD@" in commands(finding)[0]


def test_the_question_is_asked_before_it_is_said() -> None:
    route = by_proxy(proxy_scheme="https")
    assert WIRE.questions(Evidence(route, PLAIN).case(asked=())) == {"proxy-plain"}


def test_a_tls_proxy_with_an_untrusted_certificate_is_no_wrong_scheme() -> None:

    shake = refused(19, cert("proxy.corp", "Corp CA", "Corp"), peer="proxy", server_name="proxy.corp")
    finding = WIRE.only(https_case(shake), "tls-self-signed-server")
    assert "the proxy proxy.corp:3128" in finding.title
    assert finding.side == "proxy"


def test_plain_http_of_the_server_is_no_proxy_scheme() -> None:
    shake = broken("ssl_plaintext_answer", reason="WRONG_VERSION_NUMBER", first_bytes="HTTP/1.1 400 Bad")
    WIRE.only(Evidence(shake).case(), "tls-plaintext-port")


# SOCKS


def test_urllib_cannot_speak_socks() -> None:
    route = socks_route(failure="proxy_scheme_unsupported", detail="keras downloads with urllib")
    finding = WIRE.only(Evidence(route, client="keras").case(), "proxy-socks-support-missing")
    assert not any("pip install" in line for line in commands(finding))


def test_requests_needs_a_package_for_socks() -> None:
    finding = WIRE.only(Evidence().by_socks(failure="proxy_scheme_unsupported").case(), "proxy-socks-support-missing")
    assert "python -m pip install 'requests[socks]'" in commands(finding)


@pytest.mark.parametrize(
    ("platform", "about", "line"),
    [
        ("Linux", {"interpreter": "~/w/bin/python3"}, "\"$HOME/w/bin/python3\" -m pip install 'requests[socks]'"),
        ("Linux", {"interpreter": "/w/bin/python"}, "/w/bin/python -m pip install 'requests[socks]'"),
        ("Windows-10", {"interpreter": r"C:\w\python.exe"}, r"& 'C:\w\python.exe' -m pip install 'requests[socks]'"),
        (
            "Linux",
            {"interpreter": "/w/bin/python", "installer": "uv"},
            "uv pip install --python /w/bin/python 'requests[socks]'",
        ),
    ],
)
def test_packages_go_into_the_python_that_loads_the_data(platform: str, about: dict[str, str], line: str) -> None:
    case = Evidence().by_socks(failure="proxy_scheme_unsupported").case(platform=platform, machine=about)
    assert line in commands(WIRE.only(case, "proxy-socks-support-missing"))


def test_http_spoken_to_a_socks_port() -> None:
    route = by_proxy(proxy_scheme="socks5")
    WIRE.only(Evidence(route).to_proxy().tunnel(failure="connection_reset").case(), "proxy-socks-support-missing")


def test_a_dead_socks_port_is_stale_and_not_missing_support() -> None:
    WIRE.only(Evidence().by_socks().to_proxy("connection_refused", "127.0.0.1").case(), "proxy-env-stale")


def test_socks5_looks_names_up_at_home() -> None:
    mine = lookup(HOST, "origin")
    finding = WIRE.only(
        Evidence().by_socks().to_proxy().add(mine, unknown()).case(asked=("names",)), "proxy-socks-dns-local"
    )
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.proxy == "socks5h://127.0.0.1:1080"


def test_socks5_with_other_names_well_may_be_a_typing_error() -> None:
    mine = lookup(HOST, "origin")
    finding = WIRE.only(
        Evidence().by_socks().to_proxy().add(mine, known()).case(asked=("names",)), "proxy-socks-dns-local"
    )
    assert not finding.certain
    assert finding.also_possible == ("dns-nxdomain",)


def test_without_a_proxy_a_failed_lookup_is_not_ours() -> None:
    WIRE.nothing(Evidence(lookup(HOST, "origin")).case())


def test_socks5h_does_not_look_names_up() -> None:
    finding = WIRE.only(
        Evidence().by_socks("socks5h").tunnel(protocol="socks5h", reply=4, failure="socks_error").case(),
        "proxy-upstream-failed",
    )
    assert "127.0.0.1:1080" in finding.title


# stale, unknown, unreachable


def test_nothing_listens_on_loopback() -> None:
    route = by_proxy(proxy_host="localhost", proxy_port=7890, proxy="http://localhost:7890")
    found = Evidence(route).to_proxy("connection_refused", "::1").to_proxy("connection_refused", "127.0.0.1").case()
    finding = WIRE.only(found, "proxy-env-stale")
    assert finding.certain
    assert "localhost:7890" in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.direct
    assert commands(finding) == ["unset HTTPS_PROXY"]
    assert "tcp-refused" in dict(finding.ruled_out)


def test_all_variables_that_are_set_are_unset() -> None:
    route = by_proxy(proxy_host="127.0.0.1")
    machine = rec(ev.Machine, None, platform="Linux-6.1", python="3.11.7", openssl="OpenSSL 3.0.19",
                  variables=(("http_proxy", "x"), ("NO_PROXY", "y"), ("HTTPS_PROXY", "z")))  # fmt: skip
    found = Evidence(route).to_proxy("connection_refused", "127.0.0.1").case()
    records = tuple(machine if isinstance(one, ev.Machine) else one for one in found.observations)
    finding = WIRE.only(Case(records, found.catalogue), "proxy-env-stale")
    assert commands(finding) == ["unset http_proxy HTTPS_PROXY"]


def test_on_windows_the_system_setting_is_masked() -> None:
    route = by_proxy(proxy_host="127.0.0.1", decided_by="system settings")
    found = Evidence(route).to_proxy("connection_refused", "127.0.0.1").case(platform="Windows-10")
    assert commands(WIRE.only(found, "proxy-env-stale")) == ["$env:NO_PROXY = '*'"]


def test_a_refused_server_on_loopback_is_no_stale_proxy() -> None:
    WIRE.nothing(
        Evidence().rec(ev.Connect, "tcp", address="127.0.0.1", port=443, family=4, failure="connection_refused").case()
    )


def test_a_remote_proxy_that_refuses() -> None:
    finding = WIRE.only(Evidence().by_proxy().to_proxy("connection_refused").case(), "proxy-unreachable")
    assert "refuses connections" in finding.title
    assert not any(fix.change and fix.change.direct for fix in finding.fixes)


def test_a_proxy_without_a_port_is_told_so() -> None:
    route = by_proxy(oddities=("no-port",), proxy_port=80)
    finding = WIRE.only(Evidence(route).to_proxy("generic_timeout_error").case(), "proxy-unreachable")
    assert any("names no port" in line for line in finding.evidence)


def test_a_loopback_proxy_that_is_silent_is_not_stale() -> None:
    route = by_proxy(proxy_host="127.0.0.1")
    WIRE.only(Evidence(route).to_proxy("generic_timeout_error", "127.0.0.1").case(), "proxy-unreachable")


def test_no_route_at_all_is_not_the_proxys_fault() -> None:
    way = rec(ev.Reach, "tcp", control="reach", family=4, errno="ENETUNREACH", failure="network_unreachable")
    WIRE.nothing(Evidence().by_proxy().to_proxy("network_unreachable").add(way).case(asked=("reach",)))


def test_no_route_to_the_proxy_alone() -> None:
    way = rec(ev.Reach, "tcp", control="reach", family=4)
    WIRE.only(
        Evidence().by_proxy().to_proxy("network_unreachable").add(way).case(asked=("reach",)), "proxy-unreachable"
    )


def test_a_second_address_that_works_is_no_failure() -> None:
    WIRE.nothing(Evidence().by_proxy().to_proxy("connection_refused").to_proxy().tunnel(200, failure=None).case())


def test_a_proxy_that_answers_nobody() -> None:
    other = rec(ev.Tunnel, "proxy", control="unrelated-tls", protocol="http", target="example.com:443", proxy="p",
                failure="eof_error")  # fmt: skip
    finding = WIRE.only(
        Evidence().by_proxy().to_proxy().tunnel(failure="eof_error").add(other).case(asked=("unrelated-tls",)),
        "proxy-unreachable",
    )
    assert not finding.certain


def test_a_proxy_that_answers_others_is_reachable() -> None:
    found = Evidence().by_proxy().to_proxy().tunnel(failure="eof_error").add(opened()).case(asked=("unrelated-tls",))
    assert not WIRE.only(found, "proxy-connect-denied").certain


def test_the_proxys_name_does_not_exist() -> None:
    finding = WIRE.only(Evidence().by_proxy().add(lookup(), known()).case(asked=("names",)), "proxy-dns-failure")
    assert finding.certain
    assert "proxy.corp" in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.direct


def test_a_resolver_that_answers_nothing_is_not_the_proxys_name() -> None:
    WIRE.nothing(Evidence().by_proxy().add(lookup(code="EAI_AGAIN"), unknown()).case(asked=("names",)))


def test_the_proxys_name_alone_fails_for_a_time() -> None:
    found = Evidence().by_proxy().add(lookup(code="EAI_AGAIN"), known()).case(asked=("names",))
    assert WIRE.only(found, "proxy-dns-failure").certain


def test_without_controls_a_temporary_failure_is_only_likely() -> None:
    finding = WIRE.only(Evidence().by_proxy().add(lookup(code="EAI_AGAIN")).case(), "proxy-dns-failure")
    assert finding.also_possible == ("dns-temporary-failure", "env-no-network-link")
