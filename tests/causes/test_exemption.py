"""NO_PROXY that frees too much, and NO_PROXY that was meant to free and does not."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.proxy import exemption, unused_proxies
from tests.causes.evidence import (
    EXEMPTED,
    OPENED,
    Evidence,
    asked_for_password,
    by_proxy,
    forwarded,
    got,
    known_proxy,
    rec,
    to_proxy,
    tunnel,
)

HOLDS = {one.id: one.found_in for one in (*exemption.CAUSES, *unused_proxies.CAUSES)}
HOST = "ossci-datasets.s3.amazonaws.com"
SILENT = rec(ev.Connect, "tcp", address="52.216.1.1", port=443, family=4, name=HOST, failure="generic_timeout_error")
ASKED = ("proxies", "pac", "by-proxy")


def machine(value: str, name: str = "NO_PROXY", **others: str) -> dict[str, Any]:
    return {"variables": tuple(sorted({name: value, "HTTPS_PROXY": "http://p.corp:3128", **others}.items()))}


# --- too wide ----


def freed(*records: Any, value: str = "amazonaws.com", client: str = "requests", **fields: Any) -> Case:
    """The client went directly, since NO_PROXY told it so."""
    fields.setdefault("asked", ASKED)
    fields.setdefault("machine", machine(value))
    route = rec(ev.Route, None, decided_by=fields.pop("decided_by", "NO_PROXY"))
    return Evidence(route, *records, client=client).case(**fields)


def too_wide(*records: Any, **fields: Any) -> Finding | None:
    return HOLDS["proxy-no-proxy-too-wide"](freed(*records, **fields))


def test_the_entry_that_frees_the_host() -> None:
    found = too_wide(SILENT, EXEMPTED, *OPENED, value="localhost,amazonaws.com,10.0.0.0/8")
    assert found is not None
    assert found.certain
    assert "`amazonaws.com`" in found.title
    (fix,) = found.fixes
    assert fix.change == Change(proxy_variable="HTTPS_PROXY")
    assert [line.text for line in fix.commands] == [
        "export NO_PROXY=localhost,10.0.0.0/8", "export no_proxy=localhost,10.0.0.0/8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "client", "named", "left"),
    [
        ("com", "requests", "com", None),
        ("*", "curl", "*", None),
        (".S3.AmazonAWS.com,localhost", "requests", ".S3.AmazonAWS.com", "localhost"),
        ("com,localhost,amazonaws.com", "keras", "com", "localhost"),
        ("aws.com,localhost,com", "requests", "com", "localhost"),
        ("aws.com,localhost,com", "keras", "com", "aws.com,localhost"),
        ("aws.com,localhost", "requests", "aws.com", "localhost"),
    ],
)
def test_no_entry_is_left_that_frees_it(value: str, client: str, named: str, left: str | None) -> None:
    found = too_wide(SILENT, EXEMPTED, *OPENED, value=value, client=client)
    assert found is not None
    assert f"(entry `{named}`)" in found.title
    lines = [line.text for line in found.fixes[0].commands]
    assert lines == ([f"export NO_PROXY={left}", f"export no_proxy={left}"] if left else ["unset NO_PROXY no_proxy"])


def test_a_proxy_that_wants_a_password_is_only_likely() -> None:
    found = too_wide(SILENT, EXEMPTED, *asked_for_password())
    assert found is not None
    assert (found.certain, found.also_possible) == (False, ("proxy-auth-required",))
    assert found.fixes[0].change is None
    assert found.fixes[0].untried


@pytest.mark.parametrize("control", ["proxies", "by-proxy"])
def test_it_asks_before_it_says(control: str) -> None:
    made = {"proxies": (), "by-proxy": (EXEMPTED,)}[control]
    before = ASKED[: ASKED.index(control)]
    with pytest.raises(OpenQuestion) as question:
        too_wide(SILENT, *made, asked=before)
    assert question.value.control == control


@pytest.mark.parametrize(
    ("records", "fields"),
    [
        ((SILENT, EXEMPTED), {}),
        ((SILENT, EXEMPTED, *OPENED), {"decided_by": None}),
        ((SILENT, EXEMPTED, *OPENED), {"machine": machine("", "NO_PROXY")}),
        ((SILENT, known_proxy("profile", "https_proxy"), *OPENED), {}),
        ((*got(200, what="gzip"), EXEMPTED, *OPENED), {}),
        ((*got(403, "no"), EXEMPTED, *OPENED), {}),
        ((SILENT, EXEMPTED, *OPENED), {"url": "https://10.1.2.3/x"}),
        ((SILENT, EXEMPTED, *OPENED), {"url": "https://localhost/x"}),
    ],
    ids=["the proxy is shut too", "not exempted", "no NO_PROXY", "another's proxy", "well", "answered", "inner address",
         "this machine"],
)  # fmt: skip
def test_what_is_not_too_wide(records: tuple[Any, ...], fields: dict[str, Any]) -> None:
    assert too_wide(*records, **fields) is None


# --- not matching ---

DENIED = tunnel(403)
"""The proxy's answer for a host that it does not know."""


