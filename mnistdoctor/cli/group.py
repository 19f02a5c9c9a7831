"""A group with a default command, and messages in the manner of uv and rustc."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from mnistdoctor.cli.pages import columns, wrapped


class DefaultGroup(click.Group):
    """Takes an argument that is no command for an argument of the default command."""

    def __init__(self, *arguments: Any, default: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Puts the default command in front where none is named."""
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)  # a shell asks for the first word, which may still be a command
        own = {name for param in self.get_params(ctx) for name in getattr(param, "opts", ())}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what the default command takes."""
        default = self.commands[self.default]
        below = default.make_context(self.default, [], parent=ctx, resilient_parsing=True)
        argument = [one for one in default.get_params(below) if isinstance(one, click.Argument)]
        found = super().shell_complete(ctx, incomplete) + default.shell_complete(below, incomplete)
        if not incomplete.startswith("-"):
            found += [item for one in argument for item in one.shell_complete(below, incomplete)]
        plain = [item for item in found if item.type == "plain"]
        return list({item.value: item for item in plain or found}.values())


class Wrong(click.ClickException):
    """Wrong usage: one sentence, the nearest valid choice, exit 2."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Unable(Wrong):
    """Rightly asked, and not possible here: one sentence, exit 3."""

    exit_code = 3


def fail(error: click.ClickException) -> NoReturn:
    """Prints the sentence and the hint on stderr, and exits."""
    if isinstance(error, click.BadParameter) and (variable := _variable_of(error)):
        error.param_hint = (
            f"{variable}, the variable of '{max(error.param.opts, key=len)}'" if error.param else variable
        )
    message = error.format_message()
    hint = getattr(error, "hint", "")
    if isinstance(error, click.NoSuchOption):
        message = f"no such option `{error.option_name}`"
        from mnistdoctor.catalogue import nearest_names

        known = tuple(error.possibilities or ())
        near = ", ".join(f"`{one}`" for one in nearest_names(error.option_name, known) or sorted(known))
        hint = f"did you mean {near}?" if near else ""
    if isinstance(error, click.UsageError):
        message = " ".join(message.split()).rstrip(".")
        hint = hint or _nearest_choice(error)
        if not hint and error.ctx is not None:
            hint = f"`{error.ctx.command_path} --help` shows every option"
    from mnistdoctor.redact import shown

    # What was typed may hold a password, and what a shell has mangled may hold escape codes.
    message = shown(message)
    _say("error", "red", message)
    if hint:
        _say("hint", "cyan", hint)
    sys.exit(error.exit_code)


def _variable_of(error: click.BadParameter) -> str | None:
    """The variable that holds the wrong value; None where it was typed."""
    if error.ctx is None or error.param is None or not error.param.name:
        return None
    typed = error.ctx.get_parameter_source(error.param.name) is not click.core.ParameterSource.ENVIRONMENT
    return None if typed else str(error.param.envvar)


def _say(label: str, colour: str, text: str) -> None:
    """One sentence on stderr: on a terminal broken between words, in a pipe one line for whoever searches it."""
    width = columns(sys.stderr, 0)
    lines = wrapped(f"{label}: {text}", width, rest=" " * (len(label) + 2)) if width else f"{label}: {text}"
    click.echo(click.style(label, fg=colour, bold=True) + lines[len(label) :], err=True)


def _nearest_choice(error: click.UsageError) -> str:
    """The choice that a wrong value of an option was probably meant to be."""
    kind = getattr(getattr(error, "param", None), "type", None)
    if not isinstance(kind, click.Choice):
        return ""
    from mnistdoctor.catalogue import nearest_names

    near = nearest_names(error.message.partition("'")[2].partition("'")[0], kind.choices)
    return f"did you mean `{near[0]}`?" if near else ""
