from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes import registry
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import OpenQuestion
from mnistdoctor.failure import Failure
from tests.causes.evidence import LABELS, Evidence, answer, got, page, reach, rec

CAUSES = {one.id: one for one in registry.CAUSES if one.id.startswith("dns-")}
URL = "http://ossci-datasets.s3.amazonaws.com/mnist/a.gz"
HOST = "ossci-datasets.s3.amazonaws.com"
"""A host that the catalogue knows, and so a public one."""
CODES = {
    Failure.NXDOMAIN: "EAI_NONAME",
    Failure.NO_ANSWER: "EAI_NODATA",
    Failure.DNS_TEMPORARY: "EAI_AGAIN",
}


def judged(which: str, *records: Any, url: str = URL, **fields: Any) -> Finding | None:
    return CAUSES[which].found_in(Evidence(*records, url=url).case(**fields))


def holding(*records: Any, **fields: Any) -> set[str]:
    """Every cause of the stage that holds: the look-alikes must leave each other alone."""
    return {which for which in CAUSES if judged(which, *records, **fields)}


def failed(failure: Failure, **fields: Any) -> Any:
    return rec(ev.Lookup, "dns", name=HOST, failure=failure, code=CODES.get(failure), **fields)


def found(*addresses: str) -> Any:
    return rec(ev.Lookup, "dns", name=HOST, addresses=addresses)


def asked(
    server: str,
    rcode: str | None,
    *answers: str,
    soa: bool = False,
    transport: str = "udp",
    ede: tuple[tuple[str, str], ...] = (),
    failure: Failure | None = None,
    **fields: Any,
) -> tuple[Any, ...]:
    """The A and AAAA queries to one name server."""
    by_code = {
        None: Failure.TIMEOUT,
        "NXDOMAIN": Failure.NXDOMAIN,
        "SERVFAIL": Failure.DNS_SERVFAIL,
        "REFUSED": Failure.DNS_REFUSED,
        "FORMERR": Failure.DNS_MISBEHAVING,
    }
    out = []
    for kind in ("A", "AAAA"):
        mine = tuple(one for one in answers if (":" in one) == (kind == "AAAA"))
        why = failure or by_code.get(rcode) or (None if mine else Failure.NO_ANSWER)
        out.append(
            rec(
                ev.NameQuery,
                "dns",
                control="resolver",
                name=HOST,
                type=kind,
                server=server,
                rcode=rcode,
                answers=mine,
                authority=soa,
                extended=ede,
                failure=why,
                transport=transport,
                **fields,
            )
        )
    return tuple(out)


def names(*addresses: str | None) -> tuple[Any, ...]:
    return tuple(
        rec(
            ev.Lookup,
            "dns",
            control="names",
            name=f"control{n}.example.com",
            addresses=(one,) if one else (),
            failure=None if one else Failure.DNS_TEMPORARY,
        )
        for n, one in enumerate(addresses)
    )


def hosts(*addresses: str, line: int | None = 7) -> Any:
    return rec(
        ev.HostsFile,
        "dns",
        control="hosts-file",
        name=HOST,
        path="/etc/hosts",
        addresses=addresses,
        line=line if addresses else None,
    )


def connect(address: str, failure: Failure | None) -> Any:
    return rec(
        ev.Connect, "tcp", address=address, port=80, family=6 if ":" in address else 4, name=HOST, failure=failure
    )


WELL = names("93.184.216.34", "93.184.216.35")
UP = reach(True)
NX = failed(Failure.NXDOMAIN)
AGAIN = failed(Failure.DNS_TEMPORARY)
DNS1, DNS2 = "10.77.0.1", "10.77.0.2"


# --- dns-nxdomain


def test_nxdomain_with_proof() -> None:
    records = (NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True), *WELL)
    finding = judged("dns-nxdomain", *records)
    assert finding is not None
    assert finding.certain
    assert HOST in finding.title
    assert holding(*records) == {"dns-nxdomain"}


def test_nxdomain_without_soa_may_be_a_filter() -> None:
    finding = judged("dns-nxdomain", NX, *UP, *asked(DNS1, "NXDOMAIN"), *WELL)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("dns-filtered",)


def test_nxdomain_without_controls_is_likely() -> None:
    finding = judged("dns-nxdomain", NX)
    assert finding is not None
    assert not finding.certain
    assert "dns-no-address" in finding.also_possible


