"""`mnistdoctor run`: a command as it is, and the cause below it where it failed."""

from __future__ import annotations

import sys
from typing import Any

import click

from mnistdoctor.cli import output, session
from mnistdoctor.cli.options import PYTHON, SECONDS, option
from mnistdoctor.cli.pages import PROSE, columns


@click.command(
    short_help="Run a command; where it fails, name the cause.",
    context_settings={"ignore_unknown_options": False, "allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND...")
@option("--offline", is_flag=True, help="Read what it printed and send nothing.")
@PYTHON
@option("--timeout", type=SECONDS, metavar="SECONDS", default=10.0, show_default=True, help="For each operation.")
@option("--deadline", type=SECONDS, metavar="SECONDS", default=30.0, show_default=True, help="For the examination.")
def run(command: tuple[str, ...], *, offline: bool, **options: Any) -> int:
    """Run COMMAND unchanged; where it fails, read what it printed and name the cause, on stderr.

    Its input, output, signals, terminal and exit code are its own; on success nothing is added.

    \b
    mnistdoctor run -- python train.py
    mnistdoctor run -- python -m pytest tests
    """
    from mnistdoctor.symptoms import command as process

    try:
        ended = process.run(command)
    except process.NotStarted as error:
        output.note(f"error: {error}")
        return error.code
    if ended.code:
        _explain(ended.tail, options, offline=offline)
    return ended.code


def _explain(tail: bytes, options: dict[str, Any], *, offline: bool) -> None:
    from mnistdoctor.cli.triage import examination
    from mnistdoctor.report import reading as rendering
    from mnistdoctor.symptoms.matches import read

    catalogue = session.catalogue_of(None)
    reading = read(tail.decode("utf-8", "replace"), catalogue)
    if not reading.matches:
        return
    report = None if offline else examination(reading, catalogue, options, asked=False)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    text = rendering.text(reading, width=columns(sys.stderr, PROSE), encoding=encoding, examination=report)
    output.note("\n" + text.rstrip("\n"))
