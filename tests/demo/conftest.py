"""One authority for all tests of the demo servers: making keys is most of their cost."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from mnistdoctor.demo.pki import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    until = time.monotonic() + 1
    while (left := [t.name for t in threading.enumerate() if t.name.startswith("demo-")]) and time.monotonic() < until:
        time.sleep(0.01)
    assert left == []


@pytest.fixture(scope="session")
def authority() -> Iterator[Authority]:
    with Authority(intermediate=True) as made:
        yield made
