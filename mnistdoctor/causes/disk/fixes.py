"""What the rules of the disk offer to do."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Command
from mnistdoctor.causes.fixes import command, on_windows, path_argument


def remove(case: Case, *paths: str) -> Command:
    """Removes these files."""
    words = [path_argument(case, path) for path in paths]
    return command(
        case, f"Remove-Item -LiteralPath {', '.join(words)}" if on_windows(case) else f"rm -- {' '.join(words)}"
    )
