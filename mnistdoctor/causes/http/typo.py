"""404 to an address that is one slip away from a known one."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Nearest
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_addresses
from mnistdoctor.causes.facts.http import exchange_evidence, says
from mnistdoctor.causes.finding import finding
from mnistdoctor.wording import shortened


def http_404_typo(case: Case) -> Finding | None:
    """Holds when a known address is one slip away from the one asked for, and it answers."""
    mistyped = known_addresses.slip(case)
    if mistyped is None:
        return None
    exchange, meant, good = mistyped.exchange, mistyped.nearest, mistyped.served
    wrong, right = difference(meant)
    spot = f"the known address {meant.url}"
    return finding(
        f"{says(exchange)}: that address was mistyped ({wrong} → {right})",
        "The server is well and knows no such file. The address differs from one in the "
        f"catalogue by {slip(meant)}. "
        + (
            "The known one was asked in this run, and it answered."
            if good
            else "The known one could not be asked just now."
        ),
        marked(case.subject.url, meant),
        exchange_evidence(case, exchange),
        _proof(good, spot),
        fixes=Fix(
            title=f"Use the right address: {right} for {wrong}",
            commands=(fixes.download(case, meant.url),),
            change=Change(url=meant.url),
        ),
        unlike=good and {"http-404-moved": f"{spot} answers {good.status}"},
        perhaps=not good and "http-404-moved",
        certain=good is not None,
    )


def _proof(good: ev.Exchange | None, spot: str) -> tuple[str, ...]:
    return (f"{spot} answered {good.status}",) if good else ()


def slip(meant: Nearest) -> str:
    """How the URLs differ, in words."""
    given, known = "".join(one.given for one in meant.segments), meant.url
    if meant.edits:
        return "one character" if meant.edits == 1 else f"{meant.edits} characters"
    if given.casefold() == known.casefold():
        return "the case of its letters"
    if "\\" in given or "%5c" in given.casefold():
        return "a backslash in place of a slash"
    if ".gzip" in given.casefold():
        return "its ending"
    return "a slash" if given.count("/") != known.count("/") else "what trails behind it"


def difference(meant: Nearest) -> tuple[str, str]:
    """The differing stretch of both URLs, with the letters around it that make it readable."""
    changed = [at for at, one in enumerate(meant.segments) if not one.same]
    first, last = changed[0], changed[-1]
    before = "".join(one.known for one in meant.segments[:first])
    after = "".join(one.known for one in meant.segments[last + 1 :])
    left = re.split(r"[/.]", before)[-1]
    if not left:  # the slashes themselves differ: the name before them makes that readable
        left = before[len(before.rstrip("/").rpartition("/")[0]) + 1 :]
    right = (re.match(r"[A-Za-z0-9]*", after) or [""])[0]
    given = "".join(one.given for one in meant.segments[first : last + 1])
    known = "".join(one.known for one in meant.segments[first : last + 1])
    return shortened(left + given + right, 60), shortened(left + known + right, 60)


def marked(url: str, meant: Nearest) -> tuple[str, ...]:
    """The given URL, carets beneath the characters that differ, and the known URL, in columns.

    What both begin with is left out up to the last slash before the first difference.
    """
    carets, position, first = [" "] * (len(url) + 1), 0, len(url)
    for one in meant.segments:
        width = len(one.given)
        if not one.same:
            carets[position : position + max(width, 1)] = "^" * max(width, 1)
            first = min(first, position)
        position += width
    cut = url.rfind("/", 0, first) + 1 if first > len("https://") else 0
    dots = "…/" if cut else ""
    marks = " " * len(dots) + "".join(carets[cut:]).rstrip()
    return (f"asked    {dots}{url[cut:]}", f"differs  {marks}", f"known    {dots}{meant.url[cut:]}")


CAUSES: tuple[Cause, ...] = (cause(http_404_typo, needs=(Control.NEAREST,)),)
