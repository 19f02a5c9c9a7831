"""Names that programs give to a file until its download has ended."""

from __future__ import annotations

import re

_NAME = re.compile(r"(.+)\.(?:incomplete|part|partial|crdownload|opdownload|download)", re.IGNORECASE)
# The Hugging Face Hub; wget2, Firefox and fastdownload; IE and others; Chromium; Opera; Safari.


def when_whole(name: str) -> str | None:
    """The name without the ending that says that it is not whole; None where it has none."""
    found = _NAME.fullmatch(name)
    return found[1] if found else None
