"""Which way a client goes to a URL, by that client's own rules (they differ: see `mnistdoctor.settings.clients`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mnistdoctor.catalogue import Client
from mnistdoctor.evidence import Way
from mnistdoctor.failure import Failure
from mnistdoctor.settings.clients import Proxy, rules_of
from mnistdoctor.settings.model import Environment, Settings
from mnistdoctor.settings.python import Python, own


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChoice:
    """The decision, and what made it."""

    way: Way
    proxy: Proxy | None = None
    decided_by: str | None = None
    oddities: tuple[str, ...] = ()
    failure: Failure | None = None
    detail: str = ""


def choose_route(client: Client, url: str, settings: Settings, environment: Environment) -> RouteChoice:
    """How the client would go to the URL: directly, through a proxy, or not at all because its setting is unusable."""
    scheme = urlsplit(url).scheme.lower()
    if settings.direct:
        return RouteChoice(way="direct", decided_by="without the proxy")
    if settings.direct_to is not None and (urlsplit(url).hostname or "").lower() == settings.direct_to:
        return RouteChoice(way="direct", decided_by="NO_PROXY")
    if settings.proxy == "":
        return RouteChoice(way="direct", decided_by="--proxy")
    if settings.proxy is not None:
        return _read(client, settings.proxy, "--proxy", scheme, environment.python)
    if (stopped := _at_start(client, environment, scheme)) is not None:
        return stopped
    found = rules_of(client).find(url, scheme, environment)
    if found is None:
        return RouteChoice(way="direct")
    if found.exempted_by or not found.value:
        return RouteChoice(way="direct", decided_by=found.exempted_by or found.variable)
    return _read(client, found.value, found.variable, scheme, environment.python)


def _at_start(client: Client, environment: Environment, scheme: str) -> RouteChoice | None:
    """What keeps the client from coming up, though another variable may be the one for this URL."""
    rules = rules_of(client)
    for found in rules.read_at_start(environment):
        choice = _read(client, found.value, found.variable, scheme, environment.python)
        if choice.failure:
            return choice
    if fault := rules.start_fault(environment):
        name, detail = fault
        return RouteChoice(way="direct", decided_by=name, failure=Failure.PROXY_SETTING, detail=detail)
    return None


_SOCKS = ("socks5", "socks5h", "socks4", "socks4a")


def _read(client: Client, value: str, decided_by: str, scheme: str, python: Python) -> RouteChoice:
    """The raw value as this client's parser takes it."""
    oddities = _oddities(value)
    try:
        proxy = rules_of(client).read_proxy(client, value, scheme)
    except ValueError as error:
        failure, detail = Failure.PROXY_SETTING, str(error)
        return RouteChoice(
            way=_way(scheme, None), decided_by=decided_by, oddities=oddities, failure=failure, detail=detail
        )
    if proxy is None:
        return RouteChoice(way="direct", oddities=oddities)
    unfit, detail = None, ""
    if proxy.scheme in _SOCKS[: 2 if client.reads_socks == "socksio" else None]:
        unfit, detail = _socks_support(client, python)
    elif proxy.scheme not in ("http", "https"):
        unfit, detail = Failure.PROXY_SETTING, f"unknown proxy scheme {proxy.scheme}"
        oddities += ("unsupported-scheme",)
    if proxy.scheme == "http" and value.lower().startswith("socks"):
        oddities += ("socks-spoken-as-http",)
    return RouteChoice(
        way=_way(scheme, proxy), proxy=proxy, decided_by=decided_by, oddities=oddities, failure=unfit, detail=detail
    )


def _way(scheme: str, proxy: Proxy | None) -> Way:
    if proxy is not None and proxy.scheme in _SOCKS:
        return "socks"
    return "tunnel" if scheme == "https" else "forward-proxy"


def _socks_support(client: Client, python: Python) -> tuple[Failure | None, str]:
    needed = {"PySocks": "socks", "socksio": "socksio"}.get(client.reads_socks)
    if client.reads_socks == "never":
        return Failure.PROXY_SUPPORT, f"{client.name} downloads with {client.family}, which cannot speak SOCKS"
    if needed is not None and not (python if python.release(client.family) else own()).has(needed):
        detail = f"{client.family} needs {client.reads_socks} to speak SOCKS, and it is not installed here"
        return Failure.PROXY_SUPPORT, detail
    return None, ""


def _oddities(value: str) -> tuple[str, ...]:
    """What is unusual in the raw value; it says nothing of the secret itself."""
    found = []
    if any(mark in value for mark in "\r\n"):
        found.append("newline")
    elif value != value.strip():
        found.append("blank")
    bare = value.strip()
    if bare[:1] in "'\"" or bare[-1:] in "'\"":
        found.append("quotes")
    bare = bare.strip("'\"")
    if "://" not in bare:
        found.append("no-scheme")
    given, at, host = bare.partition("://")[2].rpartition("@") if "://" in bare else bare.rpartition("@")
    if at:
        if "\\" in given:
            found.append("backslash")
        if re.search(r"[@/#?\[\] ]|%(?![0-9A-Fa-f]{2})", given) or given.count(":") > 1:
            found.append("reserved")
    if not re.search(r":\d+/?$", host):
        found.append("no-port")
    return tuple(found)
