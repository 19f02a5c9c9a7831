"""Proxies that the machine knows and the client did not use: who knows them decides the cause."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.facts import known_proxies as known
from mnistdoctor.causes.proxy import unused_proxies
from tests.causes.evidence import (
    CHAIN,
    HANDSHAKE,
    HOST,
    OPENED,
    PROXY,
    Evidence,
    answered_by_proxy,
    asked_for_password,
    by_proxy,
    got,
    known_proxy,
    rec,
    through,
    to_proxy,
    tunnelled,
)

FAMILY = {one.id: one.found_in for one in unused_proxies.CAUSES if one.id != "proxy-no-proxy-too-wide"}
ASKED = ("proxies", "pac", "by-proxy", "unrelated-tls")
ADDRESS = "52.216.1.1"


def connect(failure: str | None = "generic_timeout_error", address: str = ADDRESS, **fields: Any) -> Any:
    return rec(ev.Connect, "tcp", address=address, port=443, family=4, name=HOST, failure=failure, **fields)


def lookup(failure: str = "dns_nxdomain_error", **fields: Any) -> Any:
    return rec(ev.Lookup, "dns", name=HOST, failure=failure, code="EAI_NONAME", **fields)


def handshake(failure: str, **fields: Any) -> Any:
    return rec(ev.Handshake, "tls", server_name=HOST, failure=failure, **fields)


def told(*records: Any, variables: dict[str, str] | None = None, **fields: Any) -> dict[str, Finding]:
    """The causes of both families that hold: never two."""
    fields.setdefault("asked", ASKED)
    if not any(isinstance(one, ev.Route) and one.role == "target" for one in records):
        records = (rec(ev.Route, None), *records)
    if any(isinstance(one, ev.KnownProxy) and one.key == "HTTP_PROXY" for one in records):  # for a URL of its kind
        records = (rec(ev.Address, None, url=f"http://{HOST}/x", scheme="http", host=HOST, port=80), *records)
    given = Evidence(*records).case(machine={"variables": tuple((variables or {}).items())}, **fields)
    found = {name: holds(given) for name, holds in FAMILY.items()}
    made = {name: finding for name, finding in found.items() if finding is not None}
    assert len(made) <= 1, list(made)
    for finding in made.values():
        assert finding.certain or finding.also_possible
        assert all(fix.change or fix.untried for fix in finding.fixes)
    return made


WAYS = [
    (known_proxy("variable", "ALL_PROXY"), {}, "Linux-6.1", "keras", "proxy-env-not-read"),
    (known_proxy("variable", "all_proxy"), {}, "Linux-6.1", "torchvision", "proxy-env-not-read"),
    (known_proxy("variable", "HTTP_PROXY"), {}, "Linux-6.1", "curl", "proxy-env-letter-case"),
    (
        known_proxy("variable", "HTTP_PROXY"),
        {"REQUEST_METHOD": "GET"},
        "Linux-6.1",
        "requests",
        "proxy-env-letter-case",
    ),
    (known_proxy("variable", "HTTPS_PROXY"), {"https_proxy": ""}, "Linux-6.1", "keras", "proxy-env-letter-case"),
    (known_proxy("variable", "http_proxy"), {}, "Linux-6.1", "keras", "proxy-env-not-read"),
    (known_proxy("ancestor", "HTTPS_PROXY"), {}, "Linux-6.1", "requests", "env-not-inherited"),
    (known_proxy("profile", "https_proxy"), {}, "Linux-6.1", "requests", "env-not-inherited"),
    (known_proxy("program", "http.proxy"), {}, "Linux-6.1", "requests", "proxy-not-configured"),
    (known_proxy("system", "host"), {}, "Linux-6.1", "requests", "proxy-not-configured"),
    (known_proxy("system", "ProxyServer"), {}, "Windows-10", "curl", "proxy-not-configured"),
    (known_proxy("system", "ProxyServer"), {"NO_PROXY": "x"}, "Windows-10", "requests", "proxy-system-settings"),
    (known_proxy("system", "HTTPSProxy"), {"NO_PROXY": "x"}, "Darwin-23", "keras", "proxy-system-settings"),
    (known_proxy("pac", "FindProxyForURL"), {}, "Linux-6.1", "requests", "proxy-pac-only"),
]


@pytest.mark.parametrize(("one", "variables", "platform", "client", "cause"), WAYS)
def test_who_knows_it(one: Any, variables: dict[str, str], platform: str, client: str, cause: str) -> None:
    made = told(connect(), one, *OPENED, variables=variables, platform=platform, client=client)
    assert list(made) == [cause]
    finding = made[cause]
    assert finding.certain
    assert one.key in "".join(finding.evidence)
    change = Change(proxy_variable=one.key) if one.place == "variable" else Change(proxy=PROXY)
    assert finding.fixes[0].change == change
    assert finding.ruled_out


@pytest.mark.parametrize(("one", "variables", "platform", "client", "cause"), WAYS)
def test_one_that_wants_a_password_is_only_likely(
    one: Any, variables: dict[str, str], platform: str, client: str, cause: str
) -> None:
    made = told(connect(), one, *asked_for_password(), variables=variables, platform=platform, client=client)
    assert not made[cause].certain
    assert made[cause].also_possible == ("proxy-auth-required",)
    assert made[cause].fixes[0].change is None


@pytest.mark.parametrize(
    ("client", "variables", "key", "word"),
    [
        ("curl", {}, "HTTP_PROXY", "curl reads `http_proxy` and not `HTTP_PROXY`"),
        ("curl", {"REQUEST_METHOD": "GET"}, "HTTP_PROXY", "curl reads `http_proxy` and not `HTTP_PROXY`"),
        ("requests", {"REQUEST_METHOD": "GET"}, "HTTP_PROXY", "CGI"),
        ("keras", {"https_proxy": ""}, "HTTPS_PROXY", "`https_proxy` is set and empty"),
    ],
)
def test_why_the_spelling_was_not_read(client: str, variables: dict[str, str], key: str, word: str) -> None:
    made = told(connect(), known_proxy("variable", key), *OPENED, client=client, variables=variables)
    assert word in made["proxy-env-letter-case"].title


PROFILE = known_proxy("profile", "https_proxy", line=7)
MET = [
    (connect(), "generic_timeout_error"),
    (connect("connection_refused"), "connection_refused"),
    (connect("network_unreachable"), "network_unreachable"),
    (lookup(), "could not be looked up"),
    (handshake("connection_reset"), "no answer"),
    (handshake("generic_timeout_error"), "no answer"),
]


@pytest.mark.parametrize(("met", "word"), MET)
def test_what_the_direct_way_met(met: Any, word: str) -> None:
    finding = told(met, PROFILE, *OPENED)["env-not-inherited"]
    assert word in finding.evidence[0]
    assert "/etc/some.conf line 7" in finding.title


@pytest.mark.parametrize(
    ("records", "fields"),
    [
        ((connect(), connect(None, "52.216.1.2"), *got(200, what="gzip")), {}),
        ((connect(None), *got(503, "busy")), {}),
        ((connect(None), handshake("ssl_unknown_authority", chain=CHAIN, received=3000)), {}),
        ((connect(None), handshake("connection_reset", received=90)), {}),
        ((by_proxy(), to_proxy("connection_refused")), {}),
        ((by_proxy(), lookup(peer="proxy")), {}),
        ((connect(address="10.2.3.4"),), {"url": "https://10.2.3.4/x"}),
        ((connect(address="127.0.0.1"),), {"url": "https://localhost/x"}),
        ((lookup("url_invalid"),), {}),
        ((connect(),), {"asked": None}),
    ],
    ids=["a later address answers", "the server answers", "its certificate", "reset after its answer", "dead proxy",
         "the proxy's name", "inner address", "this machine", "no URL", "nothing may be asked"],
)  # fmt: skip
def test_the_direct_way_is_no_wall(records: tuple[Any, ...], fields: dict[str, Any]) -> None:
    controls = () if fields.get("asked", ASKED) is None else (PROFILE, *OPENED)
    assert told(*records, *controls, **fields) == {}


OTHER = "http://other.corp:8080"


@pytest.mark.parametrize(
    "controls",
    [
        (),
        (PROFILE,),
        OPENED,
        (PROFILE, *through(tunnelled(403))),
        (PROFILE, *through(tunnelled(502))),
        (PROFILE, *through(rec(ev.Handshake, "tls", server_name=HOST, failure="connection_reset"))),
        (PROFILE, *through(rec(ev.Handshake, "tls", server_name="p.corp", peer="proxy", chain=CHAIN))),
        (PROFILE, *through(answered_by_proxy(502))),
        (PROFILE, *through(answered_by_proxy(504))),
        (PROFILE, *through(answered_by_proxy(403, ("X-Squid-Error", "ERR_ACCESS_DENIED 0")))),
        (PROFILE, *through(tunnelled(200), HANDSHAKE, proxy=OTHER)),
        (PROFILE, *through(tunnelled(200), HANDSHAKE, proxy="http://other.corp:3128")),
        (known_proxy("exempted", "HTTPS_PROXY"), *OPENED),
        (known_proxy("program", "pac", "", pac="http://pac.corp/p.pac"), *OPENED),
        (known_proxy("pac", "FindProxyForURL", ""), *OPENED),
    ],
    ids=["none known", "not asked", "none of these", "denies", "no way on", "reset", "its own TLS", "502", "504",
         "filter page", "another proxy", "another with its port", "exempted",
         "only a PAC file named", "the PAC file says direct"],
)  # fmt: skip
def test_a_proxy_that_did_not_open_the_way(controls: tuple[Any, ...]) -> None:
    assert told(connect(), *controls) == {}


def test_the_one_that_opened_the_way_decides() -> None:
    git = known_proxy("program", "http.proxy", OTHER)
    both = (*through(tunnelled(407)), *through(tunnelled(200), HANDSHAKE, proxy=OTHER))
    assert list(told(connect(), PROFILE, git, *both)) == ["proxy-not-configured"]
    assert list(told(connect(), PROFILE, git, *through(tunnelled(407)))) == ["env-not-inherited"]


@pytest.mark.parametrize(("status", "opens"), [(200, True), (404, True), (401, True), (407, False), (503, False)])
def test_which_answers_show_a_way(status: int, opens: bool) -> None:
    record = rec(ev.Exchange, "http", method="GET", url="http://x/", status=status, via="proxy", control="by-proxy")
    assert (known.through(record) is not None) is opens


def test_questions_come_in_order() -> None:
    asked: list[str] = []
    for _ in range(3):
        with pytest.raises(OpenQuestion) as question:
            FAMILY["env-not-inherited"](Evidence().rec(ev.Route, None).add(connect(), PROFILE).case(asked=tuple(asked)))
        asked.append(question.value.control)
    assert asked == ["proxies", "pac", "by-proxy"]


# --- PAC files that could not be asked ---

BROKEN = known_proxy("pac", "FindProxyForURL", "", where="/etc/p.pac", failure="pac_failed", detail="it needs pypac")


def control(failure: str | None) -> Any:
    chain = () if failure else CHAIN
    return rec(ev.Handshake, "tls", control="unrelated-tls", server_name="example.com", chain=chain, failure=failure)


def test_a_pac_file_that_says_nothing_where_nothing_answers() -> None:
    finding = told(connect(), BROKEN, control("generic_timeout_error"))["proxy-pac-only"]
    assert not finding.certain
    assert finding.also_possible == ("tcp-filtered", "env-no-network-link")
    assert "it needs pypac" in finding.title


@pytest.mark.parametrize(
    "records",
    [(connect(), BROKEN, control(None)), (connect(), BROKEN), (connect(), control("generic_timeout_error"))],
    ids=["others answer", "no control", "no PAC file"],
)
def test_it_is_not_blamed_where_others_answer(records: tuple[Any, ...]) -> None:
    assert told(*records) == {}


# --- the system's own setting ---


def through_system(decided_by: str = "system settings", **fields: Any) -> Case:
    return (
        Evidence()
        .by_proxy(decided_by=decided_by)
        .add(*(fields.pop("records", None) or [to_proxy("connection_refused")]))
        .case(platform="Windows-10", **fields)
    )


def test_the_systems_proxy_is_dead() -> None:
    found = FAMILY["proxy-system-settings"](through_system())
    assert found is not None
    assert "proxy.corp:3128" in found.title
    assert [name for name, _ in found.ruled_out] == ["proxy-env-stale"]


@pytest.mark.parametrize(
    "given",
    [
        through_system("HTTPS_PROXY"),
        through_system("--proxy"),
        through_system(records=[to_proxy()]),
        through_system(records=[to_proxy(), connect("connection_refused")]),
    ],
    ids=["a variable", "an option", "alive", "the server refuses"],
)
def test_it_is_not(given: Case) -> None:
    assert FAMILY["proxy-system-settings"](given) is None
