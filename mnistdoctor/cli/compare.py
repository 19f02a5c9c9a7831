"""`mnistdoctor compare`: the reports of several machines side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mnistdoctor.cli import output
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import TEXT_OR_JSON
from mnistdoctor.cli.pages import PROSE, columns


@click.command(short_help="Hold the reports of several machines side by side.")
@click.argument("paths", nargs=-1, metavar="REPORT.json...", type=click.Path(exists=True, path_type=Path))
@TEXT_OR_JSON
def compare(paths: tuple[Path, ...], form: str) -> int:
    """Say where a download works, where it fails, and which setting differs.

    REPORT.json is what `--report json=FILE` wrote on each machine: files, folders, or a `.jsonl` of many reports.
    Reports of one machine at several times tell whether its failure is constant.

    \b
    srun mnistdoctor preflight mnist --report json=reports/$(hostname).json
    mnistdoctor compare reports/

    Exit codes: 0 all alike, 1 different, 2 wrong usage.
    """
    from mnistdoctor.compare import difference
    from mnistdoctor.compare.machine import machine
    from mnistdoctor.compare.read import BadReport, reports
    from mnistdoctor.report import comparison

    if not paths:
        raise Wrong("no report was named", "`mnistdoctor TARGET --report json=FILE` writes one")
    try:
        found = difference.compare(machine(name, document) for name, document in reports(paths))
    except BadReport as error:
        raise Wrong(str(error), "reports are what `--report json=FILE` or `--format json` wrote") from None
    if not found.count:
        raise Wrong(f"{paths[0]} holds no report", "`mnistdoctor TARGET --report json=FILE` writes one")
    if form == "json":
        output.show(json.dumps(comparison.values(found), indent=2, ensure_ascii=False) + "\n")
    else:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        output.show(comparison.text(found, width=columns(sys.stdout, PROSE), encoding=encoding))
    return 0 if found.same else 1
