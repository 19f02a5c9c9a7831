"""Sound bytes that are another file than the one expected, or the right file under a wrong digest."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.disk.fixes import remove_and_load
from mnistdoctor.causes.facts import body, cached_file, expected, formats, pages
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources, upgrade
from mnistdoctor.content.kinds import UNSURE
from mnistdoctor.wording import minute


def _sends(case: Case) -> str:
    return f"{case.host} sends" if case.host else "this file is"


def _named(case: Case, file: File) -> str:
    title = next((known.title for known in case.catalogue.datasets if known.id == file.dataset), file.dataset)
    return f"{title} ({file.name})"


def data_other_file(case: Case) -> Finding | None:
    """Holds when the bytes, or what is inside, have the digest of another file that the catalogue knows."""
    if in_cache := _in_cache(case):
        return in_cache
    transfer = expected.mismatch(case)
    if transfer is None:
        return _another_format(case)
    file, known = expected.subject_file(case), expected.known_files(case, transfer)
    contents = expected.known_contents(case, transfer)
    if known:
        return None if file in known else _swapped(case, transfer, known[0], file)
    if contents:
        same = expected.same_content(case, transfer) or expected.is_of_unpacked(case, transfer)
        return None if same else _swapped(case, transfer, contents[0], file, packed_anew=True)
    content = case.content
    if file is None or content is None or not file.dims or not content.dims or not content.intact:
        return _another_format(case)
    if content.dims == file.dims or content.inner not in (None, "idx"):
        return None
    came, wanted = ("x".join(map(str, dims)) for dims in (content.dims, file.dims))
    return finding(
        f"{_sends(case)} an array of {came} where {_named(case, file)} has {wanted}",
        "The file is whole and sound, but it is not the one that was asked for: train and test, images and "
        f"labels, or two datasets may have been mixed up on that server.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"the IDX header says {came}, {wanted} were due",
        body.age_evidence(case),
        fixes=other_sources(case),
        perhaps="checksum-upstream-changed",
    )


def _in_cache(case: Case) -> Finding | None:
    """Another file under this one's name on the disk, that the loader takes as it is."""
    if cached_file.prepared_data(case):
        return None
    for file in cached_file.files_read(case):
        came = cached_file.loader_accepts(case, file) and cached_file.other_file(case, file)
        if came:
            return _on_disk(case, file, came)
    return None


def _on_disk(case: Case, file: ev.CachedFile, came: File) -> Finding:
    wanted, loader = expected.subject_file(case), case.subject.loader or case.client.name
    unpacked = ", unpacked" if file.form == "decoded" else ""
    due = f"{_named(case, wanted)}{unpacked}" if wanted else "the file that was due"
    return finding(
        f"{file.path} is {_named(case, came)}{unpacked}, in the place of {due}",
        f"The file is sound, and it is another one. It is there already, so {loader} goes no further and loads it "
        "without a word. Three datasets share MNIST's four file names: a copy between two folders, or one folder "
        "for both, is the usual reason; nothing but the digest shows it.",
        f"{file.path} has the {body.strongest_of(file.digests)}, which is that of {_named(case, came)}{unpacked}",
        f"it was last written {minute(file.modified)}",
        file.links_to and f"it is a symbolic link to {file.links_to}",
        fixes=remove_and_load(case, file.path),
        unlike={"cache-stale-bad-file": "it is whole: the bytes are exactly those of a known file"},
        side="you",
        retry="no",
    )


def _another_format(case: Case) -> Finding | None:
    """A sound file of a format that the name does not stand for, or that holds another one than the name says."""
    transfer, content, row = pages.in_place_of_data(case), case.content, formats.misfit(case)
    inside = formats.wrong_inside(case)
    if transfer is None or content is None or not (inside or (row and content.what not in UNSURE)):
        return None
    held = f" with {'something else' if content.inner in UNSURE else content.inner} inside" if inside else ""
    within = inside.inside.ending if inside and inside.inside else "tar"
    due = f"one with {within} inside" if inside else f"a {row.ending if row else ''} file"
    return finding(
        f"{_sends(case)} {content.what}{held} where {due} was due",
        "The bytes say what the file is, and its name says something else. It was mixed up or misnamed on that server, "
        f"and a loader that goes by the name cannot read it.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"it begins with the bytes {transfer.head[:16]}, as {content.what} does",
        inside is not None and f"unpacked, it is {content.inner}",
        content.intact and "it is whole by its own structure",
        body.age_evidence(case),
        fixes=other_sources(case),
        perhaps="checksum-upstream-changed",
    )


