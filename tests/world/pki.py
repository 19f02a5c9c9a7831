"""The closed world's certificate authorities, and the good and bad certificates that they sign."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from mnistdoctor.demo import certificates as make
from mnistdoctor.demo.pki import Authority, Certificate, self_signed

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

_OTHER_NAMES = {"wrong-host": "www.unrelated.example", "block-page": "block.opendns.com"}
"""Whose certificate is shown instead of the host's own."""


def sign(
    subject: x509.Name,
    key: make.Key,
    issuer: Certificate | None,
    *,
    names: tuple[str, ...] = (),
    span: tuple[float, float] = (-30, 60),
    authority: bool = False,
) -> Certificate:
    """A certificate over `key`: an authority's, or a server's for `names`; `span` is in days from now."""
    signer = issuer.signer if issuer else None
    first, last = (make.now() + timedelta(days=days) for days in span)
    extensions = make.ca_extensions(key, signer, strict=True) if authority else make.leaf_extensions(key, signer, names)
    return Certificate(make.sign(subject, key, signer, (first, last), extensions), key)


class Pki:
    """All authorities of a world, their bundles on disk, and servers' certificates made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.public = Authority("DigiCert Inc", "DigiCert TLS ECC SHA256 2026 CA1", intermediate=True)
        self.interceptor = Authority("Zscaler Inc.", "Zscaler Intermediate Root CA")
        self.company = Authority("Contoso IT", "Contoso Web Gateway CA")
        self.antivirus = Authority("Avast", "avast! Web/Mail Shield Root")
        self.stranger = Authority("Nobody You Know", "Nobody Root")
        for name, authority in (("zscaler", self.interceptor), ("contoso", self.company)):
            (folder / f"{name}.pem").write_bytes(authority.pem)
            (folder / f"{name}-signing.pem").write_bytes(authority.pem + authority.root.key_pem)

    @cached_property
    def _keys(self) -> dict[str, make.Key]:
        sizes = (("rsa", 2048), ("weak-key", 1024))
        return {kind: rsa.generate_private_key(65537, size) for kind, size in sizes}

    def leaf(self, kind: str, host: str) -> Path:
        """A PEM file for a server: its certificate, what it sends beside it, and its key."""
        path = self.folder / f"{kind}--{host}.pem"
        return path if path.exists() else self.put(self._made(kind, _OTHER_NAMES.get(kind, host)), kind, host)

    def put(self, certificate: Certificate, kind: str, host: str) -> Path:
        """Makes it the one that the host shows as `kind`."""
        path = self.folder / f"{kind}--{host}.pem"
        path.write_bytes(certificate.chain_pem + certificate.key_pem)
        return path

    def _made(self, kind: str, host: str) -> Certificate:
        if kind not in KINDS:
            raise ValueError(f"no certificate kind {kind!r}, only {', '.join(KINDS)}")
        others = {"intercepted": self.interceptor, "antivirus": self.antivirus, "unknown-root": self.stranger}
        if kind in others:
            return others[kind].issue(host, send_root=True)
        if kind == "self-signed":
            return self_signed(host)
        if kind == "expired":
            return self.public.expired(host, days=2)
        if kind == "not-yet-valid":
            return self.public.not_yet_valid(host, days=2)
        key = self._keys[kind] if kind in ("rsa", "weak-key") else None
        return self.public.issue(host, send_intermediate=kind != "missing-intermediate", key=key)

    def bundle(self, *names: str) -> Path:
        """A CA file: `public` (certifi's own plus the closed world's root), `zscaler`, `contoso`, joined in order.

        certifi's certificates are in it because a person's store has some 140, and a store with one is a
        cause of its own (`tls-ca-bundle-replaced`).
        """
        path = self.folder / f"bundle-{'-'.join(names) or 'empty'}.pem"
        if not path.exists():
            parts = {"public": Path(certifi.where()).read_bytes() + b"\n" + self.public.pem}
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
        authorities = {"public": self.public, "zscaler": self.interceptor, "contoso": self.company}
        for name in names:
            text = authorities[name].pem
            argv = ["openssl", "x509", "-noout", "-subject_hash"]
            digest = subprocess.run(argv, input=text, capture_output=True, check=True).stdout.decode().strip()
            (folder / f"{digest}.0").write_bytes(text)
        return folder
