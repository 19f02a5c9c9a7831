"""What a program said, read once for all causes that a traceback tells: which exception counts, and what lay below."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.wording import shortened

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_WRAPPERS = frozenset({
    "SystemExit", "KeyboardInterrupt", "ChildFailedError", "CalledProcessError", "BrokenPipeError",
    "ProcessExitedException", "ProcessRaisedException", "RemoteTraceback", "CellExecutionError",
})  # fmt: skip
"""Said by what ran the program, about what the program had said before."""

_NETWORK = re.compile(
    r"(URL|HTTP|SSL|Proxy|Connect|Connection|MaxRetry|Timeout|ReadTimeout|ConnectTimeout|Protocol|IncompleteRead|"
    r"ChunkedEncoding|ContentTooShort|NewConnection|RemoteProtocol|HfHubHTTP|LocalEntryNotFound|Download|"
    r"ConnectionReset|ConnectionRefused|ConnectionAborted|NameResolution|SSLCertVerification|CertificateVerify|"
    r"ReadError|NetworkError|RemoteDisconnected|gaierror|timeout|IncompleteRead|BadStatusLine)"
    r"(Error|Exception)?$|^(gaierror|timeout|ConnectTimeout|ReadTimeout)$"
)
_NETWORK_WORDS = re.compile(
    r"urlopen error|URL fetch failure|Max retries exceeded|HTTP Error \d{3}|\bCERTIFICATE_VERIFY_FAILED\b|"
    r"getaddrinfo|name resolution|Tunnel connection failed|Couldn't reach|Connection (refused|reset|timed out)|"
    r"No matching distribution found|Could not fetch URL"
)
"""The last two are pip's: a package index that cannot be reached is a download that failed."""


@dataclass(frozen=True, slots=True)
class ProgramError:
    """The exception (or line) with which a program ended, and those that were being handled when it was raised."""

    symptom: ev.Symptom
    below: tuple[ev.Symptom, ...] = ()

    @property
    def text(self) -> str:
        """``Exception: message`` on one line, or the line alone."""
        return text_of(self.symptom)

    @property
    def where(self) -> str:
        """The package whose code raised it; empty where no frame is known."""
        return self.symptom.raised_in[-1] if self.symptom.raised_in else ""

    @property
    def of_network(self) -> bool:
        """Whether it speaks of the network, or was raised while an error of the network was handled."""
        return any(is_network(one) for one in (*self.below, self.symptom))

    def inside(self, packages: Iterable[str]) -> bool:
        """Whether one of these packages is among the frames."""
        return bool(set(self.symptom.raised_in) & set(packages))

    def sentences(self, *more: str) -> tuple[str, ...]:
        """Evidence: the words themselves, where they were raised, and what else counts."""
        ended = f"the program ended with {shortened(self.text, 220)}"
        where = f"it was raised in {self.where}" if re.fullmatch(r"[\w.<>-]+", self.where) else ""
        return (ended, *filter(None, (where, *more)))


def text_of(symptom: ev.Symptom) -> str:
    """``Exception: message`` with its white space folded."""
    message = " ".join(symptom.message.split())
    return f"{symptom.exception}: {message}".removesuffix(": ") if symptom.exception else message


def is_network(symptom: ev.Symptom) -> bool:
    """Whether this is an error of a connection, of TLS or of HTTP."""
    return bool(_NETWORK.match(symptom.exception) or _NETWORK_WORDS.search(symptom.message))


def ended_with(case: Case) -> ProgramError | None:
    """The last exception that nothing else followed, or the last line where no exception was told."""
    symptoms = case.all(ev.Symptom)
    ends = [place for place, one in enumerate(symptoms) if one.exception and not one.earlier]
    own = [place for place in ends if symptoms[place].exception not in _WRAPPERS]
    if not symptoms:
        return None
    place = (own or ends or [len(symptoms) - 1])[-1]
    first = place
    while first and symptoms[first - 1].earlier:
        first -= 1
    return ProgramError(symptoms[place], symptoms[first:place])


def first_match(patterns: Iterable[str], text: str) -> re.Match[str] | None:
    """The first match of any of the patterns."""
    return next(filter(None, (_compiled(pattern).search(text) for pattern in patterns)), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def facts(name: str) -> dict[str, Any]:
    """The rows of ``program.toml`` or ``loader_bugs.toml``; read only once a program has said something."""
    return tomllib.loads(files("mnistdoctor.causes.facts").joinpath(name).read_text(encoding="utf-8"))


_INSTALLED = re.compile(r"(site|dist)-packages|[/\\]lib[/\\]python\d|[/\\]Lib[/\\]|unknown location")


def in_the_way(said: ProgramError) -> str | None:
    """The module that a file of the user's own hides, by the interpreter's own words; None where none does."""
    text = said.text
    for pattern in (
        r"No module named '([\w.]+)'; '[\w.]+' is not a package",
        r"partially initialized module '([\w.]+)'",
        r"module '([\w.]+)' has no attribute .*consider renaming",
    ):
        if match := re.search(pattern, text):
            return None if _INSTALLED.search(text) else match.group(1)
    match = re.search(r"cannot import name '?\w+'? from '([\w.]+)' \((.+)\)$", text)
    known = facts("program.toml")["libraries"]
    if match and match.group(1).split(".")[0] in known and not _INSTALLED.search(match.group(2)):
        return match.group(1)
    return None


def change(said: ProgramError) -> dict[str, Any] | None:
    """The row of the table of calls that are gone; of an HTTP error only where it names a service that is gone."""
    rows: list[dict[str, Any]] = facts("program.toml")["changed"]
    if not said.symptom.exception or (said.of_network and "mldata.org" not in said.text):
        return None
    return next((row for row in rows if first_match((row["says"],), said.text)), None)
