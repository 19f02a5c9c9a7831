"""What was expected of a body, and how what came compares: its length, its digests, its format."""

from __future__ import annotations

from itertools import pairwise

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File, Plan
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body
from mnistdoctor.wording import exact_bytes

_LAYERS = {
    "gzip-idx": "gzip",
    "pickle-gz": "gzip",
    "tar-gz": "gzip",
    "xz-idx": "xz",
    "npz": "npz",
    "zip": "zip",
    "parquet": "parquet",
}


def layer(case: Case) -> str | None:
    """The format that the expected file has on its outside: ``gzip``, ``npz`` ...; None where that is not known."""
    return _LAYERS.get(case.subject.content or "")


def catalogue_file(case: Case) -> File | None:
    """The catalogue's file at this URL, or else the one that the subject names."""
    known = case.catalogue.by_url(case.subject.url)
    return known[1] if known else _named_file(case)


def subject_file(case: Case) -> File | None:
    """The catalogue's file that the subject names, or else the one at its URL."""
    return _named_file(case) or catalogue_file(case)


def _named_file(case: Case) -> File | None:
    return next((file for file in case.catalogue.files if file.id == case.subject.file), None)


def loader_plan(case: Case) -> Plan | None:
    """What the loader's release does to fetch the file; None for a plain URL, and for a reply of an API."""
    for dataset in case.loader.datasets if case.loader else ():
        plan = case.loader.plan(dataset.name, case.subject.release) if case.loader else None
        if plan and any(one.file.id == case.subject.file for one in plan.files):
            return plan
    return None


def known_files(case: Case, transfer: ev.Transfer) -> tuple[File, ...]:
    """The catalogue's files that have a digest of what came."""
    found = (file for name, value in transfer.digests for file in case.catalogue.by_digest(name, value))
    return tuple(dict.fromkeys(found))


def known_contents(case: Case, transfer: ev.Transfer) -> tuple[File, ...]:
    """The catalogue's files whose unpacked content is what came, or what came holds."""
    found = (file for one in (*transfer.digests, *transfer.decoded_digests) for file in case.catalogue.by_content(*one))
    return tuple(dict.fromkeys(found))


def same_content(case: Case, transfer: ev.Transfer) -> bool:
    """Whether what came holds exactly the data of the expected file, in other bytes."""
    file = subject_file(case)
    return file is not None and any(file.id in (one.id, one.same_data_as) for one in known_contents(case, transfer))


def is_of_unpacked(case: Case, transfer: ev.Transfer) -> bool:
    """Whether the expected digest is that of the unpacked content, while the packed file came."""
    return case.subject.digest_of == "file" and _right(case, transfer.decoded_digests) is True


def other_line_ends(case: Case, transfer: ev.Transfer | None) -> tuple[str, str] | None:
    """The line ends that came and those that were due, where nothing else differs."""
    if transfer is None:
        return None
    if _right(case, transfer.lf_digests):
        return "CR LF", "LF"
    return ("LF", "CR LF") if _right(case, transfer.crlf_digests) else None


def joined_to_a_part(case: Case, transfer: ev.Transfer) -> bool:
    """Whether the whole file that was due stands behind something else."""
    return case.subject.digest_of == "file" and _right(case, transfer.tail_digests) is True


def known_cut(case: Case, transfer: ev.Transfer) -> str | None:
    """The cut file of this digest that the catalogue knows, as ``NAME of 4542 bytes, seen in PLACE``."""
    for bad in case.catalogue.known_bad:
        if bad.kind == "truncated" and not {(one.algorithm, one.value) for one in bad.digests}.isdisjoint(
            transfer.digests
        ):
            return f"{bad.name} of {bad.size} bytes, seen in {bad.origin[0]}" if bad.origin else bad.name
    return None


def digest_right(case: Case, transfer: ev.Transfer | None) -> bool | None:
    """Whether the strongest digest known is right; None where there is nothing to compare."""
    return None if transfer is None else _right(case, _digests(case, transfer))


def received_right(case: Case, transfer: ev.Transfer) -> bool | None:
    """Whether the bytes before the client removed a coding have the right digest."""
    return _right(case, transfer.received_digests)


def _digests(case: Case, transfer: ev.Transfer) -> ev.Pairs:
    """Those of the bytes that the expected digest is of."""
    return transfer.decoded_digests if case.subject.digest_of == "decoded" else transfer.digests


def _right(case: Case, digests: ev.Pairs) -> bool | None:
    taken = dict(digests)
    for algorithm, value in case.subject.digests:
        if algorithm in taken:
            return taken[algorithm].lower() == value.lower()
    return None


def comparable_size(case: Case, transfer: ev.Transfer) -> int | None:
    """The length to hold against the expected one; of a body that was read in part, what it declares.

    Where more has come already than was expected, that is enough, whatever was declared.
    """
    if case.subject.digest_of == "decoded":
        return case.content.decoded if case.content else None
    if not transfer.limited:
        return transfer.written
    if transfer.declared is not None and not (transfer.coding and transfer.decodes):
        return transfer.declared
    return transfer.written if case.subject.size is not None and transfer.written > case.subject.size else None


def size_right(case: Case, transfer: ev.Transfer) -> bool | None:
    """Whether the length is the expected one; None where one of the two is not known."""
    length = comparable_size(case, transfer)
    return None if length is None or case.subject.size is None else length == case.subject.size


def mismatch(case: Case) -> ev.Transfer | None:
    """The transfer where all went well as an operation, and its digest (or, without one, its length) is wrong."""
    transfer = body.completed(case)
    if transfer is None:
        return None
    right = digest_right(case, transfer)
    return transfer if right is False or (right is None and size_right(case, transfer) is False) else None


def comparison(case: Case, transfer: ev.Transfer) -> tuple[str, ...]:
    """What was expected and what came, where they differ, as sentences of evidence."""
    sentences, size, length = [], case.subject.size, comparable_size(case, transfer)
    if size is not None and length is not None and size != length:
        more = "more than " if transfer.limited and transfer.declared is None else ""
        verb = "are declared" if transfer.limited and transfer.declared is not None else "came"
        sentences.append(f"{exact_bytes(size)} were due, {more}{exact_bytes(length)} {verb}")
    inside = " of the unpacked content" if case.subject.digest_of == "decoded" else ""
    taken = dict(_digests(case, transfer))
    for algorithm, value in case.subject.digests:
        if taken.get(algorithm, value) != value:
            sentences.append(f"{algorithm}{inside} is {taken[algorithm][:16]}…, due was {value[:16]}…")
            break
    return tuple(sentences)


def served_by(case: Case, control: Control, url: str) -> bool:
    """Whether the control that asked this URL got the file, as far as it read: no page, and no digest that is wrong.

    One control may have asked several URLs, one after the other. May raise `OpenQuestion`.
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


def other_length(case: Case) -> bool:
    """Whether a whole body has another length than the known one: never a right length, whatever else is diagnosed."""
    transfer = body.completed(case)
    return transfer is not None and size_right(case, transfer) is False