def test_catalogued_host_is_not_denied_for_certain() -> None:
    url = "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"
    host = "ossci-datasets.s3.amazonaws.com"
    lookup = rec(ev.Lookup, "dns", name=host, failure=Failure.NXDOMAIN, code="EAI_NONAME")
    query = rec(
        ev.NameQuery, "dns", control="resolver", name=host, type="A", server=DNS1, rcode="NXDOMAIN", authority=True
    )
    finding = judged("dns-nxdomain", lookup, *UP, query, *WELL, url=url, file="mnist/t10k-labels")
    assert finding is not None
    assert not finding.certain
    assert finding.fixes[0].change is not None  # the same file elsewhere


def test_nxdomain_for_every_name_says_nothing_of_this_one() -> None:
    records = (NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True), *names(None, None))
    assert holding(*records) == {"dns-nxdomain"}
    finding = judged("dns-nxdomain", *records)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("dns-filtered",)
    assert (finding.side, finding.title.split(",")[0]) == (
        "network",
        "this network's name server denies every outside name that it was asked for",
    )


def test_socks_that_wants_local_names_is_named() -> None:
    route = rec(ev.Route, None, way="socks", proxy_scheme="socks5")
    finding = judged("dns-nxdomain", route, NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True), *WELL)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible[0] == "proxy-socks-dns-local"


def test_a_proxys_name_is_the_proxy_causes_business() -> None:
    for failure in (Failure.NXDOMAIN, Failure.DNS_TEMPORARY, Failure.NO_ANSWER):
        lookup = rec(ev.Lookup, "dns", name="proxy.corp.example", peer="proxy", failure=failure)
        assert not holding(lookup, *UP)


# --- dns-no-address


def test_no_address() -> None:
    records = (failed(Failure.NO_ANSWER), *UP, *asked(DNS1, "NOERROR", soa=True), *WELL)
    finding = judged("dns-no-address", *records)
    assert finding is not None
    assert finding.certain
    assert holding(*records) == {"dns-no-address"}
    assert holding(NX, *UP, *asked(DNS1, "NOERROR", soa=True), *WELL) == {"dns-no-address"}  # musl, macOS


def test_only_ipv6_addresses_where_ipv4_was_asked_for() -> None:
    finding = judged("dns-no-address", failed(Failure.NO_ANSWER), *UP, *asked(DNS1, "NOERROR", "2606:2800::1"), *WELL)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("tcp-ipv6-broken",)
    assert (finding.side, finding.retry) == ("you", "no")
    assert "`-4`" in finding.fixes[0].title
    assert "owner" not in " ".join((finding.explanation, *(fix.title for fix in finding.fixes)))


GONE = "bucket.z6.web.core.windows.net"


@pytest.mark.parametrize(("rcode", "end"), [("NXDOMAIN", "does not exist"), ("NOERROR", "has no address")])
def test_an_alias_of_what_is_gone(rcode: str, end: str) -> None:
    denied = failed(Failure.NXDOMAIN)
    records = (denied, *UP, *asked(DNS1, rcode, soa=True, aliases=("edge.example.net", GONE)), *WELL)
    assert holding(*records) == {"dns-no-address"}
    finding = judged("dns-no-address", *records)
    assert finding is not None
    assert finding.certain
    assert finding.title == f"the host {HOST} is an alias of {GONE}, which {end}"
    assert finding.side is None  # the server's, as ever
    assert GONE in finding.fixes[-1].title


def test_a_denied_alias_that_another_server_knows_is_filtered() -> None:
    records = (NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True, aliases=(GONE,)), *asked(DNS2, "NOERROR", "93.184.216.34"))
    assert holding(*records, *WELL) == {"dns-filtered"}


# --- dns-temporary-failure


@pytest.mark.parametrize("failure", [Failure.DNS_TEMPORARY, Failure.TIMEOUT])
def test_silent_name_servers(failure: Failure) -> None:
    records = (failed(failure), *UP, *asked(DNS1, None), *asked(DNS2, None), *asked(DNS1, None, transport="tcp"))
    finding = judged("dns-temporary-failure", *records)
    assert finding is not None
    assert finding.certain
    assert DNS2 in finding.title
    assert holding(*records) == {"dns-temporary-failure"}


def test_nobody_listens_at_the_name_server() -> None:
    finding = judged("dns-temporary-failure", AGAIN, *UP, *asked(DNS1, None, failure=Failure.REFUSED))
    assert finding is not None
    assert finding.certain
    assert "nothing listens" in " ".join(finding.evidence)


