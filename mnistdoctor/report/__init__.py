"""Renderers: a report in, a string out. Which one is chosen by `Format`."""

from __future__ import annotations

from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnistdoctor.examine.conductor import Report


class Format(str, Enum):
    """The forms in which a report can be printed."""

    RICH = "rich"
    PLAIN = "plain"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"

    @property
    def in_utf8(self) -> bool:
        """Whether it is a document that says, or whose standard says, that it is in UTF-8."""
        return self in (Format.JSON, Format.HTML, Format.JUNIT, Format.GITLAB)


def render(
    report: Report,
    exit_code: int,
    form: Format,
    *,
    width: int,
    verbose: bool,
    colour: bool,
    encoding: str,
    strict: bool,
) -> str:
    """The report in that form; `strict` replaces hosts and addresses by pseudonyms as well."""
    from mnistdoctor.report.sanitize import sanitized

    report = sanitized(report, strict=strict)
    if form is Format.JSON:
        from mnistdoctor.report import document

        return document.render(report, exit_code, redaction="strict" if strict else None)
    if form is Format.RICH:
        from mnistdoctor.report import terminal

        return terminal.render(report, exit_code, width=width, verbose=verbose, colour=colour, encoding=encoding)
    renderer = import_module(f"{__name__}.{form.value}")
    text: str = renderer.render(report, exit_code, width=width, verbose=verbose, encoding=encoding)
    return text
