"""What `import mnistdoctor` offers: an examination, the reading of an error, and hooks that explain a failed download.

import mnistdoctor
mnistdoctor.check("keras:mnist")            # as `mnistdoctor keras:mnist`; shows itself in a notebook
mnistdoctor.fetch("keras:mnist")            # downloads, verifies, and puts it where Keras looks
try:
    keras.datasets.mnist.load_data()
except Exception as error:
    print(mnistdoctor.triage(error))        # reads the error, sends nothing
mnistdoctor.install()                       # from now on below every uncaught error of a download
"""

from __future__ import annotations

import html
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnistdoctor.diagnosis import Diagnosis, Verdict
    from mnistdoctor.download.fetch import Placed
    from mnistdoctor.examine.conductor import Report
    from mnistdoctor.symptoms.matches import Match, Reading, TriageVerdict

_WIDTH = 88


@dataclass(frozen=True)
class Examination:
    """A report; `str()` of it is what a terminal shows."""

    report: Report

    @property
    def verdict(self) -> Verdict:
        """``healthy``, ``ailing`` or ``inconclusive``."""
        return self.report.verdict

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Of the first target that is ailing; None where none is."""
        return next((target.diagnosis for target in self.report.targets if target.diagnosis), None)

    def __str__(self) -> str:
        from mnistdoctor.report import Format, render

        return render(
            self.report, 0, Format.RICH, width=_WIDTH, verbose=False, colour=False, encoding="utf-8", strict=False
        )

    def _repr_html_(self) -> str:
        return _as_html(str(self))


@dataclass(frozen=True)
class Fetched:
    """What became of each file; `str()` of it is what a terminal shows."""

    placed: tuple[Placed, ...]
    report: Report | None
    """The examination that brought them; None where nothing had to be asked."""

    @property
    def ready(self) -> bool:
        """Whether every file lies where it belongs."""
        return all(one.ready for one in self.placed)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files lie that are ready."""
        return tuple(one.wanted.path for one in self.placed if one.ready)

    def __str__(self) -> str:
        from mnistdoctor.report import placed

        ailing = self.report is not None and self.report.verdict != "healthy"
        return (str(Examination(self.report)) if self.report and ailing else "") + placed.text(self.placed)

    def _repr_html_(self) -> str:
        return _as_html(str(self))


@dataclass(frozen=True)
class Triage:
    """What a text or an exception shows; `str()` of it is what a terminal shows."""

    reading: Reading

    @property
    def verdict(self) -> TriageVerdict:
        """``download-failure``, ``not-a-download-failure`` or ``inconclusive``."""
        return self.reading.verdict

    @property
    def match(self) -> Match | None:
        """The likeliest cause."""
        return self.reading.matches[0] if self.reading.matches else None

    def __str__(self) -> str:
        from mnistdoctor.report import reading

        return reading.text(self.reading, width=_WIDTH, encoding="utf-8")

    def _repr_html_(self) -> str:
        return _as_html(str(self))


def _as_html(text: str) -> str:
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'


def check(
    *targets: str,
    client: str | None = None,
    sha256: str | None = None,
    md5: str | None = None,
    length: int | None = None,
    **settings: Any,
) -> Examination:
    """Examine targets as ``mnistdoctor check`` does: datasets, loaders' datasets, URLs, or files on disk.

    ``client`` is a client's name (``--as``); ``settings`` are fields of `mnistdoctor.settings.Settings`, such as
    ``timeout_s`` (seconds for each operation), ``deadline_s`` (for all) or ``offline``. Without a target: MNIST, as the
    loaders of this interpreter would fetch it. Raises `ValueError` for what cannot be examined.
    """
    from mnistdoctor.catalogue import UnknownName, load
    from mnistdoctor.examine.conductor import examine
    from mnistdoctor.examine.expectation import BadTarget, Expectation
    from mnistdoctor.examine.targets import plan
    from mnistdoctor.settings import Settings

    catalogue = load()
    known = Expectation(sha256=sha256, md5=md5, length=length, expect=None)
    try:
        chosen = catalogue.client(client) if client else None
        planned = plan(targets, chosen, known, catalogue)
    except (BadTarget, UnknownName) as error:
        raise ValueError(str(error)) from None
    return Examination(examine(planned, Settings(**settings), catalogue))


