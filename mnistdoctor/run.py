"""One run's clock, numbering and shared knowledge, and the recorder that every probe writes to."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any, Protocol, TypeVar, cast

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.failure import Late
from mnistdoctor.redact import Redactor
from mnistdoctor.settings import Environment, Settings

V = TypeVar("V")
R = TypeVar("R", bound=ev.Observation)


class Stopped(Exception):  # noqa: N818 - an outcome, not a mistake
    """A probe could not go on; its record says why. Only `mnistdoctor.probe.hop` catches it."""

    def __init__(self, record: ev.Observation) -> None:
        super().__init__(record.failure)
        self.record = record


class NameService(Protocol):
    """Where names are looked up: the operating system's resolver, or a demonstration's own."""

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        """What ``getaddrinfo`` gives, in its order; raises `socket.gaierror` as it does."""

    def servers(self) -> tuple[tuple[str, int], ...]:
        """The name servers behind it, as (address, port)."""

    def reach(self, family: int) -> None:
        """Returns where there is a route for such addresses (4 or 6); raises `OSError` where there is none."""


class Once:
    """Answers that one thread finds and all others wait for: a name is looked up once in a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[object, _Slot] = {}

    def get(self, key: object, make: Callable[[], V]) -> tuple[V, bool]:
        """The answer for the key, and whether another caller made it. An exception is not kept."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if slot.ready:
                return cast(V, slot.value), True
            slot.value = value = make()
            slot.ready = True
            return value, False

    def forget(self, unwanted: Callable[[object], bool]) -> None:
        """Drops the answers of that kind, so that the next caller asks anew."""
        with self._lock:
            gone = [key for key, slot in self._slots.items() if slot.ready and unwanted(slot.value)]
            for key in gone:
                del self._slots[key]


@dataclass(slots=True)
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    ready: bool = False
    value: object = None


@dataclass
class Run:
    """What all targets of one run share."""

    settings: Settings
    environment: Environment
    catalogue: Catalogue
    redactor: Redactor
    names: NameService
    on_record: Callable[[str, ev.Observation], None] = lambda _target, _record: None
    """Called with the target's key after each record, from whichever thread made it."""
    on_progress: Callable[[str, int, int | None], None] = lambda _target, _received, _total: None
    """Called with the target's key, bytes received and bytes expected, during a transfer."""
    keep_body: Callable[[str], IO[bytes]] | None = None
    """Called with the target's key: where the body of its answer is kept. None: nowhere beyond the look at it."""
    go_on: Callable[[str, str, tuple[ev.Observation, ...]], bool] | None = None
    """Called with the target's key, a source that failed, and its records: whether the body has come all the same."""
    started: float = field(default_factory=time.monotonic)
    lookups: Once = field(default_factory=Once)
    connects: Once = field(default_factory=Once)
    """By address and port: how the first attempt ended. Where that was silence, the others do not wait for it again."""
    given_up: set[str] = field(default_factory=set)
    """Ids of lookups and connections that failed, and were not to be repeated any more."""
    contexts: Once = field(default_factory=Once)
    controls: Once = field(default_factory=Once)
    refusals: dict[str, ev.Observation] = field(default_factory=dict)
    """By credentials for a proxy, as they are sent: the record of their refusal. They are never sent again."""
    credentials: dict[str, threading.Lock] = field(default_factory=dict)
    """By credentials for a proxy: held while they are out for a target for the first time."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    """Credentials for a proxy, and the target for which they were sent and not refused."""
    recorders: dict[str, Recorder] = field(default_factory=dict)
    """By target: what writes its records, so that an interruption can still show them."""
    guard: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    cancelled: threading.Event = field(default_factory=threading.Event)

    def left(self) -> float:
        """Seconds until the run's deadline; raises `Late` when it has come or the run was cancelled."""
        left = self.started + self.settings.deadline_s - time.monotonic()
        if left <= 0 or self.cancelled.is_set():
            raise Late
        return left

    def is_late(self) -> bool:
        """Whether the deadline has come or the run was cancelled."""
        try:
            self.left()
        except Late:
            return True
        return False

    def limit(self, seconds: float) -> float:
        """The smaller of that many seconds and what the deadline leaves."""
        return min(seconds, self.left())

    def clock(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.started


class Recorder:
    """Numbers and keeps the records of one target, in the order in which they were made."""

    def __init__(self, run: Run, key: str, role: ev.Role = "target", control: str | None = None) -> None:
        self.run = run
        self.key = key
        self.role = role
        self.control = control
        self.hop = 0
        self.records: list[ev.Observation] = []
        if role == "target":
            run.recorders[key] = self

    def add(self, kind: type[R], stage: ev.Stage | None, started: float, **fields: object) -> R:
        """Makes the record, cleans it of secrets, keeps it, and tells the listener."""
        with self.run.guard:
            number = next(self.run.numbers)
        record = kind(
            id=f"o{number}",
            stage=stage,
            role=self.role,
            control=self.control,
            hop=self.hop,
            started_s=started,
            duration_s=max(0.0, self.run.clock() - started),
            **cast("dict[str, Any]", fields),
        )
        return self._keep(self.run.redactor.record(record))

    def record_reuse(self, record: R, lasted_s: float = 0.0) -> R:
        """Notes that an operation of another target served this one too; `lasted_s` where its length is a finding."""
        with self.run.guard:
            number = next(self.run.numbers)
        shared = replace(
            record,
            id=f"o{number}",
            role=self.role,
            control=self.control,
            hop=self.hop,
            started_s=self.run.clock(),
            duration_s=lasted_s,
            reused=record.reused or record.id,
        )
        return self._keep(shared)

    def _keep(self, record: R) -> R:
        self.records.append(record)
        if self.role == "target":
            self.run.on_record(self.key, record)
        return record
