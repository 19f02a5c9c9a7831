"""OpenML's own reports of errors, which come as XML or JSON and under more than one status."""

from __future__ import annotations

import re

from mnistdoctor.causes.facts import marks

_XML = re.compile(r"<oml:code>\s*(\d{1,4})\s*</oml:code>"), re.compile(r"<oml:message>([^<]{1,2000})</oml:message>")
_JSON = (
    re.compile(r'\A\s*\{\s*"error"\s*:\s*\{[^{}]{0,2000}?"code"\s*:\s*"?(\d{1,4})\b'),
    re.compile(r'"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})"'),
)


def error(text: str, host: str = "") -> tuple[int, str, str] | None:
    """(number, ``no-result``, ``needs-key``, ``busy`` or ``other``, message) of a report of an error.

    The XML names OpenML itself; JSON of that form is believed from OpenML's own hosts alone.
    """
    own = host == "openml.org" or host.endswith(".openml.org")
    for code, words in (_XML, _JSON) if own else (_XML,):
        if found := code.search(text):
            number, said = int(found[1]), words.search(text)
            return number, marks.openml_meaning(number), said[1].strip() if said else ""
    return None
