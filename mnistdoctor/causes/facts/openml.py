"""OpenML's own reports of errors, which come as XML or JSON and under more than one status."""

from __future__ import annotations

import re
from typing import NamedTuple

from mnistdoctor.causes.facts.tables import table

_XML = re.compile(r"<oml:code>\s*(\d{1,4})\s*</oml:code>"), re.compile(r"<oml:message>([^<]{1,2000})</oml:message>")
_JSON = (
    re.compile(r'\A\s*\{\s*"error"\s*:\s*\{[^{}]{0,2000}?"code"\s*:\s*"?(\d{1,4})\b'),
    re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})"'),
)


class Report(NamedTuple):
    """An error that OpenML reports."""

    number: int
    meaning: str
    """``no-result``, ``needs-key``, ``busy`` or ``other``."""
    message: str


def error(text: str, host: str = "") -> Report | None:
    """The error that a body reports.

    The XML names OpenML itself; JSON of that form is believed from OpenML's own hosts alone.
    """
    own = host == "openml.org" or host.endswith(".openml.org")
    for code, message in (_XML, _JSON) if own else (_XML,):
        if found := code.search(text):
            number, words = int(found[1]), message.search(text)
            meanings = table("marks")["openml"].items()
            meaning = next((meaning for meaning, numbers in meanings if number in numbers), "other")
            return Report(number, meaning, words[1].strip() if words else "")
    return None
