"""What the rules of the disk offer to do."""

from __future__ import annotations

from mnistdoctor.causes.base import Change, Command, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.fixes import command, on_windows, path_argument


def remove_and_load(case: Case, path: str) -> Fix:
    """Removing the file, so that the loader downloads it."""
    return Fix(title="Remove that one file and load again", commands=(remove(case, path),), change=Change())


def remove(case: Case, *paths: str) -> Command:
    """Removes these files."""
    arguments = [path_argument(case, path) for path in paths]
    windows = on_windows(case)
    return command(
        case, f"Remove-Item -LiteralPath {', '.join(arguments)}" if windows else f"rm -- {' '.join(arguments)}"
    )
