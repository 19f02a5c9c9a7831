"""Renderers: a report in, a string out. Which one is chosen by `Format`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Never

    from mnistdoctor.examine.conductor import Report


class Format(str, Enum):
    """The forms in which a report can be printed."""

    RICH = "rich"
    PLAIN = "plain"
    JSON = "json"
    MARKDOWN = "markdown"


def render(
    report: Report, exit_code: int, form: Format, *, width: int, verbose: bool, colour: bool, encoding: str, strict: bool
) -> str:
    """The report in that form; `strict` replaces hosts and addresses by pseudonyms as well."""
    if form is Format.JSON:
        from mnistdoctor.report import document

        return document.render(report, exit_code)
    _never(form)


def _never(form: Never) -> Never:
    raise AssertionError(form)
