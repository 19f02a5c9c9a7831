"""SIGINT and SIGTERM, from the first line of the program to its last.

An exception that may come anywhere costs what was seen so far, and is swallowed wherever something else is waited for.
So it is raised only while there is nothing to lose; once an examination has begun a signal is noted, and asked for.
"""

from __future__ import annotations

import os
import signal
from enum import Enum

MOST_NOTED = 4
"""Signals after which the user is no longer asked for patience."""


class Phase(Enum):
    """How far the program is, which decides what a signal does."""

    LOADING = "loading"
    """Nothing has been made: it ends at once."""
    PREPARING = "preparing"
    """It ends as by an exception, so that whoever made something removes it."""
    HELD = "held"
    """Something was seen, and is still to be printed: the signal is noted."""
    OVER = "over"
    """The exit code is decided."""


_phase = Phase.LOADING
_caught: list[int] = []


def listen(phase: Phase = Phase.PREPARING) -> None:
    """Takes both signals over; without effect outside the main thread of an embedding program."""
    global _phase
    _phase = phase
    try:
        signal.signal(signal.SIGINT, _on_signal)
        signal.signal(signal.SIGTERM, _on_signal)
    except ValueError:
        return


def hold() -> None:
    """From here on a signal is noted; one that was swallowed on the way ends the program now."""
    global _phase
    if _caught:
        raise SystemExit(code())
    _phase = Phase.HELD


def hold_from_now() -> None:
    """The same where the answer is ready: it is printed, whatever was noted."""
    global _phase
    _phase = Phase.HELD


def noted() -> bool:
    """Whether the user wants the program to end."""
    return bool(_caught)


def code() -> int:
    """128 + n for the signal n that came first, 0 where none came."""
    return 128 + _caught[0] if _caught else 0


def over() -> int:
    """The same; from here on signals change nothing."""
    global _phase
    _phase = Phase.OVER
    return code()


def _on_signal(number: int, _frame: object) -> None:
    _caught.append(number)
    impatient = len(_caught) > MOST_NOTED
    if _phase is Phase.LOADING or (_phase is Phase.OVER and impatient):
        os._exit(code())
    if _phase is Phase.PREPARING or (_phase is Phase.HELD and impatient):
        raise SystemExit(code())
