"""A pasted text without what terminals, logs and forums put around it: colours, quotes, time stamps, boxes."""

from __future__ import annotations

import re

MOST = 16 * 2**20
"""Characters that are read of one text: its beginning and its end, half each."""
_LONGEST = 4000
"""Characters of one line; a longer one is data."""

# ECMA-48 control sequences, and operating system commands up to their end (BEL or ST).
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[@-Z\\-_])")
_ALIKE = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "„": '"',
        "\xa0": " ",
        "\u202f": " ",
        "\ufeff": "",
        "\u200b": "",
        "│": " ",
        "┃": " ",
        "║": " ",
    }
)
# What stands before a line: a quotation in a mail or in Markdown, a step of `docker build`, the name of a worker or
# rank, a time, a level of logging, pytest's mark.
_BEFORE = re.compile(
    r"\s{0,8}(?:>(?!>)\s?|#\d+ \d+\.\d+\s|E {3}(?=\s*\S)|\[[\w.-]{1,40}\](?:\[[\w.-]{1,40}\]){0,2}:?\s|"
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\s+|"
    r"(?:\[?(?:ERROR|WARNING|INFO|DEBUG|CRITICAL)\]?:?\s+)(?=[\w.]+(?:Error|Exception)\b))"
)
# A traceback that a form, a chat or a table cell made one line of: before what its lines began there.
_FOLDED = re.compile(r"Traceback \(most recent call last\):? {1,8}File \"")
_BEGINNING = re.compile(
    r"(?<! ) +(?=File \"[^\"]{1,400}\", line \d|During handling of the above exception|The above exception was the direct"
    r"|Traceback \(most recent|(?:[a-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Timeout|File|Read|Expired): )"
)


def lines_of(text: str) -> list[str]:
    """The lines of a text in their order, each without what stands around it; no line is dropped.

    Progress that was written over itself (carriage returns) becomes lines of its own, and so do the lines of a
    traceback that was pasted as one.
    """
    if len(text) > MOST:
        text = text[: MOST // 2] + "\n" + text[-MOST // 2 :]
    text = _ESCAPES.sub("", text) if "\x1b" in text else text
    text = text.translate(_ALIKE)
    text = _BEGINNING.sub("\n", text) if _FOLDED.search(text) else text
    return [_bare(line[:_LONGEST]) for line in re.split(r"\r\n|\n|\r", text)]


def _bare(line: str) -> str:
    for _ in range(4):
        match = _BEFORE.match(line)
        if not match:
            break
        line = line[match.end() :]
    return line.rstrip()
