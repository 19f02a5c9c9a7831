"""The download: an examination that keeps the bodies, gone on with after a cut, and each file put where it belongs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, BinaryIO, cast

from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.case import Case
from mnistdoctor.download import placing
from mnistdoctor.download.plan import Wanted
from mnistdoctor.examine.conductor import Listener, Report, examine, overall
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.failure import Failure
from mnistdoctor.settings import Environment, Settings

MOST_RESUMED = 20
"""How often a download that was cut is gone on with, as long as each try brings bytes."""
MOST_REPEATED = 3
"""The same where it has to begin anew."""
_CUTS = (Failure.INCOMPLETE, Failure.RESET, Failure.STALLED, Failure.TIMEOUT, Failure.EOF)


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
    done: dict[Path, Placed] = {}
    with contextlib.ExitStack() as held:
        open_ones = []
        for one in sorted(files, key=lambda one: str(one.path)):
            try:
                placing.make_room(one)
            except placing.NoRoom as error:
                done[one.path] = Placed(one, ready=False, note=str(error))
                continue
            held.enter_context(placing.locked(one))
            if placing.state(one) == "right":
                done[one.path] = Placed(one, ready=True, note="was there already, and is right")
            else:
                open_ones.append(one)
        report = None
        if open_ones:
            report = _examined(tuple(open_ones), settings, catalogue, listener, environment, interrupted)
            for one, result in zip(open_ones, report.targets, strict=True):
                done[one.path] = _settled(one, result, unverified=unverified)
    return report, tuple(done[one.path] for one in files)


def _examined(
    files: tuple[Wanted, ...],
    settings: Settings,
    catalogue: Catalogue,
    listener: Listener | None,
    environment: Environment | None,
    interrupted: Callable[[], bool] | None,
) -> Report:
    parts = {one.target.key: one.part for one in files}

    def keep(key: str) -> IO[bytes]:
        return parts[key].open("w+b", buffering=0)

    listening = replace(listener or Listener(), keep_body=keep)

    def again(one: Wanted, how: Settings) -> TargetResult:
        """The same file from the same source once more, kept in a second part."""
        second = Listener(keep_body=lambda _key: _second(one).open("w+b", buffering=0))
        return examine((one.target,), how, catalogue, second, environment=environment, interrupted=interrupted).targets[
            0
        ]

    wanted = tuple(one.target for one in files)
    report = examine(wanted, settings, catalogue, listening, environment=environment, interrupted=interrupted)
    results = tuple(_gone_on(one, result, again, settings) for one, result in zip(files, report.targets, strict=True))
    return replace(report, targets=results, verdict=overall(results))


def _second(one: Wanted) -> Path:
    return one.part.with_name(one.part.name + "2")


def _gone_on(
    one: Wanted, result: TargetResult, again: Callable[[Wanted, Settings], TargetResult], settings: Settings
) -> TargetResult:
    """The result once what was cut has been asked for from where it ended (RFC 9110 sections 13.1.5 and 14.2).

    Where nothing tells that the rest would be of the same file, the whole is asked for again.
    """
    for number in range(MOST_RESUMED):
        case, have = result.case, one.part.stat().st_size if one.part.exists() else 0
        transfer = case.transfer if case else None
        if result.verdict == "healthy" or transfer is None or transfer.failure not in _CUTS:
            break
        tag = None if transfer.coding or have < transfer.written else _validator(result)
        if tag is None and number >= MOST_REPEATED:
            break
        range_fields = (("Range", f"bytes={have}-"), ("If-Range", tag)) if tag else ()
        same = replace(one, target=replace(one.target, urls=(result.url,), size=None, digests=()))
        quiet = replace(settings, headers=(*settings.headers, *range_fields), controls_allowed=False)
        rest = again(same, quiet)
        if not _joined(one, rest, have):
            break
        if placing.state(replace(one, path=one.part)) in ("right", "unknown") and _came_whole(rest):
            return replace(result, verdict="healthy", diagnosis=None)
    return result


def _came_whole(result: TargetResult) -> bool:
    transfer = result.case.transfer if result.case else None
    return transfer is not None and transfer.failure is None


def _validator(result: TargetResult) -> str | None:
    """What tells that the rest is of the same file: a strong tag, or the time of its last change."""
    exchange = result.case.exchange if result.case else None
    if exchange is None:
        return None
    tag = exchange.field("ETag")
    return tag if tag and not tag.startswith("W/") else exchange.field("Last-Modified")


def _joined(one: Wanted, rest: TargetResult, have: int) -> bool:
    """Put the rest behind what is there; a whole file takes its place. False where nothing came."""
    second, exchange = _second(one), rest.case.exchange if rest.case else None
    try:
        if exchange is None or not second.exists() or not second.stat().st_size:
            return False
        if exchange.status == 200:
            second.replace(one.part)
            return True
        if exchange.status != 206 or not (exchange.field("Content-Range") or "").startswith(f"bytes {have}-"):
            return False
        with one.part.open("ab") as part, second.open("rb") as more:
            while piece := more.read(2**20):
                part.write(piece)
        return True
    finally:
        second.unlink(missing_ok=True)


def _settled(one: Wanted, result: TargetResult, *, unverified: bool) -> Placed:
    """Put in place where it is proven; otherwise nothing is left behind."""
    try:
        if result.verdict != "healthy":
            return Placed(one, ready=False, note="could not be downloaded")
        if not one.part.exists():
            return Placed(one, ready=False, note="no body came")
        transfer = result.case.transfer if result.case else None
        if transfer is not None and one.part.stat().st_size < transfer.written:
            return Placed(one, ready=False, note=transfer.detail or "it could not be kept whole")
        if one.target.digests:
            with one.part.open("rb") as file:
                if not placing.is_right(one, cast(BinaryIO, file)):
                    return Placed(one, ready=False, note="what came has another digest")
        elif not unverified:
            return Placed(one, ready=False, note="arrived, but no digest is known to prove it: `--unverified` takes it")
        aside = placing.finish(one, one.part)
        proof = _proof(result.case)
        return Placed(one, ready=True, note=proof, aside=aside)
    except OSError as error:
        return Placed(one, ready=False, note=f"could not be put in place: {error.strerror}")
    finally:
        one.part.unlink(missing_ok=True)


def _proof(case: Case | None) -> str:
    """By which digest it is proven, as a clause."""
    names = [name for name, _ in case.subject.digests] if case else []
    return f"{names[0]} right" if names else "not verified: no digest is known"


def bring(files: tuple[Wanted, ...], sources: tuple[Path, ...]) -> tuple[tuple[Placed, ...], tuple[Path, ...]]:
    """Verify and place files that the user brought; the second value: those that are none of them. Raises `OSError`."""
    unused, done = list(sources), []
    for one in files:
        with placing.locked(one):
            if placing.state(one) == "right":
                done.append(Placed(one, ready=True, note="was there already, and is right"))
                continue
            try:
                placing.make_room(one)
                source = next((path for path in sources if placing.copied(path, one)), None)
                if source is None:
                    done.append(Placed(one, ready=False, note="none of the files is this one"))
                    continue
                aside = placing.finish(one, one.part)
            except placing.NoRoom as error:
                done.append(Placed(one, ready=False, note=str(error)))
                continue
            if source in unused:
                unused.remove(source)
            done.append(Placed(one, ready=True, note=f"taken from {source}", aside=aside))
    return tuple(done), tuple(unused)
