"""Records of lookups, connections, proxies and TLS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from mnistdoctor.evidence.base import Fields, Observation, Pairs, Peer


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Observation):
    """The operating system's own name resolution (``getaddrinfo``): what the client gets."""

    kind: ClassVar[str] = "lookup"

    name: str
    peer: Peer = "origin"
    """Whose name it is."""
    addresses: tuple[str, ...] = ()
    """In the order in which the client would try them."""
    code: str | None = None
    """``EAI_NONAME``, ``EAI_AGAIN`` ... on failure."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NameQuery(Observation):
    """One DNS query of ours to one name server: why the system's lookup went as it did."""

    kind: ClassVar[str] = "query"

    name: str
    type: str
    server: str
    transport: Literal["udp", "tcp"] = "udp"
    rcode: str | None = None
    """``NOERROR``, ``NXDOMAIN``, ``SERVFAIL``, ``REFUSED`` ...; None when no reply came."""
    answers: tuple[str, ...] = ()
    authority: bool = False
    """Whether the reply carried an SOA record in its authority section (RFC 2308)."""
    extended: Pairs = ()
    """Extended DNS errors (RFC 8914) as (code, text)."""
    aliases: tuple[str, ...] = ()
    """The names to which the reply's CNAME records lead from this one, in order (RFC 1034 section 3.6.2)."""
    truncated: bool = False
    """Whether the reply was marked as cut short (TC), so that it has to be asked for over TCP."""
    edns: bool = True
    """Whether it was asked with EDNS (RFC 6891), which the system's own lookup mostly goes without."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HostsFile(Observation):
    """Lines of the hosts file that name the host."""

    kind: ClassVar[str] = "hosts-file"

    name: str
    path: str
    addresses: tuple[str, ...] = ()
    line: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(Observation):
    """Whether the kernel has a route for a family of addresses; no packet is sent."""

    kind: ClassVar[str] = "reach"

    family: int
    """4 or 6."""
    errno: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Observation):
    """One TCP connection attempt to one address."""

    kind: ClassVar[str] = "connect"

    address: str
    port: int
    family: int
    peer: Peer = "origin"
    name: str = ""
    errno: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel(Observation):
    """A CONNECT (RFC 9110 section 9.3.6) or SOCKS (RFC 1928) request to a proxy, and its own answer."""

    kind: ClassVar[str] = "tunnel"

    protocol: str
    """``http`` or ``socks5``, ``socks5h``, ``socks4`` ..."""
    target: str
    proxy: str
    status: int | None = None
    reason: str = ""
    fields: Fields = ()
    schemes: tuple[str, ...] = ()
    """Authentication schemes that the proxy offered, in its order."""
    credentials_sent: bool = False
    reply: int | None = None
    """The SOCKS reply code (of version 4: 91 to 93, its refusals); 255 where no way to sign in was acceptable."""
    text: str = ""
    """The beginning of the body of a refusal, or the first bytes of what was no answer."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What an X.509 certificate says of itself (RFC 5280)."""

    subject: str
    issuer: str
    issuer_fields: Pairs = ()
    """The issuer's name taken apart: CN, O, OU, emailAddress."""
    names: tuple[str, ...] = ()
    """Subject alternative names; the common name where there are none."""
    not_before: float = 0.0
    """Seconds since 1970-01-01 UTC."""
    not_after: float = 0.0
    self_signed: bool = False
    authority: bool = False
    """Whether basic constraints make it a CA."""
    names_issuer_url: bool = False
    """Whether it says where its issuer's certificate can be fetched (authority information access)."""
    issuer_known_to: tuple[str, ...] = ()
    """Labels of the trust stores that hold a certificate with the issuer's exact name."""
    organisation_known_to: tuple[str, ...] = ()
    """Labels of the trust stores that hold a CA of the issuer's organisation."""
    sha256: str = ""
    key: str = ""
    """Such as ``RSA 2048`` or ``EC secp256r1``."""
    signature: str = ""
    """The hash of its signature, such as ``sha256``."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake(Observation):
    """One TLS handshake, verified against one trust store."""

    kind: ClassVar[str] = "handshake"

    server_name: str
    address: str = ""
    port: int = 0
    peer: Peer = "origin"
    trust: str = ""
    """Label of the `Trust` it was verified with."""
    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    verify_code: int | None = None
    """OpenSSL's X509_V_ERR_* number; 0 when the chain was accepted, None when none was judged."""
    verify_message: str = ""
    reason: str = ""
    """OpenSSL's reason name, such as ``WRONG_VERSION_NUMBER``."""
    alert: int | None = None
    """Number of the fatal alert that the peer sent in clear (RFC 8446 section 6)."""
    received: int = 0
    """Bytes received during the handshake."""
    first_bytes: str = ""
    """The beginning of the peer's answer where it was not TLS."""
    chain: tuple[Certificate, ...] = ()
    """As presented, leaf first."""
