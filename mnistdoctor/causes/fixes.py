"""Fixes that several causes share: another source, a variable to set, a command for this platform and client."""

from __future__ import annotations

import re
import shlex

from mnistdoctor.catalogue import Loader
from mnistdoctor.causes.base import Change, Command, Cost, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.body import on_this_disk
from mnistdoctor.causes.facts.landing_pages import address_for_programs
from mnistdoctor.causes.facts.loader_place import loader_place
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


def download(case: Case, url: str, *options: str) -> tuple[Command, ...]:
    """Fetches the URL by curl, which is there on Linux, macOS and Windows 10.

    For a loader's target it goes to where that loader looks for it, else into the working directory.
    """
    place = loader_place(case)
    if place is None:
        return (_curl(case, url, quoted(case, file_name(url)), *options),)
    path = _below(case, place.folder, place.name)
    return (_make_folder(case, path), *_into(case, url, path, *options, packed=place.packed))


def _curl(case: Case, url: str, path: str, *options: str) -> Command:
    """`path` is one word of the shell already."""
    words = [word if word.isalnum() else quoted(case, word) for word in options]
    return command(
        case, " ".join(["curl.exe" if on_windows(case) else "curl", "-fL", *words, "-o", path, quoted(case, url)])
    )


def _below(case: Case, folder: str, name: str) -> str:
    """A path as records write it, with the platform's separators."""
    separator = "\\" if on_windows(case) else "/"
    return folder.rstrip("/\\") + separator + name.replace("/", separator)


def _make_folder(case: Case, path: str) -> Command:
    folder = path_argument(case, path[: max(path.rfind("/"), path.rfind("\\"))])
    line = f"New-Item -ItemType Directory -Force {folder} | Out-Null" if on_windows(case) else f"mkdir -p {folder}"
    return command(case, line)


def _into(case: Case, url: str, path: str, *options: str, packed: bool) -> tuple[Command, ...]:
    """The file under that path; with `packed`, through gzip on its way there."""
    word = path_argument(case, path)
    if not packed:
        return (_curl(case, url, word, *options),)
    plain = path_argument(case, path.removesuffix(".gz"))
    pack = _packing(case, plain, word) if on_windows(case) else f"gzip -f {plain}"
    return (_curl(case, url, plain, *options), command(case, pack))


def _packing(case: Case, plain: str, packed: str) -> str:
    code = "import gzip,shutil,sys;shutil.copyfileobj(open(sys.argv[1],'rb'),gzip.open(sys.argv[2],'wb'))"
    return f'python -c "{code}" {plain} {packed}' if on_windows(case) else f"gzip -c {plain} > {packed}"


def take(case: Case, url: str, title: str) -> Fix:
    """The file from this URL, to where it belongs; tried there."""
    return Fix(title=title, commands=download(case, url), change=Change(url=url), cost=Cost.BY_HAND)


def same_file(case: Case, url: str) -> Fix:
    """The same file from another place that is known to have it, put where it belongs.

    For the files of a loader the title is one: what is done with them is one thing, wherever each comes from.
    """
    place, loader = loader_place(case), case.loader
    title = f"Take the same file from {split_url(url).hostname}"
    if place is not None and loader is not None:
        folder = "/".join((place.folder.rstrip("/\\"), place.name)).rpartition("/")[0]
        root = " (`data` stands for the `root` that your program gives)" if place.unknown else ""
        also = f"; move it away once it is loaded: {place.shared_with} would take it too" if place.shared_with else ""
        title = f"Put the same file where {loader.title} looks for it, in `{folder}`{root}{also}"
    elif loader is not None:
        title += ", into the current folder"
    return Fix(title=title, commands=download(case, url), change=Change(url=url), in_hand=True, cost=Cost.BY_HAND)


def for_programs(case: Case) -> Fix | None:
    """The address at which the site serves the same file to programs."""
    url = address_for_programs(case.subject.url)
    return take(case, url, f"Take it from {split_url(url).hostname}, the site's address for programs") if url else None


