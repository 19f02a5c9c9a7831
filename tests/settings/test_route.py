"""Each client's own way with proxy variables; the rows are facts measured on the clients themselves."""

from __future__ import annotations

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.failure import Failure
from mnistdoctor.settings import Environment, RouteChoice, Settings, choose_route

HTTPS, HTTP = "https://data.example/x.gz", "http://data.example/x.gz"


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> object:
    def made(client: str, url: str, settings: Settings | None = None, **variables: str) -> RouteChoice:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        choice = choose_route(load().client(client), url, settings or Settings(), Environment())
        for name in variables:
            monkeypatch.delenv(name)
        return choice

    return made


PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    "client", ["requests", "urllib", "curl", "keras", "torchvision", "sklearn", "tfds", "huggingface"]
)
def test_nothing_set_goes_directly(choose: object, client: str) -> None:
    assert choose(client, HTTPS).way == "direct"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("client", "url", "variables", "way", "decided_by"),
    [
        ("requests", HTTPS, {"https_proxy": PROXY}, "tunnel", "https_proxy"),
        ("requests", HTTPS, {"HTTPS_PROXY": PROXY}, "tunnel", "HTTPS_PROXY"),
        ("requests", HTTPS, {"all_proxy": PROXY}, "tunnel", "all_proxy"),
        ("requests", HTTP, {"http_proxy": PROXY}, "forward-proxy", "http_proxy"),
        ("keras", HTTPS, {"ALL_PROXY": PROXY}, "direct", None),
        ("keras", HTTP, {"HTTP_PROXY": PROXY}, "forward-proxy", "HTTP_PROXY"),
        ("curl", HTTP, {"HTTP_PROXY": PROXY}, "direct", None),
        ("curl", HTTP, {"http_proxy": PROXY}, "forward-proxy", "http_proxy"),
        ("curl", HTTPS, {"https_proxy": "", "HTTPS_PROXY": PROXY}, "tunnel", "HTTPS_PROXY"),
        ("keras", HTTPS, {"https_proxy": "", "HTTPS_PROXY": PROXY}, "direct", None),
        ("huggingface", HTTPS, {"all_proxy": PROXY}, "tunnel", "all_proxy"),
    ],
)
def test_which_variable(
    choose: object, client: str, url: str, variables: dict[str, str], way: str, decided_by: str | None
) -> None:
    choice = choose(client, url, **variables)  # type: ignore[operator]
    assert (choice.way, choice.decided_by) == (way, decided_by)


@pytest.mark.parametrize(
    ("no_proxy", "client", "bypassed"),
    [
        ("data.example", "requests", True),
        ("example", "keras", True),
        (".example", "curl", True),
        (".data.example", "huggingface", False),
        ("*.example", "requests", False),
        ("*", "curl", True),
        ("*,foo", "keras", False),
        ("*,foo", "huggingface", True),
        ("ata.example", "keras", False),
        ("foo, data.example", "requests", True),
    ],
)
def test_no_proxy(choose: object, no_proxy: str, client: str, bypassed: bool) -> None:
    choice = choose(client, HTTPS, https_proxy=PROXY, no_proxy=no_proxy)  # type: ignore[operator]
    assert (choice.way == "direct") is bypassed
    assert choice.decided_by == ("no_proxy" if bypassed else "https_proxy")


