"""GNU Wget (1.21): ``src/retr.c`` getproxy and no_proxy_match, ``src/url.c`` url_parse, ``src/host.c`` sufmatch."""

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
    parts_of,
    with_port,
    without_dot_segments,
)
from mnistdoctor.settings.model import Environment


def _find(url: str, scheme: str, environment: Environment) -> Found | None:
    """Lower case alone, and no ALL_PROXY; NO_PROXY is a list of endings."""
    found = environment.get(f"{scheme}_proxy")
    if found is None:
        return None
    host = re.sub(r":\d*$", "", re.split(r"[/?#]", url.partition("://")[2])[0].rpartition("@")[2]).lower()
    entries = re.split(r",\s*", environment.variables.get("no_proxy", "").lower())
    exempt = any(entry and f".{host}".endswith(entry if entry[0] == "." else f".{entry}") for entry in entries)
    exempt = exempt and not any(entry == f".{host}" for entry in entries)
    return Found(*found, "no_proxy" if exempt else None)


def _read_proxy(_client: Client, value: str, scheme: str) -> Proxy:
    """Plain HTTP to the proxy; an https:// value is taken for an https URL alone, and then changes only the port."""
    whole = value if "://" in value else f"http://{value}"
    found = re.match(r"(?s)([A-Za-z]+)://(?:([^/@?#;]*)@)?([^/?#;]*)", whole)
    if value != value.strip() or found is None or found[1].lower() not in ("http", scheme):
        raise ValueError("wget: Error in proxy URL: Must be HTTP.")
    try:
        host, port = host_and_port(found[3], found[1].lower())
    except ValueError as error:
        raise ValueError(f"wget: Error parsing proxy URL: {error}") from None
    username, colon, password = (found[2] or "").partition(":")
    if found[2] is not None and not username:
        raise ValueError("wget: Error parsing proxy URL: Invalid user name")
    return Proxy(
        scheme="http",
        host=host,
        port=port,
        username=unquote(username) if username and colon else None,
        password=unquote(password) if username and colon else None,
    )


def _request_form(url: str, _forward: bool) -> RequestForm:
    """``url_escape`` and ``path_simplify``: nearly everything is escaped."""
    parts = parts_of(url)
    host, port = host_and_port(parts["host"], parts["scheme"])
    path, mark, query = parts["target"].partition("?")
    unsafe = '"<>\\^`{|}'
    target = escaped(without_dot_segments(path), unsafe, broken_percent=True)
    target += mark + escaped(query, unsafe, broken_percent=True)
    authority = with_port(host, port, parts["scheme"])
    absolute = f"{parts['scheme']}://{parts['user']}{authority}{target}"
    return RequestForm(host=host, port=port, target=target, authority=authority, absolute=absolute)


RULES = ClientRules(_find, _read_proxy, _request_form, location=by_requests.RULES.location)