def fetch(
    *targets: str,
    to: str | Path | None = None,
    root: str | Path | None = None,
    from_files: Sequence[str | Path] = (),
    unverified: bool = False,
    client: str | None = None,
    sha256: str | None = None,
    md5: str | None = None,
    catalogue: str | Path | None = None,
    **settings: Any,
) -> Fetched:
    """Download, verify and place files as ``mnistdoctor fetch`` does, so that the loader finds them without a network.

    A cell of a notebook, before the one that loads::

        import mnistdoctor
        mnistdoctor.fetch("torchvision:mnist", root="data")
        torchvision.datasets.MNIST("data")

    ``to`` is the folder for all of them, ``root`` the one that a loader's caller names, ``from_files`` what was brought
    by hand: then nobody is asked. ``settings`` are fields of `mnistdoctor.settings.Settings`. What cannot be had is no
    error: `Fetched.ready` says so, and the report why. Raises `ValueError` for what names no file, and `OSError` for a
    file of ``from_files`` that cannot be read.
    """
    from mnistdoctor.catalogue import UnknownName, load
    from mnistdoctor.download import fetch as downloads
    from mnistdoctor.download.plan import wanted
    from mnistdoctor.examine.expectation import BadTarget, Expectation
    from mnistdoctor.settings import Settings

    known = load(Path(catalogue) if catalogue else None)
    try:
        files = wanted(
            targets,
            known,
            to=Path(to) if to is not None else None,
            root=Path(root) if root is not None else None,
            client=known.client(client) if client else None,
            expectation=Expectation(sha256=sha256, md5=md5, length=None, expect=None),
        )
    except (BadTarget, UnknownName) as error:
        raise ValueError(str(error)) from None
    if from_files:
        return Fetched(downloads.bring(files, tuple(map(Path, from_files)))[0], None)
    how = Settings(**{"full": True, "trials_allowed": False, "deadline_s": 86400.0, **settings})
    report, placed = downloads.fetch(files, how, known, unverified=unverified)
    return Fetched(placed, report)


def triage(error: BaseException | str) -> Triage:
    """Read an exception with all that led to it, or a pasted text; nothing is sent."""
    from mnistdoctor.catalogue import load
    from mnistdoctor.symptoms.matches import read

    return Triage(read(error if isinstance(error, str) else _text_of(error), load()))


_MOST_WITHIN = 16
"""Exceptions that are looked for within one."""


def _text_of(error: BaseException) -> str:
    """As Python prints it, and above it what it holds and Python does not print."""
    told = "".join(traceback.format_exception(type(error), error, error.__traceback__, chain=True))
    for one in _unprinted(error):
        inner = "".join(traceback.format_exception_only(type(one), one))
        told = f"{inner}\nThe above exception was the direct cause of the following exception:\n\n{told}"
    return told


def _unprinted(error: BaseException) -> list[BaseException]:
    """What it holds as ``reason`` or among its ``args``, and what ``from None`` hides; the outer ones first."""
    printed: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and not any(one is other for other in printed):
        printed.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    found = list(printed)
    for one in found:  # it grows
        for inner in (getattr(one, "reason", None), *one.args, one.__cause__, one.__context__):
            new = isinstance(inner, BaseException) and not any(inner is other for other in found)
            if new and len(found) < len(printed) + _MOST_WITHIN:
                found.append(inner)
    return found[len(printed) :]


def explanation(error: BaseException) -> str:
    """What the hooks print below an error: empty unless it is one of a download. Never raises."""
    try:
        found = triage(error)
        return str(found) if found.verdict == "download-failure" and found.match else ""
    except Exception:
        return ""  # an explanation that fails must not cost the error itself


def install() -> None:
    """From now on print the cause below the traceback of an uncaught error of a download; sends nothing.

    In IPython and Jupyter it does what ``%load_ext mnistdoctor`` does.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        load_ipython_extension(shell)
    elif not getattr(sys.excepthook, "_mnistdoctor", False):
        sys.excepthook = _explaining(sys.excepthook)


def _explaining(before: Any) -> Any:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        if isinstance(error, Exception):
            _print_below(error)

    hook._mnistdoctor = True  # type: ignore[attr-defined]
    return hook


def _print_below(error: BaseException) -> None:
    text = explanation(error)
    if text:
        print(f"\n{text}", end="", file=sys.stderr)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext mnistdoctor``: the cause below the traceback of a cell."""
    unload_ipython_extension(shell)
    shell.events.register("post_run_cell", _after_cell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext mnistdoctor``."""
    if _after_cell in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _after_cell)


def _after_cell(result: Any) -> None:
    if isinstance(result.error_in_exec, Exception):
        _print_below(result.error_in_exec)
