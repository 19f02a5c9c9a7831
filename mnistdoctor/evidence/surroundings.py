"""Records of what lies around a download: the loader's cache, proxies that others know of, what a program said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, final

from mnistdoctor.evidence.base import ContentFacts, Observation, Pairs

FileForm = Literal["file", "decoded", "prepared", "reply", "shadow", "partial", "lock"]
"""``file``: as downloaded; ``decoded``: its unpacked twin; ``prepared``: what the loader made of all files in its own
format; ``reply``: an API's stored answer; ``shadow``: one that the loader prefers to these; ``partial``: a download
that has not ended."""

ProxyPlace = Literal["variable", "exempted", "ancestor", "profile", "system", "program", "pac"]
"""Who knows a proxy: ``variable`` (this process's environment, unread by this client), ``exempted`` (by NO_PROXY),
``ancestor`` (the environment of a parent process), ``profile`` (a shell's or login's start file), ``system`` (the
desktop's or system's setting), ``program`` (another program's own setting), ``pac`` (what a PAC file returned)."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Folder(Observation):
    """The folder in which the loader keeps, or would keep, its files. Nothing is written to find this out."""

    kind: ClassVar[str] = "folder"

    path: str
    decided_by: str | None = None
    """The variable or option that named it; None where the loader's own rule did."""
    exists: bool = True
    """False: the loader would make it; the other fields are then of its nearest parent that is there."""
    writable: bool = True
    read_only: bool = False
    """Whether the file system is mounted without the right to write."""
    owner: int | None = None
    """User id of the owner."""
    user: int | None = None
    """User id of this process."""
    free: int | None = None
    """Bytes that this user may still write there."""
    free_files: int | None = None
    """Files (inodes) that can still be made there; None where the file system has no such limit."""
    needed: int | None = None
    """Bytes of the file that is to come."""
    instead_of: str | None = None
    """The folder that the loader prefers and cannot write, so that it goes to `path` without a word."""
    assumed: bool = False
    """Whether the folder is only the usual one: the loader's caller names it, and we were not told."""
    meant: str | None = None
    """A folder near the one that an option named, in which the loader's files lie: the named one holds none."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CachedFile(ContentFacts):
    """One file of the loader's cache: counted, digested and looked at."""

    kind: ClassVar[str] = "cached-file"

    path: str
    form: FileForm = "file"
    trusted: bool = False
    """Whether the loader takes it as it is, without comparing a digest."""
    unread: bool = False
    """Whether the loader does not open it, because it has the unpacked twins of all its files."""
    lone: bool = False
    """Whether it is an unpacked twin that others of its dataset miss: the loader makes all of them anew."""
    size: int = 0
    modified: float = 0.0
    """Seconds since 1970-01-01 UTC."""
    holder: int | None = None
    """The process that holds a lock on it."""
    digests: Pairs = ()
    decoded_digests: Pairs = ()
    """Of the content without its own layer, unless its digest is right and those of its content are known."""
    stated: Pairs = ()
    """The digest that the loader itself compares, where another file of its cache states it."""
    blank: bool = False
    """Whether nothing but zeros follows its header; looked for in an unpacked twin alone."""
    links_to: str | None = None
    """The file in whose place this name is a symbolic link."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProxy(Observation):
    """A proxy that this machine knows of and that the examined client did not use."""

    kind: ClassVar[str] = "known-proxy"

    place: ProxyPlace
    key: str
    """The variable's or setting's name."""
    where: str = ""
    """The file, the process, or the PAC file's URL."""
    line: int | None = None
    proxy: str = ""
    """Its URL without the credentials; empty where only a PAC file is named, or where it says to go directly."""
    has_credentials: bool = False
    pac: str = ""
    """The URL or path of a PAC file that the setting names."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom(Observation):
    """What a program said when it failed: one exception of a traceback, or one line of a log."""

    kind: ClassVar[str] = "symptom"

    exception: str = ""
    """The exception's name without its module, or empty for a line that is none."""
    message: str = ""
    raised_in: tuple[str, ...] = ()
    """Top-level packages of the traceback's frames, outermost first."""
    earlier: bool = False
    """Whether another exception was raised while this one was handled."""
