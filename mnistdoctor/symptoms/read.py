"""The errors in a text: exceptions with their frames and their order, and the lines that are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_FRAME = re.compile(
    r"\s*(?:File \"(?P<file>[^\"]{1,400})\", line \d+|"  # CPython
    r"File (?P<short>[^\s\"]{1,400}?):\d+,? in |"  # IPython 8
    r"(?P<cell>[~\w/.:\\+ -]{1,300}\.py[xd]?|[~/][^\s]{1,300}\.(?:py|so)) in \w)"  # IPython before 8
)
_INSTALLED = re.compile(r"(?:site|dist)-packages[/\\](?:[^/\\\s]+\.egg[/\\])?([A-Za-z_]\w*)")
_STANDARD = re.compile(r"(?i)[/\\](?:lib[/\\]python\d(?:\.\d+)?|python\d{2,3}[/\\]lib|lib)[/\\]([a-z_]\w*)")
_IGNORED = re.compile(r"^Exception ignored in\b|^Exception \w+: .* ignored$")
_CONTEXT = re.compile(r"During handling of the above exception|The above exception was the direct cause of")
_CODE = re.compile(r"(?:-+>\s*)?\d+\s|raise\s|except\b|-+> ?\d|import\s|from\s+[\w.]+\s+import\b|class\s|def\s")
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")

# An exception's name as Python prints it: a word that ends as exceptions do, or one of the few that do not.
_NAME = (
    r"(?:[A-Za-z_][\w.]{0,120}\.)?(?P<name>[A-Z_]?\w{0,60}(?:Error|Exception|Interrupt|Warning|Timeout|Expired|Refused"
    r"|SystemExit|gaierror|herror|Disconnected|IncompleteRead|SchemeUnknown|BadZipFile|BadGzipFile|InvalidURL|InvalidSchema"
    r"|MissingSchema|TooManyRedirects|BadStatusLine|OfflineModeIsEnabled|UnpicklingError|MaxRetryError)|timeout|Exception"
    r"|(?<=zlib\.)error|(?<=socket\.)error|(?<=struct\.)error|(?<=binascii\.)Error)"
)
_EXCEPTION = re.compile(rf"^[\s*`'\"\[(-]{{0,12}}{_NAME}\**`?(?P<rest>:\s?.*|\]?\(\)?|`?\s*)$")
_WITHIN = re.compile(rf"(?:^|[\s:(\[`*])(?=[\w.]{{7}}){_NAME}(?P<rest>:\s.*)$")
_HEADING = re.compile(rf"^\s{{0,12}}{_NAME}\s{{2,}}Traceback")


@dataclass
class Message:
    """One exception, or one line that is none."""

    exception: str = ""
    """Its name without its module; empty for a line."""
    message: str = ""
    packages: tuple[str, ...] = ()
    """The top-level packages of its frames, outermost first."""
    earlier: bool = False
    """Whether another exception was raised while this one was handled."""
    ignored: bool = False
    """Whether Python itself says that it ignored it."""
    place: int = 0
    """The number of its line, from 0."""

    @property
    def text(self) -> str:
        """``Name: message``, or the line."""
        return f"{self.exception}: {self.message}".removesuffix(": ") if self.exception else self.message


@dataclass
class _Reader:
    messages: list[Message] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    open: Message | None = None
    """The exception whose message may go on in the next line."""


# One of these stands in every line that tells of an error; a log has millions of others.
_WORTH = (
    "err", "exce", "fail", "trac", "caus", "hand", "file", "time", "refus", "denied", "cert", "ssl", "tls", "proxy",
    "resol", "gateway", ".py", "reach", "unkn", "not ", "gone", "full", "space", "corrupt", "match", "trunc", "lfs",
    "html", "quota", "limit", "http", "too ", "invalid", "reset", "unav", "ignored", "forbidden", "curl", "certifi",
    "socks",
)  # fmt: skip
_ENDS = 300
"""Lines at either end of a text that are looked at, whatever stands in them."""


def errors_of(lines: Sequence[str]) -> tuple[Message, ...]:
    """All that was said, in order: each exception, and each other line that may tell of an error."""
    reader = _Reader()
    for place, line in enumerate(lines):
        if reader.open is not None or not _ENDS < place < len(lines) - _ENDS or _is_worth(line):
            _read(reader, place, line)
    return tuple(reader.messages)


def _is_worth(line: str) -> bool:
    lower = line.lower()
    return not line.isascii() or any(word in lower for word in _WORTH)


def _read(reader: _Reader, place: int, line: str) -> None:
    if _IGNORED.search(line):  # what Python could not raise, in a destructor: nothing ended by it
        reader.messages.append(Message(message=line.strip(), place=place, ignored=True))
        reader.open = None
        return
    if _CONTEXT.search(line):
        _mark_earlier(reader.messages)
        reader.open = None
        return
    if _TRACEBACK.search(line):
        reader.packages, reader.open = [], None
        # IPython names the exception above its traceback, and says it below once more
        if heading := _HEADING.match(line):
            reader.messages.append(Message(heading["name"], place=place))
        return
    frame = _FRAME.match(line)
    if frame:
        package = _package(frame["file"] or frame["short"] or frame["cell"] or "")
        if package and reader.packages[-1:] != [package]:
            reader.packages.append(package)
        reader.open = None
        return
    match = _EXCEPTION.match(line) or _WITHIN.search(line)
    if match and not _is_code(line):
        rest = match["rest"].removeprefix("]").removeprefix(":").strip().rstrip("`*")
        said = Message(match["name"], "" if rest in ("()", "(") else rest, tuple(reader.packages), place=place)
        above = next((one for one in reversed(reader.messages) if one.exception), None)
        if above is not None and above.exception == said.exception and not above.message and not above.earlier:
            reader.messages.remove(above)
        reader.messages.append(said)
        reader.packages = []
        reader.open = said
        return
    if not line.strip() or line.lstrip().startswith("```"):  # the end of a block in Markdown
        reader.open = None if line.strip() else reader.open
        return
    if reader.open is not None and place - reader.open.place > 12:
        reader.open = None
    if reader.open is not None and not _is_code(line):
        reader.open.message = f"{reader.open.message} {line.strip()}".strip()[:8000]
    reader.messages.append(Message(message=line.strip(), place=place))


def _mark_earlier(messages: list[Message]) -> None:
    for said in reversed(messages):
        if said.exception:
            said.earlier = True
            return


def _is_code(line: str) -> bool:
    """Whether it is a line of a program that a traceback shows, and not what it said."""
    return bool(_CODE.match(line.lstrip()))


def _package(path: str) -> str:
    installed = _INSTALLED.search(path)
    if installed:
        return installed[1]
    standard = _STANDARD.search(path)
    return standard[1] if standard and "site-packages" not in path else ""
