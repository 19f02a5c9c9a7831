"""How the side that a cause is on, and the use of a repetition, are spoken of."""

from __future__ import annotations

from typing import NamedTuple

from mnistdoctor.causes.text import Retry, Side


class SideWords(NamedTuple):
    """How a side is spoken of."""

    who: str
    """Alone, in full."""
    short: str
    """Beside a cause in a list."""
    whose: str
    """Behind the headline of a report."""


SIDES: dict[Side, SideWords] = {
    "you": SideWords("this machine or its settings", "your side", "your side"),
    "network": SideWords("your network", "your network", "your network's side"),
    "proxy": SideWords("the proxy", "the proxy", "the proxy's side"),
    "server": SideWords("the server", "the server", "the server's side"),
    "framework": SideWords("the library that downloads", "the library", "the loader's side"),
    "unknown": SideWords("not known", "nobody knows", "side unknown"),
}


class RetryWords(NamedTuple):
    """How the use of a repetition is spoken of."""

    why: str
    short: str
    """Behind the headline of a report."""


RETRIES: dict[Retry, RetryWords] = {
    "no": RetryWords("the same request will fail the same way", "retrying will not help"),
    "yes": RetryWords("repeat after a moment", "retrying may help"),
    "wait": RetryWords("repeat after the time named", "wait a little, then retry"),
    "later": RetryWords("an outage on the far side", "try again later"),
}
