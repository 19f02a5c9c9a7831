"""Evidence for the tests of causes, written as the records that matter.

    Evidence(url=TYPO).get(404).control(Control.NEAREST).get(200, url=RIGHT).case()

states a case from the left to the right: what the target met, then what a control of that name saw. A record that is
needed by itself comes from a function of the same kind (`tunnel`, `refused`, `rec`, ...) and goes in by `add`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.content.look import look
from mnistdoctor.failure import Failure

URL = "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz"
HOST = "ossci-datasets.s3.amazonaws.com"
PLAIN = "https://files.example/download/data"
GZ = "https://files.example/download/data.gz"
NOW = 1_795_000_000.0
"""The local clock of every case: 2026-11-18."""
DAY = 86_400.0
_MACHINE = {"python": "3.11.7", "openssl": "OpenSSL 3.0.19", "unix_time": NOW}

DATA = Path(__file__).parent.parent / "data"
LABELS = (DATA / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
FASHION = (DATA / "fashion_mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
SHA256 = hashlib.sha256(LABELS).hexdigest()
KNOWN: dict[str, Any] = {
    "file": "mnist/t10k-labels",
    "size": len(LABELS),
    "digests": (("sha256", SHA256),),
    "content": "gzip-idx",
}
"""What a subject tells of the file at `URL`."""


class Evidence:
    """Records in the order in which they are stated. Give records made elsewhere, and fields of the Subject."""

    def __init__(self, *records: Any, **subject: Any) -> None:
        self.records: tuple[Any, ...] = ()
        self._subject = subject
        self._control: Control | None = None
        self.add(*records)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records)

    def add(self, *records: Any) -> Evidence:
        """Add records, or the records of other evidence."""
        for one in records:
            for record in one if isinstance(one, (Evidence, tuple)) else (one,):
                if self._control is not None and record.control is None:
                    record = dataclasses.replace(record, role="control", control=self._control)
                self.records += (record,)
        return self

    def control(self, control: Control) -> Evidence:
        """Let all that follows be what this control saw."""
        self._control = control
        return self

    def rec(self, kind: type[Any], stage: str | None, **fields: Any) -> Evidence:
        """Add any record, by its type, its stage and its fields."""
        return self.add(rec(kind, stage, **fields))

    # HTTP

    def get(self, status: int | None, text: str = "", fields: ev.Fields = (), **more: Any) -> Evidence:
        """Add an exchange with the beginning of its body; see `got`."""
        return self.add(*got(status, text, fields, **{"url": self._subject.get("url", URL), **more}))

    def body(self, data: bytes, **more: Any) -> Evidence:
        """Add an answer of these bytes; see `answer`."""
        return self.add(*answer(data, **more))

    def forwarded(self, status: int, *fields: tuple[str, str], **more: Any) -> Evidence:
        """Add an answer that came through a proxy without a tunnel."""
        return self.add(forwarded(status, *fields, **more))

    # proxies

    def by_proxy(self, **fields: Any) -> Evidence:
        """Add the route through a tunnel of `proxy.corp`."""
        return self.add(by_proxy(**fields))

    def by_socks(self, scheme: str = "socks5", **fields: Any) -> Evidence:
        """Add the route through a SOCKS proxy on this machine."""
        return self.add(socks_route(scheme, **fields))

    def to_proxy(self, failure: str | None = None, address: str = "10.1.2.3", **fields: Any) -> Evidence:
        """Add the connection to the proxy."""
        return self.add(to_proxy(failure, address, **fields))

    def tunnel(self, status: int | None = None, failure: str | None = "proxy_tunnel_failed", **fields: Any) -> Evidence:
        """Add what the proxy said to CONNECT."""
        return self.add(tunnel(status, failure, **fields))

    # TLS

    def trust(self, label: str = "certifi", certificates: int | None = 140, **fields: Any) -> Evidence:
        """Add the trust store."""
        return self.add(trust_store(label, certificates, **fields))

    def refused(self, code: int, *chain: ev.Certificate, **fields: Any) -> Evidence:
        """Add a handshake that ended with this verify code."""
        return self.add(refused(code, *chain, **fields))

    def broken(self, failure: str, **fields: Any) -> Evidence:
        """Add a handshake that failed otherwise."""
        return self.add(broken(failure, **fields))

    def unrelated(self, *chain: ev.Certificate, **more: Any) -> Evidence:
        """Add the handshake with an unrelated host."""
        return self.add(unrelated(*chain, **more))

    # networks and programs

    def reach(self, four: bool = True, six: bool = False) -> Evidence:
        """Add whether this machine has a way out, by family."""
        return self.add(*reach(four, six))

    def symptom(self, exception: str, message: str = "", *where: str, earlier: bool = False) -> Evidence:
        """Add an exception of a traceback."""
        return self.add(symptom(exception, message, *where, earlier=earlier))

    # the end

    def case(
        self,
        *,
        asked: tuple[str, ...] | None = None,
        platform: str = "Linux-6.1",
        machine: dict[str, Any] | None = None,
        **subject: Any,
    ) -> Case:
        """A case of these records, preceded by Subject, Machine, and an Address and a Route for each hop.

        With ``asked`` further controls may be asked for (`OpenQuestion` is raised); without it none may. ``machine``
        has further fields of the Machine record.
        """
        about = {"url": URL, **self._subject, **subject}
        parts = urlsplit(about["url"])
        before: list[ev.Observation] = [
            rec(ev.Subject, None, **about),
            rec(ev.Machine, None, **(_MACHINE | {"platform": platform} | (machine or {}))),
        ]
        for hop in sorted({one.hop for one in self.records if one.role == "target"} | {0}):
            if not any(isinstance(one, ev.Address) and one.hop == hop for one in self.records):
                port = parts.port or (443 if parts.scheme == "https" else 80)
                where = {"scheme": parts.scheme, "host": parts.hostname or "", "port": port, "path": parts.path}
                before.append(rec(ev.Address, None, hop=hop, url=about["url"], **where))
            if not any(isinstance(one, ev.Route) and one.hop == hop for one in self.records):
                before.append(rec(ev.Route, None, hop=hop))
        numbered = tuple(dataclasses.replace(one, id=f"o{n}") for n, one in enumerate((*before, *self.records), 1))
        return Case(numbered, load(), asked=frozenset(map(Control, asked or ())), controls_allowed=asked is not None)


def rec(kind: type[Any], stage: str | None, **fields: Any) -> Any:
    """A record without an id; ``control=`` makes it a control's."""
    if fields.get("control"):
        fields.setdefault("role", "control")
    return kind(id="", stage=stage, **fields)


