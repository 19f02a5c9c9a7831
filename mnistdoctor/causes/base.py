"""What a cause is, and what it says once it holds. A cause reads records; it never touches a socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.text import Retry, Side, Text, text_of

Shell = Literal["posix", "powershell", "python"]


@dataclass(frozen=True, slots=True)
class Command:
    """One line to paste."""

    text: str
    shell: Shell = "posix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a trial changes in the way the target is examined; everything else stays."""

    url: str | None = None
    user_agent: str | None = None
    ca_file: str | None = None
    direct: bool = False
    """Without the proxy."""
    direct_to: str | None = None
    """Without the proxy to this host, and by it to every other."""
    accept_encoding_identity: bool = False
    """With ``Accept-Encoding: identity``."""
    wait_s: float | None = None
    """After that pause, in seconds."""
    proxy: str | None = None
    """Through that proxy, without credentials."""
    proxy_variable: str | None = None
    """Through the proxy that this environment variable names, with the credentials that the user gave there."""
    unwrapped: bool = False
    """Without the quotes, blanks and line ends around that variable's value."""
    timeout_s: float | None = None
    """With that patience instead of the run's."""
    unset: tuple[str, ...] = ()
    """Without these environment variables. A trial never looks at the loader's cache: it is as if nothing lay there."""
    address: str | None = None
    """With the connection made to this address instead of the one that the name leads to."""
    netrc: bool = True
    """False: without what netrc holds."""


class Cost(str, Enum):
    """What a fix takes of whoever does it, as the end of "it takes ..."."""

    AGAIN = "nothing but a second try"
    WAIT = "nothing but the wait"
    BY_HAND = "a download by hand"
    INSTALLATION = "a change of your Python"
    PROGRAM = "a change of your program"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What to do: a sentence, the steps to paste, and how it can be tried."""

    title: str
    commands: tuple[Command, ...] = ()
    change: Change | None = None
    """None where it cannot be tried here; `untried` then says why."""
    untried: str = ""
    cost: Cost | None = None
    """None where title and commands say it, or somebody else has to act."""
    in_hand: bool = False
    """Whether it brings the same file from another known place: the last resort, whatever the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a cause has to say once it holds."""

    title: str
    """The problem in one line, no full stop: it follows "torchvision cannot download MNIST: "."""
    explanation: str
    """Two to four sentences: why this happens and what it means for the reader."""
    evidence: tuple[str, ...]
    """What was seen, one sentence each, with the numbers, names and dates."""
    certain: bool = True
    """False where the look-alikes are not excluded; `also_possible` then names the runner-up."""
    fixes: tuple[Fix, ...] = ()
    """Best first."""
    ruled_out: tuple[tuple[str, str], ...] = ()
    """(cause, the observation that excludes it)."""
    also_possible: tuple[str, ...] = ()
    side: Side | None = None
    """Where it differs from the cause's usual side."""
    retry: Retry | None = None
    retry_after_s: float | None = None


Rule = Callable[[Case], "Finding | None"]
"""Reads a case and says what it found, or None where its cause does not hold. May raise `OpenQuestion`."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A root cause: when it holds, and what it may ask before it says so. What users read is its `text`."""

    id: str
    holds: Rule | None
    """The rule; None for what is only ever a warning or a runner-up."""
    needs: tuple[Control, ...] = ()
    """The controls that the rule may ask for, first the one that is asked first."""
    before_wire: bool = False
    """Whether settings and disk alone decide it: where it holds, not a packet is sent before it is said."""
    machine_wide: bool = False
    """Whether every other source and target would meet it too, so that none needs to be probed."""
    warns: Callable[[Case], str | None] | None = None
    """One line where it was met and survived; None where it was not met."""

    def found_in(self, case: Case) -> Finding | None:
        """What the rule says of this case; None where it does not hold. May raise `OpenQuestion`."""
        return self.holds(case) if self.holds else None

    def warning_in(self, case: Case) -> str | None:
        """One line where it was met in this case and survived."""
        return self.warns(case) if self.warns else None

    @property
    def text(self) -> Text:
        """Side, retry, summary and story, from ``texts/ID.md``."""
        return text_of(self.id)


def cause(
    rule: Rule,
    *,
    needs: tuple[Control, ...] = (),
    before_wire: bool = False,
    machine_wide: bool = False,
    warns: Callable[[Case], str | None] | None = None,
) -> Cause:
    """The cause whose rule this is, and whose name the rule bears: `tls_sni_blocked` for ``tls-sni-blocked``."""
    return Cause(rule.__name__.replace("_", "-"), rule, needs, before_wire, machine_wide, warns)
