"""aria2 (1.36): ``src/option_processing.cc``, ``HttpProxyOptionHandler``, ``inNoProxy`` and ``uri.cc``."""

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
    parts_of,
    with_port,
)
from mnistdoctor.settings.model import Environment


def _find(url: str, scheme: str, environment: Environment) -> Found | None:
    """Lower case alone; a value that it cannot read is passed over, and a proxy for all then counts."""
    readable = (name for name in (f"{scheme}_proxy", "all_proxy") if _taken_apart(environment.variables.get(name, "")))
    name = next(readable, None)
    if name is None:
        return None
    host = re.sub(r":\d*$", "", re.split(r"[/?#]", url.partition("://")[2])[0].rpartition("@")[2])
    entries = [one.strip() for one in environment.variables.get("no_proxy", "").split(",")]
    exempt = any(_frees(entry, host) for entry in entries if entry)
    return Found(name, environment.variables[name], "no_proxy" if exempt else None)


def _frees(entry: str, host: str) -> bool:
    """A leading dot stands for what lies below a name; without it the name itself is meant; networks are read."""
    if "/" in entry:
        return in_network(host, entry)
    return host.endswith(entry) if entry.startswith(".") else host == entry


def _taken_apart(value: str) -> tuple[str, str, str, int] | None:
    """Scheme, user, password's part with user, host and port; None for what is passed over."""
    if not value:
        return None
    whole = value if value.startswith(("http://", "https://", "ftp://")) else f"http://{value}"
    found = re.fullmatch(r"(?s)([a-z]+)://(?:([^/@]*)@)?([^/?#]*).*", whole)
    if found is None or value != value.strip() or found[2] == "" or (found[2] and found[2].startswith(":")):
        return None
    try:
        host, port = host_and_port(found[3], found[1])
    except ValueError:
        return None
    return None if found[3].endswith(":") else (found[1], found[2] or "", host, port)


def _read_proxy(_client: Client, value: str, _scheme: str) -> Proxy | None:
    """Plain HTTP to the proxy, whatever the value's scheme says; it gives the port alone."""
    found = _taken_apart(value)
    if found is None:
        return None
    _, user, host, port = found
    username, _, password = (unquote(part) for part in user.partition(":"))
    known = username or None
    return Proxy(scheme="http", host=host, port=port, username=known, password=password if known else None)


def _request_form(url: str, _forward: bool) -> RequestForm:
    """``percentEncodeMini``: dots stay as they are."""
    parts = parts_of(url)
    if parts["host"].endswith(":"):
        raise ValueError("aria2: Unrecognized URI or unsupported protocol")
    host, port = host_and_port(parts["host"], parts["scheme"])
    target = escaped(parts["target"], '"<>')
    authority = with_port(host, port, parts["scheme"])
    absolute = f"{parts['scheme']}://{parts['user']}{authority}{target}"
    return RequestForm(host=host, port=port, target=target, authority=authority, absolute=absolute)


RULES = ClientRules(_find, _read_proxy, _request_form, location=by_requests.RULES.location)
