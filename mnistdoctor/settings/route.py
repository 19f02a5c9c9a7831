"""Which way a client goes to a URL, by that client's own rules (they differ: see each function)."""

from __future__ import annotations

import ipaddress
import re
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from mnistdoctor.catalogue import Client
from mnistdoctor.catalogue.loaders import Family
from mnistdoctor.evidence import Way
from mnistdoctor.failure import Failure
from mnistdoctor.settings.model import Environment, Settings
from mnistdoctor.settings.python import Python, own


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy as this client reads it from its setting. Holds the credentials: never a record."""

    scheme: str
    host: str
    port: int
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Without the credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


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
    if settings.proxy is not None:
        value, decided_by = settings.proxy, "--proxy"
    else:
        found, bypass = _FINDERS[client.family](url, scheme, environment)
        if found is None:
            return RouteChoice(way="direct")
        if bypass:
            return RouteChoice(way="direct", decided_by=bypass)
        value, decided_by = found[1], found[0]
    if not value:
        return RouteChoice(way="direct", decided_by=decided_by)
    return _read(client, value, decided_by, scheme, environment.python)


Found = tuple[str, str]


def _urllib(url: str, scheme: str, environment: Environment) -> tuple[Found | None, str | None]:
    """``urllib.request.ProxyHandler``: getproxies() keyed by scheme, no ALL_PROXY, NO_PROXY by host and port."""
    value = urllib.request.getproxies().get(scheme)
    if value is None:
        return None, None
    bypass = "NO_PROXY" if urllib.request.proxy_bypass(urlsplit(url).netloc.rpartition("@")[2]) else None
    return (_variable(environment, value, f"{scheme}_proxy"), value), _no_proxy_name(environment, bypass)


def _requests(url: str, scheme: str, environment: Environment) -> tuple[Found | None, str | None]:
    """``Session.merge_environment_settings``, by requests' own functions."""
    from requests.utils import select_proxy, should_bypass_proxies

    value = select_proxy(url, urllib.request.getproxies())
    if not value:
        return None, None
    bypass = "NO_PROXY" if should_bypass_proxies(url, no_proxy=None) else None
    return (_variable(environment, value, f"{scheme}_proxy", "all_proxy"), value), _no_proxy_name(environment, bypass)


def _httpx(url: str, scheme: str, environment: Environment) -> tuple[Found | None, str | None]:
    """httpx ``get_environment_proxies``: getproxies() with ALL_PROXY, and NO_PROXY as host patterns."""
    proxies = urllib.request.getproxies()
    value = proxies.get(scheme) or proxies.get("all")
    if not value:
        return None, None
    host = (urlsplit(url).hostname or "").lower()
    entries = [entry.strip() for entry in proxies.get("no", "").split(",")]
    hit = any(entry == "*" or _httpx_entry(entry.lower(), host, url) for entry in entries if entry)
    found = (_variable(environment, value, f"{scheme}_proxy", "all_proxy"), value)
    return found, _no_proxy_name(environment, "NO_PROXY" if hit else None)


def _httpx_entry(entry: str, host: str, url: str) -> bool:
    if "://" in entry:
        return url.lower().startswith(entry)
    name, _, port = entry.rpartition(":")
    if name and port.isdigit() and urlsplit(url).netloc.endswith(f":{port}"):  # the scheme's own port is never there
        entry = name
    if entry.startswith("."):
        return host.endswith(entry) and host != entry[1:]
    return host == entry or (not _is_address(entry) and entry != "localhost" and host.endswith(f".{entry}"))


def _curl(url: str, scheme: str, environment: Environment) -> tuple[Found | None, str | None]:
    """curl ``lib/url.c`` detect_proxy and ``lib/noproxy.c``: lower case first, no HTTP_PROXY, empty values skipped."""
    names = ["http_proxy"] if scheme == "http" else [f"{scheme}_proxy", f"{scheme.upper()}_PROXY"]
    found = environment.get(*names, "all_proxy", "ALL_PROXY")
    if found is None:
        return None, None
    exempt = environment.get("no_proxy", "NO_PROXY")
    host = (urlsplit(url).hostname or "").lower()
    return found, exempt[0] if exempt and _curl_exempts(exempt[1], host) else None


