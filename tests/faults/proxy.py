"""Proxies that answer CONNECT otherwise, break a tunnel, or say why in Proxy-Status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import by_method, respond
from mnistdoctor.demo.faults_proxy import (
    ESTABLISHED,
    HOP_BY_HOP,
    SQUID,
    auth_required,
    authority_of,
    basic_auth,
    deny,
    http_proxy,
    speaks_no_connect,
    squid_error,
)
from mnistdoctor.demo.log import Destination

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault

__all__ = [
    "ESTABLISHED",
    "HOP_BY_HOP",
    "SQUID",
    "auth_required",
    "basic_auth",
    "deny",
    "http_proxy",
    "on_connect",
    "proxy_status",
    "reset_now",
    "speaks_no_connect",
    "squid_error",
    "tunnel",
]


def proxy_status(error: str, status: int, detail: str = "", name: str = "proxy.demo") -> Fault:
    """Answer with a Proxy-Status field (RFC 9209), e.g. `dns_error` with `rcode="NXDOMAIN"` as detail."""
    value = f"{name}; error={error}" + (f"; {detail}" if detail else "")
    return respond(status, b"", (("Proxy-Status", value),), close=True)


def on_connect(answer: Fault, otherwise: Fault) -> Fault:
    """Play `answer` to CONNECT and `otherwise` to all else."""
    return by_method({"CONNECT": answer}, otherwise)


def tunnel(inner: Fault) -> Fault:
    """Say that the tunnel stands, then play `inner` in it: `tls(...)` intercepts, `reset_now` and `hang` break it."""

    def fault(connection: Connection) -> None:
        connection.log.add(Destination(connection.number, authority_of(connection.request) or ""))
        connection.send(ESTABLISHED)
        connection.forget_request()
        inner(connection)

    return fault


def reset_now(connection: Connection) -> None:
    """RST where the connection stands."""
    connection.reset()
