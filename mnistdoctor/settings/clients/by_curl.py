"""curl (7.88): ``lib/url.c`` detect_proxy and parse_proxy, ``lib/noproxy.c``, ``lib/urlapi.c``, ``tool_urlglob.c``."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.clients import by_requests
from mnistdoctor.settings.clients.base import (
    ClientRules,
    Found,
    Proxy,
    RequestForm,
    escaped,
    host_and_port,
    in_network,
    is_address,
    parts_of,
    with_port,
    without_dot_segments,
)
from mnistdoctor.settings.model import Environment


def _find(url: str, scheme: str, environment: Environment) -> Found | None:
    """Lower case first, no HTTP_PROXY, empty values are skipped."""
    names = ["http_proxy"] if scheme == "http" else [f"{scheme}_proxy", f"{scheme.upper()}_PROXY"]
    found = environment.get(*names, "all_proxy", "ALL_PROXY")
    if found is None:
        return None
    exempt = environment.get("no_proxy", "NO_PROXY")
    host = re.split(r"[/?#]", url.partition("://")[2])[0].rpartition("@")[2]
    name = re.sub(r":\d*$", "", host).strip("[]").lower()
    return Found(*found, exempt[0] if exempt and _exempts(exempt[1], name) else None)


def _exempts(value: str, host: str) -> bool:
    if value.strip() == "*":
        return True
    for entry in re.split(r"[,\s]+", value.lower()):
        if "/" in entry or is_address(entry):
            if is_address(host) and in_network(host, entry):
                return True
        elif entry.strip(".") and (host == entry.strip(".") or host.endswith("." + entry.strip("."))):
            return True
    return False


def _read_proxy(client: Client, value: str, scheme: str) -> Proxy:
    """Quotes, blanks, line ends, and `@` or `#` in the password end curl with exit code 5; a backslash does not."""
    whole = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*):/{1,2}(?!/)", r"\1://", value)  # one slash or two
    whole = whole if "://" in whole else f"http://{whole}"
    given, _, rest = whole.partition("://")
    authority = re.split(r"[/?]", rest)[0]
    credentials, _, hostport = authority.rpartition("@")
    if re.search(r"[\s\"']", value) or "@" in credentials or "#" in authority:
        raise ValueError("curl: (5) Unsupported proxy syntax")
    try:
        host, port = host_and_port(hostport, scheme)
    except ValueError as error:
        raise ValueError(f"curl: (5) Unsupported proxy syntax: {error}") from None
    username, _, password = (unquote(part) for part in credentials.partition(":"))
    known = bool(username or password)
    return Proxy(
        scheme="socks4" if given.lower() == "socks" else given.lower(),  # parse_proxy: socks:// is read so
        host=host.lower(),
        port=port if re.search(r":\d+$", hostport) else client.default_proxy_port(scheme),
        username=username if known else None,
        password=password if known else None,
    )


def _request_form(url: str, _forward: bool) -> RequestForm:
    """A blank stops it, and so do the brackets and braces of its patterns; what is beyond ASCII it escapes."""
    parts = parts_of(url)
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError("curl: (3) URL using bad/illegal format or missing URL")
    if found := re.search(r"[\[\]{}]", parts["target"]):
        raise ValueError(f"curl: (3) {found[0]!r} is a part of a pattern to curl, unless it is called with --globoff")
    host, port = host_and_port(parts["host"], parts["scheme"])
    path, mark, query = parts["target"].partition("?")
    target = escaped(without_dot_segments(path), "", upper=False) + mark + escaped(query, "", upper=False)
    authority = with_port(host, port, parts["scheme"])
    return RequestForm(
        host=host, port=port, target=target, authority=authority, absolute=f"{parts['scheme']}://{authority}{target}"
    )


def _location(location: str) -> str:
    """``CURLU_URLENCODE``: in a redirect a blank is escaped."""
    found = by_requests.RULES.location(location)
    return found.strip().replace(" ", "%20").replace("[", "%5B").replace("]", "%5D") if "//[" not in found else found


RULES = ClientRules(_find, _read_proxy, _request_form, location=_location)