def test_udp_silent_and_tcp_answering() -> None:
    records = (AGAIN, *UP, *asked(DNS1, None), *asked(DNS1, "NOERROR", "93.184.216.34", transport="tcp"))
    finding = judged("dns-temporary-failure", *records)
    assert finding is not None
    assert finding.certain
    assert "UDP" in finding.title
    assert "UDP" in finding.fixes[0].title
    assert holding(*records) == {"dns-temporary-failure"}


def test_replies_too_large_for_udp() -> None:
    cut = asked(DNS1, "NOERROR", truncated=True)
    dead = (AGAIN, *UP, *cut, *asked(DNS1, None, transport="tcp"))
    assert holding(*dead) == {"dns-temporary-failure"}
    finding = judged("dns-temporary-failure", *dead)
    assert finding is not None
    assert finding.certain
    assert "too large for UDP" in finding.title
    assert "TCP port 53" in finding.fixes[0].title
    whole = (AGAIN, *UP, *cut, *asked(DNS1, "NOERROR", "93.184.216.34", transport="tcp"))
    passed = judged("dns-temporary-failure", *whole)
    assert passed is not None
    assert not passed.certain  # TCP has the answer now: nothing is known to be closed
    assert "for a moment" in passed.title
    assert holding(NX, *UP, *cut, *asked(DNS1, "NXDOMAIN", soa=True, transport="tcp"), *WELL) == {"dns-nxdomain"}


@pytest.mark.parametrize("first", ["FORMERR", "NOTIMP", None])
def test_a_resolver_that_knows_no_edns_counts_by_its_answer_without(first: str | None) -> None:
    denied = (NX, *UP, *asked(DNS1, first), *asked(DNS1, "NXDOMAIN", soa=True, edns=False), *WELL)
    assert holding(*denied) == {"dns-nxdomain"}
    finding = judged("dns-nxdomain", *denied)
    assert finding is not None
    assert finding.certain
    empty = (NX, *UP, *asked(DNS1, first), *asked(DNS1, "NOERROR", soa=True, edns=False), *WELL)
    assert holding(*empty) == {"dns-no-address"}


def test_one_kind_of_query_is_dropped() -> None:
    lost = rec(ev.NameQuery, "dns", control="resolver", name=HOST, type="AAAA", server=DNS1, failure=Failure.TIMEOUT)
    records = (failed(Failure.TIMEOUT), *UP, asked(DNS1, "NOERROR", "93.184.216.34")[0], lost)
    finding = judged("dns-temporary-failure", *records)
    assert finding is not None
    assert finding.certain
    assert "AAAA" in finding.title
    assert holding(*records) == {"dns-temporary-failure"}


def test_passing_and_garbled_answers_are_likely() -> None:
    passed = judged("dns-temporary-failure", AGAIN, *UP, *asked(DNS1, "NOERROR", "93.184.216.34"))
    garbled = judged("dns-temporary-failure", AGAIN, *UP, *asked(DNS1, None, failure=Failure.DNS_MISBEHAVING))
    bare = judged("dns-temporary-failure", AGAIN)
    for finding in (passed, garbled, bare):
        assert finding is not None
        assert not finding.certain


def test_denial_out_of_silence() -> None:
    records = (NX, *UP, *asked(DNS1, None))
    assert holding(*records) == {"dns-temporary-failure"}
    finding = judged("dns-temporary-failure", *records)
    assert finding is not None
    assert not finding.certain


def test_no_route_is_no_dns_failure() -> None:
    assert not holding(AGAIN, *reach(False), *asked(DNS1, None))
    assert not holding(AGAIN, *reach(False), *asked("127.0.0.53", "SERVFAIL"))
    assert not holding(NX, *reach(False), *asked("127.0.0.53", "SERVFAIL"))
    assert holding(AGAIN, *reach(False), *asked(DNS1, "SERVFAIL"), *WELL) == {"dns-servfail"}  # a closed network


# --- dns-servfail


def test_servfail_of_one_zone() -> None:
    records = (AGAIN, *UP, *asked(DNS1, "SERVFAIL", ede=(("7", "signature expired on the 1st"),)), *WELL)
    finding = judged("dns-servfail", *records)
    assert finding is not None
    assert finding.certain
    assert finding.side is None
    assert "DNSSEC signature has expired" in finding.title
    assert "signature expired on the 1st" in " ".join(finding.evidence)
    assert holding(*records) == {"dns-servfail"}