# answers

S3 = (("x-amz-request-id", "0A49CE4060975EAC"), ("Content-Type", "application/xml"), ("Server", "AmazonS3"))
CLOUDFLARE = (("Server", "cloudflare"), ("CF-RAY", "8c1f-FRA"), ("Content-Type", "text/html"))
HTML = (("Server", "nginx"), ("Content-Type", "text/html"))


def store_error(code: str, message: str = "words", more: str = "") -> str:
    """The XML in which object stores refuse."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>'
    )


def got(
    code: int | None, text: str = "", fields: ev.Fields = (), *, url: str = URL, control: str | None = None, **more: Any
) -> tuple[Any, ...]:
    """An exchange that was answered, with the body's beginning."""
    hop = more.pop("hop", 0)
    what = more.pop("what", "html" if text.lstrip().lower().startswith(("<html", "<!doctype")) else "text")
    title = more.pop("title", "")
    more.setdefault("method", "GET")
    more.setdefault("request_fields", (("User-Agent", "python-requests/2.34.2"),))
    if code is not None and (code >= 400 or code < 200):
        more.setdefault("failure", "http_request_failed")
    shared = {"control": control, "hop": hop} if control else {"hop": hop}
    head = rec(ev.Exchange, "http", url=url, status=code, fields=fields, **shared, **more)
    if code is None or 300 <= code < 400:
        return (head,)
    body = rec(ev.Transfer, "length", status=code, received=len(text), written=len(text), text=text, **shared)
    return (head, body, rec(ev.Content, "length", what=what, title=title, **shared))


def digests(data: bytes) -> ev.Pairs:
    """Of bytes, as a Transfer has them."""
    return tuple((name, hashlib.new(name, data).hexdigest()) for name in ("sha256", "md5"))


def answer(
    data: bytes,
    *,
    status: int = 200,
    fields: ev.Fields = (),
    control: str | None = None,
    asked: ev.Fields = (),
    came: bytes | None = None,
    due: str | None = None,
    url: str = URL,
    **transfer: Any,
) -> tuple[Any, ...]:
    """Exchange, Transfer and Content of this body, as the instrument sees it.

    ``came`` are the bytes before the client removed a coding, ``due`` what content was expected.
    """
    raw = data if came is None else came
    transfer.setdefault("declared", len(raw))
    if transfer.get("declared") is None:
        transfer.setdefault("framing", "close")
    limited = transfer.get("limited", False)
    closed = transfer.get("framing") == "close"
    values: dict[str, Any] = {
        "status": status,
        "received": len(raw),
        "written": len(data),
        "head": data[:64].hex(),
        "duration_s": 1.0,
        "complete": None if closed or limited else not transfer.get("failure"),
        "digests": () if limited or transfer.get("failure") else digests(data),
        "received_digests": digests(raw) if came is not None else (),
    }
    found = look(io.BytesIO(data), limited=limited or bool(transfer.get("failure")), expected=due)
    if found.what in ("html", "xml", "json", "text", "lfs-pointer"):
        values["text"] = data[:4096].decode("utf-8", "replace")
    refused = "http_request_failed" if status >= 400 else None
    head = {"method": "GET", "url": url, "status": status, "fields": fields, "request_fields": asked}
    return (
        rec(ev.Exchange, "http", control=control, failure=refused, **head),
        rec(ev.Transfer, "length", control=control, **{**values, **transfer}),
        rec(ev.Content, "checksum", control=control, **dataclasses.asdict(found)),
    )


