"""`mnistdoctor completion`: the completion script of a shell."""

from __future__ import annotations

import click

from mnistdoctor.cli import session

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the completion script for SHELL.

    \b
    bash:  mnistdoctor completion bash > ~/.local/share/bash-completion/completions/mnistdoctor
    zsh:   mnistdoctor completion zsh > "${fpath[1]}/_mnistdoctor"
    fish:  mnistdoctor completion fish > ~/.config/fish/completions/mnistdoctor.fish
    """
    session.show(script(shell))
    return 0


def script(shell: str) -> str:
    """The script that click generates, which asks the program itself for its words."""
    from click.shell_completion import get_completion_class

    from mnistdoctor.cli import cli

    made = get_completion_class(shell)
    assert made is not None
    completer = made(cli, {}, "mnistdoctor", "_MNISTDOCTOR_COMPLETE")
    # click's own `source` starts the shell to ask for its version; the template needs no shell.
    return completer.source_template % completer.source_vars()
