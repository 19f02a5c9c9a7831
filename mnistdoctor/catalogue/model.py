"""The records of the catalogue: datasets, their files, who serves them, and content known to be wrong.

Facts come from package wheels, repository snapshots and issue threads; `origin` and `evidence` name which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gzip-idx", "xz-idx", "npz", "zip", "tar-gz", "parquet", "pickle-gz", "arff", "csv", "other"]
"""What the bytes of a file are; `other` is what the doctor does not look into (`.pt`, MATLAB)."""

Status = Literal["in_use", "degraded_reported", "superseded", "dead_reported", "never_existed"]
"""What releases and issue threads say of a source, from best to worst; no live host was asked."""

BadKind = Literal["truncated", "html", "lfs-pointer", "other-dataset", "fabricated-digest"]
"""Why content known to be wrong is wrong; nobody ever had bytes of a `fabricated-digest`."""

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64}
"""Algorithms that a catalogue may use, as hashlib names them, and the length of their hex form."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest of a whole content."""

    algorithm: str
    """A key of `DIGEST_LENGTHS`."""
    value: str
    """Lower-case hex."""


@dataclass(frozen=True, slots=True)
class File:
    """One byte-exact artefact. Three datasets share four file names: only a digest says which file it is."""

    id: str
    dataset: str
    """The id of its dataset."""
    name: str
    """As in its URLs; may hold a slash."""
    size: int | None
    """Bytes as served; None where nobody states it."""
    digests: tuple[Digest, ...]
    """Empty where nobody states one."""
    kind: Kind
    magic: int | None = None
    """The first four bytes of the unpacked IDX file, big-endian."""
    dims: tuple[int, ...] = ()
    """Array dimensions, images first."""
    decoded_size: int | None = None
    """Bytes after unpacking."""
    digest_of: Literal["file", "decoded"] = "file"
    """`decoded`: the digests are of the unpacked content (OpenML states the md5 of the plain ARFF)."""
    decoded_digests: tuple[Digest, ...] = ()
    """Of the unpacked content, where `digests` are of the packed file; empty where nobody had the bytes."""
    first_values: tuple[int, ...] = ()
    """The first labels: a cheap test of identity."""
    secondary: bool = False
    """Not a part of the plain dataset: an old archive, another format, a sample."""
    same_data_as: str | None = None
    """The file that holds the same data in other bytes."""
    md5_first_mib: str | None = None
    """MD5 of the first 1 MiB, all that fastai compares."""
    git_blob: str | None = None
    """Git's object id of the content."""
    revision: str | None = None
    """The commit of the Hub's repository whose file has these digests."""
    samples: tuple[int, ...] = ()
    """Rows of the train, validation and test parts."""
    verified: bool = False
    """The digests were recomputed from genuine bytes."""
    origin: tuple[str, ...] = ()
    """Who states these numbers."""
    notes: str = ""

    def digest(self, algorithm: str) -> Digest | None:
        """The digest of that algorithm, or None where it is not known."""
        return next((known for known in self.digests if known.algorithm == algorithm), None)

    @property
    def content_digests(self) -> tuple[Digest, ...]:
        """Digests of the content without its gzip or xz layer, wherever they are stated."""
        return self.digests if self.digest_of == "decoded" else self.decoded_digests


@dataclass(frozen=True, slots=True)
class User:
    """Software that fetches from a source, and its releases that do (both ends included; None: open)."""

    name: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One place that serves files of a dataset."""

    id: str
    dataset: str
    status: Status
    urls: tuple[tuple[str, str], ...]
    """File id and URL."""
    notes: str = ""
    users: tuple[User, ...] = ()
    same_bytes: bool = True
    """False: the host may serve other bytes under the well-known name, so a digest does not condemn it."""
    evidence: tuple[str, ...] = ()
    """Issue threads and other grounds for the status."""
    redirects: str = ""
    """Where it is known to redirect to, in words."""
    env_override: str | None = None
    """The environment variable that sends its users to another host."""
    priority: Literal["first", "normal"] = "normal"
    """`first`: asked before all others (an organisation's own mirror)."""

    @property
    def current(self) -> bool:
        """Whether it is worth asking."""
        return self.status in ("in_use", "degraded_reported")

    def url_of(self, file_id: str) -> str | None:
        """The URL of a file here, or None where this source has it not."""
        return next((url for served, url in self.urls if served == file_id), None)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset by its name; `Catalogue.files_of` lists its files."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    licence: str = ""
    train: int | None = None
    """Training rows."""
    test: int | None = None
    """Test rows."""
    shape: tuple[int, ...] = ()
    """Of one sample."""
    classes: int | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class KnownBad:
    """Wrong content that was seen under the name of a file."""

    id: str
    name: str
    size: int | None
    digests: tuple[Digest, ...]
    kind: BadKind
    instead_of: str | None = None
    """The dataset in whose place it is wrong; None: wrong everywhere."""
    origin: tuple[str, ...] = ()