def test_the_option_stands_above_the_environment(choose: object) -> None:
    settings = Settings(proxy="http://other.example:8080")
    choice = choose("keras", HTTPS, settings, https_proxy=PROXY, no_proxy="*")  # type: ignore[operator]
    assert choice.proxy is not None
    assert (choice.proxy.host, choice.decided_by) == ("other.example", "--proxy")
    assert choose("keras", HTTPS, Settings(direct=True), https_proxy=PROXY).way == "direct"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("client", "url", "value", "scheme", "host", "port"),
    [
        ("requests", HTTPS, "proxy.corp:8080", "http", "proxy.corp", 8080),
        ("requests", HTTPS, "http://proxy", "http", "proxy", 80),
        ("keras", HTTPS, "http://proxy", "http", "proxy", 443),
        ("keras", HTTP, "http://proxy", "http", "proxy", 80),
        ("curl", HTTPS, "http://proxy", "http", "proxy", 1080),
        ("requests", HTTPS, "https://proxy:8443", "https", "proxy", 8443),
        ("keras", HTTPS, "https://proxy:8443", "http", "proxy", 8443),
        ("curl", HTTPS, "socks5h://proxy:1080", "socks5h", "proxy", 1080),
        ("requests", HTTPS, "http://[::1]:3128", "http", "::1", 3128),
        ("keras", HTTPS, "http://[::1]:3128/", "http", "::1", 3128),
        ("curl", HTTPS, "http:/proxy:3128", "http", "proxy", 3128),
        ("curl", HTTPS, "http://DOM\\user:pw@proxy:3128", "http", "proxy", 3128),
    ],
)
def test_how_the_value_is_read(
    choose: object, client: str, url: str, value: str, scheme: str, host: str, port: int
) -> None:
    choice = choose(client, url, **{f"{url.partition(':')[0]}_proxy": value})  # type: ignore[operator]
    assert choice.proxy is not None
    assert (choice.proxy.scheme, choice.proxy.host, choice.proxy.port) == (scheme, host, port)


@pytest.mark.parametrize(
    ("value", "oddity"),
    [
        ('"http://proxy:3128"', "quotes"),
        ("http://proxy:3128 ", "blank"),
        ("http://proxy:3128\n", "newline"),
        ("http://DOM\\user:pw@proxy:3128", "backslash"),
        ("http://user:p@ss@proxy:3128", "reserved"),
        ("http://user:p#ss@proxy:3128", "reserved"),
        ("http://user:p/ss@proxy:3128", "reserved"),
        ("http://user:100%@proxy:3128", "reserved"),
        ("proxy:3128", "no-scheme"),
        ("http://proxy", "no-port"),
    ],
)
def test_oddities(choose: object, value: str, oddity: str) -> None:
    for client in ("requests", "keras"):
        assert oddity in choose(client, HTTPS, https_proxy=value).oddities  # type: ignore[operator]


def test_a_plain_value_has_no_oddities(choose: object) -> None:
    assert choose("requests", HTTPS, https_proxy="http://user:p%40ss@proxy:3128").oddities == ()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("client", "value"),
    [("keras", "http://proxy:31x28"), ("requests", "http://us:p#x@proxy:3128"), ("requests", "http://:3128")],
)
def test_what_the_client_cannot_read(choose: object, client: str, value: str) -> None:
    choice = choose(client, HTTPS, https_proxy=value)  # type: ignore[operator]
    assert choice.failure is Failure.PROXY_SETTING


def test_credentials_are_decoded_and_never_shown(choose: object) -> None:
    choice = choose("requests", HTTPS, https_proxy="http://jo:p%40ss@proxy:3128")  # type: ignore[operator]
    assert choice.proxy is not None
    assert (choice.proxy.username, choice.proxy.password) == ("jo", "p@ss")
    assert "p@ss" not in repr(choice)
    assert choose("keras", HTTPS, https_proxy="http://jo@proxy:3128").proxy.username is None  # type: ignore[operator]


def test_urllib_cannot_speak_socks_and_asks_for_a_tunnel_all_the_same(choose: object) -> None:
    assert choose("keras", HTTP, http_proxy="socks5://proxy:1080").failure is Failure.PROXY_SUPPORT  # type: ignore[operator]
    choice = choose("keras", HTTPS, https_proxy="socks5://proxy:1080")  # type: ignore[operator]
    assert (choice.failure, choice.way, choice.oddities) == (None, "tunnel", ("socks-spoken-as-http",))


@pytest.mark.parametrize(
    ("client", "value", "scheme", "failure"),
    [
        ("curl", "socks4://p.example", "socks4", None),
        ("curl", "socks://p.example", "socks4", None),
        ("requests", "socks4a://p.example", "socks4a", None),
        ("requests", "socks://p.example", "socks", Failure.PROXY_SETTING),
        ("huggingface", "socks4://p.example", "socks4", Failure.PROXY_SETTING),
    ],
)
def test_socks_of_version_4(choose: object, client: str, value: str, scheme: str, failure: Failure | None) -> None:
    choice = choose(client, HTTPS, https_proxy=value)  # type: ignore[operator]
    assert choice.proxy is not None
    assert (choice.proxy.scheme, choice.proxy.port, choice.failure) == (scheme, 1080, failure)