def by_browser(case: Case) -> Fix:
    """The file fetched by a person with a browser, compared with what is known of it, and put where it belongs."""
    url, place, known = case.subject.url, loader_place(case), _expectation(case)
    name = file_name(url)
    here = quoted(case, f"./{name}")
    steps = [f"mnistdoctor check {here} {known}"] if known else []
    if place is not None:
        path = _below(case, place.folder, place.name)
        put, then = path_argument(case, path), "; if ($?) {{ {} }}" if on_windows(case) else " && {}"
        move = f"Move-Item -Force -LiteralPath {here} -Destination {put}" if on_windows(case) else f"mv {here} {put}"
        if place.packed:
            move = _packing(case, here, put)
        steps = [_make_folder(case, path).text, (steps[0] + then.format(move)) if steps else move]
    title = "Open the address in a browser, pass its check, and save the file here"
    title += ": the command compares it" * (known != "") + (" and puts it where it belongs" if place else "")
    lines = tuple(command(case, one) for one in steps)
    return Fix(title=title, commands=lines, untried="a person with a browser has to do it")


def _expectation(case: Case) -> str:
    """The options of `mnistdoctor check` that say what is known of the file; empty where nothing is."""
    if case.subject.file is not None:
        return f"--expect {quoted(case, case.subject.file)}"
    return " ".join(f"--{name} {value}" for name, value in case.subject.digests if name in ("sha256", "md5"))


def other_sources(case: Case, most: int = 2) -> tuple[Fix, ...]:
    """The same file from another current source of the catalogue, best first."""
    return tuple(same_file(case, url) for url in other_urls(case)[:most])


def other_urls(case: Case) -> tuple[str, ...]:
    """Other places of the file that may stand in for it; of an API's reply only the API's own."""
    call = case.subject.file is None and case.subject.loader is not None
    return () if call and not case.subject.instead_of else case.sources()


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
        commands=download(case, case.subject.url, *options),
        change=Change(wait_s=1.0),
        cost=Cost.AGAIN,
    )


def python(case: Case, rest: str) -> Command:
    """A line for the very interpreter that loads the data, not for whichever `python` comes first.

    PowerShell takes a quoted word for a text unless ``&`` says that it is a program.
    """
    if not case.machine.interpreter:
        return command(case, f"python {rest}")
    word = path_argument(case, case.machine.interpreter)
    return command(case, f"{'& ' if on_windows(case) else ''}{word} {rest}")


def pip(case: Case, *names: str, upgrade: bool = False) -> Command:
    """Installs these distributions for that interpreter; environments that uv has made have no pip of their own."""
    words = " ".join(one if re.fullmatch(r"[\w.-]+", one) else quoted(case, one) for one in names)
    words = f"--upgrade {words}" if upgrade else words
    if case.machine.interpreter and case.machine.installer == "uv":
        return command(case, f"uv pip install --python {path_argument(case, case.machine.interpreter)} {words}")
    return python(case, f"-m pip install {words}")


def install(case: Case, title: str, *names: str, upgrade: bool = False) -> Fix:
    """Distributions that are missing, or too old."""
    why = "it changes your Python, which is yours to do"
    line = pip(case, *names, upgrade=upgrade)
    return Fix(title=title, commands=(line,), untried=why, cost=Cost.INSTALLATION)


def upgrade(case: Case, loader: Loader, title: str) -> Fix:
    """A newer release of the loader, by the name of its distribution: `pip install sklearn` is another package."""
    line = pip(case, loader.distributions[0], upgrade=True)
    why = "the examination does not change what is installed"
    return Fix(title=title, commands=(line,), untried=why, cost=Cost.INSTALLATION)


def python_line(text: str) -> Command:
    """A line for the program."""
    return Command(text, "python")


def in_program(title: str, *lines: str, why: str = "it is in your program") -> Fix:
    """What only the author of the program can do, with the lines of Python that it takes."""
    return Fix(title=title, commands=tuple(python_line(line) for line in lines), untried=why, cost=Cost.PROGRAM)
