from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes import registry
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import OpenQuestion
from mnistdoctor.failure import Failure
from tests.causes.evidence import URL, Evidence, answer, by_proxy, got, page, reach, rec

CAUSES = {one.id: one for one in registry.CAUSES if one.id.startswith("tcp-")}
HOST = "ossci-datasets.s3.amazonaws.com"
V4, V6 = "93.184.216.34", "2606:2800:220:1::1"
REFUSED, TIMEOUT, UNREACHABLE = Failure.REFUSED, Failure.TIMEOUT, Failure.HOST_UNREACHABLE


def judged(which: str, *records: Any, **fields: Any) -> Finding | None:
    return CAUSES[which].found_in(Evidence(*records).case(**fields))


def holding(*records: Any, **fields: Any) -> set[str]:
    return {which for which in CAUSES if judged(which, *records, **fields)}


def connect(failure: Failure | None, address: str = V4, **fields: Any) -> Any:
    fields = {"port": 443, "name": HOST, "duration_s": 0.01, **fields}
    return rec(ev.Connect, "tcp", address=address, family=6 if ":" in address else 4, failure=failure, **fields)


def other(failure: Failure | None, address: str = "93.184.216.50", name: str = "example.com") -> Any:
    return connect(failure, address, name=name, control="unrelated-tls")


def port(number: int, failure: Failure | None) -> Any:
    return connect(failure, port=number, control="other-port")


def handshake(
    failure: Failure | None, *, received: int = 0, control: str | None = None, name: str = HOST, **fields: Any
) -> Any:
    return rec(
        ev.Handshake, "tls", server_name=name, port=443, failure=failure, received=received, control=control, **fields
    )


# --- tcp-refused


def test_refused() -> None:
    records = (connect(REFUSED), other(None), *reach())
    finding = judged("tcp-refused", *records)
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("tcp-filtered",))
    assert finding.side is None
    assert f"{HOST} port 443 ({V4})" in finding.title
    assert holding(*records) == {"tcp-refused"}


@pytest.mark.parametrize("answer", [None, REFUSED, TIMEOUT])
def test_a_refusal_may_be_a_firewalls_whatever_the_other_port_does(answer: Failure | None) -> None:
    finding = judged("tcp-refused", connect(REFUSED), other(None), port(80, answer))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("tcp-filtered",))
    assert not any("443 is right" in fix.title for fix in finding.fixes)
    assert any("whether it closes" in fix.title for fix in finding.fixes)


@pytest.mark.parametrize(("answer", "runner_up"), [(None, "tcp-filtered"), (UNREACHABLE, "tcp-server-down")])
def test_unreachable_beside_an_open_port_is_a_rule(answer: Failure | None, runner_up: str) -> None:
    finding = judged("tcp-unreachable", connect(UNREACHABLE), other(None), port(80, answer), *reach())
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, (runner_up,))


def test_refused_on_this_machine_asks_nobody() -> None:
    here = connect(REFUSED, "127.0.0.1", port=8000, name="localhost")
    finding = judged("tcp-refused", here, url="http://localhost:8000/a.gz", asked=())
    assert finding is not None
    assert finding.certain
    assert finding.side == "you"
    assert "8000" in finding.fixes[0].title


def test_refused_on_an_odd_port_names_the_open_one() -> None:
    finding = judged("tcp-refused", connect(REFUSED, port=8443), other(None), port(443, None), port(80, REFUSED))
    assert finding is not None
    assert any("it does answer on 443" in fix.title for fix in finding.fixes)


def test_everything_refused_is_the_network() -> None:
    finding = judged("tcp-refused", connect(REFUSED), other(REFUSED), other(REFUSED, V6))
    assert finding is not None
    assert not finding.certain
    assert finding.side == "network"
    assert finding.also_possible == ("proxy-not-configured",)


def test_one_port_refused_for_all_is_the_network() -> None:
    plain = connect(None, "93.184.216.60", port=80, name="www.msftconnecttest.com", control="portal")
    records = (connect(REFUSED), connect(Failure.NETWORK_UNREACHABLE, V6), other(REFUSED), other(REFUSED, V6), plain)
    finding = judged("tcp-refused", *records)
    assert finding is not None
    assert (finding.certain, finding.side, finding.retry) == (False, "network", "no")
    assert finding.also_possible == ("proxy-not-configured",)
    assert "port 443 is closed to every host" in finding.title
    assert not any("status page" in fix.title or fix.change for fix in finding.fixes)
    unlike = judged("tcp-refused", connect(REFUSED), other(TIMEOUT), plain)
    assert unlike is not None
    assert (unlike.certain, unlike.side) == (False, None)