def page(title: str, text: str = "") -> bytes:
    """A page where data were expected."""
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{text}</body></html>".encode()


def forwarded(status: int, *fields: tuple[str, str], **more: Any) -> Any:
    """An answer that came through a proxy without a tunnel."""
    values = {"method": "GET", "url": "http://data.example/a.gz", "via": "proxy", "status": status, "fields": fields}
    return rec(ev.Exchange, "http", **values, failure="http_request_failed", **more)


def dated(skew: float, url: str = "http://portal.example/generate_204") -> Any:
    """What the control in clear told of the time."""
    return rec(ev.Exchange, "http", control="portal", method="GET", url=url, status=204, date_skew_s=skew)


# proxies


def by_proxy(**fields: Any) -> Any:
    """The route through a tunnel of `proxy.corp`."""
    values: dict[str, Any] = {
        "way": "tunnel",
        "proxy": "http://proxy.corp:3128",
        "proxy_scheme": "http",
        "proxy_host": "proxy.corp",
        "proxy_port": 3128,
        "decided_by": "HTTPS_PROXY",
    }
    return rec(ev.Route, None, **(values | fields))


def socks_route(scheme: str = "socks5", **fields: Any) -> Any:
    """The route through a SOCKS proxy on this machine."""
    values: dict[str, Any] = {
        "way": "socks",
        "proxy": f"{scheme}://127.0.0.1:1080",
        "proxy_scheme": scheme,
        "proxy_host": "127.0.0.1",
        "proxy_port": 1080,
        "decided_by": "ALL_PROXY",
    }
    return by_proxy(**(values | fields))


def to_proxy(failure: str | None = None, address: str = "10.1.2.3", **fields: Any) -> Any:
    """The connection to the proxy."""
    errno = {"connection_refused": "ECONNREFUSED", "generic_timeout_error": "ETIMEDOUT"}.get(failure or "")
    values = {"address": address, "port": 3128, "family": 4, "peer": "proxy", "name": "proxy.corp"}
    return rec(ev.Connect, "tcp", **values, failure=failure, errno=errno, **fields)


def tunnel(status: int | None = None, failure: str | None = "proxy_tunnel_failed", **fields: Any) -> Any:
    """What the proxy said to CONNECT."""
    fields = {"protocol": "http", "target": f"{HOST}:443", "proxy": "proxy.corp:3128"} | fields
    return rec(ev.Tunnel, "proxy", status=status, failure=failure, **fields)


def opened(host: str = "example.com:443") -> Any:
    """The tunnel that the proxy gave to another host."""
    return rec(ev.Tunnel, "proxy", control="unrelated-tls", protocol="http", target=host, proxy="p", status=200)


PROXY = "http://p.corp:3128"
"""One that this machine knows, and the client does not use."""


def known_proxy(place: str, key: str, proxy: str = PROXY, **fields: Any) -> Any:
    """A proxy that this machine knows from elsewhere."""
    fields.setdefault("where", {"variable": "this process", "exempted": "this process"}.get(place, "/etc/some.conf"))
    control = "pac" if place == "pac" else "proxies"
    return rec(ev.KnownProxy, None, control=control, place=place, key=key, proxy=proxy, **fields)


def through(*records: Any, proxy: str = PROXY) -> Evidence:
    """What the control that asked a proxy for the URL recorded."""
    return Evidence().control(Control.BY_PROXY).rec(ev.Route, None, way="tunnel", proxy=proxy).add(*records)


def tunnelled(status: int) -> Any:
    """What a known proxy said to CONNECT."""
    return tunnel(status, None if status == 200 else "proxy_tunnel_failed", proxy="p.corp:3128")


def answered_by_proxy(status: int, *fields: tuple[str, str]) -> Any:
    """What came through a known proxy."""
    return rec(ev.Exchange, "http", method="GET", url=URL, status=status, fields=fields, via="proxy")


def asked_for_password(proxy: str = PROXY) -> Evidence:
    """A known proxy wants a password."""
    return through(tunnelled(407), proxy=proxy)