def meant(value: str, host: str = "data.corp", client: str = "requests", *records: Any, **fields: Any) -> Any:
    fields.setdefault("machine", machine(value))
    route = by_proxy(decided_by=fields.pop("decided_by", "HTTPS_PROXY"))
    given = (
        Evidence(route, url=f"https://{host}/x.gz", client=client)
        .to_proxy()
        .add(*(records or (DENIED,)))
        .case(**fields)
    )
    return HOLDS["proxy-no-proxy-not-matching"](given)


@pytest.mark.parametrize(
    ("value", "host", "client", "word", "portable"),
    [
        ("*.corp", "data.corp", "requests", "star", "corp,.corp"),
        ("localhost,*.CORP", "data.corp", "keras", "star", "localhost,CORP,.CORP"),
        ("*,localhost", "data.corp", "curl", "stands alone", "localhost,data.corp"),
        ("10.*", "10.1.2.3", "requests", "star", "10.*,10.1.2.3"),
        ("10.0.0.0/8", "10.1.2.3", "keras", "block", "10.0.0.0/8,10.1.2.3"),
        ("localhost;data.corp", "data.corp", "requests", "semicolons", "localhost,data.corp"),
        ("localhost .corp", "data.corp", "keras", "blanks", "localhost,corp,.corp"),
        ('"localhost,corp"', "data.corp", "requests", "quote", "localhost,corp"),
        ("https://data.corp/", "data.corp", "requests", "not a URL", "data.corp"),
        ("data.corp:8443", "data.corp", "curl", "port", "data.corp:8443,data.corp"),
        (".data.corp", "data.corp", "huggingface", "dot", "data.corp,.data.corp"),
        ("data.corp.", "data.corp", "requests", "dot at its end", "data.corp"),
        ("localhost,.corp.", "data.corp", "keras", "dot at its end", "localhost,corp,.corp"),
        (r"localhost\x0acorp", "data.corp", "keras", "line ends", "localhost,corp"),
        (r"localhost\x0d\x0adata.corp\x0d\x0a", "data.corp", "requests", "line ends", "localhost,data.corp"),
    ],
)
def test_forms_that_are_not_read(value: str, host: str, client: str, word: str, portable: str) -> None:
    found = meant(value, host, client)
    assert found is not None
    assert word in found.explanation
    (fix,) = found.fixes
    assert fix.untried
    assert [line.text for line in fix.commands] == [
        f"export {name}={portable}" if "*" not in portable else f"export {name}='{portable}'"
        for name in ("NO_PROXY", "no_proxy")
    ]


@pytest.mark.parametrize(
    "record",
    [
        DENIED,
        tunnel(502),
        forwarded(503, ("X-Squid-Error", "ERR_DNS_FAIL 0")),
        rec(ev.Lookup, "dns", name="proxy.corp", peer="proxy", failure="dns_nxdomain_error"),
        to_proxy("connection_refused"),
    ],
    ids=["denied", "no way on", "by a plain request", "no such proxy", "refused"],
)
def test_wherever_the_proxy_fails(record: Any) -> None:
    assert meant("*.corp", "data.corp", "requests", record) is not None


@pytest.mark.parametrize(
    ("value", "host", "client"),
    [
        ("localhost,127.0.0.1", "data.corp", "requests"),
        ("*.other", "data.corp", "requests"),
        ("*.corp", "corp", "requests"),
        ("10.*", "11.1.2.3", "requests"),
        ("10.0.0.0/8", "11.1.2.3", "keras"),
        ("localhost;orp", "data.corp", "requests"),
        ("localhost;other.corp", "data.corp", "requests"),
        ('"orp"', "data.corp", "requests"),
        ("orp:8443", "data.corp", "curl"),
        ("https://other.corp", "data.corp", "requests"),
        ("localhost, 127.0.0.1", "data.corp", "huggingface"),
        (".data.corp", "data.corp", "requests"),
    ],
)
def test_entries_that_do_not_name_the_host(value: str, host: str, client: str) -> None:
    assert meant(value, host, client) is None


def test_the_reason_is_the_entrys_own() -> None:
    """Blanks after commas are read by all; here it is the dot."""
    found = meant("localhost, .data.corp", "data.corp", "huggingface")
    assert found is not None
    assert "dot" in found.explanation


@pytest.mark.parametrize(
    ("records", "fields"),
    [
        ((DENIED,), {"decided_by": "--proxy"}),
        ((DENIED,), {"decided_by": "system settings"}),
        ((DENIED,), {"machine": {}}),
        ((tunnel(200, failure=None), *got(403, "no", url="https://data.corp/x.gz")), {}),
        (
            (
                tunnel(200, failure=None),
                rec(ev.Handshake, "tls", server_name="data.corp", failure="ssl_unknown_authority"),
            ),
            {},
        ),
        ((tunnel(200, failure=None),), {}),
    ],
    ids=["an option", "the system", "no NO_PROXY", "the server refuses", "certificate", "well"],
)
def test_what_no_proxy_has_no_part_in(records: tuple[Any, ...], fields: dict[str, Any]) -> None:
    assert meant("*.corp", "data.corp", "requests", *records, **fields) is None


def test_a_client_that_went_directly() -> None:
    assert HOLDS["proxy-no-proxy-not-matching"](freed(SILENT, value="*.amazonaws.com")) is None
