"""Names with two answers: inside and outside an organisation, on the host and in its container."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes import registry
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, reach, rec

CAUSES = {one.id: one for one in registry.CAUSES if one.id.startswith("dns-")}
HOST = "data.research.example.org"
URL = f"https://{HOST}/mnist/train.gz"
PUBLIC = "http://ossci-datasets.s3.amazonaws.com/mnist/a.gz"
INNER, OUTER = "10.20.0.5", "93.184.216.20"
OFFICE, RESOLVER = "10.20.0.2", "9.9.9.9"
CODES = {"NXDOMAIN": Failure.NXDOMAIN, "SERVFAIL": Failure.DNS_SERVFAIL, "REFUSED": Failure.DNS_REFUSED}
RCODE = {Failure.NXDOMAIN: "EAI_NONAME", Failure.DNS_TEMPORARY: "EAI_AGAIN"}


def failed(failure: Failure = Failure.NXDOMAIN, name: str = HOST) -> Any:
    return rec(ev.Lookup, "dns", name=name, failure=failure, code=RCODE.get(failure))


def led(*addresses: str, name: str = HOST, stop: str | None = "generic_timeout_error") -> tuple[Any, ...]:
    """A lookup that brought addresses, and what came of connecting."""
    return (
        rec(ev.Lookup, "dns", name=name, addresses=addresses),
        *(rec(ev.Connect, "tcp", address=one, port=443, family=4, name=name, failure=stop) for one in addresses),
    )


def said(server: str, rcode: str | None, *addresses: str, name: str = HOST, **fields: Any) -> tuple[Any, ...]:
    """The A and AAAA queries to one name server; without an rcode it did not answer."""
    quiet = fields.pop("failure", Failure.TIMEOUT)
    return tuple(
        rec(
            ev.NameQuery,
            "dns",
            control="resolver",
            name=name,
            type=kind,
            server=server,
            rcode=rcode,
            answers=addresses if kind == "A" else (),
            failure=CODES.get(rcode, None if addresses and kind == "A" else Failure.NO_ANSWER) if rcode else quiet,
            **fields,
        )
        for kind in ("A", "AAAA")
    )


ALL = ("other-resolver", "other-address", "reach", "resolver", "names", "hosts-file")


def given(*records: Any, url: str = URL, asked: tuple[str, ...] | None = ALL, **fields: Any) -> Case:
    return Evidence(*records, url=url).case(asked=asked, **fields)


def holding(*records: Any, **fields: Any) -> set[str]:
    """Every cause of the stage that holds."""
    return {which for which, cause in CAUSES.items() if cause.found_in(given(*records, **fields))}


def split(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["dns-split-horizon"].found_in(given(*records, **fields))


class TestSplitHorizon:
    def test_one_server_denies_and_another_has_an_inner_address(self) -> None:
        """The system says that there is no such name; the office's name server, given by `--resolver`, knows it."""
        records = (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, "NOERROR", INNER))
        assert holding(*records) == {"dns-split-horizon"}
        found = split(*records)
        assert found is not None
        assert not found.certain
        assert found.also_possible == ("dns-filtered",)
        assert any(RESOLVER in one and "NXDOMAIN" in one for one in found.evidence)
        assert any(OFFICE in one and INNER in one for one in found.evidence)
        assert all(fix.untried for fix in found.fixes)
        assert INNER not in " ".join(line.text for fix in found.fixes for line in fix.commands)

    @pytest.mark.parametrize("rcode", ["NXDOMAIN", "REFUSED", "NOERROR"])
    def test_each_way_to_deny(self, rcode: str) -> None:
        assert split(failed(), *reach(), *said(RESOLVER, rcode), *said(OFFICE, "NOERROR", INNER)) is not None

    def test_an_inner_address_that_is_silent_and_a_public_one_elsewhere(self) -> None:
        records = (*led(INNER), *reach(), *said(OFFICE, "NOERROR", INNER), *said(RESOLVER, "NOERROR", OUTER))
        assert holding(*records) == {"dns-split-horizon"}
        found = split(*records)
        assert found is not None
        assert not found.certain
        assert INNER in found.title
        assert any(RESOLVER in one and OUTER in one for one in found.evidence)

    def test_it_asks_the_name_servers(self) -> None:
        with pytest.raises(OpenQuestion) as question:
            split(*led(INNER), asked=("reach",))
        assert question.value.control == "resolver"

    @pytest.mark.parametrize(
        "records",
        [
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, "NXDOMAIN")),
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, None)),
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, "NOERROR", "127.0.0.1")),
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, "NOERROR", "0.0.0.0")),
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN"), *said(OFFICE, "NOERROR", INNER, OUTER)),
            (failed(), *reach(), *said(RESOLVER, "NXDOMAIN", extended=(("15", "blocked"),)),
             *said(OFFICE, "NOERROR", INNER)),
            (failed(), *reach(), *said(RESOLVER, None), *said(OFFICE, "NOERROR", INNER)),
            (failed(), *reach(four=False), *said("127.0.0.53", "SERVFAIL")),
        ],
        ids=["all deny", "the other is silent", "loopback", "nowhere", "public as well", "a filter says so",
             "silence denies nothing", "no network"],
    )  # fmt: skip
    def test_other_answers_are_no_two_views(self, records: tuple[Any, ...]) -> None:
        assert split(*records) is None

    def test_public_addresses_behind_a_lone_denial_are_a_filter(self) -> None:
        records = (failed(), *reach(), *said(OFFICE, "NXDOMAIN"), *said(RESOLVER, "NOERROR", OUTER))
        assert holding(*records) == {"dns-filtered"}

    def test_an_inner_address_that_everybody_gives_is_the_hosts_own(self) -> None:
        records = (*led(INNER), *reach(), *said(OFFICE, "NOERROR", INNER), *said(RESOLVER, "NOERROR", INNER))
        assert split(*records) is None

    def test_an_inner_address_that_works_is_well(self) -> None:
        """A company's mirror under its own name is meant to be inside."""
        records = (*led(INNER, stop=None), *said(OFFICE, "NOERROR", INNER), *said(RESOLVER, "NOERROR", OUTER))
        assert split(*records) is None

    def test_a_line_of_the_hosts_file_is_no_name_server(self) -> None:
        line = rec(ev.HostsFile, "dns", control="hosts-file", name=HOST, path="/etc/hosts", addresses=(INNER,), line=3)
        records = (*led(INNER), *reach(), line, *said(RESOLVER, "NOERROR", OUTER))
        assert split(*records) is None
        assert CAUSES["dns-hosts-override"].found_in(given(*records)) is not None

    def test_a_public_host_that_leads_inside_is_filtered(self) -> None:
        name = "ossci-datasets.s3.amazonaws.com"
        records = (
            *led(INNER, name=name),
            *reach(),
            *said(OFFICE, "NOERROR", INNER, name=name),
            *said(RESOLVER, "NOERROR", OUTER, name=name),
        )
        assert holding(*records, url=PUBLIC) == {"dns-filtered"}

    @pytest.mark.parametrize("host", ["mirror.corp", "nas.local", "datahost"])
    def test_a_name_that_no_public_zone_serves_has_no_outside(self, host: str) -> None:
        records = (*led(INNER, name=host), *reach(), *said(RESOLVER, "NOERROR", OUTER, name=host))
        assert split(*records, url=f"https://{host}/a.gz") is None

    def test_a_proxy_looks_names_up_itself(self) -> None:
        way = rec(ev.Route, None, way="tunnel", proxy="http://proxy.corp:3128", proxy_host="proxy.corp")
        assert split(way, *led(INNER), *said(RESOLVER, "NOERROR", OUTER)) is None


