"""Options that `check` and `preflight` share, each also read from ``MNISTDOCTOR_<OPTION>``."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from click.core import ParameterSource

from mnistdoctor import paths
from mnistdoctor.cli import suggest
from mnistdoctor.cli.files import FORMATS

F = TypeVar("F", bound=Callable[..., object])

STAGES = ("dns", "tcp", "proxy", "tls", "http", "length", "checksum")
"""As in `mnistdoctor.evidence`, spelled out because importing it costs a third of the start (a test compares)."""

LONGEST_S = 86_400.0
"""A day: nobody waits longer, and the operating system's own clocks take no infinity."""


class Existing(click.Path):
    """A regular file that is there, or the empty one that is always there: a pipe or a device may never end."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        path = super().convert(value, param, ctx)
        if not paths.is_file(str(path)) and str(path) != os.devnull:
            self.fail(f"{str(path)!r} is no file", param, ctx)
        return path


EXISTING = Existing(exists=True, dir_okay=False, readable=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)  # loaders make the one that is not there


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """A click option that also reads its environment variable."""
    long = next(name for name in names if name.startswith("--")).partition("/")[0]
    attributes.setdefault("envvar", "MNISTDOCTOR_" + long.lstrip("-").replace("-", "_").upper())
    return click.option(*names, **attributes)


def report_format(told: str) -> Callable[[F], F]:
    """The option that says what stdout gets, for a command that prints a report; `told` is its help."""
    choice = click.Choice(("auto", *FORMATS))
    return option("--format", "form", type=choice, metavar="FORMAT", default="auto", show_default=True, help=told)


FORMAT = report_format(
    "What stdout gets: rich, plain, json, markdown, html, junit, github or gitlab; auto is rich on a terminal, "
    "plain elsewhere."
)


class TextOrJson(click.Choice):  # type: ignore[type-arg]  # generic from click 8.2 on only
    """``text`` or ``json``, for what is no report; where a variable names a form of reports it is text."""

    def __init__(self) -> None:
        super().__init__(("text", "json"))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The form."""
        source = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
        if source is ParameterSource.ENVIRONMENT and value in ("auto", *FORMATS) and value not in self.choices:
            value = "text"
        return super().convert(value, param, ctx)


TEXT_OR_JSON = option(
    "--format", "form", type=TextOrJson(), default="text", show_default=True, help="What stdout gets."
)


