"""From options to an examination, and from its report to output and an exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor.cli.group import Wrong

if TYPE_CHECKING:
    from mnistdoctor.catalogue import Catalogue
    from mnistdoctor.examine.conductor import Listener, Report
    from mnistdoctor.examine.targets import Target
    from mnistdoctor.settings import Settings

REPORTS = ("json", "markdown", "plain", "rich")


def catalogue_of(path: Path | None) -> Catalogue:
    """The built-in catalogue with the user's file over it; a bad file is wrong usage."""
    from mnistdoctor.catalogue import CatalogueError, load

    try:
        return load(path)
    except CatalogueError as error:
        raise Wrong(str(error), "`mnistdoctor list --catalogue FILE` checks a catalogue file") from None


def targets_of(names: tuple[str, ...], options: dict[str, Any], catalogue: Catalogue) -> tuple[Target, ...]:
    """The files to examine; a target that cannot be is wrong usage."""
    from mnistdoctor.catalogue import UnknownName
    from mnistdoctor.examine.targets import BadTarget, Known, plan

    try:
        client = catalogue.client(options["client"]) if options["client"] else None
    except UnknownName as error:
        raise Wrong(f"no client is called {error.name!r}", f"clients: {', '.join(error.choices)}") from None
    loader_names = [name for name in names if ":" in name and "://" not in name]
    if client is not None and loader_names:
        raise Wrong(
            f"`--as {client.name}` contradicts {loader_names[0]!r}, which goes out as its loader does",
            "leave `--as` out, or name the dataset or a URL",
        )
    try:
        known = Known(**{name: options[name] for name in ("sha256", "md5", "length", "expect")})
        return plan(names, client, known, catalogue)
    except BadTarget as error:
        raise Wrong(str(error), error.hint or _near_command(names)) from None


def _near_command(names: tuple[str, ...]) -> str:
    return "`mnistdoctor --help` shows the commands" if names else ""


def settings_of(options: dict[str, Any], **more: Any) -> Settings:
    """The run's settings; options that contradict each other are wrong usage."""
    from mnistdoctor.settings import Settings

    if options["four"] and options["six"]:
        raise Wrong("`-4` contradicts `-6`", "give one of them, or none for both families")
    if options["key"] and not options["cert"]:
        raise Wrong("`--key` needs `--cert`", "name the client certificate too")
    if options["offline"] and options["controls"]:
        raise Wrong("`--control` contradicts `--offline`", "offline, nothing is sent")
    if options["no_controls"] and options["controls"]:
        raise Wrong("`--control` contradicts `--no-controls`", "give one of them")
    return Settings(
        timeout_s=options["timeout"], jobs=options["jobs"], per_host=options["per_host"],
        family=4 if options["four"] else (6 if options["six"] else None), proxy=options["proxy"],
        ca_bundle=_path(options["ca_bundle"]), cert=_path(options["cert"]), key=_path(options["key"]),
        headers=options["headers"], resolver=options["resolver"], resolve=options["resolve"], full=options["full"],
        may_ask=not options["no_controls"], offline=options["offline"], controls=options["controls"],
        allow_private_redirect=options["allow_private_redirect"], until=options["until"], **more,
    )  # fmt: skip


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def report_files(reports: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """The further reports as (format, file); checked before the run, so that none is lost after it."""
    found = []
    for given in reports:
        name, equals, file = given.partition("=")
        if not equals or not file or name not in REPORTS:
            raise Wrong(f"`--report` takes NAME=FILE, not {given!r}", f"names: {', '.join(REPORTS)}")
        path = Path(file)
        if not path.parent.is_dir():
            raise Wrong(f"the folder of {file!r} does not exist", "make it first, or write elsewhere")
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise Wrong(f"{file!r} cannot be written", "name a file in a folder of yours")
        found.append((name, path))
    return tuple(found)


def run(
    targets: tuple[Target, ...], settings: Settings, catalogue: Catalogue, listener: Listener | None
) -> tuple[Report, int]:
    """Examines, and says with which signal the user ended it (0 where nobody did)."""
    from mnistdoctor.examine.conductor import examine

    caught: list[int] = []

    def stop(number: int, _frame: object) -> None:
        caught.append(number)
        raise KeyboardInterrupt

    with contextlib.suppress(ValueError):  # not in the main thread of an embedding program
        signal.signal(signal.SIGTERM, stop)
    report = examine(targets, settings, catalogue, listener)
    return report, (caught[-1] if caught else signal.SIGINT) if report.interrupted else 0


def exit_code(report: Report, ended_by: int, *, strict: bool) -> int:
    """The one place that decides: 0 healthy, 1 ailing, 3 inconclusive, 128 + n ended by signal n."""
    if ended_by:
        return 128 + ended_by
    if report.verdict == "healthy":
        return 1 if strict and any(target.warnings for target in report.targets) else 0
    return 1 if report.verdict == "ailing" else 3


def rendered(report: Report, code: int, form: str, *, verbose: bool, redact: str | None, stream: Any = None) -> str:
    """The report in a form, for stdout (`stream`) or for a file."""
    from mnistdoctor.report import Format, render

    width = _width() if stream is not None else 100
    colour = (
        stream is not None and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return render(
        report,
        code,
        Format(form),
        width=width,
        verbose=verbose,
        colour=colour,
        encoding=encoding,
        strict=redact == "strict",
    )


def columns(stream: Any) -> int:
    """How wide a text for this stream may be."""
    return _width() if stream.isatty() else 88


def _width() -> int:
    import shutil

    return max(20, shutil.get_terminal_size((100, 24)).columns)


def write(path: Path, text: str) -> None:
    """The whole file or none of it: written beside it, then moved into its place."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, delete=False, prefix=".mnistdoctor-"
        ) as file:
            file.write(text)
        Path(file.name).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError, UnboundLocalError):
            Path(file.name).unlink()
        raise Wrong(f"{str(path)!r} cannot be written: {error.strerror}") from None


def show(text: str) -> None:
    """Data goes to stdout, whole."""
    stream = sys.stdout
    try:
        stream.write(text)
    except UnicodeEncodeError:
        stream.buffer.write(text.encode(stream.encoding or "ascii", "backslashreplace"))
    stream.flush()


def note(text: str) -> None:
    """A line for people, on stderr."""
    click.echo(text, err=True)
