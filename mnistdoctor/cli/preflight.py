"""`mnistdoctor preflight`: the same examination for CI."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from mnistdoctor.cli import session, suggest
from mnistdoctor.cli.check import FORMAT
from mnistdoctor.cli.files import report_files, spare, write_all
from mnistdoctor.cli.options import SECONDS, common, option


@click.command(short_help="The same before a CI job, bounded and with retries.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=suggest.targets)
@FORMAT
@option("--deadline", type=SECONDS, metavar="SECONDS", default=120.0, show_default=True, help="For the whole run.")
@option(
    "--retries",
    type=click.IntRange(0, 10),
    metavar="N",
    default=2,
    show_default=True,
    help="Repetitions of what is transient.",
)
@option("--try", "may_try", is_flag=True, help="Try the fixes, as `check` does.")
@common
def preflight(targets: tuple[str, ...], form: str, deadline: float, retries: int, may_try: bool, **options: Any) -> int:
    """Examine downloads before a CI job needs them: bounded, with retries, no animation.

    The exit code decides the job; under GitHub Actions each ailing target is also an `::error` line.
    """
    files = report_files(options["reports"])
    catalogue = session.catalogue_of(options["catalogue"])
    settings = session.settings_of(options, deadline_s=deadline, retries=retries, may_try=may_try)
    planned = session.targets_of(targets, options, catalogue)
    spare(planned, files)
    report, ended_by = session.run(planned, settings, catalogue, None)
    code = session.exit_code(report, ended_by, strict=options["strict"])
    how = {"verbose": options["verbose"], "redact": options["redact"]}
    unwritten = write_all(files, lambda name: session.rendered(report, code, name, **how))
    session.show(session.rendered(report, code, form if form != "auto" else "plain", stream=sys.stdout, **how))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        # The runner reads commands from both streams; on stderr they leave a JSON document on stdout whole.
        from mnistdoctor.report import github

        session.note(github.render(report, code).rstrip("\n"))
    if unwritten:
        raise unwritten
    return code
