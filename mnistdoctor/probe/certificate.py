"""What a certificate says of itself, read with cryptography: for a handshake that failed, or a control's."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import AuthorityInformationAccessOID

from mnistdoctor import evidence as ev
from mnistdoctor.settings.trust import authorities

E = TypeVar("E", bound=x509.ExtensionType)


@cache
def describe(der: bytes) -> ev.Certificate:
    """What a DER certificate says of itself; a certificate that cannot be read says nothing."""
    digest = hashlib.sha256(der).hexdigest()
    try:
        return _read(x509.load_der_x509_certificate(der), digest)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        return ev.Certificate(subject=f"unreadable certificate: {error}", issuer="", sha256=digest)


def _read(parsed: x509.Certificate, digest: str) -> ev.Certificate:
    stores = authorities()
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
        issuer_known_to=tuple(label for label, known in stores.items() if issuer in known.names),
        organisation_known_to=tuple(
            label for label, known in stores.items() if organisation and organisation in known.organisations
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
    try:
        return parsed.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    extension = _extension(parsed, x509.SubjectAlternativeName)
    if extension is None:
        return tuple(value for key, value in _name_fields(parsed.subject) if key == "CN")
    names = [*extension.get_values_for_type(x509.DNSName), *extension.get_values_for_type(x509.IPAddress)]
    return tuple(str(name) for name in names[:32])


def _is_authority(parsed: x509.Certificate) -> bool:
    constraints = _extension(parsed, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _names_issuer_url(parsed: x509.Certificate) -> bool:
    access = _extension(parsed, x509.AuthorityInformationAccess) or ()
    return any(one.access_method == AuthorityInformationAccessOID.CA_ISSUERS for one in access)


def _key(parsed: x509.Certificate) -> str:
    key = parsed.public_key()
    curve = getattr(getattr(key, "curve", None), "name", None)
    kind = type(key).__name__.removesuffix("PublicKey").lstrip("_")
    return f"EC {curve}" if curve else f"{kind} {getattr(key, 'key_size', '')}".strip()
