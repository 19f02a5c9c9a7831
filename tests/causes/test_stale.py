"""Releases that ask an old address, and the hosts from which the Hub sends its data."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.loaders import outdated as stale
from tests.causes.evidence import Evidence, got, rec

CAUSES = {one.id: one for one in stale.CAUSES}
NAME = "t10k-labels-idx1-ubyte.gz"
OLD = f"http://yann.lecun.com/exdb/mnist/{NAME}"
NEW = f"https://ossci-datasets.s3.amazonaws.com/mnist/{NAME}"
THIRD = f"https://storage.googleapis.com/cvdf-datasets/mnist/{NAME}"
MD5 = "ec29112dd5afa0611ce80d1b7f02629c"
ASKED = ("other-source", "resolver", "reach", "hosts-file")
PAGE = "<html><title>MNIST</title>moved</html>"


def torchvision(*records: Any, asked: tuple[str, ...] | None = ASKED, **fields: Any) -> Case:
    given: dict[str, Any] = {
        "url": OLD, "file": "mnist/t10k-labels", "size": 4542, "digests": (("md5", MD5),), "content": "gzip-idx",
        "client": "torchvision-0.9", "loader": "torchvision", "release": "0.9.0",
    } | fields  # fmt: skip
    return Evidence(*records).case(asked=asked, **given)


def old(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["fw-url-stale"].found_in(torchvision(*records, **fields))


def new_works(url: str = NEW, code: int = 200, what: str = "gzip", **body: Any) -> tuple[Any, ...]:
    """The control at another address."""
    body = {"status": code, "received": 4542, "written": 4542, "digests": (("md5", MD5),)} | body
    failure = "http_request_failed" if code >= 400 else None
    shared = {"control": "other-source"}
    return (
        rec(ev.Exchange, "http", method="GET", url=url, status=code, failure=failure, **shared),
        rec(ev.Transfer, "length", **body, **shared),
        rec(ev.Content, "length", what=what, **shared),
    )


def lookup(failure: str = "dns_nxdomain_error") -> Any:
    return rec(ev.Lookup, "dns", name="yann.lecun.com", failure=failure, code="EAI_NONAME")


def query(server: str, rcode: str, *answers: str, **fields: Any) -> Any:
    failure = "dns_nxdomain_error" if rcode == "NXDOMAIN" else None
    return rec(ev.NameQuery, "dns", control="resolver", name="yann.lecun.com", type="A", server=server, rcode=rcode,
               answers=answers, failure=failure, **fields)  # fmt: skip


def led_by_a_line(name: str, address: str, hop: int = 0) -> tuple[Any, ...]:
    """A lookup that the hosts file decided."""
    return (
        rec(ev.Lookup, "dns", name=name, addresses=(address,), hop=hop),
        rec(ev.HostsFile, "dns", control="hosts-file", name=name, path="/etc/hosts", addresses=(address,), line=9),
    )


def connect(failure: str, address: str = "93.184.216.30", **fields: Any) -> Any:
    fields = {"port": 80, "name": "yann.lecun.com"} | fields
    return rec(ev.Connect, "tcp", address=address, family=4, failure=failure, **fields)


class TestOldAddress:
    @pytest.mark.parametrize("code", [403, 404, 410])
    def test_a_status_that_says_gone(self, code: int) -> None:
        found = old(*got(code, PAGE, url=OLD), *new_works())
        assert found is not None
        assert found.certain
        assert "torchvision 0.9.0" in found.title
        assert f"status {code}" in found.title
        upgrade, place = found.fixes
        assert [line.text for line in upgrade.commands] == ["python -m pip install --upgrade torchvision"]
        assert upgrade.change is None
        assert upgrade.untried
        assert place.change == Change(url=NEW)
        assert [one for one, _ in found.ruled_out] == (["http-404-moved"] if code != 403 else [])

    def test_a_web_page_with_status_200(self) -> None:
        found = old(*got(200, PAGE, url=OLD), *new_works())
        assert found is not None
        assert "a web page" in found.title

    @pytest.mark.parametrize(
        ("met", "otherwise"),
        [
            ((connect("connection_refused"),), "tcp-filtered"),
            ((connect("generic_timeout_error"),), "tcp-filtered"),
            ((lookup(), query("9.9.9.9", "NXDOMAIN")), "dns-filtered"),
        ],
        ids=["refused", "silent", "no name"],
    )
    def test_a_dead_host_is_likely(self, met: tuple[Any, ...], otherwise: str) -> None:
        found = old(*met, *new_works())
        assert found is not None
        assert not found.certain
        assert found.also_possible == (otherwise,)

    def test_it_asks_the_newest_releases_address(self) -> None:
        given = torchvision(*got(404, PAGE, url=OLD), asked=())
        assert given.sources()[0] == NEW
        with pytest.raises(OpenQuestion) as question:
            CAUSES["fw-url-stale"].found_in(given)
        assert question.value.control == "other-source"

    @pytest.mark.parametrize("release", ["0.29.2", "0.30.0", None])
    def test_the_newest_release_is_not_stale(self, release: str | None) -> None:
        assert old(*got(404, PAGE, url=OLD), *new_works(), release=release) is None
        assert old(*got(404, PAGE, url=OLD), asked=(), release=release) is None

    def test_a_release_that_knows_the_same_addresses_is_as_good_as_the_newest(self) -> None:
        assert old(*got(404, PAGE, url=OLD), *new_works(), release="0.20.1") is None

    def test_a_page_leaves_it_at_a_mirror_that_newer_releases_ask_last(self) -> None:
        found = old(*got(200, PAGE, url=OLD), *new_works(), release="0.20.1")
        assert found is not None
        assert "(a web page)" in found.title
        assert [fix.title for fix in found.fixes] == [
            "Upgrade torchvision", f"Take the same file from {NEW.split('/')[2]}, into the current folder"
        ]  # fmt: skip

    def test_but_not_at_one_that_they_ask_first_as_well(self) -> None:
        assert old(*got(200, PAGE, url=NEW), *new_works(OLD), url=NEW, release="0.26.0") is None

    def test_a_plain_url_has_no_release(self) -> None:
        assert old(*got(404, PAGE, url=OLD), *new_works(), loader=None, release=None) is None

    def test_another_url_of_the_same_file_is_not_the_releases_own(self) -> None:
        assert old(*got(404, PAGE, url=THIRD), *new_works(), url=THIRD) is None

    @pytest.mark.parametrize(
        "control",
        [
            (),
            new_works(code=404),
            new_works(what="html"),
            new_works(digests=(("md5", "0" * 32),)),
            new_works(failure="connection_reset"),
            new_works(THIRD),
            new_works(NEW, 503) + new_works(THIRD),
        ],
        ids=["nothing", "404 there as well", "a page there as well", "other bytes", "cut", "a third address",
             "a third address after the newest failed"],
    )  # fmt: skip
    def test_unless_the_newest_releases_address_serves_it(self, control: tuple[Any, ...]) -> None:
        assert old(*got(404, PAGE, url=OLD), *control) is None

    def test_the_newest_address_may_come_after_a_third(self) -> None:
        assert old(*got(404, PAGE, url=OLD), *new_works(THIRD, 503), *new_works(NEW)) is not None

    @pytest.mark.parametrize("code", [401, 407, 429, 500, 503])
    def test_other_statuses_say_nothing_of_the_address(self, code: int) -> None:
        assert old(*got(code, PAGE, url=OLD), *new_works()) is None

    @pytest.mark.parametrize("code", [200, 403])
    @pytest.mark.parametrize(
        "fields",
        [
            (("Server", "squid/5.7"), ("X-Squid-Error", "ERR_ACCESS_DENIED 0")),
            (("Server", "Zscaler/6.2"), ("Content-Type", "text/html")),
        ],
    )
    def test_a_filter_or_proxy_that_answered_is_not_the_address(self, code: int, fields: ev.Fields) -> None:
        assert old(*got(code, PAGE, fields, url=OLD), *new_works()) is None

    def test_a_page_where_no_data_was_due(self) -> None:
        right = (*got(200, url=OLD)[:1], rec(ev.Transfer, "length", status=200, written=4542, digests=(("md5", MD5),)))
        assert old(*right, rec(ev.Content, "length", what="gzip"), *new_works()) is None

    @pytest.mark.parametrize(
        "met",
        [
            (lookup("dns_temporary_failure"),),
            (lookup(), query("9.9.9.9", "NXDOMAIN", extended=(("15", "blocked"),))),
            (lookup(), query("10.0.0.1", "NXDOMAIN"), query("9.9.9.9", "NOERROR", "93.184.216.30")),
            (connect("connection_refused", "10.0.0.9"),),
            (connect("connection_refused", "127.0.0.1"),),
            (connect("network_unreachable"),),
            (connect("connection_refused", peer="proxy", name="proxy.corp"),),
            (rec(ev.Handshake, "tls", server_name="yann.lecun.com", failure="ssl_unknown_authority"),),
        ],
        ids=["name servers silent", "a filter says so", "another server knows it", "inner address", "loopback",
             "no network", "the proxy is dead", "certificate"],
    )  # fmt: skip
    def test_what_this_network_does_is_not_the_addresss_fault(self, met: tuple[Any, ...]) -> None:
        assert old(*met, *new_works()) is None

    @pytest.mark.parametrize("met", [(connect("connection_refused"),), got(404, PAGE, url=OLD)])
    def test_a_line_of_the_hosts_file_led_there(self, met: tuple[Any, ...]) -> None:
        assert old(*led_by_a_line("yann.lecun.com", "93.184.216.30"), *met, *new_works()) is None

    def test_without_controls_it_is_silent(self) -> None:
        assert old(*got(404, PAGE, url=OLD), asked=None) is None


HUB = "https://huggingface.co/datasets/ylecun/mnist/resolve/main/mnist/test-00000-of-00001.parquet"
XET = "cas-bridge.xethub.hf.co"


def sent_to(host: str, *records: Any, url: str = HUB, code: int = 302, **fields: Any) -> Case:
    """The Hub's redirect, and the second hop."""
    where = f"https://{host}/x"
    address = rec(ev.Address, None, hop=1, url=where, scheme="https", host=host, port=443, path="/x")
    first = got(code, url=url, location=where)
    return Evidence(*first, address, *records, url=url, loader="huggingface", client="huggingface").case(**fields)


