"""Whether a text in ARFF breaks off: its last row has fewer values than the header declares attributes."""

from __future__ import annotations

import re

# No two parts of these can take the same blank: what comes is hostile, and must not cost more than its length.
_START = re.compile(rb"(?:\s|%[^\n]*\n)*@relation\b", re.IGNORECASE)
_DATA = re.compile(rb"^[ \t]*@data[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_ATTRIBUTE = re.compile(rb"^[ \t]*@attribute\s", re.IGNORECASE | re.MULTILINE)
_LONGEST_HEADER = 1 << 20
"""Bytes; MNIST's 785 attributes take 30 thousand."""


class Rows:
    """Takes the pieces of a text as they come, and keeps its header and its last line alone."""

    def __init__(self) -> None:
        self._head: bytearray | None = bytearray()
        self._attributes = 0
        self._last = b""

    def feed(self, piece: bytes) -> None:
        """The next piece; what does not begin as ARFF does is let go at once."""
        if self._head is None:
            if self._attributes:
                self._last = (self._last + piece).rpartition(b"\n")[2][-_LONGEST_HEADER:]
            return
        self._head += piece
        found = _DATA.search(self._head) if _START.match(self._head) else None
        if found:
            self._attributes = len(_ATTRIBUTE.findall(self._head, 0, found.start()))
            self._last = bytes(self._head[found.end() :]).rpartition(b"\n")[2]
        if found or not _START.match(self._head) or len(self._head) > _LONGEST_HEADER:
            self._head = None

    @property
    def cut(self) -> bool:
        """Whether the last row, which no line end closes, is short of values; a sparse one says nothing."""
        row = self._last.strip()
        return bool(row) and not row.startswith((b"{", b"%")) and row.count(b",") + 1 < self._attributes
