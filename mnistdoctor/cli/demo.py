"""`mnistdoctor demo`: the doctor at work with no network at all."""

from __future__ import annotations

import sys

import click

from mnistdoctor import interrupt
from mnistdoctor.cli import output, suggest
from mnistdoctor.cli.group import Unable, Wrong
from mnistdoctor.cli.options import FORMAT, option
from mnistdoctor.cli.pages import PROSE, columns


@click.command(short_help="Play faults on loopback servers and examine them.")
@click.argument("scene", required=False, shell_complete=suggest.scenes)
@option("--all", "everything", is_flag=True, help="Play every scene, one line each.")
@option("--list", "listed", is_flag=True, help="List the scenes.")
@FORMAT
@option("-v", "--verbose", is_flag=True, help="Show every observation, and each request as a curl command.")
def demo(scene: str | None, everything: bool, listed: bool, form: str, verbose: bool) -> int:
    """Play a fault on loopback servers and examine it; without SCENE: the list, and one scene.

    \b
    mnistdoctor demo captive-portal
    mnistdoctor demo --all            exit code 1 when a scene does not come out as written
    """
    from mnistdoctor.catalogue import nearest_names
    from mnistdoctor.demo import player

    interrupt.hold()
    from mnistdoctor.demo.scenes import SCENES

    names = tuple(one.name for one in SCENES)
    if scene is not None and (everything or listed):
        raise Wrong(f"`--all` and `--list` take no scene, but {scene!r} was given", "leave one of them out")
    if scene is not None and scene not in names:
        near = nearest_names(scene, names)
        hint = f"did you mean {', '.join(f'`{one}`' for one in near)}? " if near else ""
        raise Wrong(f"no scene is called {scene!r}", hint + "`mnistdoctor demo --list` shows all of them")
    if everything:
        return player.play_all(SCENES, output.show, interrupt.noted)
    if scene is None:
        width = columns(sys.stdout, PROSE)
        output.show(player.listing(SCENES, width) if listed else player.names(SCENES, width))
        if listed:
            return 0
        scene = player.FIRST
    chosen = next(one for one in SCENES if one.name == scene)
    try:
        report, code = player.play(chosen, interrupted=interrupt.noted)
    except OSError as error:
        raise Unable(f"the scene cannot be played here: {error}") from None
    output.note(player.introduction(chosen, columns(sys.stderr, PROSE)).rstrip("\n") + "\n")
    chosen_form = form if form != "auto" else "rich" if sys.stdout.isatty() else "plain"
    output.show_report(report, code, chosen_form, verbose=verbose, redact=None)
    output.note_sources(verbose=verbose)
    return 0
