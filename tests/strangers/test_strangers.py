"""Every stranger's case is answered rightly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.strangers.lab import Lab, Row, all_rows


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in all_rows().items()])
def test_the_answer_is_right(row: Row, tmp_path: Path) -> None:
    with Lab(tmp_path) as lab:
        row(lab)
