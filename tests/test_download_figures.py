"""The table of killed downloads, in short: the whole one is `python -m tests.download_figures`."""

from __future__ import annotations

from tests import download_figures


def test_nothing_is_lost_and_a_rerun_finishes() -> None:
    found = download_figures.rows(kills=2, steps=4, pairs=1)
    assert len(found) >= 3
    for row in found:
        assert row.trials
        assert (row.lost, row.finished) == ([], row.trials), row.line()
