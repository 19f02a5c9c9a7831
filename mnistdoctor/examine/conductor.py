"""All targets of a run, side by side, within its deadline."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import IO
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.case import Case
from mnistdoctor.diagnosis import Verdict
from mnistdoctor.examine import environment as surroundings
from mnistdoctor.examine.described import as_described
from mnistdoctor.examine.reconcile import reconcile
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.target_run import examine_target
from mnistdoctor.failure import our_fault
from mnistdoctor.probe.dns import SystemNames
from mnistdoctor.redact import for_this_user
from mnistdoctor.run import NameService, Run
from mnistdoctor.settings import Environment, Settings
from mnistdoctor.settings.secrets import known_secrets, secret_fields

GRACE_S = 0.5
"""How long unfinished targets are waited for after the deadline."""
INTERRUPTED_S = 0.25
"""How long they are waited for after an interruption: who presses Ctrl-C wants to see the report within a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run."""

    started: datetime
    duration_s: float
    verdict: Verdict
    interrupted: bool
    environment: dict[str, object]
    targets: tuple[TargetResult, ...]


@dataclass(slots=True)
class Listener:
    """What a live display wants to hear; every part may be called from any thread."""

    on_start: Callable[[Target], None] = lambda _target: None
    on_record: Callable[[str, ev.Observation], None] = lambda _key, _record: None
    on_progress: Callable[[str, int, int | None], None] = lambda _key, _received, _total: None
    on_result: Callable[[TargetResult], None] = lambda _result: None
    on_error: Callable[[BaseException], None] = lambda _error: None
    """An error of our own, which left its target undecided."""
    keep_body: Callable[[str], IO[bytes]] | None = None
    """Opens the file in which the body of a target's answer is kept, by the target's key; None: it is not kept."""
    go_on: Callable[[str, str, tuple[ev.Observation, ...]], bool] | None = None
    """Goes on with a body that was cut: by the target's key, the source and its records; whether it came whole."""


@dataclass(slots=True)
class _Work:
    waiting: queue.SimpleQueue[tuple[int, Target]] = field(default_factory=queue.SimpleQueue)
    done: queue.SimpleQueue[tuple[int, TargetResult | BaseException]] = field(default_factory=queue.SimpleQueue)
    descriptions: dict[str, Future[TargetResult | None]] = field(default_factory=dict)
    """What came of the targets that others wait for, by their names; None for one that failed in us."""


def examine(
    targets: tuple[Target, ...],
    settings: Settings,
    catalogue: Catalogue,
    listener: Listener | None = None,
    *,
    environment: Environment | None = None,
    names: NameService | None = None,
    interrupted: Callable[[], bool] | None = None,
) -> Report:
    """Examines every target and reports, whatever happens: an interruption or the deadline leaves what was seen so far.

    ``interrupted`` is asked five times a second whether the user wants an end; a KeyboardInterrupt says the same.
    ``environment`` and ``names`` stand in for the process environment and the system's resolver. An error of our own
    leaves its target undecided, with the place of the error.
    """
    listener = listener or Listener()
    run = new_run(settings, catalogue, targets, environment or Environment(), names or SystemNames())
    run.on_record, run.on_progress, run.keep_body = listener.on_record, listener.on_progress, listener.keep_body
    run.go_on = listener.go_on
    started = datetime.now(timezone.utc)
    results, was_interrupted = _all(run, targets, listener, interrupted or (lambda: False))
    ordered = _reconciled(
        listener, [results.get(number) or _unfinished(run, target) for number, target in enumerate(targets)]
    )
    return Report(
        started=started,
        duration_s=round(time.monotonic() - run.started, 3),
        verdict=overall(ordered),
        interrupted=was_interrupted,
        environment=surroundings.describe(run, ordered),
        targets=ordered,
    )


def _reconciled(listener: Listener, results: list[TargetResult]) -> tuple[TargetResult, ...]:
    """What the targets have in common is said once; where we fail at that, each keeps its own result."""
    try:
        return reconcile(results)
    except Exception as error:
        listener.on_error(error)
        return tuple(results)


def new_run(
    settings: Settings, catalogue: Catalogue, targets: tuple[Target, ...], environment: Environment, names: NameService
) -> Run:
    """A run that knows every secret it was given, so that none can reach a record.

    The user's Python is asked for its defaults here, where something is to be fetched.
    """
    if any(target.path is None for target in targets):
        environment = replace(environment, python=environment.python.asked(settings.timeout_s))
    secrets = known_secrets(settings, environment, (url for target in targets for url in target.urls))
    redactor = for_this_user(secrets, secret_fields(settings))
    return Run(settings=settings, environment=environment, names=names, catalogue=catalogue, redactor=redactor)


