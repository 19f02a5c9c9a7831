"""`mnistdoctor explain`: the long text of a cause."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from mnistdoctor.cli import output, suggest
from mnistdoctor.cli.group import Wrong
from mnistdoctor.cli.options import TEXT_OR_JSON, option
from mnistdoctor.cli.pages import PROSE, columns

if TYPE_CHECKING:
    from mnistdoctor.causes.base import Cause


@click.command(short_help="Tell the whole story of a cause, or which causes a message can have.")
@click.argument("term", required=False, metavar="[TERM]", shell_complete=suggest.causes)
@option("--list", "listed", is_flag=True, help="List every cause with one line.")
@TEXT_OR_JSON
def explain(term: str | None, listed: bool, form: str) -> int:
    """Tell the whole story of a cause, or list the causes that show themselves as TERM.

    \b
    mnistdoctor explain tls-intercepted              one cause
    mnistdoctor explain 404                          a status
    mnistdoctor explain tls                          a stage
    mnistdoctor explain CERTIFICATE_VERIFY_FAILED    an error's words
    """
    from mnistdoctor.causes.registry import CAUSES, by_id
    from mnistdoctor.report import causes

    if listed and term:
        raise Wrong(f"`--list` lists all causes and takes no term, but {term!r} was given", "leave one of them out")
    if term is None and not listed:
        raise Wrong("no cause was named", "`mnistdoctor explain --list` shows all of them")
    width = columns(sys.stdout, PROSE)
    told: object
    if term is None:
        told, text = [causes.values(one) for one in CAUSES], causes.listing(CAUSES, width)
    elif (cause := by_id().get(term.strip().lower())) is not None:
        told, text = causes.values(cause), causes.story(cause, width)
    else:
        found = _shown_as(term)
        told, text = [causes.values(one) for one in found], causes.candidates(term, found, width)
    output.show(json.dumps(told, indent=2, ensure_ascii=False) + "\n" if form == "json" else text)
    return 0


def _shown_as(term: str) -> tuple[Cause, ...]:
    from mnistdoctor.catalogue import load, nearest_names
    from mnistdoctor.causes.registry import by_id
    from mnistdoctor.symptoms.terms import shown_as

    found = tuple(by_id()[one] for one in shown_as(term, load()))
    if not found:
        near = nearest_names(term, by_id())
        hint = f"did you mean {' or '.join(f'`{one}`' for one in near)}? " if near else ""
        raise Wrong(
            f"no cause is called {term!r}, or known by these words",
            f"{hint}`mnistdoctor explain --list` shows all; a status, a stage or an error's words find some",
        )
    return found
