"""`mnistdoctor preflight`: the same examination for CI."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor.cli import output, session, suggest
from mnistdoctor.cli.files import report_files, spare, write_all
from mnistdoctor.cli.options import SECONDS, Web, common, option, report_format

if TYPE_CHECKING:
    from mnistdoctor.examine.conductor import Report


@click.command(short_help="The same before a CI job, bounded and with retries.")
@click.argument("targets", nargs=-1, metavar="[TARGET|MANIFEST]...", shell_complete=suggest.targets)
@report_format(
    "What stdout gets: rich, plain, json, markdown, html, junit, github or gitlab; auto is plain, with the CI's own "
    "annotations beside it."
)
@option("--deadline", type=SECONDS, metavar="SECONDS", default=120.0, show_default=True, help="For the whole run.")
@option(
    "--retries",
    type=click.IntRange(0, 10),
    metavar="N",
    default=2,
    show_default=True,
    help="Repetitions of what is transient.",
)
@option("--base-url", type=Web(), metavar="URL", help="Where the files are that a manifest names without an address.")
@option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="CAUSE",
    shell_complete=suggest.causes,
    help="A failure for this cause does not fail the job; it is shown all the same.",
)
@option("--try", "trials_allowed", is_flag=True, help="Try the fixes, as `check` does.")
@option("--no-try", is_flag=True, expose_value=False, hidden=True, help="What `preflight` does anyway.")
@common
def preflight(
    targets: tuple[str, ...],
    form: str,
    deadline: float,
    retries: int,
    base_url: str | None,
    allowed: tuple[str, ...],
    trials_allowed: bool,
    **options: Any,
) -> int:
    """Examine downloads before a CI job needs them: bounded, with retries, no animation.

    TARGET is what `check` takes. MANIFEST is a file that names targets: SHA256SUMS or MD5SUMS and a pooch registry
    (with `--base-url`), TFDS' checksums.tsv, a list of URLs, or a pyproject.toml with `targets` in
    `[tool.mnistdoctor]`, which is read unasked where no target is named. Only targets are read from such a file.

    The exit code decides the job. Under GitHub Actions, Azure Pipelines and TeamCity each ailing target is also an
    annotation, and on GitHub the job's summary has the report; GitLab and Jenkins read files.

    \b
    mnistdoctor preflight torchvision:mnist --report junit=mnistdoctor.xml
    mnistdoctor preflight mnist --report gitlab=gl-code-quality.json
    """
    files = report_files(options["reports"])
    causes = session.known_causes(allowed)
    catalogue = session.catalogue_of(options["catalogue"])
    settings = session.settings_of(options, deadline_s=deadline, retries=retries, trials_allowed=trials_allowed)
    environment = session.environment_of(options)
    named = session.with_manifests(targets, base_url)
    planned = session.targets_of(named, options, catalogue, environment)
    manifests = [("a manifest of this run", name) for name in targets or ("pyproject.toml",)]
    spare(planned, files, [*manifests, *session.read_by(options)])
    report, ended_by = session.run(planned, settings, catalogue, None, environment)
    report = session.allowing(report, causes)
    code = session.exit_code(report, ended_by, strict=options["strict"], allowed=causes)
    how = {"verbose": options["verbose"], "redact": options["redact"]}
    unwritten = write_all(files, lambda name: output.rendered(report, code, name, **how))
    output.show_report(report, code, form if form != "auto" else "plain", **how)
    _annotate(report, code, form, **how)
    output.note_sources(verbose=options["verbose"])
    if unwritten:
        raise unwritten
    return code


def _annotate(report: Report, code: int, form: str, *, verbose: bool, redact: str | None) -> None:
    """Says it in the CI's own language, on stderr where its runner reads that too: stdout stays one document."""
    from mnistdoctor.report.ci import CI, lines_for, recognised
    from mnistdoctor.report.sanitize import sanitized

    ci = recognised(os.environ)
    if ci is None:
        return
    lines = lines_for(ci, sanitized(report, strict=redact == "strict"), code)
    if ci is CI.TEAMCITY and form in ("auto", "plain", "rich"):  # it reads service messages from stdout alone
        output.show(lines)
    elif lines and not (ci is CI.GITHUB and form == "github"):
        output.note(lines.rstrip("\n"))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if ci is CI.GITHUB and summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(output.rendered(report, code, "markdown", verbose=verbose, redact=redact))
        except OSError as error:
            output.note(f"the job's summary could not be written: {error.strerror}")
