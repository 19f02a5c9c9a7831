"""urllib: ``urllib.request.ProxyHandler`` and ``Request``, and ``http.client`` below them (3.8 to 3.13 alike)."""

from __future__ import annotations

import re
import string
import urllib.request
from urllib.parse import quote, unquote, urlsplit

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.clients.base import (
    ClientRules,
    Found,
    Proxy,
    RequestForm,
    no_proxy_name,
    python_proxies,
    usual_port,
    variable,
)
from mnistdoctor.settings.model import Environment

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f]")
"""``http.client._contains_disallowed_url_pchar_re``."""


def _find(url: str, scheme: str, environment: Environment) -> Found | None:
    """``getproxies`` keyed by scheme: no ALL_PROXY; NO_PROXY by host and port."""
    value = python_proxies(environment).get(scheme)
    if value is None:
        return None
    bypass = urllib.request.proxy_bypass(urlsplit(url).netloc.rpartition("@")[2])
    return Found(variable(environment, value, f"{scheme}_proxy"), value, no_proxy_name(environment) if bypass else None)


def _read_proxy(client: Client, value: str, scheme: str) -> Proxy:
    """``_parse_proxy``: where the value holds an ``@``, its authority ends at the first ``/`` after the *first* one.

    So a password with both is cut, and one with ``@`` alone, or ``/`` alone, is not.
    """
    split = re.match(r"(?s)([^/:]+):(.*)", value)
    given, rest = (split[1].lower(), split[2]) if split else ("", value)
    if not rest.startswith("/"):
        given, authority = "", value
    elif not rest.startswith("//"):
        raise ValueError("proxy URL with no authority")
    else:
        end = rest.find("/", rest.find("@") if "@" in rest else 2)
        authority = rest[2:] if end < 0 else rest[2:end]
    # For http the request is opened anew by the value's scheme; for https a tunnel is asked for, whatever that says.
    return _hostport(client, authority, (given or "http") if scheme == "http" else "http", scheme)


def _hostport(client: Client, authority: str, read_as: str, scheme: str) -> Proxy:
    credentials, _, hostport = authority.rpartition("@")
    username, _, password = (unquote(part) for part in credentials.partition(":"))
    host, port = _split_port(unquote(hostport).strip())
    if not host:
        raise ValueError("the proxy URL has no host")
    if port is not None and not 0 <= port < 65536:
        raise ValueError(f"the proxy URL's port is {port}, and the highest is 65535")
    both = bool(username and password)
    return Proxy(
        scheme=read_as,
        host=host,
        port=client.default_proxy_port(scheme) if port is None else port,
        username=username if both else None,
        password=password if both else None,
    )


def _split_port(text: str) -> tuple[str, int | None]:
    """``HTTPConnection._get_hostport``. Raises `ValueError` as its InvalidURL says."""
    host, colon, port = text.rpartition(":")
    if not colon or "]" in port:
        return text.strip("[]"), None
    try:
        return host.strip("[]"), int(port) if port else None
    except ValueError:
        raise ValueError(f"nonnumeric port: {port!r}") from None


def _request_form(url: str, forward: bool) -> RequestForm:
    """``Request.full_url`` is sent as it was written: nothing is escaped, no dot taken out, no login read."""
    whole = url.strip()
    whole = whole.rpartition("#")[0] or whole
    scheme, _, rest = whole.partition(":")
    found = re.match(r"(?s)//([^/?]*)(.*)", rest)
    netloc = unquote(found[1]) if found else ""
    if not found or not netloc:
        raise ValueError("no host given")
    target = found[2] if found[2].startswith("/") else "/" + found[2]
    sent = whole if forward else target
    if bad := _FORBIDDEN.search(sent) or _FORBIDDEN.search(netloc):
        raise ValueError(f"http.client.InvalidURL: URL can't contain control characters (found at least {bad[0]!r})")
    if not sent.isascii():
        raise ValueError("UnicodeEncodeError: 'ascii' codec can't encode characters of the address")
    if "@" in netloc and not forward:
        raise ValueError("urllib takes the user name and password before the @ for a part of the host and its port")
    host, port = _split_port(netloc.rpartition("@")[2])
    if not host:
        raise ValueError("no host given")
    try:
        netloc.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError("UnicodeEncodeError: 'latin-1' codec can't encode characters of the host") from None
    known = usual_port(scheme.lower()) if port is None else port
    return RequestForm(host=_in_idna(host), port=known, target=target, authority=netloc, absolute=whole)


def _in_idna(host: str) -> str:
    """The codec of the standard library, of 2003 (RFC 3490), by which `socket` and `ssl` go."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError(str(error)) from None


def _location(location: str) -> str:
    """``HTTPRedirectHandler.http_error_302``."""
    return quote(location.replace(" ", "%20"), encoding="iso-8859-1", safe=string.punctuation)


RULES = ClientRules(_find, _read_proxy, _request_form, location=_location)