def test_servfail_for_every_name_is_the_networks() -> None:
    finding = judged("dns-servfail", AGAIN, *UP, *asked(DNS1, "SERVFAIL"), *names(None, None))
    assert finding is not None
    assert finding.certain
    assert finding.side == "network"


def test_stub_that_fails_for_every_name_may_hide_silence() -> None:
    finding = judged("dns-servfail", AGAIN, *UP, *asked("127.0.0.53", "SERVFAIL"), *names(None))
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("dns-temporary-failure",)


def test_refused_for_all_and_for_one() -> None:
    for_all = judged("dns-servfail", AGAIN, *UP, *asked(DNS1, "REFUSED"), *names(None))
    assert for_all is not None
    assert for_all.certain
    assert for_all.side == "network"
    alone = judged("dns-servfail", AGAIN, *UP, *asked(DNS1, "REFUSED"), *WELL)
    assert alone is not None
    assert not alone.certain
    assert alone.also_possible == ("dns-filtered",)


def test_formerr_reads_as_no_name() -> None:
    records = (NX, *UP, *asked(DNS1, "FORMERR"), *asked(DNS1, "FORMERR", edns=False), *WELL)
    assert holding(*records) == {"dns-servfail"}
    finding = judged("dns-servfail", *records)
    assert finding is not None
    assert "signatures" not in finding.explanation


def test_one_silent_server_beside_a_failing_one() -> None:
    finding = judged("dns-servfail", AGAIN, *UP, *asked(DNS1, None), *asked(DNS2, "SERVFAIL"), *WELL)
    assert finding is not None
    assert not finding.certain


# --- dns-filtered


@pytest.mark.parametrize("code", ["4", "15", "16", "17"])
@pytest.mark.parametrize(("rcode", "failure"), [("NXDOMAIN", Failure.NXDOMAIN), ("REFUSED", Failure.DNS_TEMPORARY)])
def test_admitted_filter_is_certain(code: str, rcode: str, failure: Failure) -> None:
    records = (failed(failure), *UP, *asked(DNS1, rcode, soa=True, ede=((code, "policy 12"),)), *WELL)
    finding = judged("dns-filtered", *records)
    assert finding is not None
    assert finding.certain
    assert "policy 12" in " ".join(finding.evidence)
    assert holding(*records) == {"dns-filtered"}


def test_other_resolver_knows_the_denied_name() -> None:
    records = (NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True), *asked("93.184.216.253", "NOERROR", "93.184.216.34"), *WELL)
    finding = judged("dns-filtered", *records)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("dns-split-horizon",)
    assert holding(*records) == {"dns-filtered"}


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_nowhere_is_certain(address: str) -> None:
    records = (found(address), connect(address, Failure.REFUSED), hosts(), *asked(DNS1, "NOERROR", address), *WELL)
    finding = judged("dns-filtered", *records)
    assert finding is not None
    assert finding.certain
    assert holding(*records) == {"dns-filtered"}


def test_loopback_answer_needs_another_opinion() -> None:
    records = (
        found("127.0.0.1"),
        connect("127.0.0.1", Failure.REFUSED),
        hosts(),
        *asked(DNS1, "NOERROR", "127.0.0.1"),
        *WELL,
    )
    likely = judged("dns-filtered", *records)
    assert likely is not None
    assert not likely.certain
    sure = judged("dns-filtered", *records, *asked("93.184.216.253", "NOERROR", "93.184.216.34"))
    assert sure is not None
    assert sure.certain


def test_a_collision_mark_for_a_public_host_is_a_filters() -> None:
    clash = "127.0.53.53"
    records = (found(clash), connect(clash, Failure.REFUSED), hosts(), *asked(DNS1, "NOERROR", clash), *WELL)
    assert holding(*records) == {"dns-filtered"}
    finding = judged("dns-filtered", *records)
    assert finding is not None
    assert not finding.certain
    inside = rec(ev.Lookup, "dns", name="data.contoso.zone", addresses=(clash,))
    url = "https://data.contoso.zone/a.gz"
    assert judged("dns-filtered", inside, connect(clash, Failure.REFUSED), hosts(), *WELL, url=url) is None