CHAIN = (
    ev.Certificate(subject=f"CN={HOST}", issuer="CN=Public CA", not_before=1_790_000_000.0, not_after=1_800_000_000.0),
)
HANDSHAKE = rec(ev.Handshake, "tls", server_name=HOST, chain=CHAIN)
EXEMPTED = known_proxy("exempted", "HTTPS_PROXY")
OPENED = through(tunnelled(200), HANDSHAKE, answered_by_proxy(200))
"""The host was reached through the known proxy."""


# TLS


def cert(
    subject: str = HOST, issuer: str = "Public CA 1", org: str = "Public Trust", dn: str = "", **fields: Any
) -> ev.Certificate:
    """A certificate that a CA signed, valid now."""
    values: dict[str, Any] = {
        "subject": dn or f"CN={subject}",
        "issuer": f"CN={issuer},O={org}",
        "issuer_fields": (("CN", issuer), ("O", org)),
        "names": (subject,),
        "not_before": NOW - 30 * DAY,
        "not_after": NOW + 60 * DAY,
        "sha256": f"{subject}/{issuer}",
        "key": "RSA 2048",
        "signature": "sha256",
    }
    return ev.Certificate(**(values | fields))


def public(**fields: Any) -> ev.Certificate:
    """One whose issuer stands in the public bundles."""
    return cert(organisation_known_to=("certifi", "system"), **fields)


def own(subject: str = HOST) -> ev.Certificate:
    """A certificate that signs itself."""
    return ev.Certificate(
        subject=f"CN={subject}",
        issuer=f"CN={subject}",
        issuer_fields=(("CN", subject),),
        names=(subject,),
        not_before=NOW - DAY,
        not_after=NOW + DAY,
        self_signed=True,
        sha256=f"own/{subject}",
    )


_MESSAGES = {
    9: "certificate is not yet valid",
    10: "certificate has expired",
    18: "self-signed certificate",
    19: "self-signed certificate in certificate chain",
    20: "unable to get local issuer certificate",
}


def refused(code: int, *chain: ev.Certificate, failure: str = "ssl_unknown_authority", **fields: Any) -> Any:
    """A handshake that ended with this verify code."""
    values: dict[str, Any] = {
        "verify_code": code,
        "verify_message": _MESSAGES.get(code, "refused"),
        "chain": chain,
        "reason": "CERTIFICATE_VERIFY_FAILED",
        "received": 3000,
    }
    return broken(failure, **(values | fields))


def broken(failure: str, **fields: Any) -> Any:
    """A handshake that failed so."""
    values: dict[str, Any] = {"server_name": HOST, "address": "192.0.2.1", "port": 443, "trust": "certifi"}
    return rec(ev.Handshake, "tls", **(values | {"failure": failure} | fields))


def trust_store(label: str = "certifi", certificates: int | None = 140, **fields: Any) -> Any:
    """A trust store, in use unless it says otherwise."""
    fields.setdefault("path", f"/stores/{label}.pem")
    return rec(ev.Trust, "tls", label=label, certificates=certificates, **fields)


def other_store(label: str, *, accepts: bool, code: int = 20, path: str | None = None) -> tuple[Any, Any]:
    """Another trust store, and the target's handshake with it."""
    verdict: dict[str, Any] = (
        {"verify_code": 0} if accepts else {"verify_code": code, "failure": "ssl_unknown_authority"}
    )
    where = path if path is not None else f"/stores/{label}.pem"
    return (
        trust_store(label, in_use=False, control="trust", path=where),
        rec(ev.Handshake, "tls", control="trust", server_name=HOST, trust=label, **verdict),
    )


def unrelated(*chain: ev.Certificate, code: int = 0, host: str = "example.com", failure: str = "") -> Any:
    """The handshake with an unrelated host."""
    fails = failure or ("ssl_unknown_authority" if code else None)
    values = {"server_name": host, "trust": "certifi", "verify_code": code, "chain": chain}
    return rec(ev.Handshake, "tls", control="unrelated-tls", **values, failure=fails or None)


# networks and programs


def reach(four: bool = True, six: bool = False) -> tuple[Any, ...]:
    """Whether this machine has a way out, by family: the two `Reach` records."""

    def one(family: int, way: bool) -> Any:
        failure, errno = (None, None) if way else (Failure.NETWORK_UNREACHABLE, "ENETUNREACH")
        return rec(ev.Reach, "tcp", control="reach", family=family, failure=failure, errno=errno)

    return one(4, four), one(6, six)


def symptom(exception: str, message: str = "", *where: str, earlier: bool = False) -> Any:
    """One exception of a traceback, raised in these packages."""
    return rec(ev.Symptom, None, exception=exception, message=message, raised_in=where, earlier=earlier)