STUB = "127.0.0.53"
LOST = failed(Failure.DNS_TEMPORARY)
CLOSED = Failure.REFUSED
BOX: dict[str, Any] = {"container": True}
WSL = "Linux-5.15.153.1-microsoft-standard-WSL2-x86_64"


def contained(*records: Any, machine: dict[str, Any] | None = None, **fields: Any) -> Finding | None:
    machine = BOX if machine is None else machine
    return CAUSES["dns-container-resolver"].found_in(given(*records, machine=machine, **fields))


class TestContainer:
    def test_a_stub_that_refuses_inside_a_container_is_certain(self) -> None:
        found = contained(LOST, *reach(), *said(STUB, None, failure=CLOSED))
        assert found is not None
        assert found.certain
        assert STUB in found.title
        assert any("nothing listens" in one for one in found.evidence)
        text = " ".join(fix.title for fix in found.fixes)
        assert "--dns" in text
        assert "daemon.json" in text
        assert "--network host" not in text

    def test_a_stub_that_is_silent_is_likely(self) -> None:
        found = contained(LOST, *reach(), *said(STUB, None))
        assert found is not None
        assert not found.certain
        assert found.also_possible == ("dns-temporary-failure",)

    def test_wsl_with_a_dead_gateway(self) -> None:
        found = contained(LOST, *reach(), *said("172.28.0.1", None), machine={}, platform=WSL)
        assert found is not None
        assert not found.certain
        assert found.title.startswith("WSL ")
        assert "dnsTunneling=true" in found.fixes[0].title
        assert [line.text for line in found.fixes[0].commands] == ["wsl.exe --shutdown"]

    def test_a_container_on_windows_is_a_container(self) -> None:
        """It runs on WSL's kernel and shows its name."""
        found = contained(LOST, *reach(), *said(STUB, None, failure=CLOSED), platform=WSL)
        assert found is not None
        assert "--dns" in found.fixes[0].title

    @pytest.mark.parametrize(
        "records",
        [
            (LOST, *reach(four=False), *said(STUB, None, failure=CLOSED)),
            (LOST, *said(STUB, None, failure=CLOSED)),
            (LOST, *reach(), *said(STUB, "SERVFAIL")),
            (failed(), *reach(), *said(STUB, "NXDOMAIN")),
            (LOST, *reach(), *said(STUB, None, failure=CLOSED), *said(OFFICE, "NOERROR", OUTER)),
            (LOST, *reach()),
            (LOST, *reach(), *said(OFFICE, None)),
            (LOST, *reach(), *said("169.254.20.10", None, failure=CLOSED)),
            led(OUTER, stop=None),
            led(OUTER),
        ],
        ids=["no route", "route unknown", "the stub answers", "the stub denies", "another one answers", "nobody asked",
             "a server that may be down for all", "a node's own cache (link-local)", "healthy", "no connection"],
    )  # fmt: skip
    def test_look_alikes(self, records: tuple[Any, ...]) -> None:
        assert contained(*records) is None

    def test_outside_a_container_a_silent_stub_is_a_temporary_failure(self) -> None:
        records = (LOST, *reach(), *said(STUB, None, failure=CLOSED))
        assert contained(*records, machine={}) is None
        assert "dns-temporary-failure" in holding(*records)

    def test_it_asks_only_after_a_lookup_failed(self) -> None:
        assert contained(*led(OUTER), asked=()) is None
        with pytest.raises(OpenQuestion):
            contained(LOST, asked=())


# --- names that collide


def test_an_inner_name_that_a_public_domain_took_over() -> None:
    clash = "127.0.53.53"
    records = (*led(clash, stop="connection_refused"), *said(OFFICE, "NOERROR", clash))
    assert holding(*records) == {"dns-split-horizon"}
    finding = CAUSES["dns-split-horizon"].found_in(given(*records))
    assert finding is not None
    assert not finding.certain
    assert clash in finding.title
    line = rec(ev.HostsFile, "dns", control="hosts-file", name=HOST, path="/etc/hosts", addresses=(clash,), line=3)
    assert CAUSES["dns-split-horizon"].found_in(given(*records, line)) is None  # a file of this machine says so
    assert CAUSES["dns-split-horizon"].found_in(given(*led("127.0.0.1", stop="connection_refused"))) is None
