"""Bytes that came whole and are not the right ones: another file, a wrong constant, a new release, or damage."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File
from mnistdoctor.causes.base import Case, Cause, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.body import (
    CHECKED,
    actual,
    arrived,
    cached_on_the_way,
    compared,
    dated,
    digest_right,
    expected_layer,
    fetched,
    leftovers,
    own_file,
    same_bytes,
    size_right,
    wrong,
)
from mnistdoctor.causes.facts.pages import is_page
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.wording import exact_bytes


def _known_as(case: Case, one: ev.Transfer) -> tuple[File, ...]:
    return tuple(dict.fromkeys(file for name, value in one.digests for file in case.catalogue.by_digest(name, value)))


def _sends(case: Case) -> str:
    return f"{case.host} sends" if case.host else "this file is"


def _named(case: Case, file: File) -> str:
    title = next((known.title for known in case.catalogue.datasets if known.id == file.dataset), file.dataset)
    return f"{title} ({file.name})"


def data_other_file(case: Case) -> Finding | None:
    """Holds when the bytes have the digest of another file that the catalogue knows."""
    one = wrong(case)
    if one is None:
        return None
    due = next((file for file in case.catalogue.files if file.id == case.subject.file), None) or own_file(case)
    known = _known_as(case, one)
    if known:
        return None if due in known else _swapped(case, one, known[0], due)
    content = case.content
    if due is None or content is None or not due.dims or not content.dims or not content.intact:
        return None
    if content.dims == due.dims or content.inner not in (None, "idx"):
        return None
    shapes = tuple("x".join(map(str, dims)) for dims in (content.dims, due.dims))
    return finding(
        f"{_sends(case)} an array of {shapes[0]} where {_named(case, due)} has {shapes[1]}",
        "The file is whole and sound, but it is not the one that was asked for: train and test, images and "
        f"labels, or two datasets may have been mixed up on that server.{leftovers(case)}",
        compared(case, one),
        f"the IDX header says {shapes[0]}, {shapes[1]} were due",
        dated(case),
        fixes=other_sources(case),
        perhaps="checksum-upstream-changed",
    )


def _swapped(case: Case, one: ev.Transfer, came: File, due: File | None) -> Finding:
    wanted = _named(case, due) if due else "the file that was due"
    cached = cached_on_the_way(case)
    return finding(
        f"{_sends(case)} {_named(case, came)} in the place of {wanted}",
        "The file is sound, but it is another one. Three datasets share MNIST's four file names, so a "
        "cache that looks at names only, a mirror filled by hand, or a mistaken URL can serve one for the other; "
        f"nothing but the digest shows it.{leftovers(case)}",
        compared(case, one),
        f"the digest ({actual(one)}) is the catalogue's for {_named(case, came)}",
        dated(case),
        fixes=(cached and fetch_again(case, title="Have the cache refreshed, then fetch again"), other_sources(case)),
        unlike={
            "checksum-upstream-changed": "the bytes are those of another known file, not of a new release",
            "checksum-mismatch-corruption": "the bytes are exactly those of a known file",
        },
        side="network" if cached else None,
    )


def data_wrong_constant(case: Case) -> Finding | None:
    """Holds when the bytes are the known file, and the digest that was expected of them is the one that is wrong."""
    one = wrong(case)
    if one is None or not case.subject.digests:
        return None
    due = own_file(case)
    if due is None or due not in _known_as(case, one):
        return None
    algorithm, value = case.subject.digests[0]
    made_up = [
        bad
        for bad in case.catalogue.known_bad
        if bad.kind == "fabricated-digest" and (algorithm, value) in {(two.algorithm, two.value) for two in bad.digests}
    ]
    who = case.subject.loader or "this check"
    upgrade = Fix(
        title=f"Upgrade {who}",
        commands=(Command(f"python -m pip install --upgrade {case.subject.loader}"),),
        untried="the examination does not change what is installed",
    )
    correct = {stated.algorithm: stated.value for stated in due.digests}.get(algorithm)
    return finding(
        f"the file is right; the {algorithm} that {who} expects is wrong",
        "What came has exactly the digest that its publisher's other users state for this file. Only the "
        "digest it was compared with is different, so the mistake is in that number and not in the download.",
        compared(case, one),
        f"the catalogue states {actual(one)} for {_named(case, due)} ({', '.join(due.origin[:3]) or 'no origin'})",
        ("a digest that no file ever had: it circulates in generated code" for _ in made_up[:1]),
        fixes=upgrade
        if case.subject.loader
        else correct and Fix(title=f"Compare with {algorithm} {correct}", untried="the number is yours to change"),
        unlike={"checksum-upstream-changed": "the catalogue's digest still fits"},
        side="framework" if case.subject.loader else "you",
    )


def checksum_mismatch_corruption(case: Case) -> Finding | None:
    """Holds when the bytes fail the check of their own format, or a second fetch brought others."""
    one = arrived(case)
    content = case.content
    if one is None or one.limited or one.complete is False or digest_right(case, one) or is_page(case):
        return None
    full = size_right(case, one) is True
    broken = content is not None and content.intact is False and (full or content.damage != "ends early")
    if wrong(case) is None:
        return _broken_unknown(case, one, content) if broken and content else None
    second = fetched(case, Control.AGAIN)
    same = same_bytes(one, second) if second else None
    if second is not None and (same is False or digest_right(case, second)):
        return _varies(case, one, second)
    layer = expected_layer(case)
    shapeless = layer is not None and content is not None and content.what == "unknown"
    if size_right(case, one) is False or not (broken or shapeless):
        return None
    assert content is not None
    damage = f"the {content.what} {content.damage}" if content.damage else f"nothing of a {layer} file is left in it"
    return finding(
        f"the file from {case.host} has the right length, but is damaged inside",
        "Every byte came that was announced, and some of them are wrong: the file fails the check that its "
        "own format carries. Memory, a disk, a proxy's cache or the server's copy did this."
        + (" A second fetch brought the same damage, so it sits on the server or in a cache." if same else "")
        + leftovers(case),
        compared(case, one),
        f"its structure says so too: {damage}",
        dated(case),
        fixes=(other_sources(case), fetch_again(case)) if same else (fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": f"a new release would be sound, this is not: {damage}"},
        perhaps=not (broken or same is True) and "checksum-upstream-changed",
        side="server" if same else None,
        retry="later" if same else None,
    )


def _varies(case: Case, one: ev.Transfer, second: ev.Transfer) -> Finding:
    mended = digest_right(case, second) is True
    return finding(
        f"{case.host} brought different bytes at each of two fetches"
        if not mended
        else "the file was damaged on the way, and a second fetch brought it whole",
        "The same URL gave two different files within seconds, so the bytes are altered on the way or by a "
        "machine that is failing: a proxy's cache, a bad line without TLS, memory, or servers that do not agree."
        + leftovers(case),
        compared(case, one),
        f"first {actual(one)}, then {actual(second)}",
        mended and "the second one is right",
        dated(case),
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"checksum-upstream-changed": "a new release would be the same at each fetch"},
    )


def _broken_unknown(case: Case, one: ev.Transfer, content: ev.Content) -> Finding | None:
    """Damage that a format shows by itself, where nobody knows length or digest."""
    if content.what not in CHECKED or "trailing" in content.damage or size_right(case, one) is False:
        return None
    return finding(
        f"the {content.what} file from {case.host} is damaged: it {content.damage}",
        "All announced bytes came, but the file fails the check that its own format carries. No digest is "
        f"known for it, so nobody can say what it should have been.{leftovers(case)}",
        f"the {content.what} {content.damage}",
        f"{exact_bytes(one.received)} came",
        dated(case),
        fixes=(fetch_again(case), other_sources(case)),
        perhaps="body-truncated-silent",
    )


def checksum_upstream_changed(case: Case) -> Finding | None:
    """Holds when the bytes are sound by their own format, and their digest is not the one expected."""
    one = wrong(case)
    content = case.content
    if one is None or one.limited or one.complete is False or one.written == 0 or not case.subject.digests:
        return None
    if is_page(case) or (content is not None and content.intact is False):
        return None
    second = fetched(case, Control.AGAIN)
    if second is not None and same_bytes(one, second) is False:
        return None
    other = fetched(case, Control.OTHER_SOURCE) if case.sources() else None
    agrees = other is not None and same_bytes(one, other) is True
    if size_right(case, one) is False and not agrees:
        return None
    sound = content is not None and content.intact is True and content.what in CHECKED
    cached = cached_on_the_way(case)
    certain = agrees or (sound and second is not None and cached is None)
    said = [*compared(case, one), *dated(case)]
    if sound and content is not None:
        said.append(f"the content is sound: the {content.what} checks hold")
    if second is not None:
        said.append("a second fetch brought the same bytes")
    if agrees:
        said.append("another source has the same new bytes")
    elif other is not None and digest_right(case, other):
        said.append("another source still has the file that was due")
    return finding(
        f"{case.host} has another version of this file than the one that was expected",
        "The file is whole and steady, and it is not the one whose digest is known. Its owner replaced it, "
        "or packed it anew. The check did its work; whether the new file can be trusted only its publisher can say."
        + leftovers(case),
        tuple(said),
        fixes=not agrees and other_sources(case),
        unlike=certain
        and sound
        and {"checksum-mismatch-corruption": "the bytes are steady and the format's own checks hold"},
        perhaps=not certain and "checksum-mismatch-corruption",
    )


CAUSES: tuple[Cause, ...] = (
    cause(data_wrong_constant),
    cause(data_other_file),
    cause(checksum_mismatch_corruption, needs=(Control.AGAIN,)),
    cause(
        checksum_upstream_changed,
        needs=(Control.AGAIN, Control.OTHER_SOURCE),
    ),
)