def blocked(*records: Any, host: str = XET, **fields: Any) -> Finding | None:
    return CAUSES["fw-xet-path-blocked"].found_in(sent_to(host, *records, **fields))


def second(kind: type[Any], stage: str, failure: str | None, **fields: Any) -> Any:
    return rec(kind, stage, hop=1, failure=failure, **fields)


SILENT = second(ev.Connect, "tcp", "generic_timeout_error", address="93.184.216.40", port=443, family=4, name=XET)


def tunnel(status: int) -> Any:
    return second(
        ev.Tunnel, "proxy", "proxy_tunnel_failed", protocol="http", target=f"{XET}:443", proxy="p:3128", status=status
    )


class TestTransferHosts:
    @pytest.mark.parametrize(
        ("met", "otherwise"),
        [
            (SILENT, "tcp-filtered"),
            (second(ev.Connect, "tcp", "connection_refused", address="93.184.216.40", port=443, family=4),
             "tcp-filtered"),
            (second(ev.Lookup, "dns", "dns_nxdomain_error", name=XET, code="EAI_NONAME"), "dns-filtered"),
            (second(ev.Handshake, "tls", "connection_reset", server_name=XET), "tls-sni-blocked"),
            (tunnel(403), "proxy-connect-denied"),
            (tunnel(502), "proxy-upstream-failed"),
        ],
        ids=["silent", "refused", "no name", "reset by name", "the proxy denies", "the proxy gets no answer"],
    )  # fmt: skip
    def test_each_stage_of_the_second_host(self, met: Any, otherwise: str) -> None:
        found = blocked(met)
        assert found is not None
        assert not found.certain
        assert found.also_possible == (otherwise,)
        assert "huggingface.co" in found.title
        assert XET in found.title
        assert all(fix.untried for fix in found.fixes)
        assert "export HF_HUB_DISABLE_XET=1" in [line.text for fix in found.fixes for line in fix.commands]

    def test_a_filters_refusal(self) -> None:
        found = blocked(*got(403, "<html>blocked</html>", (("Server", "Zscaler/6.2"),), url=f"https://{XET}/x", hop=1))
        assert found is not None
        assert found.also_possible == ("http-403-corporate-filter",)

    @pytest.mark.parametrize(
        "host",
        ["transfer.xethub.hf.co", "transfer.xethub-eu.hf.co", "cdn-lfs.hf.co", "cdn-lfs-us-1.hf.co",
         "cdn-lfs.huggingface.co", "us.aws.cdn.hf.co", "us-east1.us.gcp.cdn.hf.co"],
    )  # fmt: skip
    def test_the_hosts_that_the_hub_names(self, host: str) -> None:
        assert blocked(SILENT, host=host) is not None

    @pytest.mark.parametrize(
        "host", ["cdn.example.com", "xethub.hf.co.evil.example", "notxethub.hf.co", "hf.co", "huggingface.co"]
    )
    def test_other_hosts_are_not_the_hubs(self, host: str) -> None:
        assert blocked(SILENT, host=host) is None

    @pytest.mark.parametrize(
        "records",
        [
            (),
            got(200, "PAR1", url=f"https://{XET}/x", hop=1, what="parquet"),
            got(403, "<Error><Code>AccessDenied</Code></Error>", url=f"https://{XET}/x", hop=1),
            got(404, "gone", url=f"https://{XET}/x", hop=1),
            (tunnel(407),),
            (second(ev.Lookup, "dns", "dns_nxdomain_error", name="proxy.corp", peer="proxy"),),
            (second(ev.Connect, "tcp", "connection_refused", address="10.0.0.3", port=3128, family=4, peer="proxy"),),
            (second(ev.Handshake, "tls", "ssl_unknown_authority", server_name=XET, verify_code=20),),
            (second(ev.Handshake, "tls", "connection_reset", server_name="proxy.corp", peer="proxy"),),
            (SILENT, second(ev.Connect, "tcp", None, address="93.184.216.41", port=443, family=4)),
        ],
        ids=["nothing", "healthy", "the store's own 403", "404", "407", "the proxy's name", "the proxy is dead",
             "re-signed", "TLS of the proxy", "a later address connects"],
    )  # fmt: skip
    def test_look_alikes(self, records: tuple[Any, ...]) -> None:
        assert blocked(*records) is None

    def test_a_line_of_the_hosts_file_led_there(self) -> None:
        lookup, line = led_by_a_line(XET, "93.184.216.40", hop=1)
        assert blocked(lookup, SILENT) is not None
        assert blocked(lookup, SILENT, line) is None

    def test_what_fails_at_the_first_host_is_another_matter(self) -> None:
        first = rec(ev.Connect, "tcp", address="93.184.216.41", port=443, family=4, failure="generic_timeout_error")
        holds = CAUSES["fw-xet-path-blocked"].found_in
        assert holds(Evidence(first, url=HUB, loader="huggingface").case()) is None
        assert holds(Evidence(url=HUB, loader="huggingface").get(403, "gated", url=HUB).case()) is None

    def test_a_link_from_elsewhere_is_not_the_hubs_redirect(self) -> None:
        assert (
            CAUSES["fw-xet-path-blocked"].found_in(
                Evidence(url=OLD)
                .get(302, url=OLD, location=f"https://{XET}/x")
                .add(SILENT)
                .rec(ev.Address, None, hop=1, url=f"https://{XET}/x", host=XET, port=443)
                .case()
            )
            is None
        )
