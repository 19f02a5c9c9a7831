"""The making of one X.509 certificate: key, name, span, extensions, signature."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Key = EllipticCurvePrivateKey | RSAPrivateKey

    Issuer = tuple[x509.Certificate, Key]
    """Who signs: certificate and key; None where one is asked for means the subject itself."""


def new_key() -> Key:
    """Make a key: P-256. Protocol versions before TLS 1.2 want an RSA key, which is to be given."""
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(timezone.utc)


def span(first: datetime | None, last: datetime | None, days: int) -> tuple[datetime, datetime]:
    """Return the span given; an open end lies `days` from now, a leaf's beginning (30 days) one day back."""
    today = now()
    return first or today - timedelta(days=1 if days <= 30 else days), last or today + timedelta(days=days)


def pem(certificate: x509.Certificate) -> bytes:
    """Return it in PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def name(organization: str | None, common_name: str) -> x509.Name:
    """Return a distinguished name of O, if any, and CN (64 characters, RFC 5280 appendix A)."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


Extensions = list[tuple["x509.ExtensionType", bool]]


def _identifiers(key: Key, issuer: Issuer | None) -> Extensions:
    from cryptography import x509

    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = (issuer[1] if issuer else key).public_key()
    return [(own, False), (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), False)]


def _usage(*, ca: bool) -> x509.KeyUsage:
    from cryptography import x509

    flags = dict.fromkeys(
        ("content_commitment", "key_agreement", "data_encipherment", "encipher_only", "decipher_only"), False
    )
    return x509.KeyUsage(digital_signature=True, key_encipherment=False, key_cert_sign=ca, crl_sign=ca, **flags)


def ca_extensions(key: Key, issuer: Issuer | None, *, strict: bool) -> Extensions:
    """Return the extensions of a CA, only the basic constraints unless strict."""
    from cryptography import x509

    basic: Extensions = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    return [*basic, (_usage(ca=True), True), *_identifiers(key, issuer)] if strict else basic


def leaf_extensions(
    key: Key, issuer: Issuer | None, names: tuple[str, ...], *, client: bool = False, strict: bool = True
) -> Extensions:
    """Return the extensions of a server or a client, without SAN if there are no names."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    purpose = Usage.CLIENT_AUTH if client else Usage.SERVER_AUTH
    extensions: Extensions = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([purpose]), False),
    ]
    if strict:
        extensions += [(_usage(ca=False), True), *_identifiers(key, issuer)]
    if names:
        extensions.append((x509.SubjectAlternativeName([_general(each) for each in names]), False))
    return extensions


def _general(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def sign(
    subject: x509.Name,
    key: Key,
    issuer: Issuer | None,
    validity: tuple[datetime, datetime],
    extensions: Extensions,
) -> x509.Certificate:
    """Make the certificate, self-signed without an issuer."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    builder = x509.CertificateBuilder(
        subject_name=subject,
        issuer_name=issuer[0].subject if issuer else subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=validity[0],
        not_valid_after=validity[1],
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())
