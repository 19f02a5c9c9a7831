"""What a command prints: the report, the data on stdout, and notes for people on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

import click

from mnistdoctor import interrupt
from mnistdoctor.cli.group import Unable
from mnistdoctor.cli.pages import columns

if TYPE_CHECKING:
    from mnistdoctor.examine.conductor import Report


def rendered(
    report: Report, code: int, form: str, *, verbose: bool, redact: str | None, stream: TextIO | None = None
) -> str:
    """The report in a form, for stdout (`stream`) or for a file."""
    from mnistdoctor.report import Format, render

    width = columns(stream, 100) if stream is not None else 100
    colour = stream is not None and form == "rich" and _shows_colour(stream)
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


def _shows_colour(stream: TextIO) -> bool:
    """Whether colours are seen there: on a terminal, in the log of a CI that shows them, or where the user says so."""
    from mnistdoctor.report.ci import recognised

    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org
        return False
    ci = recognised(os.environ)
    forced = bool(os.environ.get("FORCE_COLOR"))  # https://force-color.org
    return forced or stream.isatty() or (ci is not None and ci.shows_colour)


def show_report(report: Report, code: int, form: str, *, verbose: bool, redact: str | None) -> None:
    """The report on stdout; a document that must be UTF-8 is, whatever the encoding of the stream."""
    from mnistdoctor.report import Format

    text = rendered(report, code, form, verbose=verbose, redact=redact, stream=sys.stdout)
    if Format(form).in_utf8 and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    show(text)


def show(text: str) -> None:
    """Data goes to stdout, whole."""
    interrupt.hold_from_now()
    try:
        _write_all(sys.stdout, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(error) from None


def _write_all(stream: TextIO, text: str) -> None:
    """Write to the end, in the stream's encoding; what it cannot hold is written as an escape.

    With ``PYTHONUNBUFFERED`` nothing stands between the text and the system, and a signal cuts a long write short:
    `io.TextIOWrapper` does not notice (https://github.com/python/cpython/issues/85393).
    """
    if not hasattr(stream, "buffer"):
        stream.write(text)
        return
    lines, encoding = text.replace("\n", os.linesep), stream.encoding or "ascii"
    try:
        data = lines.encode(encoding, stream.errors or "strict")
    except UnicodeEncodeError:
        data = lines.encode(encoding, "backslashreplace")
    stream.flush()
    rest = memoryview(data)
    while rest:
        rest = rest[stream.buffer.write(rest) or 0 :]
    stream.buffer.flush()


def _unwritable(error: OSError) -> click.ClickException:
    return Unable(f"stdout cannot be written: {error.strerror}")


def note_details(error: BaseException) -> None:
    """The traceback of an error of our own, for those who ask for it; the report has its place."""
    if os.environ.get("MNISTDOCTOR_TRACEBACK"):
        import traceback

        note("".join(traceback.format_exception(error)))


def note_sources(*, verbose: bool) -> None:
    """Where each setting of this command came from, on stderr, for those who ask for everything."""
    if verbose:
        from mnistdoctor.cli.sources import sources

        note(sources(click.get_current_context(), os.environ))


def note(text: str) -> None:
    """A line for people, on stderr; where that cannot be written, nobody reads it."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)
