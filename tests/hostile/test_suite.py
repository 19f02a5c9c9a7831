"""The hostile suite in short: one behaviour in twelve, a few interruptions, and the dead server that it must notice."""

from __future__ import annotations

from mnistdoctor.report import Format
from tests.hostile import interruptions, suite
from tests.hostile.behaviours import all_behaviours

BEHAVIOURS = all_behaviours()


def test_there_are_many() -> None:
    assert len(BEHAVIOURS) >= 350


def test_one_in_twelve() -> None:
    tally = suite.play_all(BEHAVIOURS[5::12], side_by_side=4)
    assert not [*tally.own_errors, *tally.leaks, *tally.escapes, *tally.unanswered]
    assert tally.good


def test_a_dead_server_is_noticed() -> None:
    tally = suite.play_all(BEHAVIOURS[::60], dead=True)
    assert not tally.good
    assert not tally.met


def test_a_leak_and_an_escape_are_noticed() -> None:
    assert suite._escapes("a \x1b[2J b", Format.PLAIN)
    assert suite._escapes("x ##[set-output name=x;]y", Format.PLAIN)
    assert suite._escapes("one\n::add-mask::x", Format.MARKDOWN)
    assert not suite._escapes("::ffff:127.0.0.1 refused\n\x1b[1mbold\x1b[0m", Format.RICH)


def test_interruptions() -> None:
    found = interruptions.interrupt_all(1, seed=7)
    assert found.tried == 8
    assert not found.lost
    assert not found.left
