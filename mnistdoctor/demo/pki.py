"""Certificate authorities and certificates for loopback, good and bad: EC P-256, made in milliseconds, kept nowhere.

Good ones carry the subject and authority key identifiers and the key usage that Python 3.13 demands
(VERIFY_X509_STRICT, https://docs.python.org/3/whatsnew/3.13.html#ssl).
"""

from __future__ import annotations

import ssl
import tempfile
import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mnistdoctor.demo import certificates as make

if TYPE_CHECKING:
    from types import TracebackType

    from cryptography import x509

    from mnistdoctor.demo.certificates import Key

NAMES = ("localhost", "127.0.0.1", "::1")
"""The names of a certificate when none are given."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key and the chain that its server sends."""

    leaf: x509.Certificate
    key: Key = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()
    """Sent after the leaf, nearest issuer first."""

    @property
    def pem(self) -> bytes:
        """The leaf alone."""
        return make.pem(self.leaf)

    @property
    def chain_pem(self) -> bytes:
        """The leaf and what is sent after it."""
        return b"".join(make.pem(part) for part in (self.leaf, *self.chain))

    @property
    def signer(self) -> make.Issuer:
        """Certificate and key, to sign others with."""
        return self.leaf, self.key

    @property
    def key_pem(self) -> bytes:
        """The unencrypted key, PKCS 8."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, name: str = "certificate") -> tuple[Path, Path]:
        """Write chain and key for `--cert` and `--key`, the key readable by its owner only; return both paths."""
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_bytes(self.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        return chain, key

    def server_context(
        self,
        *,
        version: ssl.TLSVersion | None = None,
        ciphers: str | None = None,
        client_ca: Authority | None = None,
        alpn: tuple[str, ...] = ("http/1.1",),
    ) -> ssl.SSLContext:
        """Return a server's context: one protocol version only, certain ciphers, a demanded client certificate.

        Versions before 1.2 need an RSA key here: OpenSSL 3 has no SHA-1 for ECDSA at its default level.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(list(alpn))
        with tempfile.TemporaryDirectory(prefix="mnistdoctor-") as folder:  # ssl loads keys from files only
            context.load_cert_chain(*self.write(Path(folder)))
        if version is not None:
            if version < ssl.TLSVersion.TLSv1_2:
                ciphers = ciphers or "ALL:@SECLEVEL=0"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # an old version is what is wanted
                context.minimum_version = context.maximum_version = version
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=client_ca.pem.decode())
        return context


class Authority:
    """A root, and with `intermediate` one below it that issues. A context manager: its files go with it.

    `organization` and `common_name` are those of the issuer of its certificates: name them as an inspection
    product does to play an interception. `strict=False` leaves out key usage and key identifiers, as many a
    company's root does.
    """

    def __init__(
        self,
        organization: str = "mnistdoctor demo",
        common_name: str | None = None,
        *,
        intermediate: bool = False,
        strict: bool = True,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> None:
        self.strict = strict
        key = make.new_key()
        root = make.sign(
            make.name(organization, (not intermediate and common_name) or f"{organization} root"),
            key,
            None,
            make.span(not_before, not_after, 3650),
            make.ca_extensions(key, None, strict=strict),
        )
        self.root = Certificate(root, key)
        self.issuer = self.root
        """Who signs: the intermediate where there is one."""
        if intermediate:
            below = make.new_key()
            extensions = make.ca_extensions(below, (root, key), strict=strict)
            issuing = make.name(organization, common_name or f"{organization} issuing")
            signed = make.sign(issuing, below, (root, key), make.span(None, None, 1825), extensions)
            self.issuer = Certificate(signed, below, (signed,))
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def pem(self) -> bytes:
        """The root."""
        return self.root.pem

    @property
    def folder(self) -> Path:
        """A directory for files, made when first asked for, removed by `close`."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="mnistdoctor-")
        return Path(self._folder.name)

    @property
    def bundle(self) -> Path:
        """A PEM file with the root, for `--ca-bundle` and SSL_CERT_FILE."""
        return self.bundle_with()

    def bundle_with(self, *others: Authority) -> Path:
        """Return a PEM file with this root and those of others."""
        path = self.folder / f"bundle{len(others)}.pem"
        path.write_bytes(b"".join(authority.pem for authority in (self, *others)))
        return path

    def issue(
        self,
        *names: str,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        common_name: str | None = None,
        san: bool = True,
        send_intermediate: bool = True,
        send_root: bool = False,
        client: bool = False,
        key: Key | None = None,
    ) -> Certificate:
        """Issue a certificate for names and addresses (`NAMES` by default), valid from yesterday for 30 days.

        `san=False` puts the first name in the subject only; `send_intermediate=False` is the commonest fault of a
        server's chain; `client` makes it a client's certificate; `key` is a P-256 one of its own unless given.
        """
        names = names or NAMES
        key = key or make.new_key()
        extensions = make.leaf_extensions(
            key, self.issuer.signer, names if san else (), client=client, strict=self.strict
        )
        subject = make.name(None, common_name or names[0])
        leaf = make.sign(subject, key, self.issuer.signer, make.span(not_before, not_after, 30), extensions)
        chain = (*(self.issuer.chain if send_intermediate else ()), *((self.root.leaf,) if send_root else ()))
        return Certificate(leaf, key, chain)

    def expired(self, *names: str, days: float = 1) -> Certificate:
        """Issue a certificate whose last day lies so far back."""
        end = make.now() - timedelta(days=days)
        return self.issue(*names, not_before=end - timedelta(days=30), not_after=end)

    def not_yet_valid(self, *names: str, days: float = 1) -> Certificate:
        """Issue a certificate whose first day lies so far ahead."""
        start = make.now() + timedelta(days=days)
        return self.issue(*names, not_before=start, not_after=start + timedelta(days=30))

    def close(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Authority:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def self_signed(*names: str) -> Certificate:
    """Return a certificate that is its own issuer: verify code 18."""
    names = names or NAMES
    key = make.new_key()
    leaf = make.sign(
        make.name(None, names[0]), key, None, make.span(None, None, 30), make.leaf_extensions(key, None, names)
    )
    return Certificate(leaf, key)
