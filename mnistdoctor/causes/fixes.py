"""Fixes that several causes share: another source, a variable to set, a command for this platform and client."""

from __future__ import annotations

import re
import shlex

from mnistdoctor.catalogue import Loader
from mnistdoctor.causes.base import Case, Change, Command, Cost, Fix
from mnistdoctor.causes.facts.body import on_this_disk
from mnistdoctor.causes.facts.urls import file_name, split_url
from mnistdoctor.wording import period

NETWORK = "whoever runs the network"
"""Whom `ask` may name; a proxy and a server are named by their hosts."""


def ask(who: str, what: str = "", *, verb: str = "Ask", why: str = "somebody else has to act") -> Fix:
    """What only another person can do: ``ask(NETWORK, "to allow data.example")``."""
    return Fix(title=f"{verb} {who} {what}".rstrip(), untried=why)


def ask_network_owner(what: str, *, why: str = "only the network's owner can do that") -> Fix:
    """What only the owner of this network can do or tell."""
    return ask("the network's owner", what, why=why)


def on_windows(case: Case) -> bool:
    """Whether commands should be written for PowerShell."""
    return case.machine.platform.startswith("Windows")


def quoted(case: Case, word: str) -> str:
    """The word as one argument of this platform's shell."""
    return "'" + word.replace("'", "''") + "'" if on_windows(case) else shlex.quote(word)


def path_argument(case: Case, path: str) -> str:
    """The path as one word of this platform's shell; records write ``~`` for the home folder and the user's name."""
    windows = on_windows(case)
    if not re.search(r"(?:^|[/\\])~(?=[/\\]|$)", path):
        return quoted(case, path)
    literal = re.sub(r'(["$`])' if windows else r'(["$`\\])', r"`\1" if windows else r"\\\1", path)
    literal = re.sub(r"^~(?=[/\\]|$)", "$HOME", literal)
    user = "$env:USERNAME" if windows else "$(id -un)"
    return '"' + re.sub(r"(?<=[/\\])~(?=[/\\]|$)", lambda _: user, literal) + '"'


def command(case: Case, text: str) -> Command:
    """A line for this platform's shell."""
    return Command(text, "powershell" if on_windows(case) else "posix")


def platform_command(case: Case, *, windows: str, linux: str, macos: str) -> Command:
    """The one of these lines that is for this platform; macOS's for other systems of the BSD family as well."""
    if on_windows(case):
        return command(case, windows)
    return command(case, linux if case.machine.platform.startswith("Linux") else macos)


def set_variable(case: Case, name: str, value: str) -> Command:
    """Sets an environment variable for the programs that this shell starts next."""
    if on_windows(case):
        return command(case, f"$env:{name} = {quoted(case, value)}")
    return command(case, f"export {name}={quoted(case, value)}")


def unset_variables(case: Case, *names: str) -> Command:
    """Removes environment variables from this shell."""
    if on_windows(case):
        return command(case, "Remove-Item " + ", ".join(f"Env:{name}" for name in names) + " -ErrorAction Ignore")
    return command(case, "unset " + " ".join(names))


def download(case: Case, url: str, *options: str) -> Command:
    """Fetches the URL into the working directory; curl is there on Linux, macOS and Windows 10."""
    program = "curl.exe" if on_windows(case) else "curl"
    words = [program, "-fL", *options, "-o", file_name(url), url]
    return command(case, " ".join(word if word.isalnum() or word == "-fL" else quoted(case, word) for word in words))


def take(case: Case, url: str, title: str) -> Fix:
    """The file from this URL, into the current folder; tried there."""
    return Fix(title=title, commands=(download(case, url),), change=Change(url=url), cost=Cost.BY_HAND)


def other_sources(case: Case, most: int = 2) -> tuple[Fix, ...]:
    """The same file from another current source of the catalogue, best first; an API's reply is of no use by itself."""
    urls = case.sources()[:most] if case.subject.file or case.subject.instead_of else ()
    return tuple(take(case, url, f"Take the same file from {split_url(url).hostname}") for url in urls)


SHORT_WAIT_S = 30.0
"""A pause that a trial may sit out, in seconds."""


def once_more() -> Fix:
    """One more try after a breath."""
    return Fix(title="Try once more", change=Change(wait_s=2.0), cost=Cost.AGAIN)


def pause(seconds: float | None) -> Fix:
    """Waiting as the server asks; tried where the wait is short."""
    if seconds is None:
        return Fix(
            title="Wait a few minutes and try once more, with fewer requests at a time",
            untried="the server does not say how long to wait",
            cost=Cost.WAIT,
        )
    if seconds < 1:  # a date that has passed
        return once_more()
    title = f"Wait {period(seconds)}, as the server asks, then try once"
    if seconds <= SHORT_WAIT_S:
        return Fix(title=title, change=Change(wait_s=seconds), cost=Cost.WAIT)
    return Fix(title=title, untried="the wait is too long to try here", cost=Cost.WAIT)


def fetch_again(case: Case, *, resume: bool = False, title: str = "") -> Fix | None:
    """The same URL once more; with `resume`, curl goes on where a file of that name in this directory ends.

    None for a file on this disk, which would be fetched from itself.
    """
    if on_this_disk(case):
        return None
    options = ("-C", "-", "--retry", "5") if resume else ("--retry", "5")
    return Fix(
        title=title or ("Fetch it again, and let curl go on where it was cut" if resume else "Fetch it again"),
        commands=(download(case, case.subject.url, *options),),
        change=Change(wait_s=1.0),
        cost=Cost.AGAIN,
    )


def install(case: Case, title: str, *names: str, upgrade: bool = False) -> Fix:
    """The package manager of the interpreter that runs the program, not whichever `pip` comes first."""
    words = " ".join(one if re.fullmatch(r"[\w.-]+", one) else quoted(case, one) for one in names)
    line = f"python -m pip install {'-U ' if upgrade else ''}{words}"
    why = "it changes your Python, which is yours to do"
    return Fix(title=title, commands=(command(case, line),), untried=why, cost=Cost.INSTALLATION)


def upgrade(loader: Loader, title: str) -> Fix:
    """A newer release of the loader, by the name of its distribution: `pip install sklearn` is another package."""
    line = Command(f"python -m pip install --upgrade {loader.distributions[0]}")
    why = "the examination does not change what is installed"
    return Fix(title=title, commands=(line,), untried=why, cost=Cost.INSTALLATION)


def python_line(text: str) -> Command:
    """A line for the program."""
    return Command(text, "python")


def in_program(title: str, *lines: str, why: str = "it is in your program") -> Fix:
    """What only the author of the program can do, with the lines of Python that it takes."""
    return Fix(title=title, commands=tuple(python_line(line) for line in lines), untried=why, cost=Cost.PROGRAM)
