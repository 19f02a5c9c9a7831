"""Words that a shell offers after a <TAB>: what the catalogue, the list of causes and the scenes hold."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


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
    """Scenes of the demo."""
    from mnistdoctor.demo.scenes import SCENES

    return _beginning(typed, (one.name for one in SCENES))


def _beginning(typed: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(typed)]
