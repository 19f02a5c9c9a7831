"""What became of the files that were fetched, in lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mnistdoctor.download.fetch import Placed
from mnistdoctor.redact import for_this_user


def text(placed: Sequence[Placed], unused: Sequence[Path] = ()) -> str:
    """A line for each file, and for each that was brought and is none of them."""
    clean, lines = for_this_user().text, []
    for one in placed:
        path = clean(str(one.wanted.path))
        lines.append(f"{'ready' if one.ready else 'not there'}: {path} ({clean(one.note)})")
        if one.aside is not None:
            lines.append(f"  what was there before is now {clean(str(one.aside))}")
    lines += [f"not taken: {clean(str(path))}: no wanted file has its digest" for path in unused]
    return "\n".join(lines) + "\n"
