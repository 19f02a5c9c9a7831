"""Records of proxies that a machine knows, and of what they answered when they were asked for the same URL."""

from __future__ import annotations

from typing import Any

from mnistdoctor import evidence as ev
from tests.causes.build import URL, rec

PROXY = "http://p.corp:3128"
HOST = "ossci-datasets.s3.amazonaws.com"
CHAIN = (
    ev.Certificate(subject=f"CN={HOST}", issuer="CN=Public CA", not_before=1_790_000_000.0, not_after=1_800_000_000.0),
)


def known(place: str, key: str, proxy: str = PROXY, **fields: Any) -> Any:
    fields.setdefault("where", {"variable": "this process", "exempted": "this process"}.get(place, "/etc/some.conf"))
    return rec(ev.KnownProxy, None, control="pac" if place == "pac" else "proxies", place=place, key=key, proxy=proxy,
               **fields)  # fmt: skip


def through(*records: tuple[type[Any], str, dict[str, Any]], proxy: str = PROXY) -> tuple[Any, ...]:
    """What the control that asked a proxy for the URL recorded."""
    way = rec(ev.Route, None, control="by-proxy", way="tunnel", proxy=proxy)
    return (way, *(rec(kind, stage, control="by-proxy", **fields) for kind, stage, fields in records))


def tunnelled(status: int) -> tuple[type[Any], str, dict[str, Any]]:
    failure = None if status == 200 else "proxy_tunnel_failed"
    return ev.Tunnel, "proxy", {"protocol": "http", "target": f"{HOST}:443", "proxy": "p.corp:3128", "status": status,
                                "failure": failure}  # fmt: skip


def answered(status: int, *fields: tuple[str, str]) -> tuple[type[Any], str, dict[str, Any]]:
    return ev.Exchange, "http", {"method": "GET", "url": URL, "status": status, "fields": fields, "via": "proxy"}


def asked_for_password(proxy: str = PROXY) -> tuple[Any, ...]:
    return through(tunnelled(407), proxy=proxy)


EXEMPTED = known("exempted", "HTTPS_PROXY")
HANDSHAKE = (ev.Handshake, "tls", {"server_name": HOST, "chain": CHAIN})
OPENED = through(tunnelled(200), HANDSHAKE, answered(200))
