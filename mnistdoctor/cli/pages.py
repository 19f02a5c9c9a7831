"""Help pages and messages laid out for the terminal at hand: lines end between words, however narrow it is."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable
from typing import TextIO

import click

NARROW, NARROWEST = 60, 20
"""Columns below which an option's text stands under it, and below which nobody can be helped."""

PROSE = 88
"""Columns of prose where no terminal says how many it has."""


def columns(stream: TextIO, otherwise: int) -> int:
    """How wide the terminal behind this stream is (COLUMNS, where it is set, decides); `otherwise` where none is."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return max(NARROWEST, int(given))
    try:
        size = os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0
    except (OSError, ValueError):  # a stream of an embedding program, or a closed one
        size = 0
    return max(NARROWEST, size) if size else otherwise


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    """One paragraph. Words stay whole, options and names with hyphens too."""
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


class Page(click.HelpFormatter):
    """click's help page, which below 50 columns would leave its lines to be broken by the terminal."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        width = width or min(columns(sys.stdout, 80), max_width or 80) - 2
        super().__init__(indent_increment, max(NARROWEST, width), max_width)

    def write_text(self, text: str) -> None:
        """Paragraphs; one that begins with a ``\\b`` keeps its lines, as long as they have room."""
        indent = " " * self.current_indent
        told = []
        for paragraph in text.split("\n\n"):
            if paragraph.lstrip().startswith("\b"):
                told += ["\n".join(self._kept(line, indent) for line in paragraph.split("\n") if line.strip("\b "))]
            else:
                told += [wrapped(" ".join(paragraph.split()), self.width, indent, indent)]
        self.write("\n\n".join(told) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Options and what they do beside them, or below them where that is more readable."""
        every = list(rows)
        widest = max((len(first) for first, _ in every), default=0)
        beside = self.width >= NARROW
        column = self.current_indent + (min(widest, col_max) + col_spacing if beside else 4)
        for first, second in every:
            indent = " " * self.current_indent
            begin = wrapped(first, self.width, indent, indent + "    ")
            fits = beside and len(begin) + col_spacing <= column
            text = wrapped(second, self.width, " " * column, " " * column)
            self.write(begin.ljust(column) + text[column:] if fits else f"{begin}\n{text}" if second else begin)
            self.write("\n")

    def _kept(self, line: str, indent: str) -> str:
        """A line as it is; where there is no room for it, its second column stands below the first."""
        if len(indent + line) <= self.width:
            return indent + line
        first, _, second = (part.strip() for part in line.partition("   "))
        below = f"\n{wrapped(second, self.width, indent + '    ', indent + '    ')}" if second else ""
        return wrapped(first, self.width, indent, indent + "    ") + below


class Context(click.Context):
    """A command's context, with pages of that form."""

    formatter_class = Page
