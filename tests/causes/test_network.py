from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import OpenQuestion
from mnistdoctor.causes.environment import network
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, reach, rec

HOLDS = {cause.id: cause.found_in for cause in network.CAUSES}
HOST = "ossci-datasets.s3.amazonaws.com"


def judged(which: str, *records: Any, **fields: Any) -> Finding | None:
    return HOLDS[which](Evidence(*records).case(**fields))


def connect(failure: Failure | None, *, family: int = 4, peer: str = "origin", address: str = "") -> Any:
    address = address or ("93.184.216.34" if family == 4 else "2606:2800:220:1::1")
    return rec(ev.Connect, "tcp", address=address, port=443, family=family, peer=peer, name=HOST, failure=failure)


def lookup(failure: Failure | None = None, code: str | None = None, **fields: Any) -> Any:
    return rec(ev.Lookup, "dns", name=HOST, failure=failure, code=code, **fields)


def query(server: str, rcode: str | None, *answers: str, kind: str = "A") -> Any:
    failure = {None: Failure.TIMEOUT, "NOERROR": None, "NXDOMAIN": Failure.NXDOMAIN}.get(rcode, Failure.DNS_SERVFAIL)
    return rec(
        ev.NameQuery,
        "dns",
        control="resolver",
        name=HOST,
        type=kind,
        server=server,
        rcode=rcode,
        answers=answers,
        failure=failure,
    )


AGAIN = lookup(Failure.DNS_TEMPORARY, "EAI_AGAIN")
NO_NET = Failure.NETWORK_UNREACHABLE


def test_no_route_at_connect() -> None:
    finding = judged("env-no-network-link", lookup(), connect(NO_NET, family=6), connect(NO_NET), *reach(False, False))
    assert finding is not None
    assert finding.certain
    assert "ENETUNREACH" in " ".join(finding.evidence)


def test_no_route_to_the_proxy_either() -> None:
    assert judged("env-no-network-link", connect(NO_NET, peer="proxy"), *reach(False, False)) is not None


def test_without_the_kernels_word_it_is_only_likely() -> None:
    finding = judged("env-no-network-link", lookup(), connect(NO_NET))
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tcp-unreachable",)


@pytest.mark.parametrize("failure", [Failure.DNS_TEMPORARY, Failure.NXDOMAIN])
def test_no_route_at_lookup(failure: Failure) -> None:
    finding = judged("env-no-network-link", lookup(failure), *reach(False, False), query("10.0.0.1", None))
    assert finding is not None
    assert finding.certain


@pytest.mark.parametrize("stub", ["127.0.0.53", "127.0.0.11", "::1", "169.254.169.253"])
def test_stub_answers_servfail_without_a_route(stub: str) -> None:
    assert judged("env-no-network-link", AGAIN, *reach(False, False), query(stub, "SERVFAIL")) is not None


def test_no_network_link_look_alikes() -> None:
    which = "env-no-network-link"
    assert judged(which, AGAIN, *reach(True, False), query("10.0.0.1", None)) is None  # dns-temporary-failure
    assert judged(which, AGAIN, *reach(False, False), query("10.0.0.1", "SERVFAIL")) is None  # a neighbour answers
    assert judged(which, lookup(Failure.NXDOMAIN), *reach(False, False), query("127.0.0.53", "NXDOMAIN")) is None
    assert judged(which, connect(NO_NET), *reach(True, False)) is None  # tcp-unreachable
    assert judged(which, connect(NO_NET, family=6), *reach(True, False)) is None  # tcp-ipv6-broken
    assert judged(which, connect(NO_NET, family=6), connect(Failure.TIMEOUT), *reach(True, False)) is None
    assert judged(which, connect(NO_NET, family=6), connect(None)) is None  # survived
    assert judged(which, connect(Failure.HOST_UNREACHABLE), *reach(False, False)) is None
    prohibited = rec(ev.Reach, "tcp", control="reach", family=4, failure=Failure.PERMISSION, errno="EACCES")
    assert judged(which, connect(NO_NET), prohibited) is None  # tcp-permission-denied


