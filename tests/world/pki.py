"""The closed world's certificate authorities, and the good and bad certificates that they sign.

Everything carries SKI, AKI and key usage: Python 3.13 refuses a *good* chain without them (VERIFY_X509_STRICT).
"""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

KINDS = (
    "good",
    "rsa",
    "expired",
    "not-yet-valid",
    "wrong-host",
    "self-signed",
    "missing-intermediate",
    "intercepted",
    "unknown-root",
    "weak-key",
    "antivirus",
    "block-page",
)
"""What `Pki.leaf` can make. `rsa` is good too; TLS 1.0 needs it, since OpenSSL 3 has no old ECDSA signatures."""


_OTHER_NAMES = {"wrong-host": ("www.unrelated.example",), "block-page": ("block.opendns.com",)}
"""Whose certificate is shown instead of the host's own."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate with its key, able to sign."""

    certificate: x509.Certificate
    key: Key


def _name(organization: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _days(number: float) -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=number)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def sign(
    subject: x509.Name,
    key: Key,
    issuer: Authority | None,
    *,
    names: tuple[str, ...] = (),
    span: tuple[float, float] = (-30, 60),
    depth: int | None = None,
) -> x509.Certificate:
    """A certificate over `key`: an authority's for a `depth`, a server's for `names`; `span` is in days from now."""
    public = key.public_key()
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_days(span[0]))
        .not_valid_after(_days(span[1]))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(depth is not None), critical=True)
        .add_extension(x509.BasicConstraints(ca=depth is not None, path_length=depth), critical=True)
    )
    if names:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        alternative = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(usage, critical=False).add_extension(alternative, critical=False)
    return builder.sign(signer, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """Certificates as one PEM text."""
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


def pem_key(key: Key) -> bytes:
    """A private key as unencrypted PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Pki:
    """All authorities of a world, their bundles on disk, and servers' certificates made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._authority("DigiCert Inc", "DigiCert Global Root G9", None, 1)
        self.intermediate = self._authority("DigiCert Inc", "DigiCert TLS ECC SHA256 2026 CA1", self.root, 0)
        self.interceptor = self._authority("Zscaler Inc.", "Zscaler Intermediate Root CA", None, 0)
        self.company = self._authority("Contoso IT", "Contoso Web Gateway CA", None, 0)
        self.antivirus = self._authority("Avast", "avast! Web/Mail Shield Root", None, 0)
        self.stranger = self._authority("Nobody You Know", "Nobody Root", None, 0)
        for name, authority in (("zscaler", self.interceptor), ("contoso", self.company)):
            (folder / f"{name}.pem").write_bytes(pem(authority.certificate))
            (folder / f"{name}-signing.pem").write_bytes(pem(authority.certificate) + pem_key(authority.key))

    def _authority(self, organization: str, name: str, issuer: Authority | None, depth: int) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(organization, name)
        return Authority(sign(subject, key, issuer, depth=depth, span=(-900, 900)), key)

    @cached_property
    def _weak_key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 1024)

    @cached_property
    def _rsa_key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65537, 2048)

    def leaf(self, kind: str, host: str) -> Path:
        """A PEM file for a server: its certificate, what it sends beside it, and its key."""
        path = self.folder / f"{kind}--{host}.pem"
        if path.exists():
            return path
        key: Key = {"rsa": self._rsa_key, "weak-key": self._weak_key}.get(kind) or self._key
        names = _OTHER_NAMES.get(kind, (host,))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
        span = {"expired": (-90.0, -2.0), "not-yet-valid": (2.0, 90.0)}.get(kind, (-30.0, 60.0))
        issuer, sent = self._issuer(kind)
        certificate = sign(subject, key, issuer, names=names, span=span)
        path.write_bytes(pem(certificate, *sent) + pem_key(key))
        return path

    def _issuer(self, kind: str) -> tuple[Authority | None, tuple[x509.Certificate, ...]]:
        if kind not in KINDS:
            raise ValueError(f"no certificate kind {kind!r}, only {', '.join(KINDS)}")
        if kind == "self-signed":
            return None, ()
        if kind == "missing-intermediate":
            return self.intermediate, ()
        if kind == "intercepted":
            return self.interceptor, (self.interceptor.certificate,)
        if kind == "antivirus":
            return self.antivirus, (self.antivirus.certificate,)
        if kind == "unknown-root":
            return self.stranger, (self.stranger.certificate,)
        return self.intermediate, (self.intermediate.certificate,)

    def bundle(self, *names: str) -> Path:
        """A CA file: `public` (certifi's own plus the closed world's root), `zscaler`, `contoso`, joined in order.

        certifi's certificates are in it because a person's store has some 140, and a store with one is a
        cause of its own (`tls-ca-bundle-replaced`).
        """
        path = self.folder / f"bundle-{'-'.join(names) or 'empty'}.pem"
        if not path.exists():
            parts = {"public": Path(certifi.where()).read_bytes() + b"\n" + pem(self.root.certificate)}
            texts = (parts.get(name) or (self.folder / f"{name}.pem").read_bytes() for name in names)
            path.write_bytes(b"".join(texts))
        return path

    def store(self, *names: str) -> Path:
        """A folder to put in the place of `/etc/ssl/certs`: the bundle, and the hashed links that OpenSSL reads."""
        folder = self.folder / f"store-{'-'.join(names) or 'empty'}"
        if folder.exists():
            return folder
        folder.mkdir()
        (folder / "ca-certificates.crt").write_bytes(self.bundle(*names).read_bytes())
        authorities = {"public": self.root, "zscaler": self.interceptor, "contoso": self.company}
        for name in names:
            text = pem(authorities[name].certificate)
            argv = ["openssl", "x509", "-noout", "-subject_hash"]
            digest = subprocess.run(argv, input=text, capture_output=True, check=True).stdout.decode().strip()
            (folder / f"{digest}.0").write_bytes(text)
        return folder