def _curl_exempts(value: str, host: str) -> bool:
    if value.strip() == "*":
        return True
    for entry in re.split(r"[,\s]+", value.lower()):
        if "/" in entry or _is_address(entry):
            if _is_address(host) and _in_network(host, entry):
                return True
        elif entry.strip(".") and (host == entry.strip(".") or host.endswith("." + entry.strip("."))):
            return True
    return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _in_network(host: str, entry: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


_FINDERS: dict[Family, Callable[[str, str, Environment], tuple[Found | None, str | None]]] = {
    "urllib": _urllib,
    "requests": _requests,
    "httpx": _httpx,
    "curl": _curl,
}


def _variable(environment: Environment, value: str, *names: str) -> str:
    """Which variable holds the value; lower case wins, as in ``urllib.request.getproxies_environment``."""
    for name in names:
        for spelling in (name, name.upper()):
            if environment.variables.get(spelling) == value:
                return spelling
        for spelling, given in environment.variables.items():
            if spelling.lower() == name and given == value:
                return spelling
    return "system settings"


def _no_proxy_name(environment: Environment, bypass: str | None) -> str | None:
    if bypass is None:
        return None
    found = environment.get("no_proxy", "NO_PROXY")
    return found[0] if found else "system settings"


_SOCKS = ("socks5", "socks5h", "socks4", "socks4a")


def _read(client: Client, value: str, decided_by: str, scheme: str, python: Python) -> RouteChoice:
    """The raw value as this client's parser takes it."""
    oddities = _oddities(value)
    try:
        proxy = _parsed(client, value, scheme)
    except ValueError as error:
        failure, detail = Failure.PROXY_SETTING, str(error)
        return RouteChoice(
            way=_way(scheme, None), decided_by=decided_by, oddities=oddities, failure=failure, detail=detail
        )
    unfit, detail = None, ""
    if proxy.scheme in _SOCKS[: 2 if client.family == "httpx" else None]:
        unfit, detail = _socks_support(client, python)
    elif proxy.scheme not in ("http", "https"):
        unfit, detail = Failure.PROXY_SETTING, f"unknown proxy scheme {proxy.scheme}"
        oddities += ("unsupported-scheme",)
    return RouteChoice(
        way=_way(scheme, proxy), proxy=proxy, decided_by=decided_by, oddities=oddities, failure=unfit, detail=detail
    )


def _way(scheme: str, proxy: Proxy | None) -> Way:
    if proxy is not None and proxy.scheme in _SOCKS:
        return "socks"
    return "tunnel" if scheme == "https" else "forward-proxy"


def _socks_support(client: Client, python: Python) -> tuple[Failure | None, str]:
    if client.family == "curl":
        return None, ""
    needed = {"requests": "socks", "httpx": "socksio"}.get(client.family)
    if needed is None:
        return Failure.PROXY_SUPPORT, f"{client.name} downloads with urllib, which cannot speak SOCKS"
    if not (python if python.release(client.family) else own()).has(needed):
        package = "PySocks" if needed == "socks" else needed
        return Failure.PROXY_SUPPORT, f"{client.family} needs {package} to speak SOCKS, and it is not installed here"
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


def _parsed(client: Client, value: str, scheme: str) -> Proxy:
    """Raises `ValueError` with the client's own complaint."""
    if client.family == "urllib":
        return _parsed_by_urllib(client, value, scheme)
    if client.family == "curl" and _spoilt_for_curl(value):
        raise ValueError("curl: (5) Unsupported proxy syntax")
    from requests.utils import get_auth_from_url, prepend_scheme_if_needed
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        prefixed = str(prepend_scheme_if_needed(value, "http"))  # type: ignore[no-untyped-call]
        parsed = parse_url(prefixed)
    except LocationParseError as error:
        raise ValueError(f"the proxy URL cannot be parsed: {error}") from None
    if not parsed.host:
        raise ValueError("the proxy URL has no host")
    given = (parsed.scheme or "http").lower()
    if given == "socks" and client.family == "curl":
        given = "socks4"  # lib/url.c parse_proxy: socks:// is read so
    by_scheme = {"https": 443} if client.family != "curl" else {}
    usual = 1080 if given.startswith("socks") else by_scheme.get(given, client.default_proxy_port(scheme))
    username, password = get_auth_from_url(prefixed)
    return Proxy(
        scheme=given,
        host=parsed.host.strip("[]"),
        port=parsed.port or usual,
        username=username or None,
        password=password or None,
    )


def _spoilt_for_curl(value: str) -> bool:
    """Quotes, blanks, line ends, and `@` or `#` in the password end curl with exit code 5 (measured with 7.88)."""
    authority = re.split(r"[/?]", value.partition("://")[2] or value)[0]
    return bool(re.search(r"[\s\"']", value)) or authority.count("@") > 1 or "#" in authority


def _parsed_by_urllib(client: Client, value: str, scheme: str) -> Proxy:
    """``urllib.request._parse_proxy`` and ``http.client.HTTPConnection._get_hostport``: another parser, other rules."""
    given, colons, rest = value.partition("://")
    if not colons:
        given, rest = "http", value
    start = rest.rfind("@") + 1 if "@" in rest else 0
    end = rest.find("/", start)
    authority = rest if end < 0 else rest[:end]
    credentials, _, hostport = authority.rpartition("@")
    username, _, password = (unquote(part) for part in credentials.partition(":"))
    hostport = unquote(hostport).strip()
    host, colon, port = hostport.rpartition(":")
    if not colon or hostport.endswith("]"):
        host, port = hostport, ""
    if not host:
        raise ValueError("the proxy URL has no host")
    if port and not port.isdigit():
        raise ValueError(f"nonnumeric port: {port!r}")
    given = given.strip("'\" ").lower()
    # For an https target urllib tunnels in clear whatever the value's scheme says.
    read_as = "https" if given == "https" and scheme == "http" else (given if given.startswith("socks") else "http")
    number = int(port) if port else client.default_proxy_port(scheme)
    both = bool(username and password)
    return Proxy(
        scheme=read_as,
        host=host.strip("[]"),
        port=number,
        username=username if both else None,
        password=password if both else None,
    )
