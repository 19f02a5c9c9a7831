"""`mnistdoctor explain`: the long text of a cause."""

from __future__ import annotations

import json
import sys

import click

from mnistdoctor.cli import session, suggest
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import option


@click.command(short_help="Tell the whole story of a cause.")
@click.argument("cause", required=False, shell_complete=suggest.causes)
@click.option("--list", "listed", is_flag=True, help="List every cause with one line.")
@option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What stdout gets."
)
def explain(cause: str | None, listed: bool, form: str) -> int:
    """Tell the whole story of CAUSE, an id such as `tls-intercepted`."""
    from mnistdoctor.catalogue import nearest_names
    from mnistdoctor.causes.order import CAUSES, by_id
    from mnistdoctor.report import causes

    if listed and cause:
        raise Wrong(f"`--list` lists all causes and takes no id, but {cause!r} was given", "leave one of them out")
    if listed or cause is None:
        if not listed:
            raise Wrong("no cause was named", "`mnistdoctor explain --list` shows all of them")
        found = CAUSES
    elif cause in by_id():
        found = (by_id()[cause],)
    else:
        near = nearest_names(cause, by_id())
        hint = f"did you mean {', '.join(f'`{one}`' for one in near)}? " if near else ""
        raise Wrong(f"no cause is called {cause!r}", hint + "`mnistdoctor explain --list` shows all of them")
    if form == "json":
        told = [causes.values(one) for one in found]
        session.show(json.dumps(told if listed else told[0], indent=2, ensure_ascii=False) + "\n")
    else:
        width = session.columns(sys.stdout)
        session.show(causes.listing(found, width) if listed else causes.story(found[0], width))
    return 0
