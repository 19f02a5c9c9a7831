"""Renderers: a report in, a string out. Which one is chosen by `Format`."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Never

    from mnistdoctor.examine.conductor import Report


class Format(str, Enum):
    """The forms in which a report can be printed."""

    RICH = "rich"
    PLAIN = "plain"
    JSON = "json"
    MARKDOWN = "markdown"


def render(
    report: Report, exit_code: int, form: Format, *, width: int, verbose: bool, colour: bool, encoding: str,
    strict: bool,
) -> str:  # fmt: skip
    """The report in that form; `strict` replaces hosts and addresses by pseudonyms as well."""
    from mnistdoctor.report.sanitize import sanitized

    report = sanitized(report, strict=strict)
    if form is Format.JSON:
        from mnistdoctor.report import document

        return document.render(report, exit_code, redaction="strict" if strict else None)
    if form is Format.RICH:
        from mnistdoctor.report import terminal

        return terminal.render(report, exit_code, width=width, verbose=verbose, colour=colour, encoding=encoding)
    if form is Format.PLAIN:
        from mnistdoctor.report import plain

        return plain.render(report, exit_code, width=width, verbose=verbose, encoding=encoding)
    if form is Format.MARKDOWN:
        from mnistdoctor.report import markdown

        return markdown.render(report, exit_code, width=width, verbose=verbose, encoding=encoding)
    return _never(form)


def _never(form: Never) -> NoReturn:
    """Shows mypy that every form is rendered."""
    raise AssertionError(form)
