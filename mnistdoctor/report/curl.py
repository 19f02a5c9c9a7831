"""A request as a curl command, so that it can be made again outside Python. Options: https://curl.se/docs/manpage.html"""

from __future__ import annotations

import shlex

from mnistdoctor import evidence as ev
from mnistdoctor.redact import HIDDEN

# What curl sends by itself: `-H 'Name:'` takes it out again where the client does not send it.
_CURL_SENDS = ("User-Agent", "Accept")


def as_curl(
    exchange: ev.Exchange, route: ev.Route | None = None, *, resolve: str | None = None, ca_file: str | None = None
) -> str:
    """The command that makes the same request by the same way; secrets were hidden as ``***`` when it was recorded.

    `resolve` is ``HOST:PORT:ADDRESS``, to ask the address that was asked; `ca_file` a CA bundle to verify with.
    """
    # --globoff: brackets in a URL are no ranges; --http1.1: what requests and urllib speak.
    words = [
        "curl",
        "--globoff",
        "--http1.1",
        "--silent",
        "--show-error",
        "--dump-header",
        "-",
        "--output",
        "/dev/null",
    ]
    if exchange.method == "HEAD":
        words = [*words[:5], "--head"]
    elif exchange.method != "GET":
        words += ["--request", exchange.method]
    words += _way(exchange, route)
    words += ["--resolve", resolve] if resolve else []
    words += ["--cacert", ca_file] if ca_file else []
    words += _fields(exchange.request_fields)
    return " ".join(shlex.quote(word) for word in (*words, exchange.url))


def _way(exchange: ev.Exchange, route: ev.Route | None) -> list[str]:
    if route is None:
        return []
    if route.way == "direct" or not route.proxy:
        return ["--noproxy", "*"]
    words = ["--proxy", route.proxy]
    if route.way == "tunnel" and exchange.url.lower().startswith("http:"):
        words.append("--proxytunnel")
    if route.has_credentials:
        words += ["--proxy-user", f"{HIDDEN}:{HIDDEN}"]
    return words


def _fields(fields: ev.Fields) -> list[str]:
    words: list[str] = []
    sent = {name.lower() for name, _ in fields}
    for name in _CURL_SENDS:
        if name.lower() not in sent:
            words += ["--header", f"{name}:"]
    for name, value in fields:
        # Host follows from the URL; what is for the proxy must not be sent on to the origin.
        if name.lower() in ("host", "proxy-authorization", "proxy-connection"):
            continue
        words += ["--header", f"{name}: {value}" if value else f"{name};"]
    return words