def _swapped(
    case: Case, transfer: ev.Transfer, came: File, wanted: File | None, *, packed_anew: bool = False
) -> Finding:
    cache = body.cache_hit(case)
    inside = "the unpacked content's " if packed_anew else "the "
    digest = body.strongest_of(transfer.decoded_digests or transfer.digests if packed_anew else transfer.digests)
    return finding(
        f"{_sends(case)} {_named(case, came)} in the place of "
        + (_named(case, wanted) if wanted else "the file that was due"),
        "The file is sound, but it is another one. Three datasets share MNIST's four file names, so a "
        "cache that looks at names only, a mirror filled by hand, or a mistaken URL can serve one for the other; "
        f"nothing but the digest shows it.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"{inside}digest ({digest}) is the catalogue's for {_named(case, came)}",
        body.age_evidence(case),
        fixes=(cache and fetch_again(case, title="Have the cache refreshed, then fetch again"), other_sources(case)),
        unlike={
            "checksum-upstream-changed": "the bytes are those of another known file, not of a new release",
            "checksum-mismatch-corruption": "the bytes are exactly those of a known file",
        },
        side="network" if cache else None,
    )


def data_wrong_constant(case: Case) -> Finding | None:
    """Holds when the bytes are the known file, and the digest that was expected of them is the one that is wrong."""
    transfer, file, loader = expected.mismatch(case), expected.catalogue_file(case), case.subject.loader
    if transfer is not None and expected.is_of_unpacked(case, transfer):
        return _of_unpacked(case, transfer)
    if transfer is None or file is None or not case.subject.digests:
        return None
    if file not in expected.known_files(case, transfer):
        return None
    algorithm, value = case.subject.digests[0]
    made_up = any(
        bad.kind == "fabricated-digest" and (algorithm, value) in {(one.algorithm, one.value) for one in bad.digests}
        for bad in case.catalogue.known_bad
    )
    correct = {stated.algorithm: stated.value for stated in file.digests}.get(algorithm)
    compare = Fix(title=f"Compare with {algorithm} {correct}", untried="the number is yours to change")
    return finding(
        f"the file is right; the {algorithm} that {loader or 'this check'} expects is wrong",
        "What came has exactly the digest that its publisher's other users state for this file. Only the "
        "digest it was compared with is different, so the mistake is in that number and not in the download.",
        expected.comparison(case, transfer),
        f"the catalogue states {body.strongest_digest(transfer)} for {_named(case, file)} "
        f"({', '.join(file.origin[:3]) or 'no origin'})",
        made_up and "a digest that no file ever had: it circulates in generated code",
        fixes=upgrade(case, case.loader, f"Upgrade {case.loader.title}") if case.loader else correct and compare,
        unlike={"checksum-upstream-changed": "the catalogue's digest still fits"},
        side="framework" if loader else "you",
    )


def _of_unpacked(case: Case, transfer: ev.Transfer) -> Finding:
    """The right data, compared in another form than the one that is served."""
    own = dict(transfer.digests).get(case.subject.digests[0][0])
    compare = f"Compare with {case.subject.digests[0][0]} {own}, or unpack the file first"
    return finding(
        "the file is right; the digest that was expected is that of its unpacked content",
        "What came, once unpacked, has exactly the digest that was expected. The digest was taken after unpacking, "
        "or the file was packed after it was taken; the download itself is well.",
        expected.comparison(case, transfer),
        f"unpacked, its digest is the expected one ({body.strongest_of(transfer.decoded_digests)})",
        fixes=Fix(title=compare, untried="the number is yours to change"),
        unlike={"checksum-upstream-changed": "the unpacked content is the one that was expected"},
        side="framework" if case.subject.loader else "you",
    )


CAUSES: tuple[Cause, ...] = (
    cause(data_wrong_constant),
    cause(data_other_file, before_wire=True),
)
