"""Texts made fit to be shown, all of them in one pass, before any renderer sees the report.

Names come from URLs, files, servers and stored reports. None may move a terminal's cursor, or be a command to the CI
in whose log it stands; and with ``--redact strict`` none names a host or an address. Secrets are in no report at all:
`mnistdoctor.redact` took them out of the records.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mnistdoctor.examine.conductor import Report
from mnistdoctor.redact import visible
from mnistdoctor.report import document, texts
from mnistdoctor.report.pseudonyms import Pseudonyms

# Wherever in a line they stand: GitHub's old form, Azure's and TeamCity's. GitHub's new form, `::error title=x::words`,
# counts at a line's beginning, behind blanks too; and any word may come to stand there when a sentence is wrapped, as
# the middle of a word may that is wider than a column.
_COMMANDS = re.compile(
    r"(?i)#(?=#(?:\[|vso\[|teamcity\[))|(?:(?<!\S)|(?<=\S{16})):(?=:[a-z-]{1,40}(?:[^\S\n][^\n]{0,500}?)?::)"
)


@lru_cache(maxsize=4096)  # a report of many targets says the same words of each
def _harmless(text: str) -> str:
    return _COMMANDS.sub(lambda found: f"{found[0]} ", visible(text))


def sanitized(report: Report, *, strict: bool = False) -> Report:
    """The report with control characters made visible (line breaks stay); `strict` puts pseudonyms for who is named."""
    if not strict:
        return texts.replaced(report, lambda text, _key, _kind: _harmless(text))
    names = Pseudonyms(document.document(report, 0))
    return texts.replaced(report, lambda text, key, kind: _harmless(names.of(text, key, kind)))
