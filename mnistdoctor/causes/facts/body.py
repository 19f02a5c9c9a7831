"""What was due held against what came: questions that the causes of length, body and checksum share."""

from __future__ import annotations

import re
from itertools import pairwise

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.causes.base import Case, Control
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.wording import exact_bytes

_DATA_SUFFIXES = (
    ".gz", ".tgz", ".xz", ".bz2", ".zip", ".npz", ".npy", ".parquet", ".h5", ".hdf5", ".pkl", ".pt", ".tar", ".mat",
    "-ubyte", ".arff",
)  # fmt: skip

CHECKED = frozenset({"gzip", "xz", "bzip2", "zip", "npz"})
"""Formats that carry a check of their content, so that an intact one was not damaged at random."""

_SHAPES = {
    "gzip-idx": "gzip", "xz-idx": "xz", "npz": "npz", "zip": "zip", "tar-gz": "gzip", "parquet": "parquet",
    "pickle-gz": "gzip",
}  # fmt: skip


def arrived(case: Case) -> ev.Transfer | None:
    """The transfer of a success response (or of a file on disk) that nothing interrupted; perhaps limited."""
    one = case.transfer
    on_disk = one is not None and one.framing == "file"
    success = on_disk or (case.status is not None and 200 <= case.status < 300)
    return one if one is not None and success and case.stopped_by is None else None


def digest_right(case: Case, transfer: ev.Transfer | None) -> bool | None:
    """Whether the strongest digest known is right; None where there is nothing to compare."""
    if transfer is None:
        return None
    return _same(case, transfer.decoded_digests if case.subject.digest_of == "decoded" else transfer.digests)


def received_right(case: Case, transfer: ev.Transfer) -> bool | None:
    """Whether the bytes before the client removed a coding have the right digest."""
    return _same(case, transfer.received_digests)


def _same(case: Case, digests: ev.Pairs) -> bool | None:
    here = dict(digests)
    for algorithm, value in case.subject.digests:
        if algorithm in here:
            return here[algorithm].lower() == value.lower()
    return None


def size_of(case: Case, transfer: ev.Transfer, content: ev.Content | None) -> int | None:
    """The length to hold against the expected one; of a body that was read in part, what it declares."""
    if case.subject.digest_of == "decoded":
        return content.decoded if content else None
    if not transfer.limited:
        return transfer.written
    return None if transfer.coding and transfer.decodes else transfer.declared


def size_right(case: Case, transfer: ev.Transfer) -> bool | None:
    """Whether the length is the expected one; None where one of the two is not known."""
    size = size_of(case, transfer, case.content)
    return None if size is None or case.subject.size is None else size == case.subject.size


