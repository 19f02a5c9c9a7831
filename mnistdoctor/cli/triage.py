"""`mnistdoctor triage`: from a pasted traceback or log to its cause."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor import paths
from mnistdoctor.cli import output, session
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import EXISTING, PYTHON, SECONDS, TEXT_OR_JSON, option
from mnistdoctor.cli.pages import PROSE, columns

if TYPE_CHECKING:
    from mnistdoctor.catalogue import Catalogue
    from mnistdoctor.examine.conductor import Report
    from mnistdoctor.symptoms.matches import Reading

LARGEST = 64 * 2**20
"""Bytes that are read of a file; a log that is longer is told by its beginning."""


@click.command(short_help="Read a pasted traceback or log and name its cause.")
@click.argument("path", metavar="[FILE|-]", default="-", type=click.Path(path_type=Path, allow_dash=True))
@TEXT_OR_JSON
@option("--examine", is_flag=True, help="Examine the URL that was found, also where no known loader asks it.")
@option("--offline", is_flag=True, help="Read the text and send nothing.")
@PYTHON
@option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue.")
@option("--timeout", type=SECONDS, metavar="SECONDS", default=10.0, show_default=True, help="For each operation.")
@option("--deadline", type=SECONDS, metavar="SECONDS", default=60.0, show_default=True, help="For the examination.")
@option("-v", "--verbose", is_flag=True, help="Show every fix.")
def triage(path: Path, form: str, *, examine: bool, offline: bool, verbose: bool, **options: Any) -> int:
    """Read a traceback, a log, a notebook's output, and name what failed.

    The URL that it finds is then examined, where it is the catalogue's or a known loader's.

    \b
    python train.py 2>&1 | mnistdoctor triage
    mnistdoctor triage error.txt --offline

    Exit codes: 0 no failed download, 1 a failed download, 2 wrong usage, 3 the text does not tell.
    """
    from mnistdoctor.report import reading as rendering
    from mnistdoctor.symptoms.matches import read

    if examine and offline:
        raise Wrong("`--examine` contradicts `--offline`", "offline, nothing is sent")
    catalogue = session.catalogue_of(options["catalogue"])
    reading = read(_text(path), catalogue)
    report = None if offline else examination(reading, catalogue, options, asked=examine)
    code = {"download-failure": 1, "not-a-download-failure": 0, "inconclusive": 3}[reading.verdict]
    if form == "json":
        inner = session.exit_code(report, 0, strict=False) if report else 0
        output.show(json.dumps(rendering.values(reading, report, inner), indent=2, ensure_ascii=False) + "\n")
    else:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        width = columns(sys.stdout, PROSE)
        output.show(rendering.text(reading, width=width, encoding=encoding, examination=report, verbose=verbose))
    output.note_sources(verbose=verbose)
    return code


def _text(path: Path) -> str:
    """The text; bytes that are no UTF-8 stand for themselves."""
    if str(path) == "-":
        if sys.stdin.isatty():
            output.note("paste the error, then end with Ctrl-D (Windows: Ctrl-Z and Enter)")
        return sys.stdin.buffer.read(LARGEST).decode("utf-8", "replace")
    if not paths.is_file(path):
        raise Wrong(f"{str(path)!r} is no file", "name a file with the error, or `-` for standard input")
    try:
        with path.open("rb") as file:
            return _decoded(file.read(LARGEST))
    except OSError as error:
        raise Wrong(f"{str(path)!r} cannot be read: {error.strerror}", "name a file that you may read") from None


def _decoded(data: bytes) -> str:
    """PowerShell's `>` writes UTF-16 with a mark (https://learn.microsoft.com/powershell/module/.../about_redirection)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def examination(reading: Reading, catalogue: Catalogue, options: dict[str, Any], *, asked: bool) -> Report | None:
    """The examination of the URL that was found; None where none was, or where it may not be asked."""
    from mnistdoctor.examine.expectation import BadTarget, Expectation
    from mnistdoctor.examine.targets import plan
    from mnistdoctor.settings import Settings
    from mnistdoctor.symptoms.permission import forbidden

    url = reading.matches[0].url if reading.matches else None
    if url is None or reading.verdict != "download-failure":
        return None
    why = forbidden(url, catalogue, asked=asked)
    if why is not None:
        if asked:
            output.note(f"note: {url} is not examined: {why}")
        return None
    client = next((one for one in catalogue.clients if one.name == reading.matches[0].loader), None)
    environment = session.environment_of(options)
    try:
        targets = plan((url,), client, Expectation(), catalogue, environment)
    except BadTarget:
        return None
    settings = Settings(timeout_s=options["timeout"], deadline_s=options["deadline"], trials_allowed=False)
    return session.run(targets, settings, catalogue, None, environment)[0]
