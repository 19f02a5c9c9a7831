"""`mnistdoctor list`: the catalogue."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mnistdoctor.cli import session, suggest
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import EXISTING, option


@click.command("list", short_help="List datasets, files, digests, sources and loaders.")
@click.argument("dataset", required=False, shell_complete=suggest.datasets)
@option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue.")
@option("--all", "everything", is_flag=True, help="Also secondary files and retired sources.")
@option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What stdout gets."
)
def listing(dataset: str | None, catalogue: Path | None, everything: bool, form: str) -> int:
    """List datasets, files, lengths, digests, sources and loaders; with DATASET, all of one."""
    from mnistdoctor.catalogue import UnknownName
    from mnistdoctor.report import catalogue as shown

    known = session.catalogue_of(catalogue)
    chosen = None
    if dataset is not None:
        try:
            chosen = known.dataset(dataset)
        except UnknownName as error:
            near = ", ".join(f"`{one}`" for one in error.nearest)
            hint = f"nearest: {near}" if near else "`mnistdoctor list` shows all of them"
            raise Wrong(f"no dataset is called {dataset!r}", hint) from None
    if form == "json":
        session.show(
            json.dumps(shown.values(known, chosen, everything=everything), indent=2, ensure_ascii=False) + "\n"
        )
    else:
        width = session.columns(sys.stdout)
        session.show(shown.text(known, chosen, everything=everything, width=width))
    return 0
