"""From checked tables to records of clients and loaders."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

from mnistdoctor.catalogue.loaders import (
    RETRY_WORDS,
    CacheName,
    CachePlace,
    Client,
    Fallback,
    Family,
    Loader,
    LoaderDataset,
    PlannedFile,
    Route,
    release_key,
)
from mnistdoctor.catalogue.model import DIGEST_LENGTHS, Dataset, File, Source
from mnistdoctor.catalogue.reader import Entry

Row = TypeVar("Row")

CLIENT_KEYS = (
    *("name", "like", "family", "version_of", "headers", "probe_method", "probe_headers", "decodes_content"),
    *("trust", "ca_variables", "reads_all_proxy", "reads_socks", "proxy_auth_schemes", "proxy_https_scheme"),
    *("proxy_port_http", "proxy_port_https", "max_redirects", "netrc", "url_login", "cookies", "timeout_s", "retries"),
    *("heeds_retry_after", "retry_on", "once_more_on", "retry_wait_s", "truncation", "parses_length"),
)
LOADER_KEYS = (
    *("name", "title", "aliases", "distributions", "newest_release", "clients", "caches", "names"),
    *("datasets", "env_override"),
)
_DATASET_KEYS = (
    *(
        "name",
        "dataset",
        "aliases",
        "files",
        "names",
        "decoded",
        "decoded_together",
        "prepared",
        "shadowed_by",
        "calls",
        "call_names",
    ),
    *("revision_in", "digest_in", "routes"),
)
_ROUTE_KEYS = (
    "since",
    "sources",
    "files",
    "digest",
    "fallback",
    "api",
    "described_by",
    "names",
    "decoded",
    "keeps_bad",
)


@dataclass(frozen=True, slots=True)
class References:
    """What a loader may refer to, by id."""

    datasets: Mapping[str, Dataset]
    files: Mapping[str, File]
    sources: Mapping[str, Source]
    clients: Mapping[str, Client]

    def plain(self, dataset: str) -> tuple[str, ...]:
        """The ids of the files that make up a dataset."""
        return tuple(f.id for f in self.files.values() if f.dataset == dataset and not f.secondary)


def build_client(name: str, entry: Entry, clients: Mapping[str, Entry]) -> Client:
    """A client, with what it takes over from the one it is `like`."""
    entry = _inherit(entry, clients)
    headers = entry.pairs("headers")
    if "User-Agent" not in dict(headers):
        entry.fail("`headers` must hold a User-Agent")
    return Client(
        name=name,
        family=entry.word("family", get_args(Family)),
        headers=headers,
        decodes_content=entry.flag("decodes_content"),
        trust=entry.word("trust", ("certifi", "openssl", "system")),
        ca_variables=entry.texts("ca_variables"),
        reads_all_proxy=entry.flag("reads_all_proxy"),
        reads_socks=entry.word("reads_socks", ("PySocks", "socksio", "none", "never")),
        proxy_auth_schemes=entry.texts("proxy_auth_schemes"),
        proxy_https_scheme=entry.word("proxy_https_scheme", ("tls", "ignored-for-https")),
        proxy_port_http=entry.required_whole("proxy_port_http"),
        proxy_port_https=entry.required_whole("proxy_port_https"),
        max_redirects=entry.required_whole("max_redirects"),
        netrc=entry.flag("netrc"),
        url_login=entry.word("url_login", ("sent", "on-challenge", "never")),
        cookies=entry.flag("cookies"),
        truncation=entry.word("truncation", ("silent", "raises")),
        parses_length=entry.flag("parses_length", False),
        version_of=entry.maybe_text("version_of"),
        probe_method=entry.maybe_text("probe_method"),
        probe_headers=entry.pairs("probe_headers"),
        timeout_s=entry.seconds("timeout_s"),
        retries=entry.whole("retries") or 0,
        retry_on=_retried(entry, "retry_on"),
        heeds_retry_after=entry.flag("heeds_retry_after", False),
        once_more_on=_retried(entry, "once_more_on"),
        retry_wait_s=entry.seconds("retry_wait_s") or 0.0,
    )


def _retried(entry: Entry, key: str) -> tuple[str, ...]:
    """Statuses, ranges of them, and words of the closed list."""
    for one in entry.texts(key):
        if one not in RETRY_WORDS and not re.fullmatch(r"[1-5]\d\d(-[1-5]\d\d)?(\+retry-after)?", one):
            entry.fail(f"`{key}` holds `{one}` but may hold statuses, `500-599` and {', '.join(RETRY_WORDS)}")
    return entry.texts(key)


def build_loader(name: str, entry: Entry, known: References) -> Loader:
    """A loader, its routes resolved to files and sources."""
    rows = [
        (row.text("since", ""), row.reference("client", "client", row.text("client"), known.clients))
        for row in entry.entries("clients", ("since", "client"))
    ]
    places = [
        (row.text("since", ""), CachePlace(row.texts("roots"), row.maybe_text("fallback")))
        for row in entry.entries("caches", ("since", "roots", "fallback"))
    ]
    return Loader(
        name=name,
        title=entry.text("title", name),
        aliases=entry.texts("aliases"),
        distributions=entry.texts("distributions"),
        newest_release=entry.text("newest_release"),
        clients=_in_order(entry, rows),
        caches=_in_order(entry, places),
        datasets=tuple(
            _loader_dataset(table, entry.texts("names"), known) for table in entry.entries("datasets", _DATASET_KEYS)
        ),
        env_override=entry.maybe_text("env_override"),
    )


def _inherit(entry: Entry, clients: Mapping[str, Entry]) -> Entry:
    table, seen, below = dict(entry.table), {entry.where}, entry
    while (like := below.maybe_text("like")) is not None:
        below = clients[below.reference("like", "client", like, clients)]
        if below.where in seen:
            entry.fail("`like` leads back to itself")
        seen.add(below.where)
        table = {**below.table, **table}
    return Entry(entry.path, entry.where, table, CLIENT_KEYS)


def _loader_dataset(entry: Entry, names: tuple[str, ...], known: References) -> LoaderDataset:
    dataset = entry.reference("dataset", "dataset", entry.text("dataset"), known.datasets)
    tables = entry.entries("routes", _ROUTE_KEYS)
    starts = [table.text("since", "") for table in tables]
    routes = [
        (start, _route(entry, table, before, names, known))
        for start, before, table in zip(starts, [*starts[1:], ""], tables, strict=True)
    ]
    ordered = _in_order(entry, routes)
    return LoaderDataset(entry.text("name"), dataset, entry.texts("aliases"), tuple(r for _, r in ordered))


def _route(entry: Entry, table: Entry, before: str, names: tuple[str, ...], known: References) -> Route:
    """One route; what its own table leaves out comes from the dataset's, then from the loader's."""
    wanted = table.texts("files") or entry.texts("files") or known.plain(entry.text("dataset"))
    asked = [
        known.sources[table.reference("sources", "source", source, known.sources)] for source in table.texts("sources")
    ]
    templates = table.texts("names") or entry.texts("names") or names
    planned = []
    for file_id in wanted:
        file = known.files[table.reference("files", "file", file_id, known.files)]
        places = tuple((source, url) for source in asked if (url := source.url_of(file.id)) is not None)
        if not places:
            table.fail(f"no source of the route serves the file `{file.id}`")
        cached = _cache_names(table, entry, file, templates, places[0][1])
        planned.append(PlannedFile(file, places, cached))
    fallback: Sequence[Fallback] = get_args(Fallback)
    for word in table.texts("fallback"):
        if word not in fallback:
            table.fail(f"`fallback` holds `{word}` but may hold {', '.join(fallback)}")
    calls = entry.texts("calls")
    return Route(
        since=table.text("since", ""),
        before=before,
        files=tuple(planned),
        requests=tuple(table.text("api") + call for call in calls),
        digest=table.word("digest", (*DIGEST_LENGTHS, "md5_first_mib")) if "digest" in table.table else None,
        fallback=tuple(word for word in fallback if word in table.texts("fallback")),
        shadowed_by=entry.texts("shadowed_by"),
        unpacked_set=tuple(
            one.path
            for file in planned
            for one in file.cached
            if one.form == "decoded" and entry.flag("decoded_together", default=False)
        ),
        replies=tuple(name.replace("{call}", call) for call in calls for name in entry.texts("call_names")),
        revision_in=entry.maybe_text("revision_in"),
        digest_in=entry.maybe_text("digest_in"),
        described_by=_described_by(table, calls),
        keeps_bad=table.flag("keeps_bad", False),
    )


def _described_by(table: Entry, calls: Sequence[str]) -> str | None:
    call = table.maybe_text("described_by")
    if call is not None and call not in calls:
        table.fail(f"`described_by` names no call of the data set: `{call}`")
    return None if call is None else table.text("api") + call


def _cache_names(table: Entry, entry: Entry, file: File, templates: tuple[str, ...], url: str) -> tuple[CacheName, ...]:
    suffix = ".tar.gz" if file.name.endswith(".tar.gz") else file.name[file.name.rfind(".") :]
    values = {"name": file.name, "stem": file.name.removesuffix(suffix), "suffix": suffix}
    values["dataset"] = entry.text("name")
    values["url_md5"] = hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()
    if sha256 := file.digest("sha256"):  # TFDS puts it into the name without the padding
        values["sha256"] = sha256.value
        values["sha256_base64"] = urlsafe_b64encode(bytes.fromhex(sha256.value)).decode().rstrip("=")
    else:
        templates = tuple(template for template in templates if "{sha256" not in template)
    unpacked = (table if "decoded" in table.table else entry).texts("decoded")
    try:
        kept = [CacheName(template.format_map(values), "file") for template in templates]
        twins = [CacheName(template.format_map(values), "decoded") for template in unpacked]
        twins += [CacheName(template.format_map(values), "prepared") for template in entry.texts("prepared")]
    except (KeyError, ValueError, IndexError) as error:
        table.fail(f"a name of the cache cannot be filled in: {error}")
    return (*kept, *twins)


def _in_order(entry: Entry, rows: Sequence[tuple[str, Row]]) -> tuple[tuple[str, Row], ...]:
    keys = [release_key(since) for since, _ in rows]
    if keys != sorted(set(keys)):
        entry.fail("the rows of a table by release must rise from the oldest `since` to the newest")
    return tuple(rows)