def test_private_answer_that_led_nowhere_is_likely() -> None:
    records = (found("10.1.2.3"), connect("10.1.2.3", Failure.TIMEOUT), hosts(), *asked(DNS1, "NOERROR", "10.1.2.3"))
    finding = judged("dns-filtered", *records, *WELL)
    assert finding is not None
    assert not finding.certain
    assert judged("dns-filtered", *records, *names("10.1.2.4", "10.1.2.5")) is None  # a closed network


def test_bent_answers_look_alikes() -> None:
    refused = connect("127.0.0.1", Failure.REFUSED)
    local = (found("127.0.0.1"), refused)
    assert judged("dns-filtered", *local, hosts("127.0.0.1"), *asked(DNS1, "NXDOMAIN"), *WELL) is None  # hosts file
    assert (
        judged("dns-filtered", *local, hosts(), *asked(DNS1, "NOERROR", "93.184.216.34"), *WELL) is None
    )  # a cache here
    assert judged("dns-filtered", *local, hosts(), *asked(DNS1, "NOERROR", "127.0.0.1"), *names("127.0.0.1")) is None
    typed = rec(ev.Lookup, "dns", name="localhost", addresses=("127.0.0.1",))
    assert judged("dns-filtered", typed, refused, *WELL, url="http://localhost/a") is None
    literal = rec(ev.Lookup, "dns", name="10.1.2.3", addresses=("10.1.2.3",))
    assert judged("dns-filtered", literal, connect("10.1.2.3", Failure.TIMEOUT), *WELL, url="http://10.1.2.3/a") is None
    inside = rec(ev.Lookup, "dns", name="data.corp", addresses=("10.1.2.3",))
    assert judged("dns-filtered", inside, connect("10.1.2.3", Failure.TIMEOUT), *WELL, url="http://data.corp/a") is None


def test_a_host_that_nobody_calls_public_may_live_inside() -> None:
    inside = rec(ev.Lookup, "dns", name="mirror.contoso.com", addresses=("10.1.2.3",))
    url = "https://mirror.contoso.com/mnist/a.gz"
    assert judged("dns-filtered", inside, connect("10.1.2.3", Failure.REFUSED), hosts(), *WELL, url=url) is None


def test_an_address_that_proves_its_name_is_cleared() -> None:
    status = rec(ev.Exchange, "http", method="GET", url=URL, status=403, failure=Failure.STATUS)
    shake = rec(ev.Handshake, "tls", server_name=HOST, verify_code=0)
    records = (found("10.1.2.3"), connect("10.1.2.3", None), shake, status)
    assert judged("dns-filtered", *records, asked=()) is None
    wrong = rec(ev.Handshake, "tls", server_name=HOST, verify_code=62, failure=Failure.INVALID_HOSTNAME, received=900)
    bent = (found("10.1.2.3"), connect("10.1.2.3", None), wrong, hosts(), *asked(DNS1, "NOERROR", "10.1.2.3"), *WELL)
    assert judged("dns-filtered", *bent) is not None


def test_public_answers_ask_for_nothing_but_the_resolver_that_was_named() -> None:
    records = (found("93.184.216.34"), connect("93.184.216.34", Failure.TIMEOUT))
    assert judged("dns-filtered", *records, asked=("other-resolver",)) is None


def at_other_address(address: str, status: int = 200, failure: Failure | None = None) -> tuple[Any, ...]:
    """What the control met at another address of the host."""
    about = {"control": "other-address", "url": URL, "scheme": "https", "host": HOST, "port": 443}
    where = rec(ev.Address, None, **about)
    if failure:
        return (where, dataclasses.replace(connect(address, failure), role="control", control="other-address"))
    there = dataclasses.replace(connect(address, None), role="control", control="other-address")
    return (where, there, *answer(b"data", status=status, control="other-address"))


WRONG, RIGHT = "203.0.113.9", "93.184.216.34"


def told(address: str = RIGHT) -> tuple[Any, ...]:
    """What the name server that `--resolver` names says."""
    queries = asked("198.51.100.1", "NOERROR", address)
    return tuple(dataclasses.replace(one, control="other-resolver") for one in queries)


