"""Handshakes that are refused, not understood, or not answered."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from tests.causes.evidence import HOST, NOW, Evidence, broken, by_proxy, rec, tunnel, unrelated
from tests.causes.judging import WIRE, commands

FILE = "mnist/t10k-labels"


def judged(*records: Any, **fields: Any) -> Case:
    return Evidence(file=FILE).trust().add(*records).case(**fields)


def refusal(alert: int | None = None, reason: str = "") -> Any:
    return broken("ssl_failed_handshake", alert=alert, reason=reason, received=7)


def swap(**fields: Any) -> Any:
    values: dict[str, Any] = {"server_name": "example.com", "trust": "certifi", "control": "server-name"} | fields
    return rec(ev.Handshake, "tls", **values)


ANSWER = swap(failure="ssl_invalid_hostname", verify_code=62, received=3000)


@pytest.mark.parametrize(
    "shake",
    [refusal(70, "TLSV1_ALERT_PROTOCOL_VERSION"), refusal(None, "UNSUPPORTED_PROTOCOL"),
     refusal(None, "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED")],
)  # fmt: skip
def test_an_old_server(shake: Any) -> None:
    finding = WIRE.only(judged(shake), "tls-protocol-version")
    assert finding.certain
    assert finding.side is None
    assert finding.fixes[0].change is not None


def test_an_old_client() -> None:
    found = judged(refusal(70))
    machine = rec(ev.Machine, None, platform="Linux", python="3.10.1", openssl="OpenSSL 1.0.2", unix_time=NOW)
    records = tuple(machine if isinstance(one, ev.Machine) else one for one in found.observations)
    assert WIRE.only(Case(records, found.catalogue), "tls-protocol-version").side == "you"


@pytest.mark.parametrize("shake", [refusal(40, "SSLV3_ALERT_HANDSHAKE_FAILURE"), refusal(None, "NO_SHARED_CIPHER")])
def test_nothing_in_common(shake: Any) -> None:
    assert WIRE.only(judged(shake), "tls-handshake-failure").certain


def test_an_alert_for_the_name() -> None:
    finding = WIRE.only(judged(refusal(112, "TLSV1_UNRECOGNIZED_NAME")), "tls-handshake-failure")
    assert "does not serve the name" in finding.title


def test_an_alert_for_a_client_certificate() -> None:
    assert "client certificate" in WIRE.only(judged(refusal(116)), "tls-handshake-failure").title
    late = rec(ev.Exchange, "http", method="GET", url="u", failure="ssl_failed_handshake",
               detail="[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")  # fmt: skip
    assert "client certificate" in WIRE.only(judged(late), "tls-handshake-failure").title


def test_other_alerts_are_only_likely() -> None:
    assert not WIRE.only(judged(refusal(80, "TLSV1_ALERT_INTERNAL_ERROR")), "tls-handshake-failure").certain


def test_an_error_without_alert_or_known_reason_is_nothing() -> None:
    WIRE.nothing(judged(refusal(None, "SOMETHING_NEW")))


def test_legacy_renegotiation() -> None:
    finding = WIRE.only(judged(refusal(None, "UNSAFE_LEGACY_RENEGOTIATION_DISABLED")), "tls-legacy-renegotiation")
    assert finding.certain


# not TLS


def plain(first: str, **fields: Any) -> Any:
    return broken("ssl_plaintext_answer", reason="WRONG_VERSION_NUMBER", first_bytes=first, received=60, **fields)


@pytest.mark.parametrize(("first", "kind"), [("HTTP/1.1 400 Bad Request", "plain HTTP"), ("SSH-2.0-OpenSSH", "SSH"),
                                             ("220 mail.example ESMTP", "mail")])  # fmt: skip
def test_text_where_tls_was_expected(first: str, kind: str) -> None:
    finding = WIRE.only(judged(plain(first), url="https://data.example:8443/a.gz"), "tls-plaintext-port")
    assert finding.certain
    assert kind in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == "https://data.example/a.gz"
    assert not any("http://" in line for line in commands(finding))


@pytest.mark.parametrize("first", ["\x80\x00\x01", r"\x80\x00\x01\x02"])
def test_garbage_is_only_likely(first: str) -> None:
    assert not WIRE.only(judged(plain(first)), "tls-plaintext-port").certain


def test_escaped_line_ends_are_text_and_not_quoted() -> None:
    finding = WIRE.only(judged(plain(r"hello there\x0d\x0asecond line")), "tls-plaintext-port")
    assert "plain text" in finding.title
    assert finding.evidence == ('it began with "hello there"',)


def test_everybody_answers_in_clear() -> None:
    assert WIRE.questions(judged(plain("HTTP/1.1 302"), asked=())) == {"unrelated-tls"}
    other = unrelated(failure="ssl_plaintext_answer")
    finding = WIRE.only(judged(plain("HTTP/1.1 302"), other, asked=("unrelated-tls",)), "tls-plaintext-port")
    assert finding.also_possible == ("captive-portal",)


def test_one_host_in_clear_on_443() -> None:
    finding = WIRE.only(judged(plain("HTTP/1.1 400"), unrelated(), asked=("unrelated-tls",)), "tls-plaintext-port")
    assert finding.certain


# no answer


@pytest.mark.parametrize("failure", ["connection_reset", "eof_error"])
def test_only_this_name_is_cut(failure: str) -> None:
    twice = (broken(failure), broken(failure, address="192.0.2.2"))
    finding = WIRE.only(judged(*twice, ANSWER, asked=("server-name",)), "tls-sni-blocked")
    assert finding.certain
    assert HOST in finding.title
    once = WIRE.only(judged(broken(failure), ANSWER, asked=("server-name",)), "tls-sni-blocked")
    assert not once.certain


def test_silence_for_this_name_is_never_certain() -> None:
    twice = (broken("generic_timeout_error"), broken("generic_timeout_error"))
    finding = WIRE.only(judged(*twice, ANSWER, asked=("server-name",)), "tls-sni-blocked")
    assert finding.also_possible == ("tls-handshake-timeout",)


def test_an_alert_is_an_answer_too() -> None:
    answer = swap(failure="ssl_failed_handshake", alert=112, received=7)
    WIRE.only(judged(broken("connection_reset"), answer, asked=("server-name",)), "tls-sni-blocked")


def test_the_swap_is_asked_for() -> None:
    for failure in ("connection_reset", "eof_error", "generic_timeout_error"):
        assert WIRE.questions(judged(broken(failure), asked=())) == {"server-name"}


def test_silence_whatever_the_name() -> None:
    other = swap(failure="generic_timeout_error")
    finding = WIRE.only(judged(broken("generic_timeout_error"), other, asked=("server-name",)), "tls-handshake-timeout")
    assert "tls-sni-blocked" in dict(finding.ruled_out)
    assert finding.also_possible == ("tcp-mtu-blackhole",)
    assert (
        "tls-sni-blocked" in WIRE.only(judged(broken("generic_timeout_error")), "tls-handshake-timeout").also_possible
    )


def test_silence_after_the_first_bytes() -> None:
    WIRE.only(judged(broken("generic_timeout_error", received=64)), "tls-handshake-timeout")


def test_a_reset_whatever_the_name_belongs_to_tcp() -> None:
    WIRE.nothing(judged(broken("connection_reset"), swap(failure="connection_reset"), asked=("server-name",)))
    WIRE.nothing(judged(broken("connection_reset")))


def test_a_close_whatever_the_name() -> None:
    finding = WIRE.only(
        judged(broken("eof_error"), swap(failure="eof_error"), asked=("server-name",)), "tls-unexpected-eof"
    )
    assert finding.certain
    assert not WIRE.only(judged(broken("eof_error")), "tls-unexpected-eof").certain


def test_a_close_after_an_answer_does_not_depend_on_the_name() -> None:
    assert WIRE.only(judged(broken("eof_error", received=64)), "tls-unexpected-eof").certain


def test_a_silent_tls_proxy_is_named() -> None:
    route = by_proxy(proxy_scheme="https")
    shake = broken("generic_timeout_error", peer="proxy")
    refused = tunnel(failure="generic_timeout_error", control="proxy-plain")
    finding = WIRE.only(judged(route, shake, refused, asked=("proxy-plain",)), "tls-handshake-timeout")
    assert "the proxy proxy.corp:3128" in finding.title
    assert finding.side == "proxy"


def test_every_story_names_its_look_alikes_and_says_what_not_to_do() -> None:
    assert len({cause.id for cause in WIRE.causes}) == len(WIRE.causes)
    for cause in WIRE.causes:
        paragraphs = [" ".join(part.split()) for part in cause.text.story.split("\n\n")]
        assert len(paragraphs) == 3, cause.id
        assert re.search(r"`(?:proxy|tls|dns|tcp|http|url|captive|env)-[a-z0-9-]+`", paragraphs[1]), cause.id
        assert "Do not" in paragraphs[2] or "Do not" in paragraphs[1], cause.id
        assert not cause.text.summary.endswith(".")


def test_a_healthy_handshake_is_nothing() -> None:
    WIRE.nothing(judged(rec(ev.Handshake, "tls", server_name=HOST, verify_code=0, version="TLSv1.3")))


@pytest.mark.parametrize(("alert", "certain"), [(49, False), (80, False), (120, True)])
def test_an_alert_that_is_not_about_ciphers(alert: int, certain: bool) -> None:
    finding = WIRE.only(judged(refusal(alert)), "tls-handshake-failure")
    assert finding.certain == certain
    assert "cipher" not in finding.explanation
    assert not {one for one, _ in finding.ruled_out} & set(finding.also_possible)


def test_nothing_answers_behind_the_proxy() -> None:
    silent = broken("generic_timeout_error", duration_s=3.0, received=0)
    other = broken("generic_timeout_error", server_name="example.com", control="unrelated-tls", received=0)
    finding = WIRE.only(judged(by_proxy(), tunnel(200, failure=None), silent, other), "tls-handshake-timeout")
    assert finding.side == "proxy"
    assert "proxy.corp:3128" in finding.title
    well = rec(ev.Handshake, "tls", control="unrelated-tls", server_name="example.com", verify_code=0, received=3000)
    alone = WIRE.only(judged(by_proxy(), tunnel(200, failure=None), silent, well), "tls-handshake-timeout")
    assert alone.side is None


def test_clear_text_in_every_tunnel_is_the_proxys() -> None:
    clear = broken("ssl_plaintext_answer", first_bytes="HTTP/1.1 403 Forbidden", received=40)
    other = broken("ssl_plaintext_answer", server_name="example.com", control="unrelated-tls", first_bytes="HTTP/1")
    finding = WIRE.only(judged(by_proxy(), tunnel(200, failure=None), clear, other), "tls-plaintext-port")
    assert finding.side == "proxy"
    assert finding.also_possible == ("proxy-upstream-failed",)
    assert not any("does not speak TLS" in fix.title for fix in finding.fixes)