def test_cheap_conditions_come_before_questions() -> None:
    with pytest.raises(OpenQuestion, match="reach"):
        judged("env-no-network-link", AGAIN, asked=())
    assert judged("env-no-network-link", connect(Failure.REFUSED), asked=()) is None
    with pytest.raises(OpenQuestion, match="resolver"):
        judged("env-no-network-link", AGAIN, *reach(False, False), asked=("reach",))


# --- captive portal

GSTATIC = "http://connectivitycheck.gstatic.com/generate_204"
MSFT = "http://www.msftconnecttest.com/connecttest.txt"
FIREFOX = "http://detectportal.firefox.com/success.txt"


def check(
    url: str,
    status: int | None,
    *,
    location: str | None = None,
    text: str = "",
    html: bool = False,
    fields: tuple[tuple[str, str], ...] = (),
) -> tuple[Any, ...]:
    fields = (*fields, ("Content-Type", "text/html" if html else "text/plain"))
    failure = Failure.TIMEOUT if status is None else None
    first = rec(
        ev.Exchange,
        "http",
        control="portal",
        method="GET",
        url=url,
        status=status,
        location=location,
        fields=fields,
        failure=failure,
    )
    body = rec(ev.Transfer, "length", control="portal", status=status, received=len(text), text=text)
    return (first, body) if text else (first,)


def shake(failure: Failure, *, received: int = 0, peer: str = "origin", message: str = "") -> Any:
    return rec(
        ev.Handshake, "tls", server_name=HOST, failure=failure, received=received, peer=peer, verify_message=message
    )


LOGIN = "http://login.hotel-wifi.com/login"
SENT_AWAY = (*check(GSTATIC, 302, location=LOGIN), *check(MSFT, 302, location=LOGIN))
ALL_WELL = (
    *check(GSTATIC, 204),
    *check(MSFT, 200, text="Microsoft Connect Test"),
    *check(FIREFOX, 200, text="success\n"),
)


@pytest.mark.parametrize(
    "stop",
    [
        (shake(Failure.INVALID_HOSTNAME, received=900),),
        (shake(Failure.UNKNOWN_AUTHORITY, received=900),),
        (shake(Failure.NOT_TLS, received=20),),
        (shake(Failure.RESET),),
        (connect(Failure.REFUSED),),
        (connect(Failure.TIMEOUT),),
    ],
)
def test_two_wrong_answers_prove_a_portal(stop: tuple[Any, ...]) -> None:
    finding = judged("captive-portal", *stop, *SENT_AWAY)
    assert finding is not None
    assert finding.certain
    assert any("login.hotel-wifi.com" in line for line in finding.evidence)
    assert finding.fixes[0].commands[0].text == "xdg-open http://detectportal.firefox.com/"


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.TIMEOUT])
def test_a_family_without_a_way_out_hides_no_portal(failure: Failure) -> None:
    stop = (connect(failure), connect(NO_NET, family=6))
    finding = judged("captive-portal", *stop, *SENT_AWAY)
    assert finding is not None
    assert finding.certain
    assert judged("captive-portal", connect(NO_NET), connect(NO_NET, family=6), *SENT_AWAY) is None
    assert judged("captive-portal", *stop, *ALL_WELL) is None


@pytest.mark.parametrize(
    "answer",
    [
        check(GSTATIC, 200, text="<html><title>Welcome</title>", html=True),
        check(GSTATIC, 511, text="<html>"),
        check(MSFT, 200, text="<html>Sign in", html=True),
        check(FIREFOX, 200, text="<html>success is a click away</html>", html=True),
    ],
)
def test_one_wrong_answer_is_likely(answer: tuple[Any, ...]) -> None:
    finding = judged("captive-portal", shake(Failure.INVALID_HOSTNAME), *answer, *check(FIREFOX, None))
    assert finding is not None
    assert not finding.certain


