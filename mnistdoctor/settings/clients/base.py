"""The forms in which each client's rules are written down, and what several of them share."""

from __future__ import annotations

import ipaddress
import re
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.model import Environment


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


@dataclass(frozen=True, slots=True)
class Found:
    """The setting that names a proxy for a URL."""

    variable: str
    """The variable that decided, or ``system settings``."""
    value: str = field(repr=False)
    exempted_by: str | None = None
    """What frees this host from the proxy: the name of NO_PROXY as it is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """A URL as this client sends it."""

    host: str
    """What it looks up and connects to; not yet in the form that a lookup needs."""
    port: int
    target: str
    """Path and query as they stand in the request line (origin form, RFC 9112 section 3.2.1)."""
    authority: str
    """The value of Host."""
    absolute: str
    """What stands in the request line to a forward proxy (RFC 9112 section 3.2.2)."""


@dataclass(frozen=True, slots=True)
class ClientRules:
    """What one library, or one program, makes of variables and of URLs."""

    find: Callable[[str, str, Environment], Found | None]
    """The setting for this URL and its scheme; None where nothing names a proxy."""
    read_proxy: Callable[[Client, str, str], Proxy | None]
    """A setting's value, for a URL of that scheme; None where it is passed over. Raises `ValueError` with the client's
    own complaint."""
    request_form: Callable[[str, bool], RequestForm]
    """The URL, and whether it goes to a forward proxy in clear. Raises `ValueError` (the complaint, without secrets)
    where this client cannot send it."""
    read_at_start: Callable[[Environment], tuple[Found, ...]] = lambda _environment: ()
    """Settings that it reads whatever the URL, and does not come up without."""
    start_fault: Callable[[Environment], tuple[str, str] | None] = lambda _environment: None
    """The name of another variable that it does not come up with, and its complaint."""
    location: Callable[[str], str] = lambda location: location
    """A redirect's target before it is joined to the URL; `http.client` reads it as Latin-1."""


def python_proxies(environment: Environment) -> dict[str, str]:
    """``urllib.request.getproxies`` for this environment: proxies by scheme, and ``no``.

    Lower case wins; an empty value in lower case switches off; HTTP_PROXY is not read by a CGI program.
    """
    found: dict[str, str] = {}
    for exact in (False, True):
        for name, value in environment.variables.items():
            if not name.lower().endswith("_proxy") or (exact and name != name.lower()):
                continue
            scheme = name.lower().removesuffix("_proxy")
            if value:
                found[scheme] = value
            elif exact:
                found.pop(scheme, None)
        if not exact and "REQUEST_METHOD" in environment.variables:
            found.pop("http", None)
    return found or _system_proxies()


def _system_proxies() -> dict[str, str]:
    """Those of the Windows registry or of macOS; elsewhere there are none."""
    for name in ("getproxies_registry", "getproxies_macosx_sysconf"):
        if read := getattr(urllib.request, name, None):
            return dict(read())
    return {}


def variable(environment: Environment, value: str, *names: str) -> str:
    """Which variable holds the value; lower case wins, as in ``urllib.request.getproxies_environment``."""
    for name in names:
        for spelling in (name, name.upper()):
            if environment.variables.get(spelling) == value:
                return spelling
        for spelling, given in environment.variables.items():
            if spelling.lower() == name and given == value:
                return spelling
    return "system settings"


def no_proxy_name(environment: Environment) -> str:
    """NO_PROXY as it is spelt where it is set."""
    found = environment.get("no_proxy", "NO_PROXY")
    return found[0] if found else "system settings"


def is_address(text: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def in_network(host: str, entry: str) -> bool:
    """Whether the host is an address of that network."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def usual_port(scheme: str) -> int:
    """Of a URL that names none."""
    return 443 if scheme == "https" else 80


def with_port(host: str, port: int, scheme: str) -> str:
    """The authority of a URL: the port only where it is not the scheme's own."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port == usual_port(scheme) else f"{shown}:{port}"


def without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4."""
    kept: list[str] = []
    parts = path.split("/")
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        if part == ".." and len(kept) > 1:
            kept.pop()
        elif part not in (".", ".."):
            kept.append(part)
            continue
        if last:
            kept.append("")
    return "/".join(kept) or "/"


def escaped(text: str, unsafe: str, *, upper: bool = True, broken_percent: bool = False) -> str:
    """These characters, blanks, control characters and all beyond ASCII as ``%20``; escapes stay as they are."""

    def one(match: re.Match[str]) -> str:
        bytes_ = match[0].encode("utf-8", "surrogatepass")
        return "".join(f"%{byte:02X}" if upper else f"%{byte:02x}" for byte in bytes_)

    percent = "|%(?![0-9A-Fa-f]{2})" if broken_percent else ""
    return re.sub(rf"[\x00-\x20\x7f-\U0010ffff{re.escape(unsafe)}]{percent}", one, text)


Parts = Mapping[str, str]


def parts_of(url: str) -> Parts:
    """``scheme``, ``user`` (with its ``@``), ``host`` (with its port) and ``target`` of an absolute URL.

    Raises `ValueError` where there is no host.
    """
    found = re.match(r"(?s)(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)", url)
    if found is None:
        raise ValueError("no scheme and host")
    user, at, host = found["authority"].rpartition("@")
    target = found["target"] if found["target"].startswith("/") else "/" + found["target"]
    return {"scheme": found["scheme"].lower(), "user": user + at, "host": host, "target": target}


def host_and_port(text: str, scheme: str) -> tuple[str, int]:
    """``host:port`` taken apart, as most clients do. Raises `ValueError` for a port that is none, and for no host."""
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port:
        host, port = text, ""
    if not host:
        raise ValueError("no host")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:9]) < 65536):
        raise ValueError("the port is no number from 1 to 65535")
    return host.strip("[]"), int(port) if port else usual_port(scheme)
