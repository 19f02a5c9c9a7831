"""NO_PROXY: what each client does with each form of entry, by our rules and by the real programs.

The origin and the proxy are two servers on this machine; names lead to it without a question to any name server.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.demo import faults_http
from mnistdoctor.demo.servers import Server
from mnistdoctor.settings import Environment, Settings, choose_route

CLIENTS = {
    "requests": "requests", "keras": "urllib", "curl": "curl", "huggingface-1": "httpx", "huggingface": "httpx2",
    "wget": "wget",
}  # fmt: skip
"""A client of the catalogue for each family of rules."""
NAME, ADDRESS = "a.example", "127.0.0.1"

# (NO_PROXY, host, who goes directly); PORT is the port that is asked for.
MATRIX = [
    ("a.example", NAME, "requests urllib curl httpx httpx2 wget"),
    ("example", NAME, "requests urllib curl httpx httpx2 wget"),
    (".example", NAME, "requests urllib curl httpx httpx2 wget"),
    (".a.example", NAME, "requests urllib curl"),
    ("A.EXAMPLE", NAME, "requests urllib curl httpx httpx2 wget"),
    ("a.example", "A.Example", "requests urllib curl httpx httpx2 wget"),
    ("*", NAME, "requests urllib curl httpx httpx2"),
    ("*,other.example", NAME, "httpx httpx2"),
    ("*.example", NAME, "httpx2"),
    ("b.example,xample", NAME, ""),
    ("b.example,a.example", NAME, "requests urllib curl httpx httpx2 wget"),
    ("b.example, a.example", NAME, "requests urllib curl httpx httpx2 wget"),
    (",,a.example,", NAME, "requests urllib curl httpx httpx2 wget"),
    ("b.example a.example", NAME, "curl"),
    ("b.example;a.example", NAME, ""),
    ('"a.example"', NAME, ""),
    ("http://a.example", NAME, "httpx httpx2"),
    ("a.example:PORT", NAME, "requests urllib httpx httpx2"),
    ("a.example:9", NAME, ""),
    ("127.0.0.1", ADDRESS, "requests urllib curl httpx httpx2 wget"),
    ("127.0.0.0/8", ADDRESS, "requests curl httpx2"),
    ("127.0.0.1:PORT", ADDRESS, "urllib httpx httpx2"),
    ("127.*", ADDRESS, ""),
    ("10.0.0.0/8,10.1.2.3", ADDRESS, ""),
]
ROWS = [(*row[:2], set(row[2].split())) for row in MATRIX]
IDS = [f"{host}={entry}" for entry, host, _ in MATRIX]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Server, Server]]:
    with Server(faults_http.respond(200, b"direct")) as origin, Server(faults_http.respond(200, b"proxied")) as proxy:
        yield origin, proxy


@pytest.fixture
def setting(servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    origin, proxy = servers
    real = socket.getaddrinfo

    def here(host: Any, *more: Any, **named: Any) -> Any:
        return real(ADDRESS if str(host).lower() in (NAME, f"b'{NAME}'") else host, *more, **named)

    def made(entry: str, host: str) -> str:
        monkeypatch.setattr(socket, "getaddrinfo", here)
        monkeypatch.setenv("http_proxy", proxy.url(""))
        monkeypatch.setenv("no_proxy", entry.replace("PORT", str(origin.port)))
        return f"http://{host}:{origin.port}/"

    return made


@pytest.mark.parametrize(("entry", "host", "direct"), ROWS, ids=IDS)
@pytest.mark.parametrize("client", CLIENTS)
def test_our_rules(setting: Callable[[str, str], str], client: str, entry: str, host: str, direct: set[str]) -> None:
    choice = choose_route(load().client(client), setting(entry, host), Settings(), Environment())
    expected = ("direct", "no_proxy") if CLIENTS[client] in direct else ("forward-proxy", "http_proxy")
    assert (choice.way, choice.decided_by) == expected


def by_requests(url: str) -> str:
    import requests

    return requests.get(url, timeout=5).text


def by_urllib(url: str) -> str:
    opener = urllib.request.build_opener()  # `urlopen` keeps the one that it made first
    with opener.open(url, timeout=5) as answer:
        return str(answer.read().decode())


def by_curl(url: str) -> str:
    host, _, port = url.removeprefix("http://").strip("/").partition(":")
    argv = ["curl", "-q", "-sS", "--max-time", "5", "--resolve", f"{host}:{port}:{ADDRESS}", url]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def by_httpx(url: str) -> str:
    httpx: Any = importlib.import_module("httpx")
    return str(httpx.get(url, timeout=5).text)


def _release(name: str) -> tuple[int, ...]:
    if name == "curl":
        said = subprocess.run(["curl", "-V"], capture_output=True, text=True, check=True).stdout
        return tuple(map(int, re.findall(r"\d+", said)[:2]))
    return tuple(int(one) for one in importlib.import_module(name).__version__.split(".")[:2])


MEASURED = {"requests": (2, 34), "curl": (7, 86), "httpx": (0, 28)}
"""Since this release the rows hold; earlier requests take any ending, and earlier curl no blocks of addresses."""


@pytest.mark.parametrize(("entry", "host", "direct"), ROWS, ids=IDS)
@pytest.mark.parametrize("real", [by_requests, by_urllib, by_curl, by_httpx])
def test_the_clients_themselves(
    setting: Callable[[str, str], str], real: Callable[[str], str], entry: str, host: str, direct: set[str]
) -> None:
    name = real.__name__.removeprefix("by_")
    there = shutil.which(name) if name == "curl" else name == "urllib" or importlib.util.find_spec(name)
    if not there or (name in MEASURED and _release(name) < MEASURED[name]):
        pytest.skip(f"needs {name}")
    if name == "curl" and " " in entry and "," not in entry and _release(name) >= (8, 0):
        pytest.skip("later releases end the list at a blank")
    assert real(setting(entry, host)) == ("direct" if name in direct else "proxied")
