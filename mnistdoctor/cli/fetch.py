"""`mnistdoctor fetch`: the data in hand, where the loader looks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor import interrupt
from mnistdoctor.cli import output, session, suggest
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import EXISTING, FOLDER, PYTHON, SECONDS, option, report_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnistdoctor.download.wanted import Wanted
    from mnistdoctor.examine.conductor import Report


@click.command(short_help="Download, verify, and put files where the loader looks.")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", shell_complete=suggest.targets)
@option("--to", type=FOLDER, metavar="DIR", help="Put the files into this folder.")
@option("--root", type=FOLDER, metavar="DIR", help="The folder that the loader's caller names.")
@option(
    "--from-file",
    "brought",
    type=EXISTING,
    metavar="FILE",
    multiple=True,
    help="Take this file, once it is proven, and ask nobody.",
)
@option("--unverified", is_flag=True, help="Also take a file that no known digest proves.")
@option("--dry-run", is_flag=True, help="Say what would be done; send and write nothing.")
@report_format("What stdout gets, as with `check`.")
@option("--as", "client", metavar="CLIENT", shell_complete=suggest.clients, help="Go out as this client.")
@option("--sha256", metavar="HEX", help="The SHA-256 that the file must have.")
@option("--md5", metavar="HEX", help="The MD5 that the file must have.")
@PYTHON
@option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue.")
@option("--proxy", metavar="URL", help="Use this proxy whatever the environment says; empty for none.")
@option("--ca-bundle", type=EXISTING, metavar="FILE", help="Trust these CA certificates instead of the client's.")
@option("--timeout", type=SECONDS, metavar="SECONDS", default=10.0, show_default=True, help="For each operation.")
@option("--deadline", type=SECONDS, metavar="SECONDS", default=86400.0, show_default=True, help="For the whole run.")
@option("-v", "--verbose", is_flag=True, help="Show every observation.")
def fetch(
    targets: tuple[str, ...], form: str, *, dry_run: bool, unverified: bool, verbose: bool, **options: Any
) -> int:
    """Download TARGET from the first source that is healthy, verify it, and put it where the loader looks.

    What is there already and right is left alone; what is there and is not is moved aside. A download that was cut goes
    on where it ended. Nothing takes its final name before it is proven.

    \b
    mnistdoctor fetch keras:mnist
    mnistdoctor fetch torchvision:mnist --root data
    mnistdoctor fetch mnist --to data --from-file ~/Downloads/*ubyte*
    """
    from mnistdoctor.catalogue import UnknownName
    from mnistdoctor.download import fetch as downloads
    from mnistdoctor.download.plan import wanted
    from mnistdoctor.examine.expectation import BadTarget, Expectation
    from mnistdoctor.report import placed as placed_text

    catalogue = session.catalogue_of(options["catalogue"])
    environment = session.environment_of(options)
    try:
        client = catalogue.client(options["client"]) if options["client"] else None
        known = Expectation(sha256=options["sha256"], md5=options["md5"], length=None, expect=None)
        files = wanted(
            targets, catalogue, environment, to=options["to"], root=options["root"], client=client, expectation=known
        )
    except UnknownName as error:
        raise Wrong(f"no client is called {error.name!r}", f"clients: {', '.join(error.choices)}") from None
    except BadTarget as error:
        raise Wrong(str(error), error.hint) from None
    if dry_run:
        output.show(_plan(files))
        return 0
    report: Report | None = None
    unused: tuple[Path, ...] = ()
    code = 0
    if options["brought"]:
        try:
            placed, unused = downloads.bring(files, options["brought"])
        except OSError as error:
            raise Wrong(
                f"{error.filename!r} cannot be read: {error.strerror}", "name files that you may read"
            ) from None
    else:
        settings = session.settings_for(options, full=True, trials_allowed=False)
        interrupt.hold()
        with session.live(form) as listener:
            report, placed = downloads.fetch(
                files,
                settings,
                catalogue,
                listener,
                unverified=unverified,
                environment=environment,
                interrupted=interrupt.noted,
            )
    chosen = form if form != "auto" else ("rich" if sys.stdout.isatty() else "plain")
    ready = all(one.ready for one in placed)
    if report is not None:
        code = session.exit_code(report, interrupt.code(), strict=False)
        if chosen not in ("rich", "plain") or report.verdict != "healthy" or verbose:
            output.show_report(report, code or (0 if ready else 1), chosen, verbose=verbose, redact=None)
    told = placed_text.text(placed, unused)
    (output.show if chosen in ("rich", "plain") else output.note)(told)
    output.note_sources(verbose=verbose)
    return code or (0 if ready else 1)


def _plan(files: Sequence[Wanted]) -> str:
    from mnistdoctor.redact import for_this_user
    from mnistdoctor.wording import nbytes

    clean, lines = for_this_user().text, []
    for one in files:
        size = f", {nbytes(one.target.size)}" if one.target.size else ""
        lines.append(f"{clean(str(one.path))}{size}")
        if one.content is not None:
            lines.append(f"  and its content: {clean(str(one.content))}")
        lines += [f"  from {clean(url)}" for url in one.target.urls]
        if one.link is not None:
            lines.append(f"  and under its other name: {clean(str(one.link))}")
        lines += [f"  and a note beside it: {clean(str(note.path))}" for note in one.notes]
        lines.append(f"  {_proof(one)}")
    return "\n".join(lines) + "\n"


def _proof(one: Wanted) -> str:
    if one.reply:
        return "an answer of the service itself: taken where it agrees with what is known of the data set"
    digests = ", ".join(name for name, _ in one.target.digests)
    return f"proven by its {digests}" if digests else "no digest is known: only with `--unverified`"