def unasked_part(case: Case) -> tuple[int, int, int] | None:
    """First byte, last byte and whole length of a part that nobody asked for (206, RFC 9110 section 14.4)."""
    exchange = case.exchange
    if exchange is None or exchange.status != 206 or ev.field(exchange.request_fields, "Range") is not None:
        return None
    said = (exchange.field("Content-Range") or "").strip()
    found = re.fullmatch(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", said, re.IGNORECASE)
    if found is None:
        return None
    first, last, total = (int(one) for one in found.groups())
    return (first, last, total) if first <= last < total and last - first + 1 < total else None


def wrong(case: Case) -> ev.Transfer | None:
    """The transfer where all went well as an operation, and its digest (or, without one, its length) is wrong."""
    one = arrived(case)
    if one is None:
        return None
    right = digest_right(case, one)
    return one if right is False or (right is None and size_right(case, one) is False) else None


def in_place_of_data(case: Case) -> ev.Transfer | None:
    """The transfer of a success response at a place where data was due, unless its digest is right.

    Without any expectation only a URL that promises data by its ending counts: a page may well be wanted.
    """
    one = arrived(case)
    if one is None or digest_right(case, one):
        return None
    if wrong(case) or case.subject.content or case.subject.digests:
        return one
    return one if promises_data(case) else None


def promises_data(case: Case) -> bool:
    """Whether the URL, or the one that it led to, ends as the names of data files do."""
    paths = (split_url(case.subject.url).path, case.address.path if case.address else "")
    return any(path.lower().endswith(_DATA_SUFFIXES) for path in paths)


def reports_error(held: ev.Content | ev.CachedFile | None) -> bool:
    """Whether an API's reply in JSON has a member for errors at its top, as OpenML's reports of errors have."""
    return held is not None and not {"error", "errors"}.isdisjoint(held.members)


def expected_layer(case: Case) -> str | None:
    """The format that the file due has on its outside: ``gzip``, ``npz`` ...; None where that is not known."""
    return _SHAPES.get(case.subject.content or "")


def own_file(case: Case) -> File | None:
    """The catalogue's file at this URL."""
    known = case.catalogue.by_url(case.subject.url)
    if known:
        return known[1]
    return next((one for one in case.catalogue.files if one.id == case.subject.file), None)


def actual(transfer: ev.Transfer) -> str:
    """The strongest digest of what came, as ``sha256 0123456789ab…``."""
    for algorithm in ("sha256", "sha1", "md5"):
        value = dict(transfer.digests).get(algorithm)
        if value:
            return f"{algorithm} {value[:12]}…"
    return "no digest"


def compared(case: Case, transfer: ev.Transfer) -> tuple[str, ...]:
    """What was due and what came, as sentences of evidence."""
    said = []
    size = size_of(case, transfer, case.content)
    if size is not None and case.subject.size is not None and size != case.subject.size:
        said.append(f"{exact_bytes(case.subject.size)} were due, {exact_bytes(size)} came")
    decoded = case.subject.digest_of == "decoded"
    here = dict(transfer.decoded_digests if decoded else transfer.digests)
    for algorithm, value in case.subject.digests:
        if algorithm in here and here[algorithm] != value:
            inside = " of the unpacked content" if decoded else ""
            said.append(f"{algorithm}{inside} is {here[algorithm][:16]}…, due was {value[:16]}…")
            break
    return tuple(said)


def fetched(case: Case, control: Control) -> ev.Transfer | None:
    """The whole, successful transfer that a control made. Raises `OpenQuestion` where it can still be asked for."""
    good = [
        one
        for one in case.ask(control, ev.Transfer)
        if not one.failure and not one.limited and one.status is not None and 200 <= one.status < 300
    ]
    return good[-1] if good else None


def brought(case: Case, control: Control, url: str) -> bool:
    """Whether the control that asked this URL got the file, as far as it read: no page, and no digest that is wrong.

    One control may have asked several URLs, one after the other. Raises `OpenQuestion` where it can still be made.
    """
    records = case.ask(control, ev.Observation)
    firsts = [n for n, one in enumerate(records) if isinstance(one, ev.Exchange) and one.hop == 0]
    for n, end in pairwise((*firsts, len(records))):
        first, own = records[n], records[n:end]
        bodies = [one for one in own if isinstance(one, ev.Transfer)]
        page = any(isinstance(one, ev.Content) and one.what == "html" for one in own)
        if isinstance(first, ev.Exchange) and first.url == url and bodies and not page:
            last = bodies[-1]
            served = not last.failure and last.status is not None and 200 <= last.status < 300
            return served and digest_right(case, last) is not False
    return False


def same_bytes(one: ev.Transfer, other: ev.Transfer) -> bool | None:
    """Whether two transfers brought the same bytes; None where no digest was taken of both."""
    first, second = dict(one.digests), dict(other.digests)
    shared = [name for name in ("sha256", "sha1", "md5") if name in first and name in second]
    return all(first[name] == second[name] for name in shared) if shared else None


def cached_on_the_way(case: Case) -> str | None:
    """The field by which a cache says that it answered (RFC 9111 section 5.1, RFC 9211), ready to be quoted."""
    if case.exchange is None:
        return None
    for name in ("X-Cache", "Cache-Status", "CF-Cache-Status"):
        value = case.exchange.field(name) or ""
        if "hit" in value.lower():
            return f"{name}: {value[:80]}"
    age = case.exchange.field("Age") or ""
    return f"Age: {age} seconds" if age.isdigit() and int(age) > 0 else None


def dated(case: Case) -> tuple[str, ...]:
    """What the server and the caches before it say of the file's age."""
    if case.exchange is None:
        return ()
    modified, cached = case.exchange.field("Last-Modified"), cached_on_the_way(case)
    said = [f"Last-Modified: {modified[:40]}"] if modified else []
    return (*said, f"a cache answered ({cached})") if cached else tuple(said)


def leftovers(case: Case) -> str:
    """What to do about the bad file that a loader may have kept, as a further sentence; empty without a loader."""
    loader = case.subject.loader
    if not loader:
        return ""
    return f" If {loader} kept the bad file, remove it before the next try: it may be read again."
