"""Frozen records of what was observed: one small record per operation, nothing judged.

An operation that was not made has no record; one that was made and went well has a record whose
``failure`` is ``None``. Every record survives a JSON round trip (`to_json`, `from_json`), so that stored
evidence can be judged again with no network.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any, ClassVar

STAGES = ("dns", "tcp", "proxy", "tls", "http", "length", "checksum")
"""The seven stages, in the order in which every hop goes through them."""

Fields = tuple[tuple[str, str], ...]
"""HTTP fields in the order received, names as received (RFC 9110 section 5)."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What every record holds."""

    kind: ClassVar[str] = ""

    id: str
    """Unique in the report."""
    stage: str | None
    """One of `STAGES`, or None for what was noted before the wire."""
    role: str = "target"
    """``target``, ``control`` or ``trial``."""
    control: str | None = None
    """The name of the control or trial that asked for it."""
    hop: int = 0
    """0 for the first request, one more for each redirect followed."""
    started_s: float = 0.0
    """Seconds since the examination began."""
    duration_s: float = 0.0
    """Seconds the operation took."""
    failure: str | None = None
    """A member of `mnistdoctor.failure.Failure`, or None when the operation went well."""
    detail: str = ""
    """What the operating system or the library said, made safe to print."""
    reused: str | None = None
    """The id of the record whose operation this one shares instead of repeating it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Observation):
    """What is examined, and what is known of it in advance."""

    kind: ClassVar[str] = "subject"

    url: str
    name: str | None = None
    file: str | None = None
    """Catalogue id of the file expected at this URL."""
    size: int | None = None
    """Expected length in bytes of what `digest_of` names."""
    digests: Pairs = ()
    """(algorithm, lower-case hexadecimal) pairs, strongest first."""
    digest_of: str = "file"
    """``file``, or ``decoded`` where the digest is of the content without its compression."""
    content: str | None = None
    """Kind of content expected: ``gzip-idx``, ``npz``, ``parquet`` ... (the catalogue's words)."""
    client: str = "requests"
    loader: str | None = None
    release: str | None = None
    """Installed release of the loader, or None where it is not installed."""
    until: str | None = None
    """Last stage that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Observation):
    """This machine and interpreter, as far as a diagnosis may depend on them."""

    kind: ClassVar[str] = "machine"

    platform: str
    python: str
    openssl: str
    variables: Pairs = ()
    """Environment variables that steer downloads, redacted."""
    modules: tuple[str, ...] = ()
    """Optional modules present that change what a client can do, such as ``socks``."""
    unix_time: float = 0.0
    """The local clock, in seconds since 1970-01-01 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Observation):
    """A URL taken apart, before any packet."""

    kind: ClassVar[str] = "url"

    url: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Observation):
    """Which way this client goes to this URL, and what decided it."""

    kind: ClassVar[str] = "route"

    way: str = "direct"
    """``direct``, ``forward-proxy``, ``tunnel`` or ``socks``."""
    proxy: str | None = None
    """The proxy's URL without its credentials."""
    proxy_scheme: str | None = None
    proxy_host: str | None = None
    proxy_port: int | None = None
    decided_by: str | None = None
    """The variable, option or system setting that chose the proxy or exempted the host."""
    has_credentials: bool = False
    oddities: tuple[str, ...] = ()
    """What is unusual in the raw value: ``quotes``, ``blank``, ``newline``, ``backslash``, ``reserved``, ``no-port``,
    ``no-scheme``, ``unsupported-scheme``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust(Observation):
    """A trust store: the one this client verifies with, or another that was asked after a failure."""

    kind: ClassVar[str] = "trust"

    label: str
    """``certifi``, ``openssl``, ``system``, ``option``, or the variable that names the file."""
    path: str = ""
    exists: bool = True
    certificates: int | None = None
    """How many CA certificates were loaded; None where they are looked up in a directory on demand."""
    in_use: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Observation):
    """The operating system's own name resolution (``getaddrinfo``): what the client gets."""

    kind: ClassVar[str] = "lookup"

    name: str
    peer: str = "origin"
    """``origin`` or ``proxy``: whose name it is."""
    addresses: tuple[str, ...] = ()
    """In the order in which the client would try them."""
    code: str | None = None
    """``EAI_NONAME``, ``EAI_AGAIN`` ... on failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameQuery(Observation):
    """One DNS query of ours to one name server: why the system's lookup went as it did."""

    kind: ClassVar[str] = "query"

    name: str
    type: str
    server: str
    transport: str = "udp"
    rcode: str | None = None
    """``NOERROR``, ``NXDOMAIN``, ``SERVFAIL``, ``REFUSED`` ...; None when no reply came."""
    answers: tuple[str, ...] = ()
    authority: bool = False
    """Whether the reply carried an SOA record in its authority section (RFC 2308)."""
    extended: Pairs = ()
    """Extended DNS errors (RFC 8914) as (code, text)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsFile(Observation):
    """Lines of the hosts file that name the host."""

    kind: ClassVar[str] = "hosts-file"

    name: str
    path: str
    addresses: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(Observation):
    """Whether the kernel has a route for a family of addresses; no packet is sent."""

    kind: ClassVar[str] = "reach"

    family: int
    """4 or 6."""
    errno: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(Observation):
    """One TCP connection attempt to one address."""

    kind: ClassVar[str] = "connect"

    address: str
    port: int
    family: int
    peer: str = "origin"
    name: str = ""
    errno: str | None = None


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
    """The SOCKS reply code; 255 where no authentication method was acceptable."""
    text: str = ""
    """The beginning of the body of a refusal, or the first bytes of what was no answer."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake(Observation):
    """One TLS handshake, verified against one trust store."""

    kind: ClassVar[str] = "handshake"

    server_name: str
    address: str = ""
    port: int = 0
    peer: str = "origin"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Observation):
    """One request and the head of its response."""

    kind: ClassVar[str] = "exchange"

    method: str
    url: str
    request_fields: Fields = ()
    via: str = "origin"
    """Who was spoken to: ``origin`` (directly or through a tunnel) or ``proxy``."""
    credentials: str | None = None
    """Where credentials for the origin came from: ``header``, ``netrc``, ``url``; None when none were sent."""
    proxy_credentials: bool = False
    status: int | None = None
    reason: str = ""
    version: str = ""
    fields: Fields = ()
    location: str | None = None
    """The redirect's target, made absolute."""
    date_skew_s: float | None = None
    """The response's Date field minus the local clock, in seconds."""
    first_bytes: str = ""
    """The beginning of what was no HTTP response."""

    def field(self, name: str) -> str | None:
        """The first field of that name, in any letter case."""
        return field(self.fields, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Observation):
    """The one streamed transfer of a body: counted, digested, and looked at."""

    kind: ClassVar[str] = "transfer"

    status: int | None = None
    declared: int | None = None
    """Content-Length, or the chunked or closed framing's absence of one."""
    framing: str = "length"
    """``length``, ``chunked``, ``close`` or ``none`` (RFC 9112 section 6.3)."""
    coding: str | None = None
    """Content-Encoding."""
    received: int = 0
    """Bytes of content that arrived, codings still applied."""
    written: int = 0
    """Bytes that this client would write to disk (codings removed where it removes them)."""
    decodes: bool = False
    """Whether this client removed a coding."""
    complete: bool | None = None
    """Whether the framing says that all has come; None where the framing cannot tell."""
    limited: bool = False
    """Whether reading stopped on purpose before the end."""
    digests: Pairs = ()
    """Of the bytes that the client would write, when all of them were read."""
    received_digests: Pairs = ()
    """Of the bytes as received, where that is something else."""
    decoded_digests: Pairs = ()
    """Of the content without its gzip or xz layer, where the expected digest is of that."""
    head: str = ""
    """The first 64 bytes as written, in hexadecimal."""
    text: str = ""
    """The beginning of the body where it is text, made safe to print."""
    slowest_s: float = 0.0
    """Longest silence between two pieces, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(Observation):
    """What the bytes really are, whatever their name and type say."""

    kind: ClassVar[str] = "content"

    what: str = ""
    """``gzip``, ``zip``, ``idx``, ``html``, ``xml``, ``json``, ``lfs-pointer``, ``text``, ``empty``, ``unknown`` ..."""
    inner: str | None = None
    """The same for what is inside a gzip, xz or bzip2 layer."""
    intact: bool | None = None
    """Whether its own structure holds to the end (gzip CRC, zip directory, IDX length); None where it has none."""
    damage: str = ""
    """What is wrong with the structure: ``ends early``, ``CRC differs``, ``trailing bytes`` ..."""
    decoded: int | None = None
    """Bytes inside the compression."""
    magic: int | None = None
    dims: tuple[int, ...] = ()
    title: str = ""
    """The title of an HTML page."""
    members: tuple[str, ...] = ()
    """Names inside a zip, at most 16."""
    oid: str | None = None
    """The digest that a Git LFS pointer names."""


Record = typing.TypeVar("Record", bound=Observation)


def field(fields: Fields, name: str) -> str | None:
    """The first field of that name, in any letter case (RFC 9110 section 5.1)."""
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), None)


_KINDS: dict[str, type[Observation]] = {
    record.kind: record
    for record in (
        Subject, Machine, Address, Route, Trust, Lookup, NameQuery, HostsFile, Reach, Connect, Tunnel,
        Handshake, Exchange, Transfer, Content,
    )
}  # fmt: skip


def to_json(observation: Observation) -> dict[str, Any]:
    """The record as JSON values, its ``kind`` first; fields that hold their default are left out."""
    values: dict[str, Any] = {"kind": observation.kind}
    for item in dataclasses.fields(observation):
        value = getattr(observation, item.name)
        if value != item.default or item.name in ("role", "hop", "failure", "started_s", "duration_s"):
            values[item.name] = _plain(value)
    return values


def from_json(values: dict[str, Any]) -> Observation:
    """The record that `to_json` wrote; names that this release does not know are passed over.

    Raises `ValueError` where the kind is unknown or a value does not fit.
    """
    record = _KINDS.get(str(values.get("kind")))
    if record is None:
        raise ValueError(f"unknown kind of observation {values.get('kind')!r}")
    made = _build(record, values)
    assert isinstance(made, Observation)
    return made


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def _build(cls: type[Any], values: dict[str, Any]) -> Any:
    if not isinstance(values, dict):
        raise ValueError(f"expected an object for {cls.__name__}")  # noqa: TRY004 - one error type for bad files
    hints = typing.get_type_hints(cls)
    given: dict[str, Any] = {}
    for item in dataclasses.fields(cls):
        if item.name in values:
            given[item.name] = _value(hints[item.name], values[item.name], f"{cls.__name__}.{item.name}")
    try:
        return cls(**given)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _value(hint: Any, value: Any, where: str) -> Any:
    """The JSON value as the type that the field declares."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _value(next(one for one in arguments if one is not type(None)), value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} must be a list")
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) != len(value):
            raise ValueError(f"{where} must have {len(kinds)} parts")
        return tuple(_value(kind, one, where) for kind, one in zip(kinds, value, strict=True))
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast("type[Any]", hint), value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ValueError(f"{where} must be of type {hint.__name__}")
    return value
