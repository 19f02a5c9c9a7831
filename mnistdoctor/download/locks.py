"""One fetch at a time for each place; the system lets go where its owner was killed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mnistdoctor.download.wanted import Wanted


@contextmanager
def locked(one: Wanted) -> Iterator[None]:
    """Hold the place against another fetch, whoever runs it as this user. Raises `OSError` where no lock can be had."""
    from filelock import FileLock

    lock = FileLock(_folder(one.path.parent) / f"{hashlib.sha256(os.fsencode(one.path.absolute())).hexdigest()}.lock")
    with lock:
        yield


def _folder(otherwise: Path) -> Path:
    """Where locks lie; the file's own folder where this user has no other that can be written."""
    above = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "~/.cache"
    folder = Path(above).expanduser() / "mnistdoctor" / "locks"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return otherwise
    return folder if os.access(folder, os.W_OK | os.X_OK) else otherwise
