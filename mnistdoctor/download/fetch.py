"""The download: an examination that keeps the bodies, gone on with after a cut, and each file put where it belongs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.case import Case
from mnistdoctor.download import forms, openml, placing, resume
from mnistdoctor.download.locks import locked
from mnistdoctor.download.wanted import Wanted
from mnistdoctor.examine.conductor import Listener, Report, examine
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.settings import Environment, Settings


@dataclass(frozen=True)
class Placed:
    """What became of one wanted file."""

    wanted: Wanted
    ready: bool
    """Whether it lies where it belongs, proven where a digest is known."""
    note: str
    """What was done, or why not, as a clause."""
    aside: Path | None = None
    """Where what lay there before was moved."""


def fetch(
    files: tuple[Wanted, ...],
    settings: Settings,
    catalogue: Catalogue,
    listener: Listener | None = None,
    *,
    unverified: bool = False,
    environment: Environment | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> tuple[Report | None, tuple[Placed, ...]]:
    """Download what is not there yet and put it in its place. The report is None where nothing had to be asked."""
    report = None
    with contextlib.ExitStack() as held:
        done = dict(_before(files, held))
        open_ones = tuple(openml.as_described(one) for one in files if one.path not in done)
        if open_ones:
            report = _examined(open_ones, settings, catalogue, listener, environment, interrupted)
            for asked, one, result in zip(
                [one for one in files if one.path not in done], open_ones, report.targets, strict=True
            ):
                done[asked.path] = _settled(one, result, unverified=unverified)
    return report, tuple(done[one.path] for one in files)


def _before(files: tuple[Wanted, ...], held: contextlib.ExitStack) -> Iterator[tuple[Path, Placed]]:
    """Those that are settled without a download; the places of all are held from now on."""
    for one in sorted(files, key=lambda one: str(one.path)):
        try:
            placing.make_room(one)
            held.enter_context(locked(one))
            there = openml.as_described(one)
            match placing.state(there):
                case "right":
                    yield one.path, Placed(there, ready=True, note="was there already, and is right")
                case "incomplete":
                    placing.complete(there)
                    yield (
                        one.path,
                        Placed(there, ready=True, note="was there already; what was missing beside it is there"),
                    )
                case "missing" | "wrong" | "unknown":
                    pass
                case other:
                    assert_never(other)
        except placing.NoRoom as error:
            yield one.path, Placed(one, ready=False, note=str(error))
        except OSError as error:
            yield one.path, Placed(one, ready=False, note=_cannot(error))


def _cannot(error: OSError) -> str:
    return f"could not be put in place: {error.strerror or error}"


def _examined(
    files: tuple[Wanted, ...],
    settings: Settings,
    catalogue: Catalogue,
    listener: Listener | None,
    environment: Environment | None,
    interrupted: Callable[[], bool] | None,
) -> Report:
    by_key = {one.target.key: one for one in files}
    by_itself = partial(examine, environment=environment, interrupted=interrupted)
    told = listener or Listener()

    def keep(key: str) -> IO[bytes]:
        return by_key[key].part.open("w+b", buffering=0)

    def again(target: Target, how: Settings, part: Path) -> TargetResult:
        second = Listener(on_progress=_from(how.resume, told), keep_body=lambda _key: part.open("w+b", buffering=0))
        return by_itself((target,), how, catalogue, second).targets[0]

    def go_on(key: str, url: str, records: tuple[ev.Observation, ...]) -> bool:
        return resume.gone_on(by_key[key], url, Case(records, catalogue), again, settings)

    listening = replace(told, keep_body=keep, go_on=go_on)
    return by_itself(tuple(one.target for one in files), settings, catalogue, listening)


def _from(resumed: tuple[int, str] | None, told: Listener) -> Callable[[str, int, int | None], None]:
    """Progress of the whole file, of which so many bytes are there."""
    have = resumed[0] if resumed else 0
    return lambda key, received, total: told.on_progress(key, have + received, None if total is None else have + total)


def _settled(one: Wanted, result: TargetResult, *, unverified: bool) -> Placed:
    """Put in place where it is proven; otherwise nothing is left behind."""
    part, case = one.part, result.case
    try:
        why = _unproven(one, result, unverified=unverified)
        if why:
            return Placed(one, ready=False, note=why)
        where = forms.at_commit(openml.as_described(one), _commit(case))
        placing.make_room(where)
        aside = placing.finish(where, part)
        return Placed(where, ready=True, note=_proof(one, case), aside=aside)
    except placing.NoRoom as error:
        return Placed(one, ready=False, note=str(error))
    except OSError as error:
        return Placed(one, ready=False, note=_cannot(error))
    finally:
        part.unlink(missing_ok=True)


def _unproven(one: Wanted, result: TargetResult, *, unverified: bool) -> str:
    """Why what came is not put in its place, as a clause; empty where it is. Raises `OSError`."""
    transfer = result.case.transfer if result.case else None
    if result.verdict != "healthy":
        return "could not be downloaded" + "; the answer can be had from OpenML alone" * one.reply
    if not one.part.exists():
        return "no body came"
    if transfer is not None and transfer.failure is None and one.part.stat().st_size < transfer.written:
        return transfer.detail or "it could not be kept whole"
    if one.reply:
        with one.part.open("rb") as file:
            return openml.problem(urlsplit(one.target.urls[0]).path, cast(BinaryIO, file), one.content_digests)
    if not one.target.digests:
        return "" if unverified else "arrived, but no digest is known to prove it: `--unverified` takes it"
    if placing.is_proven(one, transfer):
        return ""
    with one.part.open("rb") as file:
        return "" if placing.is_right(one, cast(BinaryIO, file)) else "what came has another digest"


def _commit(case: Case | None) -> str | None:
    """The commit of the Hub whose file this is, where the Hub itself has said so."""
    first = next((one for one in case.all(ev.Exchange) if one.hop == 0), None) if case else None
    return first.field(forms.COMMIT_FIELD) if first else None


def _proof(one: Wanted, case: Case | None) -> str:
    """By what it is proven, as a clause."""
    if one.reply:
        return "OpenML's own answer, which agrees with what is known"
    names = [name for name, _ in case.subject.digests] if case else []
    return f"{names[0]} right" if names else "not verified: no digest is known"


def bring(files: tuple[Wanted, ...], sources: tuple[Path, ...]) -> tuple[tuple[Placed, ...], tuple[Path, ...]]:
    """Verify and place files that the user brought; the second value: those that are none of them. Raises `OSError`."""
    used: list[Path] = []
    with contextlib.ExitStack() as held:
        done = dict(_before(files, held))
        for one in (one for one in files if one.path not in done):
            done[one.path] = _brought(openml.as_described(one), sources, used)
    return tuple(done[one.path] for one in files), tuple(one for one in sources if one not in used)


def _brought(one: Wanted, sources: tuple[Path, ...], used: list[Path]) -> Placed:
    """Raises `OSError` where a file of the user's cannot be read."""
    try:
        fits = ((path, fit) for path in sources if (fit := placing.copied(path, one)))
        source, fit = next(fits, (None, None))
        if source is None:
            return Placed(one, ready=False, note="none of the files is this one")
        used.append(source)
        note = f"taken from {source}"
        if fit == "content" and not one.repacked:
            if one.content is None:
                why = f"{source} is its content; the loader compares the digest of the packed file"
                return Placed(one, ready=False, note=why)
            aside = placing.place_content(one, one.part)
            return Placed(replace(one, path=one.content), ready=True, note=note, aside=aside)
        one = replace(one, packed=one.packed or fit == "content")
        return Placed(one, ready=True, note=note, aside=placing.finish(one, one.part))
    except OSError as error:
        if error.filename in map(str, sources):
            raise
        return Placed(one, ready=False, note=_cannot(error))
    finally:
        one.part.unlink(missing_ok=True)