def test_port_80_is_judged_by_port_80() -> None:
    url, plain = f"http://{HOST}/a.gz", {"port": 80, "name": "www.msftconnecttest.com", "control": "portal"}
    records = (connect(REFUSED, port=80), other(None))
    shut = judged("tcp-refused", *records, connect(REFUSED, "93.184.216.60", **plain), url=url)
    assert shut is not None
    assert (shut.certain, shut.side) == (False, "network")
    well = judged("tcp-refused", *records, connect(None, "93.184.216.60", **plain), url=url)
    assert well is not None
    assert (well.certain, well.side, well.also_possible) == (False, None, ("tcp-filtered",))


def test_a_public_name_that_leads_to_this_machine_may_be_filtered() -> None:
    here = connect(REFUSED, "127.0.0.1")
    finding = judged("tcp-refused", here)
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("dns-filtered",))
    names = {"control": "names", "name": "www.example.org"}
    outside = judged("tcp-refused", here, rec(ev.Lookup, "dns", addresses=(V4,), **names))
    assert outside is not None
    assert not outside.certain
    inside = judged("tcp-refused", here, rec(ev.Lookup, "dns", addresses=("127.0.0.1",), **names))
    assert inside is not None
    assert inside.certain  # a laboratory, where every name is somewhere within
    line = {"name": HOST, "path": "/etc/hosts", "addresses": ("127.0.0.1",)}
    lookup = rec(ev.Lookup, "dns", name=HOST, addresses=("127.0.0.1",))
    meant = judged("tcp-refused", lookup, here, rec(ev.HostsFile, "dns", control="hosts-file", **line))
    assert meant is not None
    assert meant.certain


def test_refused_without_controls_is_likely() -> None:
    finding = judged("tcp-refused", connect(REFUSED))
    assert finding is not None
    assert not finding.certain


def test_refusals_and_silence_mixed() -> None:
    records = (connect(REFUSED), connect(TIMEOUT, "93.184.216.35"), other(None))
    finding = judged("tcp-refused", *records)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tcp-filtered",)
    assert holding(*records) == {"tcp-refused"}


def test_ipv4_decides_where_both_families_failed() -> None:
    assert holding(connect(TIMEOUT, V6), connect(REFUSED), other(None), *reach()) == {"tcp-refused"}
    assert holding(connect(REFUSED, V6), connect(TIMEOUT), other(None), *reach()) == {"tcp-filtered"}
    assert holding(connect(Failure.NETWORK_UNREACHABLE, V6), connect(REFUSED), other(None), *reach()) == {"tcp-refused"}


def test_proxy_peers_are_the_proxy_causes_business() -> None:
    for failure in (REFUSED, TIMEOUT, UNREACHABLE, Failure.PERMISSION, Failure.RESET):
        assert not holding(connect(failure, "10.0.0.5", peer="proxy", port=3128, name="proxy"), other(None), *reach())


def test_a_later_address_that_connects_is_no_failure() -> None:
    assert not holding(connect(REFUSED), connect(None, "93.184.216.35"))


# --- tcp-filtered


def test_filtered_is_likely_from_one_place() -> None:
    records = (connect(TIMEOUT, duration_s=10.0), other(None), port(80, TIMEOUT), *reach())
    finding = judged("tcp-filtered", *records)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tcp-server-down",)
    assert "10.0 s" in finding.evidence[0]
    assert holding(*records) == {"tcp-filtered"}


def test_filtered_is_certain_where_another_port_answers() -> None:
    finding = judged("tcp-filtered", connect(TIMEOUT), other(None), port(80, None))
    assert finding is not None
    assert finding.certain
    assert "port 80" in finding.title
    assert any(cause == "tcp-server-down" for cause, _ in finding.ruled_out)


def test_nothing_outside_answers() -> None:
    plain = connect(TIMEOUT, "93.184.216.60", port=80, name="www.msftconnecttest.com", control="portal")
    finding = judged("tcp-filtered", connect(TIMEOUT), other(TIMEOUT), other(Failure.NETWORK_UNREACHABLE, V6), plain)
    assert finding is not None
    assert not finding.certain
    assert "nothing outside answers" in finding.title
    assert "proxy-not-configured" in finding.also_possible


