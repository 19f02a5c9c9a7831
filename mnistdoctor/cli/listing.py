"""`mnistdoctor list`: the catalogue."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mnistdoctor.cli import output, session, suggest
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import EXISTING, TEXT_OR_JSON, option
from mnistdoctor.cli.pages import PROSE, columns


@click.command("list", short_help="List datasets, files, digests, sources and loaders.")
@click.argument("dataset", required=False, shell_complete=suggest.datasets)
@option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue.")
@option("--all", "everything", is_flag=True, help="Also secondary files and retired sources.")
@TEXT_OR_JSON
def listing(dataset: str | None, catalogue: Path | None, everything: bool, form: str) -> int:
    """List datasets, files, lengths, digests, sources and loaders; with DATASET, all of one.

    DATASET is one of the list (`mnist`), or a loader's (`keras:mnist`).

    \b
    mnistdoctor list mnist --all
    """
    from mnistdoctor.catalogue import UnknownName, loader_datasets
    from mnistdoctor.report import catalogue as shown

    known = session.catalogue_of(catalogue)
    chosen = None
    if dataset is not None:
        loader, colon, name = dataset.rpartition(":")
        try:
            chosen = known.dataset(known.loader(loader).dataset(name).dataset if colon else dataset)
        except UnknownName as error:
            meant = loader_datasets(known, loader, name) if colon else error.nearest
            near = f"did you mean {' or '.join(f'`{one}`' for one in meant)}? " if meant else ""
            what = "loader's dataset" if colon else "dataset"
            raise Wrong(f"no {what} is called {dataset!r}", f"{near}`mnistdoctor list` shows all of them") from None
    if form == "json":
        output.show(json.dumps(shown.values(known, chosen, everything=everything), indent=2, ensure_ascii=False) + "\n")
    else:
        width = columns(sys.stdout, PROSE)
        output.show(shown.text(known, chosen, everything=everything, width=width))
    return 0
