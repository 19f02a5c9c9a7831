"""The loaders: as which client they go out, where a release goes, and where it keeps what it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from mnistdoctor.catalogue.model import File, Source
from mnistdoctor.catalogue.names import UnknownName, fold_name

Family = Literal["requests", "urllib", "curl", "httpx", "httpx2", "wget", "aria2"]
Fallback = Literal["url-error", "digest-mismatch"]
"""What sends a loader to its next mirror. `url-error` is urllib's URLError and its kin (no name, no connection,
an HTTP error, a short body that urlretrieve notices); a reset or IncompleteRead in mid-body is not of that kind."""

RETRY_WORDS = (
    *("connection", "connection-reset", "no-answer", "answer-reset"),
    *("body-reset", "body-cut", "content"),
)
"""No connection, tunnel or handshake, or one that was reset; an end in place of an answer, or a reset; a body that a
reset or an early end breaks off; a body that came to its end and is not what is due."""

Headers = tuple[tuple[str, str], ...]
"""Field names and values in the order of the wire."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Client:
    """How a loader, or a tool, speaks HTTP and reads its surroundings."""

    name: str
    family: Family
    """The library below it, whose rules for `*_proxy` and NO_PROXY hold."""
    headers: Headers
    """After Host; values are templates with {python}, {python_full} and {version}."""
    decodes_content: bool
    """What it writes to disk has its Content-Encoding removed."""
    trust: Literal["certifi", "openssl", "system"]
    """The store it trusts where no variable names another."""
    ca_variables: tuple[str, ...]
    """Variables that replace the store, in order of precedence."""
    reads_all_proxy: bool
    reads_socks: Literal["PySocks", "socksio", "none", "never"]
    """The package it needs for a socks5 proxy; `none`: nothing more; `never`: it cannot."""
    proxy_auth_schemes: tuple[str, ...]
    """Schemes of 407 that it can answer, in lower case."""
    proxy_https_scheme: Literal["tls", "ignored-for-https"]
    """An https:// proxy: TLS to the proxy, or plain CONNECT all the same."""
    proxy_port_http: int
    proxy_port_https: int
    max_redirects: int
    netrc: bool
    """Whether it reads ~/.netrc unasked."""
    url_login: Literal["sent", "on-challenge", "never"]
    """When a user name and password are sent, those of the URL and of ~/.netrc: with the first request, once the
    server asks for them, or never (they are no login to it)."""
    cookies: bool
    """Whether a redirect's cookies go along with the next request."""
    truncation: Literal["silent", "raises"]
    """What becomes of a body shorter than its Content-Length."""
    parses_length: bool = False
    """Whether it makes a number of Content-Length by itself, and ends where that is none; others read to the end."""
    version_of: str | None = None
    """The distribution whose release is the {version} of the headers."""
    probe_method: str | None = None
    """The method of a request sent before the real one for each file, None where there is none."""
    probe_headers: Headers = ()
    """Fields added to, or changed in, that first request."""
    timeout_s: float | None = None
    """Seconds; None: it waits for ever."""
    retries: int = 0
    retry_on: tuple[str, ...] = ()
    """What it repeats a request for: statuses (`503`, `413-599`, `429+retry-after`: with that field alone) and words of
    `RETRY_WORDS`."""
    heeds_retry_after: bool = False
    """Whether it waits as long as the server asks before it repeats."""
    once_more_on: tuple[str, ...] = ()
    """What it throws away and asks for once more, in the same words."""
    retry_wait_s: float = 0.0
    """Seconds of waiting, summed over all retries."""

    @property
    def is_program(self) -> bool:
        """Whether it is a program of its own, with its own TLS, and no library of the user's Python."""
        return self.family in ("curl", "wget", "aria2")

    @property
    def user_agent(self) -> str:
        """The template of its User-Agent."""
        return dict(self.headers)["User-Agent"]

    def default_proxy_port(self, scheme: str) -> int:
        """The port it takes for a proxy without one, by the scheme of the URL asked for."""
        return self.proxy_port_https if scheme == "https" else self.proxy_port_http

    def request_headers(self, *, python: str, version: str) -> Headers:
        """The fields of its request.

        `python` is a full release such as `3.11.7`, `version` the release of `version_of`.
        """
        short = ".".join(python.split(".")[:2])
        values = {"{python}": short, "{python_full}": python, "{version}": version}
        return tuple((name, _fill(value, values)) for name, value in self.headers)


@dataclass(frozen=True, slots=True)
class CachePlace:
    """Where a loader keeps its files."""

    roots: tuple[str, ...]
    """`$VARIABLE/below` or `~/below`, the first that applies decides; empty: the caller names the folder."""
    fallback: str | None = None
    """Taken where the root cannot be written."""
    shadowed_by: tuple[str, ...] = ()
    """Files below the root that the loader prefers to the downloaded ones."""
    unpacked_set: tuple[str, ...] = ()
    """Unpacked twins below the root that it loads where all of them are there, whatever else is; else none of them."""
    replies: tuple[str, ...] = ()
    """Where it keeps the replies of its API calls, below the root, in the order of `Plan.requests`."""
    revision_in: str | None = None
    """The file below the root that names the commit it would take, in the place of `*`."""
    digest_in: str | None = None
    """The reply among these that states the digest it compares."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that move it, in order of precedence."""
        return tuple(root[1:].split("/")[0] for root in self.roots if root.startswith("$"))

    def directory(self, environ: Mapping[str, str], home: Path) -> Path | None:
        """The folder for this environment; None where the caller of the loader names it."""
        for root in self.roots:
            first, _, below = root.partition("/")
            if not first.startswith("$"):
                return home / below if first == "~" else Path(root)
            if value := environ.get(first[1:]):
                base = home / value[2:] if value.startswith("~/") else Path(value)
                return base / below
        return None


