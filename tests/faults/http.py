"""More ways to redirect and to choose among answers than the demo has."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mnistdoctor.demo.faults_http import (
    GZIP,
    HTML,
    Fields,
    by_method,
    by_request,
    by_user_agent,
    chunks,
    head,
    redirect,
    redirect_loop,
    respond,
    route,
    sequence,
    serve,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mnistdoctor.demo.connection import Connection, Fault

__all__ = [
    "GZIP",
    "HTML",
    "Fields",
    "by_cookie",
    "by_host",
    "by_method",
    "by_request",
    "by_user_agent",
    "chunks",
    "cycle",
    "head",
    "redirect",
    "redirect_chain",
    "redirect_loop",
    "respond",
    "route",
    "sequence",
    "serve",
]


def redirect_chain(length: int, end: Fault, status: int = 302) -> Fault:
    """Send the client through `length` redirects of the same path, `?hop=1` and so on, then play `end`."""

    def fault(connection: Connection) -> None:
        target = urlsplit(connection.request.target)
        done = int(parse_qs(target.query).get("hop", ["0"])[0])
        step = end if done >= length else redirect(f"{target.path}?hop={done + 1}", status)
        step(connection)

    return fault


def cycle(*faults: Fault) -> Fault:
    """Play one fault for each request and begin again after the last."""
    turns = itertools.cycle(faults)
    return lambda connection: next(turns)(connection)


def by_host(hosts: Mapping[str, Fault], otherwise: Fault) -> Fault:
    """Choose by the Host field without its port, in lower case: many sites behind one port."""

    def fault(connection: Connection) -> None:
        name = re.sub(r":\d*$", "", connection.request.field("Host") or "").lower()
        hosts.get(name, otherwise)(connection)

    return fault


def by_cookie(name: str, yes: Fault, no: Fault) -> Fault:
    """Choose by whether the client sends that cookie."""
    return by_request(lambda request: f"{name}=" in (request.field("Cookie") or ""), yes, no)
