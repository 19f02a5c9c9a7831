"""Questions of a path that somebody chose: never an error, however long, odd or out of reach the name.

`pathlib` raises where a name is longer than the system takes, where links lead in a circle, and where no home is known.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_file(path: str | Path) -> bool:
    """Whether a regular file is there, perhaps at the end of a link."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Whether a folder is there."""
    return os.path.isdir(path)  # noqa: PTH112


def is_there(path: str | Path) -> bool:
    """Whether anything is there, be it a link that leads nowhere."""
    return os.path.lexists(path)


def is_special(path: str | Path) -> bool:
    """Whether the path is there and is no file: `/dev/stderr`, a named pipe, a process substitution."""
    return os.path.exists(path) and not is_file(path)  # noqa: PTH110


def with_home(path: str | Path) -> Path:
    """The path with ``~`` written out; it stays as it is where no home is known."""
    return Path(os.path.expanduser(path))  # noqa: PTH111


def true_path(path: str | Path) -> Path:
    """The path without links, and from the root on, as far as that can be told."""
    try:
        return Path(os.path.realpath(path))
    except OSError:  # the current folder is gone, on Python before 3.12
        return Path(path)
