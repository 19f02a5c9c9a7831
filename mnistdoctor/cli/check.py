"""`mnistdoctor check`: the examination."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor.cli import output, session, suggest
from mnistdoctor.cli.files import report_files, spare, write_all
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import EXISTING, FORMAT, SECONDS, common, option

if TYPE_CHECKING:
    from mnistdoctor.catalogue import Catalogue
    from mnistdoctor.examine.conductor import Report


@click.command(short_help="Name the one root cause of each failed download.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=suggest.targets)
@FORMAT
@option("--deadline", type=SECONDS, metavar="SECONDS", default=300.0, show_default=True, help="For the whole run.")
@option("--no-try", is_flag=True, help="Offer fixes without trying them.")
@option("--try", is_flag=True, expose_value=False, hidden=True, help="What `check` does anyway.")
@option("--from", "stored", type=EXISTING, metavar="REPORT.json", help="Judge a stored report again; no network.")
@common
def check(
    targets: tuple[str, ...], form: str, deadline: float, no_try: bool, stored: Path | None, **options: Any
) -> int:
    """Examine downloads and name the one root cause of each failure.

    TARGET is a dataset (`mnist`), a loader's dataset (`keras:mnist`), an http(s) URL, or a file on disk.
    Without one: MNIST as the loaders installed here would fetch it.

    \b
    mnistdoctor check torchvision:fashion-mnist
    mnistdoctor check https://host/file.gz --sha256 HEX --as curl
    mnistdoctor check --from report.json
    """
    files = report_files(options["reports"])
    catalogue = session.catalogue_of(options["catalogue"])
    if stored is not None:
        if targets:
            raise Wrong("`--from` judges a stored report and takes no target", "leave the target out")
        spare((), files, [("what `--from` names", stored), ("what `--catalogue` names", options["catalogue"])])
        report, ended_by = _judged_again(stored, catalogue), 0
    else:
        settings = session.settings_of(options, deadline_s=deadline, trials_allowed=not no_try)
        environment = session.environment_of(options)
        planned = session.targets_of(targets, options, catalogue, environment)
        spare(planned, files, session.read_by(options))
        with session.live(form) as listener:
            report, ended_by = session.run(planned, settings, catalogue, listener, environment)
    code = session.exit_code(report, ended_by, strict=options["strict"])
    how = {"verbose": options["verbose"], "redact": options["redact"]}
    unwritten = write_all(files, lambda name: output.rendered(report, code, name, **how))
    chosen = form if form != "auto" else ("rich" if sys.stdout.isatty() else "plain")
    output.show_report(report, code, chosen, **how)
    output.note_sources(verbose=options["verbose"])
    if unwritten:
        raise unwritten
    return code


def _judged_again(path: Path, catalogue: Catalogue) -> Report:
    from mnistdoctor.report.from_json import BadReport, judge_again, load_file

    try:
        return judge_again(load_file(path), catalogue)
    except BadReport as error:
        raise Wrong(str(error), "`mnistdoctor check --report json=FILE` writes one that can be read") from None