def test_plain_http_that_connects_shows_the_network_is_up() -> None:
    plain = connect(None, "93.184.216.60", port=80, name="www.msftconnecttest.com", control="portal")
    finding = judged("tcp-filtered", connect(TIMEOUT), other(TIMEOUT), plain)
    assert finding is not None
    assert "nothing outside" not in finding.title


def test_one_port_silent_for_all_is_no_server_that_is_down() -> None:
    plain = connect(None, "93.184.216.60", port=80, name="www.msftconnecttest.com", control="portal")
    finding = judged("tcp-filtered", connect(TIMEOUT), other(TIMEOUT), plain, port(80, None))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("proxy-not-configured",))
    assert "port 443 is closed to every host" in finding.title
    assert "on port 443: example.com" in " ".join(finding.evidence)


def test_filtered_without_controls_claims_nothing_of_the_network() -> None:
    finding = judged("tcp-filtered", connect(TIMEOUT))
    assert finding is not None
    assert not finding.certain
    assert "network is up" not in finding.explanation


def test_server_down_is_never_claimed() -> None:
    assert judged("tcp-server-down", connect(TIMEOUT), other(None), port(80, TIMEOUT)) is None


# --- tcp-unreachable


@pytest.mark.parametrize("failure", [UNREACHABLE, Failure.NETWORK_UNREACHABLE])
def test_unreachable(failure: Failure) -> None:
    records = (connect(failure), other(None), *reach())
    finding = judged("tcp-unreachable", *records)
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("tcp-server-down",))
    assert finding.fixes[0].commands[0].text == f"ip route get {V4}"
    assert holding(*records) == {"tcp-unreachable"}


def test_unreachable_look_alikes() -> None:
    assert judged("tcp-unreachable", connect(Failure.NETWORK_UNREACHABLE), *reach(False, False)) is None  # no network
    assert judged("tcp-unreachable", connect(UNREACHABLE, V6), *reach(True, False)) is None  # tcp-ipv6-broken
    assert judged("tcp-unreachable", connect(UNREACHABLE), connect(TIMEOUT, "93.184.216.35"), *reach()) is None


def test_quick_and_slow_reports_are_told_apart() -> None:
    quick = judged("tcp-unreachable", connect(UNREACHABLE), other(None), *reach())
    slow = judged("tcp-unreachable", connect(UNREACHABLE, duration_s=3.1), other(None), *reach())
    assert quick is not None
    assert slow is not None
    assert "firewalls say no" in quick.explanation
    assert "firewalls say no" not in slow.explanation


# --- tcp-permission-denied


def test_permission_denied() -> None:
    records = (connect(Failure.PERMISSION, errno="EPERM"), other(None), *reach())
    finding = judged("tcp-permission-denied", *records)
    assert finding is not None
    assert finding.certain
    assert "EPERM" in finding.evidence[-1]
    assert holding(*records) == {"tcp-permission-denied"}
    assert judged("tcp-permission-denied", connect(Failure.PERMISSION), connect(REFUSED, "93.184.216.35")) is None


# --- tcp-ipv6-broken


def test_only_ipv6_and_none_here() -> None:
    records = (connect(Failure.NETWORK_UNREACHABLE, V6), *reach(True, False))
    finding = judged("tcp-ipv6-broken", *records)
    assert finding is not None
    assert finding.certain
    assert holding(*records) == {"tcp-ipv6-broken"}


def test_only_ipv6_and_it_leads_nowhere() -> None:
    records = (connect(TIMEOUT, V6), *reach(True, True), other(TIMEOUT, "2606:2800::50"), other(None))
    assert holding(*records) == {"tcp-ipv6-broken"}
    works = (connect(TIMEOUT, V6), *reach(True, True), other(None, "2606:2800::50"), other(None))
    assert holding(*works) == {"tcp-filtered"}
    assert judged("tcp-ipv6-broken", connect(TIMEOUT, V6), *reach(True, True)) is None
    assert judged("tcp-ipv6-broken", connect(Failure.NETWORK_UNREACHABLE, V6), *reach(False, False)) is None
    assert judged("tcp-ipv6-broken", connect(TIMEOUT, V6), connect(REFUSED), *reach(True, False)) is None