class Seconds(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """A number of seconds over 0, up to a day; `nan` and `inf` are numbers to Python, and no time."""

    name = "SECONDS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= LONGEST_S:
            self.fail(f"{value!r} is no number of seconds over 0 and up to {LONGEST_S:.0f}", param, ctx)
        return seconds


SECONDS = Seconds()

PYTHON = option(
    "--python", metavar="PATH", help="The Python that loads the data: its loaders, releases and CA bundles count."
)


class Header(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """``Name: value``; in the environment variable one a line."""

    name = "NAME: VALUE"
    envvar_list_splitter = "\n"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The pair; the sentence does not repeat a value, which may be a secret."""
        if isinstance(value, tuple):
            return cast(tuple[str, str], value)
        name, colon, content = str(value).partition(":")
        token = name.strip()
        if (
            not colon
            or not token
            or not all(one.isascii() and (one.isalnum() or one in "!#$%&'*+-.^_`|~") for one in token)
        ):
            self.fail("a header is written `Name: value`", param, ctx)
        if any(ord(one) < 32 for one in content.strip()):
            self.fail("a header's value holds no line breaks", param, ctx)
        if any(ord(one) > 255 for one in content):  # RFC 9110 section 5.5; no client sends it
            self.fail(f"the value of `{token}` holds characters that no header can hold (beyond Latin-1)", param, ctx)
        return token, content.strip()


class ReportFile(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """``NAME=FILE``; in the environment variable one a line, since names of files hold blanks."""

    name = "NAME=FILE"
    envvar_list_splitter = "\n"


class Resolve(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """``HOST:PORT:ADDRESS``, as with curl."""

    name = "HOST:PORT:ADDR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int, str]:
        """The triple."""
        if isinstance(value, tuple):
            return cast(tuple[str, int, str], value)
        host, _, rest = str(value).partition(":")
        port, _, address = rest.partition(":")
        try:
            parsed = ipaddress.ip_address(address.strip("[]"))
            number = int(port)
        except ValueError:
            self.fail(f"{value!r} is not HOST:PORT:ADDRESS, such as `example.com:443:192.0.2.1`", param, ctx)
        if not host or not 0 < number < 65536:
            self.fail(f"{value!r} is not HOST:PORT:ADDRESS, such as `example.com:443:192.0.2.1`", param, ctx)
        return host.lower(), number, str(parsed)


class NameServer(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """An IP address, perhaps with a port."""

    name = "ADDR[:PORT]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The address as given."""
        text = str(value)
        address, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "53")
        if address.startswith("[") and address.endswith("]"):
            address = address[1:-1]
        try:
            ipaddress.ip_address(address)
            valid = 0 < int(port) < 65536
        except ValueError:
            valid = False
        if not valid:
            self.fail(f"{text!r} is not the address of a name server, such as `192.0.2.53`", param, ctx)
        return text


class Web(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on only
    """An http or https URL."""

    name = "URL"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URL as given."""
        from mnistdoctor.examine.expectation import BadTarget
        from mnistdoctor.examine.targets import check_url

        try:
            check_url(str(value))
        except BadTarget as error:
            self.fail(str(error), param, ctx)
        if not str(value).startswith(("http://", "https://")):
            self.fail(f"{value!r} is not an http or https URL", param, ctx)
        return str(value)


_GROUPS: tuple[Callable[[Any], Any], ...] = (
    option(
        "--as",
        "client",
        metavar="CLIENT",
        shell_complete=suggest.clients,
        help="Go out as: requests, urllib, curl, wget, aria2, a loader.",
    ),
    option("--sha256", metavar="HEX", help="The SHA-256 that the file must have."),
    option("--md5", metavar="HEX", help="The MD5 that the file must have."),
    option("--length", type=int, metavar="BYTES", help="The length that the file must have."),
    option("--expect", metavar="FILE", help="The catalogued file that it should be."),
    option("--root", type=FOLDER, metavar="DIR", help="The folder that the loader's caller names: look into it first."),
    PYTHON,
    option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue."),
    option(
        "--until",
        type=click.Choice(STAGES),
        metavar="STAGE",
        help="Stop after dns, tcp, proxy, tls, http, length or checksum.",
    ),
    option("--full", is_flag=True, help="Read bodies over 32 MiB to the end."),
    option("--no-controls", is_flag=True, help="Make no observations beyond the target's own."),
    option(
        "--control", "controls", type=Web(), multiple=True, help="Use these control URLs instead of the built-in ones."
    ),
    option("--offline", is_flag=True, help="Send nothing; judge settings and files on disk."),
    option("--proxy", metavar="URL", help="Use this proxy whatever the environment says; empty for none."),
    option("--pac", metavar="FILE|URL", help="A PAC file to ask, after a failure, for the proxy to set."),
    option("--ca-bundle", type=EXISTING, metavar="FILE", help="Trust these CA certificates instead of the client's."),
    option("--cert", type=EXISTING, metavar="FILE", help="Client certificate (PEM)."),
    option("--key", type=EXISTING, metavar="FILE", help="Its key, where it is not in the same file."),
    option("--header", "headers", type=Header(), multiple=True, help="Send this field to the target's own origin."),
    option("--resolver", type=NameServer(), help="A name server to compare with, after a failure."),
    option("--resolve", type=Resolve(), multiple=True, help="Use this address instead of a lookup."),
    option("-4", "--ipv4", "four", is_flag=True, help="Use IPv4 addresses only."),
    option("-6", "--ipv6", "six", is_flag=True, help="Use IPv6 addresses only."),
    option("--timeout", type=SECONDS, metavar="SECONDS", help="For each operation: 10 s; lookups 30 s."),
    option(
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        default=4,
        show_default=True,
        help="Targets examined side by side.",
    ),
    option(
        "--per-host",
        type=click.IntRange(1, 64),
        metavar="N",
        default=6,
        show_default=True,
        help="The same for one host.",
    ),
    option("--allow-private-redirect", is_flag=True, help="Follow a redirect from a public to a private address."),
    option(
        "--redact",
        type=click.Choice(["strict"]),
        metavar="strict",
        help="Also replace hosts and addresses by pseudonyms.",
    ),
    option("--strict", is_flag=True, help="Let warnings fail the run as well."),
    option(
        "--report",
        "reports",
        type=ReportFile(),
        multiple=True,
        shell_complete=suggest.reports,
        help="Write a further report, such as `json=r.json`.",
    ),
    option("-v", "--verbose", is_flag=True, help="Show every observation, and each request as a curl command."),
)


def common(function: F) -> F:
    """Adds the shared options, in the order above."""
    for decorate in reversed(_GROUPS):
        function = decorate(function)
    return function
