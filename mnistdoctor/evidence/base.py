"""What every record holds, and the records of what is known before the first packet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from mnistdoctor.failure import Failure

Stage = Literal["dns", "tcp", "proxy", "tls", "http", "length", "checksum"]
STAGES: tuple[Stage, ...] = ("dns", "tcp", "proxy", "tls", "http", "length", "checksum")
"""The seven stages, in the order in which every hop goes through them."""

Role = Literal["target", "control", "trial"]
Peer = Literal["origin", "proxy"]
"""Who is at the other end of a lookup, a connection or a handshake."""
Way = Literal["direct", "forward-proxy", "tunnel", "socks"]
"""How a request goes out: by itself, handed to a proxy in clear, or through a way that a proxy opens."""

DigestOf = Literal["file", "decoded"]
"""What a digest is taken over: the bytes as served, or the content without its compression."""
TrustForm = Literal["", "pem", "der", "empty", "folder", "other", "unexpanded"]
"""What a named path leads to. ``unexpanded`` where it begins with a ``~`` that only a shell would have replaced; empty
where nothing is there, or nobody named it."""

Fields = tuple[tuple[str, str], ...]
"""HTTP fields in the order received, names as received (RFC 9110 section 5)."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What every record holds."""

    kind: ClassVar[str] = ""

    id: str
    """Unique in the report."""
    stage: Stage | None
    """None for what was noted before the wire."""
    role: Role = "target"
    control: str | None = None
    """The name of the control or trial that asked for it."""
    hop: int = 0
    """0 for the first request, one more for each redirect followed."""
    started_s: float = 0.0
    """Seconds since the examination began."""
    duration_s: float = 0.0
    """Seconds the operation took."""
    failure: Failure | None = None
    """None when the operation went well."""
    detail: str = ""
    """What the operating system or the library said, made safe to print."""
    reused: str | None = None
    """The id of the record whose operation this one shares instead of repeating it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFacts(Observation):
    """What bytes really are, whatever their name and type say: those of a body, or of a file on this disk."""

    what: str = ""
    """``gzip``, ``zip``, ``idx``, ``html``, ``xml``, ``json``, ``lfs-pointer``, ``text``, ``empty``, ``unknown`` ..."""
    inner: str | None = None
    """The same for what is inside a gzip, xz or bzip2 layer."""
    intact: bool | None = None
    """Whether its own structure holds to the end (gzip CRC, zip directory, IDX length); None where it has none."""
    damage: str = ""
    """What is wrong with the structure, in words that follow the kind: ``ends early``, ``has 3 trailing bytes`` ..."""
    decoded: int | None = None
    """Bytes inside the compression."""
    magic: int | None = None
    dims: tuple[int, ...] = ()
    title: str = ""
    """The title of an HTML page."""
    members: tuple[str, ...] = ()
    """Names inside a zip, or of the members of a JSON object where one was due, at most 16."""
    contents: str = ""
    """What an intact zip, gzip, xz or bzip2 file holds, in short: equal where the same content was packed anew."""


@final
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
    digest_of: DigestOf = "file"
    content: str | None = None
    """Kind of content expected: ``gzip-idx``, ``npz``, ``parquet`` ... (the catalogue's words)."""
    client: str = "requests"
    loader: str | None = None
    release: str | None = None
    """Installed release of the loader, or None where it is not installed."""
    until: Stage | None = None
    """Last stage that was asked for."""
    instead_of: str | None = None
    """The loader's own URL, where an environment variable sends it to `url` instead."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Machine(Observation):
    """This machine and interpreter, as far as a diagnosis may depend on them."""

    kind: ClassVar[str] = "machine"

    platform: str
    python: str
    openssl: str
    interpreter: str = ""
    """The user's Python, whose name `python` is: its file."""
    installer: Literal["pip", "uv"] = "pip"
    """``uv`` where it made the environment, without pip."""
    certifi: str = ""
    """The bundle of certifi that this interpreter has."""
    variables: Pairs = ()
    """Environment variables that steer downloads, redacted."""
    modules: tuple[str, ...] = ()
    """Optional modules present that change what a client can do, such as ``socks``."""
    lacks: tuple[str, ...] = ()
    """What this interpreter should have and has not: ``ssl``, ``socket``, ``md5``; ``sockets`` where the system
    refuses to make one."""
    container: bool = False
    """Whether the usual marks of a container are there."""
    unix_time: float = 0.0
    """The local clock, in seconds since 1970-01-01 UTC."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Observation):
    """A URL taken apart, before any packet."""

    kind: ClassVar[str] = "url"

    url: str
    scheme: str = ""
    host: str = ""
    port: int = 0
    path: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Observation):
    """Which way this client goes to this URL, and what decided it."""

    kind: ClassVar[str] = "route"

    way: Way = "direct"
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


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Trust(Observation):
    """A trust store: the one this client verifies with, or another that was asked after a failure."""

    kind: ClassVar[str] = "trust"

    label: str
    """``certifi``, ``openssl``, ``system``, ``option``, or the variable that names the file."""
    path: str = ""
    exists: bool = True
    form: TrustForm = ""
    certificates: int | None = None
    """How many CA certificates were loaded; None where they are looked up in a directory on demand."""
    in_use: bool = True
