"""Words that a shell offers after a <TAB>: what the catalogue, the list of causes and the scenes hold.

Somebody waits for each of them: what would import sockets and TLS is read from the files instead of imported.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_PACKAGE = Path(__file__).parents[1]


def targets(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Datasets, loaders' datasets, and files where none of them begins like that."""
    from mnistdoctor.catalogue import load

    known = load()
    names = [one.id for one in known.datasets]
    names += [f"{loader.name}:{one.name}" for loader in known.loaders for one in loader.datasets]
    return _beginning(typed, names) or [CompletionItem(typed, type="file")]


def datasets(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Datasets of the catalogue."""
    from mnistdoctor.catalogue import load

    return _beginning(typed, (one.id for one in load().datasets))


def clients(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Clients for `--as`."""
    from mnistdoctor.catalogue import load

    return _beginning(typed, (one.name for one in load().clients))


def causes(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Ids of causes."""
    from mnistdoctor.causes.order import ORDER

    return _beginning(typed, sorted(ORDER))


def scenes(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Scenes of the demo: the functions that play on a testbed."""
    import ast

    modules = sorted((_PACKAGE / "demo" / "scenes").glob("*.py"))
    every = [node for path in modules for node in ast.parse(path.read_text(encoding="utf-8")).body]
    functions = (one for one in every if isinstance(one, ast.FunctionDef) and one.decorator_list)
    names = (one.name for one in functions if [given.arg for given in one.args.args] == ["testbed"])
    return _beginning(typed, (name.replace("_", "-") for name in names))


def reports(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """The first half of ``--report NAME=FILE``."""
    from mnistdoctor.cli.files import FORMATS

    return _beginning(typed, (f"{name}=" for name in FORMATS))


def _beginning(typed: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(typed)]