@pytest.mark.parametrize("failure", [TIMEOUT, UNREACHABLE, Failure.NETWORK_UNREACHABLE])
def test_broken_ipv6_that_was_survived_is_a_warning(failure: Failure) -> None:
    warns = CAUSES["tcp-ipv6-broken"].warning_in
    assert "9.0 s lost" in (warns(Evidence(connect(failure, V6, duration_s=9.0), connect(None)).case(asked=())) or "")
    assert warns(Evidence(connect(None, V6)).case()) is None
    assert warns(Evidence(connect(failure, "93.184.216.35"), connect(None)).case()) is None
    assert warns(Evidence(connect(failure, V6), connect(failure)).case()) is None


def test_six_alone_was_asked_for_and_leads_nowhere() -> None:
    records = (
        connect(TIMEOUT, V6),
        *reach(True, True),
        other(TIMEOUT, "2606:2800::50"),
        other(TIMEOUT, "2606:2800::51"),
    )
    assert holding(*records) == {"tcp-ipv6-broken"}
    finding = judged("tcp-ipv6-broken", *records)
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("tcp-filtered",))
    assert "`-6`" in finding.fixes[0].title
    assert holding(connect(TIMEOUT, V6), *reach(False, True), other(TIMEOUT, "2606:2800::50")) == {"tcp-filtered"}
    mixed = (connect(TIMEOUT, V6), *reach(True, True), other(TIMEOUT, "2606:2800::50"), other(TIMEOUT))
    assert holding(*mixed) == {"tcp-filtered"}  # nothing answers in either family


# --- a dead first address


@pytest.mark.parametrize(
    ("failure", "which"),
    [(REFUSED, "tcp-refused"), (TIMEOUT, "tcp-filtered"), (UNREACHABLE, "tcp-unreachable")],
)
def test_a_dead_first_address_is_a_warning(failure: Failure, which: str) -> None:
    dead, second = connect(failure, "93.184.216.240", duration_s=3.0), "93.184.216.35"
    for cause in CAUSES.values():
        said = cause.warning_in(Evidence(dead, connect(None, second)).case(asked=()))
        assert (said is not None) is (cause.id == which)
        assert said is None or all(word in said for word in ("93.184.216.240", HOST, "3.0 s lost", second))
        assert cause.warning_in(Evidence(connect(None, second)).case(asked=())) is None
        assert (
            cause.warning_in(Evidence(dead, connect(failure, second)).case(asked=())) is None
        )  # no warning, but the end
        assert cause.warning_in(Evidence(dead, connect(None, second, hop=1)).case(asked=())) is None
        assert cause.warning_in(Evidence(dead, connect(None, "93.184.216.240")).case(asked=())) is None  # a second try
    six = (connect(failure, "2606:2800::50"), connect(None, V6))
    assert CAUSES[which].warning_in(Evidence(*six).case(asked=())) is not None
    assert (
        CAUSES[which].warning_in(Evidence(connect(failure, V6), connect(None)).case(asked=())) is None
    )  # tcp-ipv6-broken's


# --- tcp-dead-address

SECOND = "93.184.216.35"


def two_addresses(*ended: Any, first: str = V4) -> tuple[Any, ...]:
    """A name of two addresses, of which the first was used."""
    where = rec(ev.Address, None, url=URL, scheme="https", host=HOST, port=443)
    return (where, rec(ev.Lookup, "dns", name=HOST, addresses=(first, SECOND)), connect(None, first), *ended)


def at_second(*ended: Any, failure: Failure | None = None) -> tuple[Any, ...]:
    """What the control met at the second address."""
    where = rec(ev.Address, None, control="other-address", url=URL, scheme="https", host=HOST, port=443)
    return (where, connect(failure, SECOND, control="other-address"), *ended)


SERVED = answer(b"data", control="other-address")
ENDS = {
    "silence": (handshake(TIMEOUT),),
    "hang-up": (handshake(Failure.EOF),),
    "certificate": (handshake(Failure.INVALID_CERTIFICATE, received=3000, verify_code=10),),
    "503": got(503),
    "no answer": (rec(ev.Exchange, "http", method="GET", url=URL, failure=TIMEOUT),),
    "cut body": answer(b"data", failure="body_incomplete", declared=99),
}


