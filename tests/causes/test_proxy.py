"""What a proxy says itself, told from what a server says through it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.environment.network import captive_portal as network_portal
from mnistdoctor.causes.tcp.broken import CAUSES as BROKEN
from tests.causes.evidence import HOST, Evidence, by_proxy, opened, rec, tunnel
from tests.causes.judging import WIRE

FILE = "mnist/t10k-labels"
PLAIN: dict[str, Any] = {"url": "http://data.example/a.gz"}
FORWARD = by_proxy(way="forward-proxy", decided_by="http_proxy")
SQUID = (("Server", "squid/6.6"), ("Via", "1.1 gw (squid/6.6)"))


@pytest.mark.parametrize("status", [403, 405, 451])
def test_a_refusal_of_connect(status: int) -> None:
    finding = WIRE.only(
        Evidence(file=FILE).by_proxy().to_proxy().tunnel(status, reason="Forbidden").case(), "proxy-connect-denied"
    )
    assert finding.certain
    assert f"{HOST}:443" in finding.title
    assert any(str(status) in line for line in finding.evidence)
    assert not any(fix.change for fix in finding.fixes)  # who may say no has said it: nothing is tried behind his back
    assert not any(fix.change and fix.change.direct for fix in finding.fixes)


def test_an_odd_port_is_mentioned() -> None:
    found = Evidence(url="https://data.example:8443/a.gz").by_proxy().tunnel(403).case()
    assert "port 8443" in WIRE.only(found, "proxy-connect-denied").explanation


def test_a_denial_with_another_status_by_its_name() -> None:
    answer = tunnel(503, fields=(("Proxy-Status", "gw; error=http_request_denied"),))
    WIRE.only(Evidence().by_proxy().add(answer).case(), "proxy-connect-denied")


def test_a_redirect_in_answer_to_connect_is_only_likely() -> None:
    finding = WIRE.only(Evidence().by_proxy().tunnel(302).case(), "proxy-connect-denied")
    assert finding.also_possible == ("captive-portal",)
    sent = tunnel(302, fields=(("Location", "http://auth.corp.example/login"),))
    seen = WIRE.only(Evidence().by_proxy().add(sent).case(), "proxy-connect-denied").evidence
    assert "it sends us to http://auth.corp.example/login" in seen


def test_511_asks_for_a_sign_in_and_is_no_policy() -> None:
    finding = WIRE.only(
        Evidence().by_proxy().tunnel(511).case(), "proxy-connect-denied"
    )  # judged after `captive-portal`
    assert finding.also_possible == ("captive-portal",)
    assert "Sign in" in finding.fixes[0].title


def test_429_names_the_pause_that_the_proxy_asks_for() -> None:
    finding = WIRE.only(
        Evidence().by_proxy().tunnel(429, fields=(("Retry-After", "30"),)).case(), "proxy-upstream-failed"
    )
    assert (finding.retry, finding.retry_after_s) == ("wait", 30.0)
    assert "way out" not in finding.explanation


@pytest.mark.parametrize(
    ("scheme", "reply", "cause", "runner_up"),
    [
        ("socks5h", 7, "proxy-upstream-failed", "proxy-connect-denied"),
        ("socks4", 91, "proxy-upstream-failed", "proxy-connect-denied"),
        ("socks4a", 92, "proxy-connect-denied", "proxy-upstream-failed"),
        ("socks4a", 93, "proxy-connect-denied", "proxy-upstream-failed"),
    ],
)
def test_socks_replies_that_leave_it_open(scheme: str, reply: int, cause: str, runner_up: str) -> None:
    answer = tunnel(protocol=scheme, reply=reply, failure="socks_error")
    finding = WIRE.only(Evidence().by_socks(scheme).to_proxy().add(answer).case(), cause)
    assert not finding.certain
    assert finding.also_possible == (runner_up,)


def test_socks_rules() -> None:
    answer = tunnel(protocol="socks5h", reply=2, failure="socks_error")
    WIRE.only(Evidence().by_socks("socks5h").to_proxy().add(answer).case(), "proxy-connect-denied")


def test_a_403_inside_the_tunnel_is_the_servers() -> None:
    answer = rec(ev.Exchange, "http", method="GET", url="u", status=403, failure="http_request_failed")
    WIRE.nothing(Evidence().by_proxy().to_proxy().tunnel(200, failure=None).add(answer).case())


def test_a_forwarded_403_is_the_servers_unless_the_proxy_signs_it() -> None:
    WIRE.nothing(Evidence(FORWARD).forwarded(403, ("Server", "AmazonS3"), ("Via", "1.1 gw (squid/6.6)")).case(**PLAIN))
    WIRE.only(
        Evidence(FORWARD).forwarded(403, *SQUID, ("X-Squid-Error", "ERR_ACCESS_DENIED 0")).case(**PLAIN),
        "proxy-connect-denied",
    )
    WIRE.only(Evidence(FORWARD).forwarded(403, ("Server", "Zscaler/6.2")).case(**PLAIN), "proxy-connect-denied")


def test_a_cdn_may_sign_proxy_status_too() -> None:
    mark = ("Proxy-Status", "SomeCDN; error=connection_timeout")
    WIRE.nothing(Evidence(FORWARD).forwarded(504, mark, ("Via", "1.1 cdn, 1.1 gw.corp")).case(**PLAIN))
    WIRE.only(
        Evidence(FORWARD)
        .forwarded(504, ("Proxy-Status", "gw.corp; error=connection_timeout"), ("Via", "1.1 gw.corp"))
        .case(**PLAIN),
        "proxy-upstream-failed",
    )


def test_a_relayed_error_is_not_the_proxys() -> None:
    mark = ("Proxy-Status", "gw.corp; received-status=502; error=connection_timeout")
    WIRE.nothing(Evidence(FORWARD).forwarded(502, mark).case(**PLAIN))


def test_other_squid_errors_belong_to_others() -> None:
    for name in ("ERR_TOO_BIG", "ERR_ZERO_SIZE_OBJECT", "ERR_INVALID_URL"):
        WIRE.nothing(Evidence(FORWARD).forwarded(502, *SQUID, ("X-Squid-Error", f"{name} 0")).case(**PLAIN))


def test_a_forwarded_404_is_the_servers() -> None:
    WIRE.nothing(Evidence(FORWARD).forwarded(404, *SQUID).case(**PLAIN))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_proxy_that_could_not_connect(status: int) -> None:
    finding = WIRE.only(Evidence().by_proxy().to_proxy().tunnel(status).case(), "proxy-upstream-failed")
    assert f"{HOST}:443" in finding.title
    assert "http-502-504-gateway" in dict(finding.ruled_out)


def test_the_kinds_are_told_apart() -> None:
    def title(*fields: tuple[str, str]) -> str:
        return WIRE.only(Evidence().by_proxy().tunnel(503, fields=fields).case(), "proxy-upstream-failed").title

    assert "cannot resolve" in title(("X-Squid-Error", "ERR_DNS_FAIL 0"))
    assert "cannot resolve" in title(("Proxy-Status", 'gw; error=dns_error; rcode="NXDOMAIN"'))
    assert "cannot connect" in title(("X-Squid-Error", "ERR_CONNECT_FAIL 111"))
    assert "to itself" in title(("Proxy-Status", "gw; error=proxy_loop_detected"))
    assert "could not reach" in title()


def test_another_host_through_the_proxy_decides_who_is_at_fault() -> None:
    assert WIRE.questions(Evidence().by_proxy().tunnel(503).case(asked=())) == {"unrelated-tls"}
    well = WIRE.only(
        Evidence(file=FILE).by_proxy().tunnel(503).add(opened()).case(asked=("unrelated-tls",)), "proxy-upstream-failed"
    )
    assert "reaches other hosts" in well.explanation
    assert well.fixes[0].change is not None
    ill = rec(
        ev.Tunnel,
        "proxy",
        control="unrelated-tls",
        protocol="http",
        target="example.com:443",
        proxy="p",
        status=503,
        failure="proxy_tunnel_failed",
    )
    barred = WIRE.only(
        Evidence(file=FILE).by_proxy().tunnel(503).add(ill).case(asked=("unrelated-tls",)), "proxy-upstream-failed"
    )
    assert "its own resolver or way out" in barred.explanation
    assert barred.fixes[0].change is None


def test_silence_for_this_host_alone() -> None:
    found = (
        Evidence()
        .by_proxy()
        .to_proxy()
        .tunnel(failure="generic_timeout_error")
        .add(opened())
        .case(asked=("unrelated-tls",))
    )
    finding = WIRE.only(found, "proxy-upstream-failed")
    assert not finding.certain


def test_407_is_a_question_and_no_refusal() -> None:
    WIRE.only(Evidence().by_proxy().tunnel(407, schemes=("Basic",)).case(), "proxy-auth-required")


def test_the_servers_gateway_answers_inside_the_tunnel() -> None:
    answer = rec(ev.Exchange, "http", method="GET", url="u", status=504, failure="http_request_failed")
    WIRE.nothing(Evidence().by_proxy().tunnel(200, failure=None).add(answer).case())


def portal(status: int, **fields: Any) -> Any:
    url = "http://connectivitycheck.gstatic.com/generate_204"
    return rec(ev.Exchange, "http", control="portal", method="GET", url=url, status=status, **fields)


def test_a_proxy_that_wants_a_sign_in_is_a_portal() -> None:
    away = {"fields": (("Location", "http://auth.corp.example/"),), "location": "http://auth.corp.example/"}
    for answer in (tunnel(511), tunnel(302, fields=away["fields"])):
        finding = network_portal(Evidence().by_proxy().to_proxy().add(answer, portal(302, **away)).case())
        assert finding is not None
        assert not finding.certain
        assert "the proxy" in finding.title
    assert (
        network_portal(Evidence().by_proxy().to_proxy().tunnel(302, fields=away["fields"]).add(portal(204)).case())
        is None
    )
    assert network_portal(Evidence().by_proxy().to_proxy().tunnel(403).add(portal(302, **away)).case()) is None


def test_every_tunnel_cut_off_is_not_a_proxy_that_is_missing() -> None:
    cut = rec(ev.Handshake, "tls", server_name=HOST, port=443, failure="connection_reset")
    again, other = (dataclasses.replace(cut, server_name="example.com", role="control", control=name)
                    for name in ("server-name", "unrelated-tls"))  # fmt: skip
    found = {one.id: one for one in BROKEN}["tcp-reset"].found_in(
        Evidence().by_proxy().to_proxy().tunnel(200, failure=None).add(cut, again, other).case()
    )
    assert found is not None
    assert found.also_possible == ("proxy-upstream-failed",)
    assert found.side == "proxy"
    assert any("proxy.corp:3128" in line for line in found.evidence)