def test_portal_over_plain_http() -> None:
    url = "http://host.example/a.gz"
    ask = rec(ev.Exchange, "http", method="GET", url=url, status=302, location=LOGIN)
    page = (
        rec(ev.Exchange, "http", method="GET", url=LOGIN, status=200, hop=1),
        rec(ev.Content, "length", what="html", hop=1),
    )
    assert judged("captive-portal", ask, *page, *SENT_AWAY, url=url) is not None
    own = rec(ev.Exchange, "http", method="GET", url=url, status=511, failure=Failure.STATUS)
    finding = judged("captive-portal", own, *check(GSTATIC, 511), url=url)
    assert finding is not None
    assert finding.certain


def test_portal_look_alikes() -> None:
    which, broken = "captive-portal", shake(Failure.INVALID_HOSTNAME, received=900)
    assert judged(which, broken, *ALL_WELL) is None  # tls-intercepted, tls-hostname-mismatch
    assert judged(which, broken) is None  # no control at all
    assert judged(which, broken, *check(GSTATIC, None), *check(MSFT, None)) is None  # nothing connected
    assert (
        judged(which, broken, *check(GSTATIC, 302, location=LOGIN), *check(MSFT, 200, text="Microsoft Connect Test"))
        is None
    )
    assert judged(which, broken, *check(GSTATIC, 403, text="<html>Blocked"), *check(MSFT, 503)) is None  # a filter
    assert judged(which, broken, *check(GSTATIC, 301, location="https://connectivitycheck.gstatic.com/x")) is None
    assert judged(which, broken, *check("http://intranet.example/health", 200, text="<html>", html=True)) is None
    squid = (("X-Squid-Error", "ERR_ACCESS_DENIED 0"),)
    told = (*check(GSTATIC, 302, location=LOGIN, fields=squid), *check(MSFT, 302, location=LOGIN, fields=squid))
    assert judged(which, broken, *told) is None  # the proxy's own pages


@pytest.mark.parametrize(
    "stop",
    [
        (shake(Failure.HANDSHAKE, received=7),),  # tls-handshake-failure
        (shake(Failure.RESET, received=900),),
        (shake(Failure.UNKNOWN_AUTHORITY, peer="proxy"),),
        (connect(Failure.REFUSED, peer="proxy"),),  # proxy-unreachable
        (connect(Failure.REFUSED, address="127.0.0.1"),),
        (rec(ev.Tunnel, "proxy", protocol="http", target=HOST, proxy="p:1", status=407, failure=Failure.TUNNEL),),
        (rec(ev.Exchange, "http", method="GET", url=f"https://{HOST}/a", status=403, failure=Failure.STATUS),),
        (
            rec(ev.Exchange, "http", method="GET", url=f"https://{HOST}/a", status=200),
            rec(ev.Content, "length", what="html"),
        ),
    ],
)
def test_what_no_portal_can_do_asks_for_nothing(stop: tuple[Any, ...]) -> None:
    assert judged("captive-portal", *stop, asked=()) is None
    assert judged("captive-portal", *stop, *SENT_AWAY) is None


def test_behind_a_proxy_it_is_never_certain() -> None:
    route = rec(ev.Route, None, way="tunnel", proxy="http://p:3128")
    finding = judged("captive-portal", route, shake(Failure.INVALID_HOSTNAME), *SENT_AWAY)
    assert finding is not None
    assert not finding.certain


def test_windows_opens_the_page_its_own_way() -> None:
    finding = judged("captive-portal", shake(Failure.INVALID_HOSTNAME), *SENT_AWAY, platform="Windows-11")
    assert finding is not None
    assert finding.fixes[0].commands[0].text.startswith("Start-Process")
    assert finding.fixes[0].commands[0].shell == "powershell"
