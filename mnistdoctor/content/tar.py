"""Tar archives, read as they stream by: header after header, whatever packs them.

Nothing is allocated by a size that the archive claims, and no name in it decides a path. Formats: POSIX.1-2017 pax,
"ustar Interchange Format"; GNU tar manual, "Basic Tar Format"; V7, which has no magic number, only the checksum.
"""

from __future__ import annotations

import hashlib
import re
import zlib

from mnistdoctor.content.damage import BROKEN, ENDS_EARLY

BLOCK = 512
_ZEROS = bytes(BLOCK)
_LONGEST_RECORD = 1 << 16
"""Bytes of a pax header that are kept to find the size in it."""

_NO_DATA = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
"""Links, devices, folders and pipes: what their size says is not in the archive."""
_ABOUT_THE_NEXT = frozenset({b"x", b"g", b"L", b"K"})
"""Headers that say more of the member behind them: pax records, and GNU's long names."""
_PAX_SIZE = re.compile(rb"(?:\A|\n)\d{1,8} size=(\d{1,18})\n")


def is_header(block: bytes) -> bool:
    """Whether this block is a header: its own checksum says so, in V7 archives too."""
    if len(block) < BLOCK or block[0] == 0:
        return False
    stated = _octal(block[148:156])
    if not stated:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    total = sum(rest)
    return stated == total or stated == total - 256 * sum(byte > 127 for byte in rest)  # as signed characters


def _octal(field: bytes) -> int | None:
    if field[:1] in (b"\x80", b"\xff"):  # base 256, for what eight octal digits do not hold
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else None
    digits = field.strip(b" \0")
    return int(digits, 8) if re.fullmatch(rb"[0-7]{1,12}", digits) else None if digits else 0


class Tar:
    """Takes an archive in pieces of any length, and says afterwards whether it held to its end."""

    def __init__(self) -> None:
        self._held = b""
        """The beginning of a block that is not all here yet."""
        self._left = 0
        """Bytes of the current member that are still to come, its padding included."""
        self._data = 0
        """Those of them that are the member's own."""
        self._crc = 0
        self._record: bytearray | None = None
        """The content of a pax header, as far as it is kept."""
        self._next_size: int | None = None
        self._sparse = False
        self._ended = False
        self._broken = False
        self._name = b""
        self.members = 0
        self._inside = hashlib.sha256(usedforsecurity=False)

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""
        view = memoryview(piece)
        while view and not self._ended and not self._broken:
            if self._left and not self._held and not self._sparse:
                taken = min(self._left, len(view))
                self._member(view[:taken])
                view = view[taken:]
                continue
            missing = BLOCK - len(self._held)
            self._held += bytes(view[:missing])
            view = view[missing:]
            if len(self._held) == BLOCK:
                block, self._held = self._held, b""
                self._block(block)

    def _member(self, part: memoryview) -> None:
        own = part[: min(self._data, len(part))]
        self._crc = zlib.crc32(own, self._crc)
        if self._record is not None and len(self._record) < _LONGEST_RECORD:
            self._record += own
        self._data -= len(own)
        self._left -= len(part)
        if not self._left:
            self._end_of_member()

    def _end_of_member(self) -> None:
        if self._record is not None:
            size = _PAX_SIZE.search(bytes(self._record))
            self._next_size = int(size[1]) if size else self._next_size
            self._record = None
            return
        self._inside.update(b"%s\0%d\0" % (self._name, self._crc))

    def _block(self, block: bytes) -> None:
        if self._sparse:  # a further map of a sparse file: the last byte but seven says whether one more follows
            self._sparse = block[504] != 0
        elif block == _ZEROS:
            self._ended = True
        elif is_header(block):
            self._header(block)
        else:
            self._broken = True

    def _header(self, block: bytes) -> None:
        kind, size = block[156:157], _octal(block[124:136])
        if size is None:
            self._broken = True
            return
        if kind not in _ABOUT_THE_NEXT:
            size, self._next_size = (size if self._next_size is None else self._next_size), None
            self.members += 1
        folder = kind == b"\0" and block[:100].rstrip(b"\0").endswith(b"/")
        if folder or kind in _NO_DATA:
            size = 0
        self._record = bytearray() if kind == b"x" else None
        self._sparse = kind == b"S" and block[482] != 0
        self._name, self._crc, self._data = block[:100].rstrip(b"\0") + kind, 0, size
        self._left = -(-size // BLOCK) * BLOCK
        if not self._left:
            self._end_of_member()

    @property
    def damage(self) -> str:
        """What is wrong, now that all has been fed; an archive that ends with its last member is whole."""
        if self._broken:
            return BROKEN
        short = self._data or self._held or self._sparse
        return ENDS_EARLY if short and not self._ended else ""

    @property
    def contents(self) -> str:
        """A digest of the members' names and content: the same, however and whenever they were packed."""
        return self._inside.hexdigest()
