"""How a mistyped URL differs from the known one that was meant."""

from __future__ import annotations

import re

from mnistdoctor.catalogue import Nearest
from mnistdoctor.wording import shortened


def kind_of_slip(nearest: Nearest) -> str:
    """What differs, in a few words: ``one character``, ``the case of its letters``."""
    given, known = "".join(one.asked for one in nearest.segments), nearest.url
    if nearest.edits:
        return "one character" if nearest.edits == 1 else f"{nearest.edits} characters"
    if given.casefold() == known.casefold():
        return "the case of its letters"
    if "\\" in given or "%5c" in given.casefold():
        return "a backslash in place of a slash"
    if ".gzip" in given.casefold():
        return "its ending"
    return "a slash" if given.count("/") != known.count("/") else "what trails behind it"


def difference(nearest: Nearest) -> tuple[str, str]:
    """The differing stretch of the given and of the known URL, with the letters around it that make it readable."""
    changed = [at for at, one in enumerate(nearest.segments) if not one.same]
    first, last = changed[0], changed[-1] + 1
    before = "".join(one.known for one in nearest.segments[:first])
    after = "".join(one.known for one in nearest.segments[last:])
    left = re.split(r"[/.]", before)[-1]
    if not left:  # the slashes themselves differ: the name before them makes that readable
        left = before[len(before.rstrip("/").rpartition("/")[0]) + 1 :]
    right = (re.match(r"[A-Za-z0-9]*", after) or [""])[0]
    given = "".join(one.asked for one in nearest.segments[first:last])
    known = "".join(one.known for one in nearest.segments[first:last])
    return shortened(left + given + right, 60), shortened(left + known + right, 60)


def in_columns(url: str, nearest: Nearest) -> tuple[str, str, str]:
    """The given URL, carets beneath the characters that differ, and the known URL.

    What both begin with is left out up to the last slash before the first difference.
    """
    carets, position, first = [" "] * (len(url) + 1), 0, len(url)
    for one in nearest.segments:
        width = len(one.asked)
        if not one.same:
            carets[position : position + max(width, 1)] = "^" * max(width, 1)
            first = min(first, position)
        position += width
    cut = url.rfind("/", 0, first) + 1 if first > len("https://") else 0
    dots = "…/" if cut else ""
    marks = " " * len(dots) + "".join(carets[cut:]).rstrip()
    return f"asked    {dots}{url[cut:]}", f"differs  {marks}", f"known    {dots}{nearest.url[cut:]}"
