"""Stage `tls`: one verified handshake on the connection at hand, its chain readable whatever the verdict."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import cast

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.failure import Failure, Late, classify
from mnistdoctor.probe.stream import Stream, TlsStream
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings.trust import (
    NoContext,
    TrustChoice,
    check_context,
    choose_trust,
    is_strict,
    name_of,
    tls_context,
)

_RECORD_TYPES = frozenset({20, 21, 22, 23, 24})
"""First bytes that a TLS record can have (RFC 8446 section 5.1)."""

_ALERT, _FATAL = 21, 2


def check(rec: Recorder, client: Client) -> None:
    """Whether this client can make a TLS context at all. Raises `Stopped` with the variable that keeps it from that."""
    started = rec.run.clock()
    try:
        check_context(client, rec.run.environment)
    except NoContext as error:
        about = {"label": error.variable, "path": error.value, "detail": str(error), "certificates": 0}
        raise Stopped(rec.add(ev.Trust, "tls", started, failure=Failure.TLS_CONTEXT, **about)) from None


def trust(rec: Recorder, choice: TrustChoice, client: Client, *, in_use: bool = True) -> ssl.SSLContext:
    """The client's context for a trust store, loaded once a run, and a record of the store.

    Raises `Stopped` where the store is a named bundle that this client insists on and cannot read, and as `check` does.
    """
    check(rec, client)
    started = rec.run.clock()
    about: dict[str, object] = {"label": choice.label, "path": choice.path, "exists": choice.exists, "in_use": in_use}
    about["form"] = choice.form
    strict = is_strict(client, rec.run.environment.python)
    try:
        context, _ = rec.run.contexts.get(
            (choice, client.family, rec.run.settings.cert, strict),
            lambda: tls_context(choice, client, rec.run.settings, strict=strict),
        )
    except (OSError, ssl.SSLError) as error:
        raise Stopped(
            rec.add(ev.Trust, "tls", started, failure=Failure.CA_FILE, detail=str(error), certificates=0, **about)
        ) from None
    count: int | None = context.cert_store_stats()["x509_ca"]
    if count == 0 and _has_directory(choice):
        count = None
    rec.add(ev.Trust, "tls", started, certificates=count, **about)
    return context


def _has_directory(choice: TrustChoice) -> bool:
    """Whether CAs may still be found one by one in a directory of hashed names."""
    folders = [*choice.directories.split(os.pathsep), *([choice.path] if choice.loader == "file" else [])]
    return any(Path(folder).is_dir() and any(Path(folder).glob("*.0")) for folder in folders if folder)


def server_name_of(host: str, client: Client) -> str:
    """The name in the ClientHello, which the certificate must carry, for a host of a URL.

    urllib3, curl and wget take off the final dot of an absolute name; urllib and httpx leave it: no certificate has it.
    """
    return host.rstrip(".") if client.family in ("requests", "curl", "wget") else host


def secure(
    rec: Recorder,
    below: Stream,
    server_name: str,
    client: Client,
    *,
    address: str = "",
    port: int = 0,
    peer: ev.Peer = "origin",
) -> tuple[TlsStream, ev.Handshake]:
    """TLS as this client would make it. Raises `Stopped` with the record where the handshake fails."""
    choice = choose_trust(client, rec.run.settings, rec.run.environment)
    context = trust(rec, choice, client)
    name = server_name_of(server_name, client)
    stream, record = handshake(rec, below, context, name, choice.label, address=address, port=port, peer=peer)
    if record.failure:
        raise Stopped(record)
    return stream, record


def handshake(
    rec: Recorder,
    below: Stream,
    context: ssl.SSLContext,
    server_name: str,
    label: str,
    *,
    address: str,
    port: int,
    peer: ev.Peer,
) -> tuple[TlsStream, ev.Handshake]:
    """One handshake and its record, whatever comes of it."""
    started = rec.run.clock()
    about: dict[str, object] = {"server_name": server_name, "trust": label, "address": address}
    about |= {"port": port, "peer": peer}
    stream = TlsStream(below, context, server_name)
    stream.expect(rec.run.settings.timeout_s)
    before = below.received
    stage: ev.Stage = "proxy" if peer == "proxy" else "tls"
    try:
        stream.handshake()
    except (OSError, Late, ValueError) as error:
        about |= _what_went_wrong(stream, error)
    else:
        about |= _what_was_agreed(stream) | {"chain": _accepted(rec, stream)}
    return stream, rec.add(ev.Handshake, stage, started, received=below.received - before, **about)


def _what_was_agreed(stream: TlsStream) -> dict[str, object]:
    cipher = stream.tls.cipher()
    alpn = stream.tls.selected_alpn_protocol()
    return {"version": stream.tls.version(), "cipher": cipher[0] if cipher else None, "alpn": alpn, "verify_code": 0}


def _accepted(rec: Recorder, stream: TlsStream) -> tuple[ev.Certificate, ...]:
    """The chain of a control in full; of a healthy target only what the standard library has parsed already.

    Importing cryptography and reading the stores would cost a healthy run more than all its stages together.
    """
    if rec.role == "control":
        return _chain(stream, limit=4)
    leaf = stream.tls.getpeercert()
    if not leaf:
        return ()
    subject, issuer = name_of(leaf, "subject"), name_of(leaf, "issuer")
    names = cast("ev.Pairs", leaf.get("subjectAltName", ()))
    return (
        ev.Certificate(
            subject=_text(subject),
            issuer=_text(issuer),
            issuer_fields=tuple((_LONG[key], value) for key, value in issuer if key in _LONG),
            names=tuple(str(value) for _, value in names)[:32],
            not_before=ssl.cert_time_to_seconds(str(leaf["notBefore"])),
            not_after=ssl.cert_time_to_seconds(str(leaf["notAfter"])),
            self_signed=subject == issuer,
        ),
    )


_LONG = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "emailAddress": "emailAddress"}


def _text(name: ev.Pairs) -> str:
    return ",".join(f"{_LONG.get(key, key)}={value}" for key, value in reversed(name))


def _what_went_wrong(stream: TlsStream, error: BaseException) -> dict[str, object]:
    failure = classify(error)
    fields: dict[str, object] = {"detail": str(error)[:300]}
    first = stream.first_bytes
    if isinstance(error, ssl.SSLCertVerificationError):
        fields |= {"verify_code": error.verify_code, "verify_message": error.verify_message}
        fields["chain"] = _chain(stream, limit=10)
    if isinstance(error, ssl.SSLError):
        fields["reason"] = error.reason or ""
    if len(first) >= 7 and first[0] == _ALERT and first[5] == _FATAL:
        fields["alert"] = first[6]
    if isinstance(error, ssl.SSLError) and first and (first[0] not in _RECORD_TYPES or first[1:2] != b"\x03"):
        failure = Failure.NOT_TLS
        fields["first_bytes"] = first.decode("latin-1")
    return fields | {"failure": failure}


def _chain(stream: TlsStream, limit: int) -> tuple[ev.Certificate, ...]:
    try:
        presented = stream.presented()
    except (ValueError, ssl.SSLError):
        return ()
    from mnistdoctor.probe import certificate  # with cryptography, which a healthy run does without

    return tuple(certificate.describe(der) for der in presented[:limit])
