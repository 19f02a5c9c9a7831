"""httpx (0.28) and httpx2 (2.16): ``_utils.get_environment_proxies``, ``_config.Proxy`` and ``_urlparse``."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from urllib.parse import unquote

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.clients.base import (
    ClientRules,
    Found,
    Parts,
    Proxy,
    RequestForm,
    escaped,
    in_network,
    is_address,
    no_proxy_name,
    parts_of,
    python_proxies,
    usual_port,
    variable,
    with_port,
    without_dot_segments,
)
from mnistdoctor.settings.model import Environment

_PATH, _QUERY = '"<>`{}', '"<>'
"""What is escaped in a path, and in a query (https://url.spec.whatwg.org/#percent-encoded-bytes)."""


def _entries(environment: Environment) -> list[str]:
    """The entries of NO_PROXY."""
    listed = python_proxies(environment).get("no", "").split(",")
    return [entry.strip() for entry in listed if entry.strip()]


def _settings(environment: Environment) -> tuple[Found, ...]:
    """A transport is made for each of these when the client is made, whatever it will be asked for."""
    proxies = python_proxies(environment)
    if "*" in _entries(environment):
        return ()
    given = [(scheme, proxies[scheme]) for scheme in ("http", "https", "all") if proxies.get(scheme)]
    return tuple(Found(variable(environment, value, f"{scheme}_proxy"), value) for scheme, value in given)


def _found(url: str, scheme: str, environment: Environment, *, newer: bool) -> Found | None:
    proxies = python_proxies(environment)
    value = proxies.get(scheme) or proxies.get("all")
    if not value:
        return None
    exempt = any(entry == "*" or _frees(entry.lower(), url, newer=newer) for entry in _entries(environment))
    name = variable(environment, value, f"{scheme}_proxy", "all_proxy")
    return Found(name, value, no_proxy_name(environment) if exempt else None)


def _frees(entry: str, url: str, *, newer: bool) -> bool:
    """``URLPattern.matches`` for the pattern that an entry becomes."""
    try:
        parts = parts_of(url)
        host, port = _authority(parts)
    except ValueError:
        return False
    named = None if port == usual_port(parts["scheme"]) else port
    if "://" in entry:
        return _pattern_frees(entry, parts["scheme"], host, named)
    if newer and "/" in entry:
        return in_network(host, entry)
    bare, colon, wanted = entry.rpartition(":")
    if colon and bare and wanted.isdigit() and not is_address(entry):
        if named != int(wanted):
            return False
        entry = bare
    entry = entry.strip("[]")
    if is_address(entry) or entry == "localhost":
        return host == entry
    if newer and entry.startswith("*."):
        entry = entry[1:]
    if entry.startswith("."):
        return host.endswith(entry) and host != entry[1:]
    return host == entry or host.endswith(f".{entry}")


def _pattern_frees(pattern: str, scheme: str, host: str, port: int | None) -> bool:
    """An entry with a scheme is a pattern as it stands."""
    wanted_scheme, _, rest = pattern.partition("://")
    name, colon, wanted_port = rest.partition("/")[0].rpartition(":")
    if not colon or not wanted_port.isdigit():
        name, wanted_port = rest.partition("/")[0], ""
    if wanted_scheme not in ("all", scheme):
        return False
    if wanted_port and int(wanted_port) != usual_port(wanted_scheme) and int(wanted_port) != port:
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and host != name[2:]
    if name.startswith("*"):
        return name == "*" or host == name[1:] or host.endswith(f".{name[1:]}")
    return not name or host == name


def _list_fault(environment: Environment) -> tuple[str, str] | None:
    """An entry that makes no pattern: httpx does not come up with it, httpx2 passes it over."""
    entries = _entries(environment)
    if "*" in entries:
        return None
    for entry in entries:
        if is_address(entry) or "://" in entry or re.fullmatch(r"[\d.]+/\d*", entry):
            continue
        host, colon, port = entry.partition("/")[0].partition(":")
        if (colon and port and not port.isdigit()) or "[" in host:
            return no_proxy_name(environment), f"httpx.InvalidURL: Invalid port: {port!r} (entry {entry!r})"
    return None


def _read_proxy(client: Client, value: str, scheme: str) -> Proxy:
    """``_config.Proxy``: the last ``@`` ends the password, blanks and backslashes are escaped."""
    if bad := next((one for one in value if one.isascii() and not one.isprintable()), None):
        raise ValueError(f"Invalid non-printable ASCII character in URL, {bad!r}")
    whole = value if "://" in value else f"http://{value}"
    given = whole.partition("://")[0].lower()
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*", given):
        raise ValueError("Unknown scheme for proxy URL")
    parts = parts_of(whole)
    host, port = _authority(parts)
    usual = 1080 if given.startswith("socks") else 443 if given == "https" else client.default_proxy_port(scheme)
    username, _, password = (unquote(part) for part in parts["user"].removesuffix("@").partition(":"))
    known = (username or password) or None
    return Proxy(
        scheme=given,
        host=host,
        port=usual if port is None else port,
        username=username if known is not None else None,
        password=password if known is not None else None,
    )


def _authority(parts: Parts) -> tuple[str, int | None]:
    """Host, and port where one is given, by ``AUTHORITY_REGEX``. Raises `ValueError` as its InvalidURL says."""
    found = re.match(r"(?s)(\[.*\]|[^:@]*):?(.*)", parts["host"])
    host, port = (found[1], found[2]) if found else ("", "")
    if port and not re.fullmatch(r"\s*\d+\s*", port):
        raise ValueError(f"Invalid port: {port!r}")
    if host.startswith("["):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise ValueError(f"Invalid IPv6 address: {host!r}") from None
        host = host[1:-1]
    elif re.fullmatch(r"\d+\.\d+\.\d+\.\d+", host) and not is_address(host):
        raise ValueError(f"Invalid IPv4 address: {host!r}")
    elif not host.isascii():
        import idna

        try:
            host = idna.encode(host.lower()).decode()
        except idna.IDNAError:
            raise ValueError(f"Invalid IDNA hostname: {host!r}") from None
    return host.lower(), int(port) if port else None


def _request_form(url: str, _forward: bool) -> RequestForm:
    if len(url) > 65536:
        raise ValueError("URL too long")
    if bad := next((one for one in url if one.isascii() and not one.isprintable()), None):
        raise ValueError(f"Invalid non-printable ASCII character in URL, {bad!r}")
    if not re.match(r"(?i)https?://", url):
        raise ValueError("Request URL is missing an 'http://' or 'https://' protocol.")
    parts = parts_of(url)
    host, port = _authority(parts)
    if not host:
        raise ValueError("no host")
    path, mark, query = parts["target"].partition("?")
    target = escaped(without_dot_segments(path), _PATH) + mark + escaped(query, _QUERY)
    port = usual_port(parts["scheme"]) if port is None else port
    authority = with_port(host, port, parts["scheme"])
    return RequestForm(
        host=host, port=port, target=target, authority=authority, absolute=f"{parts['scheme']}://{authority}{target}"
    )


def _location(location: str) -> str:
    """``Headers.encoding``: ASCII, else UTF-8, else Latin-1."""
    with contextlib.suppress(UnicodeError):
        return location.encode("latin-1").decode("utf-8")
    return location


RULES = ClientRules(
    lambda url, scheme, environment: _found(url, scheme, environment, newer=False),
    _read_proxy,
    _request_form,
    read_at_start=_settings,
    start_fault=_list_fault,
    location=_location,
)
RULES_2 = ClientRules(
    lambda url, scheme, environment: _found(url, scheme, environment, newer=True),
    _read_proxy,
    _request_form,
    read_at_start=_settings,
    location=_location,
)