def overall(results: tuple[TargetResult, ...]) -> Verdict:
    """``ailing`` if any target is, else ``inconclusive`` if any is, else ``healthy``."""
    verdicts = {one.verdict for one in results}
    return "ailing" if "ailing" in verdicts else "inconclusive" if "inconclusive" in verdicts else "healthy"


def _all(
    run: Run, targets: tuple[Target, ...], listener: Listener, wants_end: Callable[[], bool]
) -> tuple[dict[int, TargetResult], bool]:
    """The results by the target's number, and whether the user interrupted."""
    work = _started(run, targets, listener)
    results: dict[int, TargetResult] = {}
    interrupted = False
    ends = run.started + run.settings.deadline_s + GRACE_S
    while True:
        try:
            while len(results) < len(targets):
                if not interrupted and wants_end():
                    raise KeyboardInterrupt  # noqa: TRY301 - as where the signal itself raises it
                try:
                    number, result = work.done.get(timeout=max(0.01, min(0.2, ends - time.monotonic())))
                except queue.Empty:
                    if time.monotonic() > ends:
                        break
                    continue
                if isinstance(result, BaseException):
                    listener.on_error(result)
                    result = _unfinished(run, targets[number], our_fault(result))
                results[number] = result
                listener.on_result(result)
            return results, interrupted  # noqa: TRY300 - in the `try` as well: an interrupt may come here
        except KeyboardInterrupt:  # wherever in the loop it comes, what was seen by then is kept
            interrupted = True
            run.cancelled.set()
            ends = min(ends, time.monotonic() + INTERRUPTED_S)


def _started(run: Run, targets: tuple[Target, ...], listener: Listener) -> _Work:
    """The work of a run, with as many threads at it as it allows."""
    work = _Work()
    for number, target in _by_turns(targets):
        work.waiting.put((number, target))
    for number, target in enumerate(targets):
        if target.described_by and any(one.name == target.described_by for one in targets[:number]):
            work.descriptions.setdefault(target.described_by, Future())
    hosts = {host: threading.Semaphore(run.settings.per_host) for host in {_host(target) for target in targets}}
    for _ in range(min(run.settings.jobs, len(targets), _most_jobs())):
        # Daemon threads: a system lookup that hangs must not keep the process alive.
        threading.Thread(target=_worker, args=(run, work, hosts, listener), daemon=True).start()
    return work


def _by_turns(targets: tuple[Target, ...]) -> list[tuple[int, Target]]:
    """The first file of each host, then the second ones: hosts that do not answer are waited for side by side.

    What another target describes stays behind all that need no description.
    """
    seen: Counter[str] = Counter()
    places: list[tuple[bool, int, int]] = []
    for number, target in enumerate(targets):
        seen[_host(target)] += 1
        places.append((target.described_by is not None, seen[_host(target)], number))
    return [(number, targets[number]) for _, _, number in sorted(places)]


def _most_jobs() -> int:
    """How many targets the process has descriptors for: each needs a few, and the rest of the program some more."""
    try:
        import resource
    except ImportError:  # Windows, which sets no such limit
        return sys.maxsize
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if most == resource.RLIM_INFINITY else max(1, (most - 16) // 8)


def _host(target: Target) -> str:
    return urlsplit(target.urls[0]).netloc


def _worker(run: Run, work: _Work, hosts: dict[str, threading.Semaphore], listener: Listener) -> None:
    while True:
        try:
            number, target = work.waiting.get_nowait()
        except queue.Empty:
            return
        waited_for = work.descriptions.get(target.name or "")
        try:
            # before its host's turn is taken: the description may come from the same host
            target = as_described(run, target, work.descriptions.get(target.described_by or ""))
            with hosts.get(_host(target)) or threading.Semaphore():
                listener.on_start(target)
                result = examine_target(run, target)
                work.done.put((number, result))
                if waited_for and not waited_for.done():
                    waited_for.set_result(result)
        except BaseException as error:
            work.done.put((number, error))
            if waited_for and not waited_for.done():  # nobody may wait for what will not come
                waited_for.set_result(None)


def _unfinished(run: Run, target: Target, why: str = "") -> TargetResult:
    """What was seen so far of a target whose turn had not ended, or not begun, when the run did."""
    rec = run.recorders.get(target.key)
    records = tuple(rec.records) if rec else ()
    case = Case(records, run.catalogue) if any(isinstance(one, ev.Machine) for one in records) else None
    title = "not examined to the end: the run ended first" if case else "not examined: the run ended before its turn"
    url = case.subject.url if case else run.redactor.record(target.subject(target.urls[0])).url
    return TargetResult.unfinished(target, url, case, records, why or title)