@pytest.mark.parametrize("kind", ["tcp", "tls"])
def test_wrong_public_addresses_are_seen_by_another_resolver(kind: str) -> None:
    stop = (found(WRONG), *end(kind, WRONG))
    finding = judged("dns-filtered", *stop, *told(), *at_other_address(RIGHT))
    assert finding is not None
    assert finding.certain is (kind == "tls")
    assert f"sends {HOST} to {WRONG}" in finding.title
    assert judged("dns-filtered", *stop, *told(), *at_other_address(RIGHT, failure=Failure.TIMEOUT)) is None
    assert judged("dns-filtered", *stop, *told(), *at_other_address(RIGHT, status=404)) is None
    assert judged("dns-filtered", *stop, *told(WRONG), *at_other_address(WRONG)) is None
    assert judged("dns-filtered", *stop, *told(), *at_other_address(RIGHT), hosts(WRONG)) is None


def test_another_resolver_is_asked_up_to_tls_only() -> None:
    answered = (found(WRONG), *end("http", WRONG))
    assert judged("dns-filtered", *answered, asked=()) is None


# --- dns-hosts-override


def end(kind: str, address: str) -> tuple[Any, ...]:
    if kind == "tcp":
        return (connect(address, Failure.REFUSED),)
    if kind == "tls":
        wrong = {"failure": Failure.INVALID_HOSTNAME, "verify_code": 62, "received": 900}
        return (connect(address, None), rec(ev.Handshake, "tls", server_name=HOST, **wrong))
    return (connect(address, None), rec(ev.Exchange, "http", method="GET", url=URL, status=404, failure=Failure.STATUS))


@pytest.mark.parametrize("kind", ["tcp", "tls", "http"])
@pytest.mark.parametrize("address", ["127.0.0.1", "93.184.216.99"])
def test_hosts_file_overrides(kind: str, address: str) -> None:
    records = (found(address), *end(kind, address), hosts(address), *asked(DNS1, "NOERROR", "93.184.216.34"), *WELL)
    finding = judged("dns-hosts-override", *records)
    assert finding is not None
    assert finding.certain is (kind != "http")
    assert "/etc/hosts line 7" in " ".join(finding.evidence)
    assert [one.text for one in finding.fixes[0].commands] == [
        "sudo cp /etc/hosts /etc/hosts.bak",
        "sed '7s/^/# /' /etc/hosts.bak | sudo tee /etc/hosts > /dev/null",
    ]
    assert holding(*records) == {"dns-hosts-override"}


def test_a_containers_hosts_file_is_a_mount_that_is_written_in_place() -> None:
    address = "93.184.216.99"
    records = (found(address), *end("tcp", address), hosts(address), *asked(DNS1, "NOERROR", "93.184.216.34"), *WELL)
    finding = judged("dns-hosts-override", *records, machine={"container": True})
    assert finding is not None
    assert "sudo" not in " ".join(one.text for one in finding.fixes[0].commands)
    assert "--add-host" in finding.fixes[1].title


def test_hosts_file_look_alikes() -> None:
    which, address = "dns-hosts-override", "93.184.216.99"
    stop = (found(address), connect(address, Failure.REFUSED))
    dns_says = asked(DNS1, "NOERROR", "93.184.216.34")
    assert judged(which, *stop, hosts(), *dns_says) is None  # dns-filtered or the server's own trouble
    assert judged(which, *stop, hosts("93.184.216.34"), *dns_says) is None  # another address was used
    assert judged(which, *stop, hosts(address), *asked(DNS1, "NOERROR", address)) is None  # it agrees with DNS
    assert judged(which, *stop, hosts(address), *asked(DNS1, "NXDOMAIN", soa=True)) is None  # a name of this file only
    local = rec(ev.Lookup, "dns", name="localhost", addresses=("127.0.0.1",))
    line = rec(ev.HostsFile, "dns", control="hosts-file", name="localhost", path="/etc/hosts", addresses=("127.0.0.1",))
    assert judged(which, local, connect("127.0.0.1", Failure.REFUSED), line, url="http://localhost/") is None
    shake = rec(ev.Handshake, "tls", server_name=HOST, verify_code=0)
    missing = rec(ev.Exchange, "http", method="GET", url=URL, status=404, failure=Failure.STATUS)
    assert judged(which, found(address), connect(address, None), shake, missing, hosts(address), *dns_says) is None
    assert judged(which, NX, *UP, hosts(address), asked=()) is None


PROVEN = rec(ev.Handshake, "tls", server_name=HOST, verify_code=0)


