"""Stage `tls`: one verified handshake on the connection at hand, its chain readable whatever the verdict."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.failure import Failure, Late, classify
from mnistdoctor.probe.stream import Stream, TlsStream
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings.trust import TrustChoice, choose_trust, other_stores, tls_context

if TYPE_CHECKING:
    from cryptography import x509

E = TypeVar("E", bound="x509.ExtensionType")

_RECORD_TYPES = frozenset({20, 21, 22, 23, 24})
"""First bytes that a TLS record can have (RFC 8446 section 5.1)."""

_ALERT, _FATAL = 21, 2


def trust(rec: Recorder, choice: TrustChoice, client: Client, *, in_use: bool = True) -> ssl.SSLContext:
    """The client's context for a trust store, loaded once a run, and a record of the store.

    Raises `Stopped` where the store is a named bundle that this client insists on and cannot read.
    """
    started = rec.run.clock()
    about: dict[str, object] = {"label": choice.label, "path": choice.path, "exists": choice.exists, "in_use": in_use}
    about["form"] = choice.form
    try:
        context, _ = rec.run.contexts.get(
            (choice, client.family, rec.run.settings.cert), lambda: tls_context(choice, client, rec.run.settings)
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
    import os
    from pathlib import Path

    if choice.loader == "openssl":
        path = os.environ.get("SSL_CERT_DIR") or ssl.get_default_verify_paths().openssl_capath
        folders = path.split(os.pathsep)
    else:
        folders = [choice.path]
    return any(Path(folder).is_dir() and any(Path(folder).glob("*.0")) for folder in folders if folder)


def server_name_of(host: str, client: Client) -> str:
    """The name in the ClientHello, which the certificate must carry, for a host of a URL.

    urllib3 and curl take off the final dot of an absolute name; urllib and httpx leave it, and no certificate has it.
    """
    return host.rstrip(".") if client.family in ("requests", "curl") else host


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
    subject, issuer = _name_of(leaf, "subject"), _name_of(leaf, "issuer")
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


def _name_of(leaf: Mapping[str, object], key: str) -> ev.Pairs:
    """The subject or issuer of a certificate as `ssl` gives it: a list of lists of pairs."""
    return tuple(
        (str(key), str(value)) for part in cast("tuple[ev.Pairs, ...]", leaf.get(key, ())) for key, value in part
    )


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
    return tuple(describe(der) for der in presented[:limit])


@cache
def describe(der: bytes) -> ev.Certificate:
    """What a DER certificate says of itself; a certificate that cannot be read says nothing."""
    import hashlib

    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    digest = hashlib.sha256(der).hexdigest()
    try:
        return _read(x509.load_der_x509_certificate(der), digest)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        return ev.Certificate(subject=f"unreadable certificate: {error}", issuer="", sha256=digest)


def _read(parsed: x509.Certificate, digest: str) -> ev.Certificate:
    known = _known_names()
    issuer = tuple(str(part.value) for part in parsed.issuer)
    organisation = _organisation(parsed.issuer)
    return ev.Certificate(
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        issuer_fields=_name_fields(parsed.issuer),
        names=_names(parsed),
        not_before=parsed.not_valid_before_utc.timestamp(),
        not_after=parsed.not_valid_after_utc.timestamp(),
        self_signed=parsed.issuer == parsed.subject,
        authority=_is_authority(parsed),
        names_issuer_url=_names_issuer_url(parsed),
        issuer_known_to=tuple(label for label, (names, _) in known.items() if issuer in names),
        organisation_known_to=tuple(
            label for label, (_, organisations) in known.items() if organisation and organisation in organisations
        ),
        key=_key(parsed),
        signature=parsed.signature_hash_algorithm.name if parsed.signature_hash_algorithm else "",
        sha256=digest,
    )


_FIELDS = {"2.5.4.3": "CN", "2.5.4.10": "O", "2.5.4.11": "OU", "1.2.840.113549.1.9.1": "emailAddress"}


def _name_fields(name: x509.Name) -> ev.Pairs:
    return tuple(
        (_FIELDS[part.oid.dotted_string], str(part.value)) for part in name if part.oid.dotted_string in _FIELDS
    )


def _organisation(name: x509.Name) -> str:
    return next((value for key, value in _name_fields(name) if key == "O"), "").casefold()


def _extension(parsed: x509.Certificate, kind: type[E]) -> E | None:
    from cryptography import x509

    try:
        return parsed.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    extension = _extension(parsed, x509.SubjectAlternativeName)
    if extension is None:
        return tuple(value for key, value in _name_fields(parsed.subject) if key == "CN")
    names = [*extension.get_values_for_type(x509.DNSName), *extension.get_values_for_type(x509.IPAddress)]
    return tuple(str(name) for name in names[:32])


def _is_authority(parsed: x509.Certificate) -> bool:
    from cryptography import x509

    constraints = _extension(parsed, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _names_issuer_url(parsed: x509.Certificate) -> bool:
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID

    access = _extension(parsed, x509.AuthorityInformationAccess) or ()
    return any(one.access_method == AuthorityInformationAccessOID.CA_ISSUERS for one in access)


def _key(parsed: x509.Certificate) -> str:
    key = parsed.public_key()
    curve = getattr(getattr(key, "curve", None), "name", None)
    kind = type(key).__name__.removesuffix("PublicKey").lstrip("_")
    return f"EC {curve}" if curve else f"{kind} {getattr(key, 'key_size', '')}".strip()


@cache
def _known_names() -> dict[str, tuple[frozenset[tuple[str, ...]], frozenset[str]]]:
    """By store: the names and organisations of its CAs. Read only when a certificate must be described.

    OpenSSL reads them, as it does for a handshake: it takes the old roots that stricter parsers complain of.
    """
    from mnistdoctor.settings import Environment

    known = {}
    for choice in other_stores(None, Environment()):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=choice.path)
        except OSError:
            continue
        subjects = [_name_of(authority, "subject") for authority in context.get_ca_certs()]
        known[choice.label] = (
            frozenset(tuple(value for _, value in subject) for subject in subjects),
            frozenset(value.casefold() for subject in subjects for key, value in subject if key == "organizationName"),
        )
    return known