@pytest.mark.parametrize("ended", ENDS)
def test_one_address_of_two_is_ill(ended: str) -> None:
    again = tuple(dataclasses.replace(one, role="control", control="again") for one in ENDS[ended])
    finding = judged("tcp-dead-address", *two_addresses(*ENDS[ended]), *at_second(*SERVED), *again)
    assert finding is not None
    assert (finding.certain, finding.title) == (True, f"one address of {HOST} is ill: {V4}; {SECOND} serves the file")
    assert f"--resolve {HOST}:443:{SECOND} " in finding.fixes[0].commands[0].text
    passed = answer(b"data", control="again")
    assert judged("tcp-dead-address", *two_addresses(*ENDS[ended]), *at_second(*SERVED), *passed) is None
    once = judged("tcp-dead-address", *two_addresses(*ENDS[ended]), *at_second(*SERVED))
    assert once is not None
    assert not once.certain


@pytest.mark.parametrize(
    "records",
    [
        two_addresses(*got(404)),
        two_addresses(*got(403)),
        (rec(ev.Lookup, "dns", name=HOST, addresses=(V4,)), connect(None), handshake(TIMEOUT)),
        two_addresses(*answer(b"data")),
        (by_proxy(), *two_addresses(handshake(TIMEOUT))),
    ],
)
def test_what_every_address_would_say_asks_no_other_one(records: tuple[Any, ...]) -> None:
    assert judged("tcp-dead-address", *records, asked=()) is None


@pytest.mark.parametrize(
    "second",
    [
        at_second(failure=REFUSED),
        at_second(*got(503, control="other-address")),
        at_second(*answer(page("Sorry"), control="other-address")),
        (),
    ],
)
def test_a_second_address_that_is_no_better(second: tuple[Any, ...]) -> None:
    assert judged("tcp-dead-address", *two_addresses(handshake(TIMEOUT)), *second) is None


# --- tcp-reset


@pytest.mark.parametrize("failure", [Failure.RESET, Failure.EOF, Failure.ABORTED])
def test_reset_under_any_server_name(failure: Failure) -> None:
    records = (connect(None), handshake(failure), handshake(failure, control="server-name", name="example.com"))
    finding = judged("tcp-reset", *records, handshake(None, received=3000, control="unrelated-tls", name="example.com"))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("http-503-overload",))
    assert holding(*records) == {"tcp-reset"}


def test_reset_at_connect_and_on_a_plain_request() -> None:
    assert holding(connect(Failure.RESET)) == {"tcp-reset"}
    url = "http://host.example/a.gz"
    ask = rec(ev.Exchange, "http", method="GET", url=url, failure=Failure.RESET)
    finding = judged("tcp-reset", connect(None), ask, url=url)
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("http-503-overload",))
    odd = rec(ev.Exchange, "http", method="GET", url="http://host.example:8443/a.gz", failure=Failure.RESET)
    finding = judged("tcp-reset", connect(None), odd, url=odd.url)
    assert finding is not None
    assert finding.also_possible == ("http-not-http",)


def test_reset_in_place_of_an_answer_inside_tls() -> None:
    url = f"https://{HOST}/a.gz"
    ask = rec(ev.Exchange, "http", method="GET", url=url, failure=Failure.RESET)
    well = handshake(None, received=3000)
    finding = judged("tcp-reset", connect(None), well, ask, url=url, asked=("agents",))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("http-not-http",))
    assert "before the request is answered" in finding.title
    assert f"the TLS handshake with {HOST} went well" in finding.evidence
    assert "tls-sni-blocked" in dict(finding.ruled_out)
    tunnel = rec(ev.Route, None, way="tunnel", proxy="http://p.corp:3128", proxy_host="p.corp", proxy_port=3128)
    finding = judged("tcp-reset", tunnel, connect(None), well, ask, url=url, asked=("agents",))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("proxy-upstream-failed",))
    begun = rec(ev.Exchange, "http", method="GET", url=url, status=200)
    body = rec(ev.Transfer, "length", status=200, failure=Failure.RESET, received=100)
    assert judged("tcp-reset", connect(None), well, begun, body, url=url) is None  # body-reset


def test_reset_without_the_control_is_likely() -> None:
    finding = judged("tcp-reset", handshake(Failure.RESET))
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tls-sni-blocked",)