@pytest.mark.parametrize(
    "ended",
    [
        got(404, url=URL),
        got(503, url=URL),
        answer(page("Welcome"), fields=(("Content-Type", "text/html"),), url=URL),
        answer(b"data", failure="body_incomplete", declared=99),
    ],
)
def test_an_emptied_server_that_proves_its_name(ended: tuple[Any, ...]) -> None:
    which, address = "dns-hosts-override", "93.184.216.99"
    records = (found(address), connect(address, None), PROVEN, *ended, hosts(address), *asked(DNS1, "NOERROR", RIGHT))
    finding = judged(which, *records, *at_other_address(RIGHT))
    assert finding is not None
    assert finding.certain
    assert any(RIGHT in sentence and "answers 200" in sentence for sentence in finding.evidence)
    assert judged(which, *records, *at_other_address(RIGHT, status=404)) is None  # it is no better there
    assert judged(which, *records) is None  # nobody saw it do better


def test_a_line_used_on_purpose_is_no_fault_where_the_file_arrives() -> None:
    address = "93.184.216.99"
    fine = (found(address), connect(address, None), PROVEN, *answer(LABELS))
    assert judged("dns-hosts-override", *fine, hosts(address), *asked(DNS1, "NOERROR", RIGHT), asked=()) is None


def test_where_the_right_address_fails_as_well_the_line_is_likely() -> None:
    address = "93.184.216.99"
    records = (found(address), *end("tcp", address), hosts(address), *asked(DNS1, "NOERROR", RIGHT))
    finding = judged("dns-hosts-override", *records, *at_other_address(RIGHT, failure=Failure.TIMEOUT))
    assert finding is not None
    assert not finding.certain
    assert any("came to nothing either" in sentence for sentence in finding.evidence)


def test_blocking_line_for_an_unknown_name_is_likely() -> None:
    stop = (found("0.0.0.0"), connect("0.0.0.0", Failure.REFUSED))
    finding = judged("dns-hosts-override", *stop, hosts("0.0.0.0"), *asked(DNS1, "NXDOMAIN", soa=True))
    assert finding is not None
    assert not finding.certain


def test_survived_override_is_a_warning() -> None:
    warns = CAUSES["dns-hosts-override"].warning_in
    fine = (found("93.184.216.99"), connect("93.184.216.99", None))
    assert "/etc/hosts" in (warns(Evidence(*fine, hosts("93.184.216.99"), url=URL).case()) or "")
    assert warns(Evidence(*fine, hosts(), url=URL).case()) is None
    assert warns(Evidence(*fine, url=URL).case(asked=())) is None


# --- dns-proxy-only-network


def test_names_that_only_the_proxy_resolves_are_a_warning() -> None:
    cause = CAUSES["dns-proxy-only-network"]
    route = rec(ev.Route, None, way="tunnel", proxy="http://p:3128")
    tunnel = rec(ev.Tunnel, "proxy", protocol="http", target=HOST, proxy="p:3128", status=200)
    here = rec(ev.Lookup, "dns", control="target-name", name=HOST, failure=Failure.DNS_TEMPORARY)
    assert HOST in (cause.warning_in(Evidence(route, tunnel, here, url=URL).case()) or "")
    assert cause.warning_in(Evidence(route, tunnel, url=URL).case(asked=())) is None
    assert cause.warning_in(Evidence(here, url=URL).case()) is None
    shut = rec(ev.Tunnel, "proxy", protocol="http", target=HOST, proxy="p:3128", failure=Failure.TUNNEL)
    assert cause.warning_in(Evidence(route, shut, here, url=URL).case()) is None
    assert cause.found_in(Evidence(route, tunnel, here, url=URL).case()) is None


def test_questions_come_cheapest_first() -> None:
    with pytest.raises(OpenQuestion, match="reach"):
        judged("dns-nxdomain", NX, asked=())
    with pytest.raises(OpenQuestion, match="resolver"):
        judged("dns-nxdomain", NX, *UP, asked=("reach",))
    with pytest.raises(OpenQuestion, match="names"):
        judged("dns-nxdomain", NX, *UP, *asked(DNS1, "NXDOMAIN", soa=True), asked=("reach", "resolver"))
    with pytest.raises(OpenQuestion, match="hosts-file"):
        judged("dns-hosts-override", found("93.184.216.99"), connect("93.184.216.99", Failure.REFUSED), asked=())


def test_stories_name_known_causes() -> None:
    for cause in CAUSES.values():
        assert cause.text.story.count("\n\n") == 2
        assert len(cause.text.summary) < 110
