"""Where each setting came from: the command line stands before its variable, and that before the default."""

from __future__ import annotations

from collections.abc import Mapping

import click
from click.core import ParameterSource

PREFIX = "MNISTDOCTOR_"
OTHERS = ("MNISTDOCTOR_CONTACT", "MNISTDOCTOR_TRACEBACK")
"""Variables that no option has."""


def sources(context: click.Context, variables: Mapping[str, str]) -> str:
    """A line for each option that is not at its default, and for each variable of ours that nothing reads."""
    lines = []
    for option in context.command.params:
        if not isinstance(option, click.Option) or not option.name or option.name not in context.params:
            continue
        match context.get_parameter_source(option.name):
            case ParameterSource.COMMANDLINE:
                source = "the command line"
            case ParameterSource.ENVIRONMENT:
                source = str(option.envvar)
            case _:
                continue
        lines.append(f"setting: {_written(option, context.params[option.name])} from {source}")
    lines.append(
        "setting: all other options have their defaults" if lines else "setting: all options have their defaults"
    )
    lines += [f"warning: {name} is set, and no option reads it" for name in unread(context, variables)]
    return "\n".join(lines)


def unread(context: click.Context, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that begin as ours do and are none, such as a misspelt one."""
    root = context.find_root().command
    commands = root.commands.values() if isinstance(root, click.Group) else (context.command,)
    known = {option.envvar for one in commands for option in one.params} | set(OTHERS)
    return tuple(sorted(name for name in variables if name.startswith(PREFIX) and name not in known))


def _written(option: click.Option, value: object) -> str:
    """The option as it would be typed, without secrets: a header's value is one, and so may a part of a URL be."""
    from mnistdoctor.redact import shown

    name = max(option.opts, key=len)
    if option.is_flag:
        return f"`{name}`" if value else f"no `{name}`"
    if not isinstance(value, tuple) or not option.multiple:
        value = (value,)
    if option.name == "headers":
        return " ".join(f"`{name} '{header}: ...'`" for header, _ in value)
    told = (":".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value)
    return " ".join(f"`{name} {shown(one, one)}`" for one in told)