@dataclass(frozen=True, slots=True)
class CacheName:
    """One name below the cache's root; `*` stands for anything, as in a shell."""

    path: str
    form: Literal["file", "decoded", "prepared", "reply"]
    """`decoded`: the unpacked twin, to which the file's digests do not apply; `prepared`: the loader's own format, made
    from all the files; `reply`: an API's stored answer."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file, the places where a loader looks for it in order, and the names under which it keeps it."""

    file: File
    sources: tuple[tuple[Source, str], ...]
    """Source and URL, whatever the source's status."""
    cached: tuple[CacheName, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """What a range of releases does for one dataset."""

    since: str
    """The first release; empty: from the beginning."""
    before: str
    """The first release that does otherwise; empty: none is known."""
    files: tuple[PlannedFile, ...]
    requests: tuple[str, ...]
    """API calls that come before the files, in order."""
    digest: str | None
    """The algorithm that the loader compares; None: it takes what comes."""
    fallback: tuple[Fallback, ...]
    shadowed_by: tuple[str, ...] = ()
    unpacked_set: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    revision_in: str | None = None
    digest_in: str | None = None
    described_by: str | None = None
    """The API call, one of `requests`, whose reply names the file's URL: the catalogue's own is what was observed."""
    keeps_bad: bool = False
    """It compares the digest of a cached file, and yet never replaces one that is bad."""


@dataclass(frozen=True, slots=True)
class LoaderDataset:
    """A dataset by the name it has in a loader."""

    name: str
    dataset: str
    """The id of the catalogue's dataset: Keras's `mnist` is `mnist_npz`."""
    aliases: tuple[str, ...]
    routes: tuple[Route, ...]
    """Oldest first, without gaps."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a loader's release would do to fetch one dataset."""

    loader: str
    name: str
    """The dataset's name in the loader."""
    dataset: str
    """The id of the catalogue's dataset."""
    release: str
    """The release that was asked for, or the newest known."""
    client: str
    """The name of a `Client`."""
    requests: tuple[str, ...]
    files: tuple[PlannedFile, ...]
    digest: str | None
    fallback: tuple[Fallback, ...]
    cache: CachePlace
    described_by: str | None = None
    keeps_bad: bool = False

    @property
    def trusts_cache(self) -> bool:
        """Whether a bad cached file stays: it compares nothing, or never replaces what is bad."""
        return self.digest is None or self.keeps_bad


@dataclass(frozen=True, slots=True)
class Loader:
    """A library that downloads datasets."""

    name: str
    title: str
    aliases: tuple[str, ...]
    distributions: tuple[str, ...]
    """Its names on PyPI; the first that is installed tells the release."""
    newest_release: str
    """The newest that was read."""
    clients: tuple[tuple[str, str], ...]
    """First release and client, oldest first."""
    caches: tuple[tuple[str, CachePlace], ...]
    """First release and place, oldest first."""
    datasets: tuple[LoaderDataset, ...]
    env_override: str | None = None
    """The environment variable that sends it to another host."""

    @property
    def client(self) -> str:
        """The client of its newest release."""
        return self.clients[-1][1]

    def installed(self, release: Callable[[str], str | None]) -> str | None:
        """Its release, where `release` gives that of a distribution; None: not there."""
        return next(filter(None, map(release, self.distributions)), None)

    def dataset(self, name: str) -> LoaderDataset:
        """A dataset by any of its names, or raise `UnknownName`."""
        wanted = fold_name(name)
        for known in self.datasets:
            if wanted in map(fold_name, (known.name, known.dataset, *known.aliases)):
                return known
        raise UnknownName(f"dataset of {self.name}", name, tuple(known.name for known in self.datasets))

    def plan(self, dataset: str, release: str | None = None) -> Plan:
        """What that release does for a dataset; None means the newest release known.

        A release older than all that were read does as the oldest, a newer one as the newest.
        Raises `UnknownName`.
        """
        known = self.dataset(dataset)
        wanted = release or self.newest_release
        route = _row([(route.since, route) for route in known.routes], wanted)
        place = _row(self.caches, wanted)
        kept = (route.shadowed_by, route.unpacked_set, route.replies, route.revision_in, route.digest_in)
        cache = CachePlace(place.roots, place.fallback, *kept)
        client = _row(self.clients, wanted)
        steps = (route.requests, route.files, route.digest, route.fallback)
        return Plan(
            self.name, known.name, known.dataset, wanted, client, *steps, cache, route.described_by, route.keeps_bad
        )


def release_key(release: str) -> tuple[int, ...]:
    """The numbers of a release, for comparison: `0.22.0+cpu` and `0.22` are equal."""
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[^0-9.]", release)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _fill(template: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def _row(rows: Sequence[tuple[str, Row]], release: str) -> Row:
    """The row of a table by first release, oldest first, that holds for a release."""
    wanted = release_key(release)
    chosen = rows[0][1]
    for since, row in rows[1:]:
        if release_key(since) <= wanted:
            chosen = row
    return chosen
