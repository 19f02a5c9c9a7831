"""Records of requests, responses, and what their bodies are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from mnistdoctor.evidence.base import ContentFacts, Fields, Observation, Pairs, Peer

Framing = Literal["length", "chunked", "close", "none", "file"]
"""What shows where a body ends (RFC 9112 section 6.3); ``file`` for one that lies on this disk."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange(Observation):
    """One request and the head of its response."""

    kind: ClassVar[str] = "exchange"

    method: str
    url: str
    request_fields: Fields = ()
    via: Peer = "origin"
    """Who was spoken to: ``origin`` also through a tunnel."""
    credentials: Literal["header", "netrc", "url"] | None = None
    """Where credentials for the origin came from; None when none were sent."""
    proxy_credentials: bool = False
    status: int | None = None
    reason: str = ""
    version: str = ""
    fields: Fields = ()
    location: str | None = None
    """The redirect's target, made absolute."""
    date_skew_s: float | None = None
    """The response's Date field minus the local clock, in seconds."""
    interim: int = 0
    """How many interim (1xx) responses were read past, as this client does (RFC 9110 section 15.2)."""
    received: int = 0
    """Bytes of a head that was never completed."""
    first_bytes: str = ""
    """The beginning of what was no HTTP response."""

    def field(self, name: str) -> str | None:
        """The first field of that name, in any letter case."""
        return field(self.fields, name)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Observation):
    """The one streamed transfer of a body: counted, digested, and looked at."""

    kind: ClassVar[str] = "transfer"

    status: int | None = None
    declared: int | None = None
    """Content-Length, or the chunked or closed framing's absence of one."""
    framing: Framing = "length"
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
    """Of the content without its gzip, xz or bzip2 layer, where the expected digest is of that, or is not met."""
    lf_digests: Pairs = ()
    """Those that it would have with LF at the end of every line, where that is something else and none was met."""
    crlf_digests: Pairs = ()
    """The same with CR LF."""
    tail_digests: Pairs = ()
    """Of the last bytes, as many as were due, where more came and the digest was not met."""
    head: str = ""
    """The first 64 bytes as written, in hexadecimal."""
    text: str = ""
    """The beginning of the body where it is text, made safe to print."""
    slowest_s: float = 0.0
    """Longest silence between two pieces, in seconds."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Content(ContentFacts):
    """What a body holds."""

    kind: ClassVar[str] = "content"

    oid: str | None = None
    """The digest that a Git LFS pointer names."""


def field(fields: Fields, name: str) -> str | None:
    """The first field of that name, in any letter case (RFC 9110 section 5.1)."""
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), None)
