"""What is going on, while it goes on: one line a target on stderr, gone without a trace when the run has ended."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from mnistdoctor import evidence as ev
from mnistdoctor import wording
from mnistdoctor.examine.conductor import Listener
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.redact import for_this_user
from mnistdoctor.report import layout

if TYPE_CHECKING:
    from rich.text import Text

if TYPE_CHECKING:
    from rich.table import Table

PATIENCE_S = 0.15
"""A run that ends sooner shows nothing: it neither pays for rich nor flickers."""
LONG_BODY, LONG_BODY_S = 1_000_000, 1.0
"""A body gets a bar when so many bytes are declared, or when it has taken so long."""
PER_SECOND = 12


@dataclass(slots=True)
class _Row:
    """One target under way."""

    title: str
    started: float = field(default_factory=time.monotonic)
    stages: dict[str, bool] = field(default_factory=dict)
    """Stage -> whether its last operation went well."""
    received: int = 0
    total: int | None = None
    body_since: float | None = None
    needless: set[str] = field(default_factory=set)
    """Stages that this way to this URL does not have."""


class Board:
    """What the display shows. Fed from any thread, read by the one that draws."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._done: dict[str, int] = {}
        self._clock = clock

    def start(self, target: Target) -> None:
        """A target's turn has come."""
        title = for_this_user().text(target.name or target.urls[0].partition("?")[0])
        with self._lock:
            self._rows[target.key] = _Row(title, started=self._clock())

    def record(self, key: str, record: ev.Observation) -> None:
        """An operation has ended."""
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                return
            if isinstance(record, ev.Subject) and row.stages:
                row.stages, row.received, row.total, row.body_since = {}, 0, None, None  # the next source, or once more
            elif isinstance(record, (ev.Address, ev.Route)):
                row.needless = _needless(row.needless, record)
            elif record.stage is not None and not isinstance(record, ev.Trust):
                row.stages[record.stage] = record.failure is None

    def progress(self, key: str, received: int, total: int | None) -> None:
        """Bytes have arrived."""
        with self._lock:
            row = self._rows.get(key)
            if row is not None:
                row.body_since = self._clock() if row.body_since is None or received < row.received else row.body_since
                row.received, row.total = received, total

    def result(self, result: TargetResult) -> None:
        """A target is done."""
        with self._lock:
            self._rows.pop(result.target.key, None)
            self._done[result.verdict] = self._done.get(result.verdict, 0) + 1

    def listener(self) -> Listener:
        """The board as the conductor wants to call it."""
        return Listener(on_start=self.start, on_record=self.record, on_progress=self.progress, on_result=self.result)

    def draw(self, width: int, height: int, signs: layout.Signs) -> Table:
        """The lines as they are now, at most `height` of them."""
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            rows = list(self._rows.values())
            done = dict(self._done)
        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True, overflow="crop", max_width=max(12, width // 3))
        grid.add_column(no_wrap=True, overflow="crop")
        room = max(1, height - 2)
        now = self._clock()
        for row in rows[:room]:
            grid.add_row(
                Text(layout.end_of(row.title, max(12, width // 3), signs)),
                self._state(row, now, width - width // 3 - 2, signs),
            )
        counts = [f"{count} {verdict}" for verdict, count in sorted(done.items())]
        if len(rows) > room:
            counts.append(f"{len(rows) - room} more under way")
        if counts:
            grid.add_row(Text(", ".join(counts), style="dim"), Text(""))
        return grid

    def _state(self, row: _Row, now: float, width: int, signs: layout.Signs) -> Text:
        from rich.text import Text

        if row.body_since is not None and "length" not in row.stages:
            large = row.total is not None and row.total >= LONG_BODY
            if large or now - row.body_since >= LONG_BODY_S:
                return _transfer(row, now, width, signs)
        text = Text()
        running = _under_way(row)
        # Once the target's own probes are done, only where they ended is of interest.
        told = list(row.stages.items()) if running else list(row.stages.items())[-1:]
        for stage, well in told:
            text.append(f"{stage} ")
            text.append(signs.ok if well else signs.failed, style="green" if well else "red")
            text.append(" ")
        pending = (stage for stage in ev.STAGES if stage not in row.stages and stage not in row.needless)
        dots = "…" if signs is layout.UNICODE else "..."
        took = wording.duration(now - row.started)
        return text.append(f"{next(pending, '') if running else 'asking why'}{dots} {took}", "dim")


def _needless(known: set[str], record: ev.Address | ev.Route) -> set[str]:
    """The stages that will not come, after what this record says of the URL or of the way to it."""
    if isinstance(record, ev.Address):
        return {"tls"} if record.scheme == "http" else set()
    return known | {"proxy"} if record.way in ("direct", "forward-proxy") else known


def _under_way(row: _Row) -> bool:
    """Whether the target's own probes still run: after a failure it is controls and trials."""
    return all(row.stages.values()) and "checksum" not in row.stages


def _transfer(row: _Row, now: float, width: int, signs: layout.Signs) -> Text:
    from rich.text import Text

    speed = row.received / max(now - (row.body_since or now), 0.001)
    told = f" {wording.rounded_bytes(row.received)}"
    if row.total:
        told += f" of {wording.rounded_bytes(row.total)}"
    told += f", {wording.rounded_bytes(int(speed))}/s"
    if row.total and row.total > row.received and row.received:
        told += f", {wording.period((row.total - row.received) / speed)} left"
    room = min(24, width - len(told))
    bar = ""
    if row.total and room >= 6:
        share = min(1.0, row.received / row.total)
        bar = layout.bar(share, room, signs).ljust(room)
    return Text.assemble((bar, "cyan"), (told, "dim"))


@contextmanager
def watch(stream: TextIO) -> Iterator[Listener]:
    """A listener whose board is drawn on this stream until the block ends; nothing is drawn on what is no terminal."""
    if not is_lively(stream):
        yield Listener()
        return
    board = Board()
    over = threading.Event()
    painter = threading.Thread(target=_paint, args=(board, stream, over), daemon=True)
    painter.start()
    try:
        yield board.listener()
    finally:
        over.set()
        painter.join(timeout=2.0)


def is_lively(stream: TextIO) -> bool:
    """Whether this stream is a terminal that can move its cursor."""
    try:
        return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")
    except ValueError:  # closed
        return False


def _paint(board: Board, stream: TextIO, over: threading.Event) -> None:
    if over.wait(PATIENCE_S):
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if over.is_set() or not console.is_terminal:
        return
    signs = layout.signs_for(getattr(stream, "encoding", None) or "ascii")
    with Live(
        console=console, transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False
    ) as live:
        while not over.is_set():
            live.update(board.draw(console.width, console.height, signs), refresh=True)
            over.wait(1 / PER_SECOND)
        live.update("", refresh=True)
