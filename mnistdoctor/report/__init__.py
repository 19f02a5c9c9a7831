"""Renderers: a report in, a string out. Which one is chosen by `Format`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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

    def page(shown: Report) -> str:
        if form is Format.JSON:
            from mnistdoctor.report import document

            return document.render(shown, exit_code, redaction="strict" if strict else None)
        if form is Format.RICH:
            from mnistdoctor.report import terminal

            return terminal.render(shown, exit_code, width=width, verbose=verbose, colour=colour, encoding=encoding)
        renderer = import_module(f"{__name__}.{form.value}")
        text: str = renderer.render(shown, exit_code, width=width, verbose=verbose, encoding=encoding)
        return text

    try:
        return page(report)
    except Exception:
        return page(_without_what_fails(report, page))


def _without_what_fails(report: Report, page: Callable[[Report], str]) -> Report:
    """The report in which each target that we cannot render says so. Raises the error where it is no target's."""
    from mnistdoctor.examine.result import TargetResult
    from mnistdoctor.failure import our_fault

    page(replace(report, targets=()))
    targets = []
    for one in report.targets:
        try:
            page(replace(report, targets=(one,)))
        except Exception as error:
            targets.append(TargetResult.unfinished(one.target, one.url, None, (), our_fault(error)))
        else:
            targets.append(one)
    return replace(report, targets=tuple(targets))
