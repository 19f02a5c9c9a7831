"""Bytes that came whole and are not the right ones: another file, a wrong constant, a new release, or damage."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.disk.fixes import remove_and_load
from mnistdoctor.causes.facts import body, cached_file, expected, formats, pages, resigned
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources, upgrade
from mnistdoctor.content.damage import ENDS_EARLY
from mnistdoctor.content.kinds import UNSURE
from mnistdoctor.wording import exact_bytes, minute


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


def checksum_mismatch_corruption(case: Case) -> Finding | None:
    """Holds when the bytes fail the check of their own format, or a second fetch brought others."""
    transfer, content = body.completed(case), case.content
    if transfer is None or transfer.limited or transfer.complete is False:
        return None
    if expected.digest_right(case, transfer) or pages.is_document(case):
        return None
    row = None if formats.fits_inside(case) else formats.misfit(case)
    if expected.mismatch(case) is None:
        return _no_such_format(case, transfer, row) if row else _broken_unknown(case, transfer)
    if expected.same_content(case, transfer):
        return None
    second = body.fetched_by(case, Control.AGAIN)
    same = body.same_bytes(transfer, second) if second else None
    if same is False and body.same_contents(case) and not expected.digest_right(case, second):
        return None
    if second is not None and (same is False or expected.digest_right(case, second)):
        return _varies(case, transfer, second)
    layer, size_right = row.ending if row else None, expected.size_right(case, transfer)
    if content is None or size_right is False:
        return None
    broken = content.intact is False and (size_right is True or content.damage != ENDS_EARLY)
    if not broken and layer is None:
        return None
    sealed = resigned.sealed(case)
    damage = f"the {content.what} {content.damage}" if content.damage else f"nothing of a {layer} file is left in it"
    return finding(
        f"the file from {case.host} has the right length, but is damaged inside",
        "Every byte came that was announced, and some of them are wrong: the file fails the check that its "
        "own format carries. Memory, a disk, a proxy's cache or the server's copy did this."
        + (" A second fetch brought the same damage, so it sits on the server or in a cache." if same else "")
        + (_SEALED if sealed else "")
        + body.leftovers(case),
        expected.comparison(case, transfer),
        f"its structure says so too: {damage}",
        body.age_evidence(case),
        fixes=(other_sources(case), fetch_again(case)) if same else (fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": f"a new release would be sound, this is not: {damage}"},
        perhaps=not (broken or same) and "checksum-upstream-changed",
        side="server" if same or sealed else None,
        retry="later" if same else None,
    )


_SEALED = " It came over TLS that a public authority vouches for, so nobody on the way altered it."


def _no_such_format(case: Case, transfer: ev.Transfer, row: formats.Format) -> Finding | None:
    """Bytes that show no format at all under a name that promises one; no digest is known."""
    if expected.size_right(case, transfer) is False:
        return None
    return finding(
        f"what {case.host} sends is no {row.ending} file",
        f"The name ends in `.{row.ending}`, and nothing of that format is in the bytes: they were damaged, encrypted, "
        "or are something else. A loader stops at the first of them, with a bad magic number or `not a gzip file`."
        + (_SEALED if resigned.sealed(case) else "")
        + body.leftovers(case),
        f"it begins with the bytes {transfer.head[:16]}, which begin no {row.ending} file",
        f"{exact_bytes(transfer.received)} came",
        body.age_evidence(case),
        fixes=(other_sources(case), fetch_again(case)),
        perhaps="data-other-file",
        side="server" if resigned.sealed(case) else None,
    )


def _varies(case: Case, transfer: ev.Transfer, second: ev.Transfer) -> Finding:
    mended = expected.digest_right(case, second) is True
    return finding(
        "the file was damaged on the way, and a second fetch brought it whole"
        if mended
        else f"{case.host} brought different bytes at each of two fetches",
        "The same URL gave two different files within seconds, so the bytes are altered on the way or by a "
        "machine that is failing: a proxy's cache, a bad line without TLS, memory, or servers that do not agree."
        + (_SEALED if resigned.sealed(case) else "")
        + body.leftovers(case),
        expected.comparison(case, transfer),
        f"first {body.strongest_digest(transfer)}, then {body.strongest_digest(second)}",
        mended and "the second one is right",
        body.age_evidence(case),
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": "a new release would be the same at each fetch"},
        side="server" if resigned.sealed(case) else None,
    )


def _broken_unknown(case: Case, transfer: ev.Transfer) -> Finding | None:
    """Damage that a format shows by itself, where nobody knows length or digest."""
    content, size_right = case.content, expected.size_right(case, transfer)
    if content is None or not body.fails_own_check(content) or size_right is False:
        return None
    if content.damage == ENDS_EARLY and not size_right:
        return None
    return finding(
        f"the {content.what} file from {case.host} is damaged: it {content.damage}",
        "All announced bytes came, but the file fails the check that its own format carries. No digest is "
        f"known for it, so nobody can say what it should have been.{body.leftovers(case)}",
        f"the {content.what} {content.damage}",
        f"{exact_bytes(transfer.received)} came",
        body.age_evidence(case),
        fixes=(fetch_again(case), other_sources(case)),
        perhaps="body-truncated-silent",
        side="server" if resigned.sealed(case) else None,
    )


def checksum_upstream_changed(case: Case) -> Finding | None:
    """Holds when the bytes are sound by their own format, and their digest is not the one expected."""
    transfer, content = expected.mismatch(case), case.content
    if transfer is None or transfer.limited or transfer.complete is False or transfer.written == 0:
        return None
    if pages.is_document(case) or (content and content.intact is False):
        return None
    if expected.same_content(case, transfer):
        return _packed_anew(case, transfer)
    second = body.fetched_by(case, Control.AGAIN)
    if second is not None and body.same_bytes(transfer, second) is False:
        return _made_anew(case, transfer, second) if body.same_contents(case) else None
    if not case.subject.digests:
        return None
    other = body.fetched_by(case, Control.OTHER_SOURCE) if case.sources() else None
    agrees = other is not None and body.same_bytes(transfer, other) is True
    if expected.size_right(case, transfer) is False and not agrees:
        return None
    sound = content is not None and body.passes_own_check(content)
    sure = agrees or (sound and second is not None and not body.cache_hit(case))
    return finding(
        f"{case.host} has another version of this file than the one that was expected",
        "The file is whole and steady, and it is not the one whose digest is known. Its owner replaced it, "
        "or packed it anew. The check did its work; whether the new file can be trusted only its publisher can say."
        + body.leftovers(case),
        expected.comparison(case, transfer),
        body.age_evidence(case),
        content and sound and f"the content is sound: the {content.what} checks hold",
        second and "a second fetch brought the same bytes",
        agrees and "another source has the same new bytes",
        not agrees and expected.digest_right(case, other) and "another source still has the file that was due",
        fixes=not agrees and other_sources(case),
        unlike=sure
        and sound
        and {"checksum-mismatch-corruption": "the bytes are steady and the format's own checks hold"},
        perhaps=not sure and "checksum-mismatch-corruption",
    )


def _packed_anew(case: Case, transfer: ev.Transfer) -> Finding:
    return finding(
        f"{case.host} has the same data packed anew: another digest, and the same content",
        "Unpacked, what came is byte by byte the content of the file that was due. Its owner packed it once more, "
        "with another program, level or name inside, so the packed file has another length and digest. The data can "
        f"be trusted; a loader that compares the packed file's digest refuses it all the same.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"unpacked, its digest is that of the file's own content ({body.strongest_of(transfer.decoded_digests)})",
        body.age_evidence(case),
        fixes=other_sources(case),
        unlike={"checksum-mismatch-corruption": "the unpacked content is right to the last byte"},
    )


def _made_anew(case: Case, transfer: ev.Transfer, second: ev.Transfer) -> Finding:
    """An archive that the server makes for each request."""
    what = case.content.what if case.content else "archive"
    return finding(
        f"{case.host} makes this {what} file anew for each request, so no digest can be right",
        "Two fetches brought different bytes, and each is whole and holds the same: only times, order or packing "
        "differ. The archive is made on the fly, as many sites do of a folder or a branch. A digest holds for one "
        f"download; what can be compared is what is inside.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"first {body.strongest_digest(transfer)}, then {body.strongest_digest(second)}",
        "what is inside is the same both times, by its names, lengths and CRCs",
        fixes=(
            other_sources(case),
            Fix(title="Unpack it, and compare what is inside", untried="only its publisher knows the digests inside"),
        ),
        unlike={"checksum-mismatch-corruption": "both files are whole, and hold the same"},
        retry="no",
    )


CAUSES: tuple[Cause, ...] = (
    cause(data_wrong_constant),
    cause(data_other_file, before_wire=True),
    cause(checksum_mismatch_corruption, needs=(Control.AGAIN, Control.UNRELATED_TLS, Control.TRUST)),
    cause(checksum_upstream_changed, needs=(Control.AGAIN, Control.OTHER_SOURCE)),
)