def test_every_host_reset_is_the_network() -> None:
    cut = handshake(Failure.RESET, control="unrelated-tls", name="example.com")
    finding = judged(
        "tcp-reset", handshake(Failure.RESET), handshake(Failure.RESET, control="server-name", name="example.org"), cut
    )
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("proxy-not-configured",)


def test_reset_in_the_midst_of_the_handshake_is_likely() -> None:
    finding = judged("tcp-reset", connect(None), handshake(Failure.RESET, received=51))
    assert finding is not None
    assert (finding.certain, finding.also_possible) == (False, ("tls-sni-blocked",))
    assert "in the middle of the TLS handshake" in finding.title
    assert "51 bytes" in finding.evidence[0]
    assert "before the first byte" not in finding.explanation


def test_reset_look_alikes() -> None:
    sni = handshake(None, received=3000, control="server-name", name="example.com")
    wrong = handshake(Failure.INVALID_HOSTNAME, received=3000, control="server-name", name="example.com")
    assert judged("tcp-reset", handshake(Failure.RESET), sni) is None  # tls-sni-blocked
    assert judged("tcp-reset", handshake(Failure.RESET), wrong) is None  # answered, if with another certificate
    assert judged("tcp-reset", handshake(Failure.EOF, received=51)) is None  # tls-unexpected-eof
    assert judged("tcp-reset", handshake(Failure.RESET, received=7, alert=40)) is None  # tls-handshake-failure and kin
    assert judged("tcp-reset", handshake(Failure.RESET, peer="proxy")) is None
    assert judged("tcp-reset", handshake(TIMEOUT)) is None  # tls-handshake-timeout
    body = rec(ev.Transfer, "length", failure=Failure.RESET, received=100)
    assert judged("tcp-reset", connect(None), body) is None  # body-reset
    via = rec(ev.Exchange, "http", method="GET", url="http://h.example/a", via="proxy", failure=Failure.RESET)
    assert judged("tcp-reset", via, url="http://h.example/a") is None
    empty = rec(ev.Exchange, "http", method="GET", url="http://h.example/a", failure=Failure.EOF)
    assert judged("tcp-reset", empty, url="http://h.example/a") is None  # http-not-http


# --- tcp-mtu-blackhole

SMALL = rec(
    ev.Exchange,
    "http",
    control="portal",
    method="GET",
    url="http://www.msftconnecttest.com/connecttest.txt",
    status=200,
)
STALLS = handshake(TIMEOUT, control="unrelated-tls", name="example.com")


def test_large_packets_lost() -> None:
    records = (connect(None), handshake(TIMEOUT, duration_s=10.0), STALLS, SMALL)
    finding = judged("tcp-mtu-blackhole", *records)
    assert finding is not None
    assert not finding.certain
    assert holding(*records) == {"tcp-mtu-blackhole"}


def test_large_packets_look_alikes() -> None:
    which, well = "tcp-mtu-blackhole", handshake(None, received=3000, control="unrelated-tls", name="example.com")
    assert judged(which, handshake(TIMEOUT), well, SMALL) is None  # tls-handshake-timeout, tls-sni-blocked
    assert judged(which, handshake(TIMEOUT), STALLS) is None  # small answers were not seen
    assert judged(which, handshake(TIMEOUT), SMALL) is None  # unrelated hosts were not asked
    assert judged(which, handshake(TIMEOUT, received=1400), STALLS, SMALL) is None
    assert judged(which, connect(TIMEOUT), STALLS, SMALL) is None  # tcp-filtered
    assert judged(which, rec(ev.Transfer, "length", failure=TIMEOUT), STALLS, SMALL) is None  # body-stalled


def test_questions_come_after_the_cheap_conditions() -> None:
    for which, record, question in (
        ("tcp-refused", connect(REFUSED), "unrelated-tls"),
        ("tcp-filtered", connect(TIMEOUT), "unrelated-tls"),
        ("tcp-reset", handshake(Failure.RESET), "server-name"),
        ("tcp-mtu-blackhole", handshake(TIMEOUT), "unrelated-tls"),
        ("tcp-unreachable", connect(UNREACHABLE), "reach"),
    ):
        with pytest.raises(OpenQuestion, match=question):
            judged(which, record, asked=())
    healthy = (connect(None), handshake(None, received=3000))
    assert not holding(*healthy, asked=())


def test_stories_have_three_paragraphs() -> None:
    for cause in CAUSES.values():
        assert cause.text.story.count("\n\n") == 2
