"""One authority for all tests of the demo servers: making keys is most of their cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mnistdoctor.demo.pki import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    with Authority(intermediate=True) as made:
        yield made
