"""`mnistdoctor completion`: the completion script of a shell."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from mnistdoctor.cli import output

SHELLS = ("bash", "zsh", "fish", "powershell")

_BASH = """\
%(complete_func)s() {
    # For bash a colon ends a word, and `keras:mnist` has one: the line is split at blanks instead of COMP_WORDS,
    # and what stands before the last colon of the word is not inserted again.
    local line=${COMP_LINE:0:COMP_POINT} type value prefix="" IFS=$' \\t\\n'
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:blank:]] ]] && words+=("")
    local current=${words[${#words[@]}-1]}
    [[ $current == *:* && $COMP_WORDBREAKS == *:* ]] && prefix=${current%%:*}:

    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${value#"$prefix"}") ;;
        esac
    done < <(COMP_WORDS=$line COMP_CWORD=$((${#words[@]} - 1)) %(complete_var)s=bash_complete "$1")
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
"""click's own script goes by COMP_WORDS, in which bash has split `keras:mnist` into three words."""

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # The words before the one at the cursor, a line each; where nothing is returned PowerShell offers files.
    $before = $commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition }
    $env:COMP_WORDS = ($before | ForEach-Object { $_.Extent.Text.Trim("'", '"') }) -join "`n"
    $env:COMP_CWORD = $wordToComplete
    $env:%(complete_var)s = 'powershell_complete'
    try {
        & $commandAst.CommandElements[0].Extent.Text | Where-Object { $_ } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s -ErrorAction Ignore
    }
}
"""


@add_completion_class
class PowerShell(ShellComplete):
    """Completion for PowerShell, for which click has no class.

    https://learn.microsoft.com/powershell/module/microsoft.powershell.core/register-argumentcompleter
    """

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words after the program's name, and the one that is being typed."""
        return os.environ.get("COMP_WORDS", "").split("\n")[1:], os.environ.get("COMP_CWORD", "")

    def format_completion(self, item: CompletionItem) -> str:
        """The word, a tab and what it does; nothing for files, which the shell offers by itself."""
        return f"{item.value}\t{item.help or ''}" if item.type == "plain" else ""


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the completion script for SHELL.

    \b
    bash:        mnistdoctor completion bash > ~/.local/share/bash-completion/completions/mnistdoctor
    zsh:         mnistdoctor completion zsh > "${fpath[1]}/_mnistdoctor"
    fish:        mnistdoctor completion fish > ~/.config/fish/completions/mnistdoctor.fish
    powershell:  mnistdoctor completion powershell >> $PROFILE
    """
    output.show(script(shell, click.get_current_context().find_root().command))
    return 0


def script(shell: str, program: click.Command) -> str:
    """The script, which asks the program itself for its words; but for bash it is the one that click makes."""
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    completer = made(program, {}, "mnistdoctor", "_MNISTDOCTOR_COMPLETE")
    # click's own `source` starts the shell to ask for its version; the template needs no shell.
    template = _BASH if shell == "bash" else completer.source_template
    return template % completer.source_vars()
