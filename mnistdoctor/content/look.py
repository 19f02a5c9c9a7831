"""What the bytes really are, whatever their name and type say. It reports and never judges.

Everything here is read as hostile: in pieces of 64 KiB, never unpickled, never executed, nothing allocated by a
size that the data claim, and no exception for any content.
"""

from __future__ import annotations

import dataclasses
import html
import re
import zlib
from dataclasses import dataclass, replace
from typing import BinaryIO

from mnistdoctor import evidence as ev
from mnistdoctor.content import reply, streams, structure
from mnistdoctor.content.arff import Rows
from mnistdoctor.content.charset import decoded_text
from mnistdoctor.content.damage import ENDLESS, ENDS_EARLY, LINE_ENDS, NOT_EXAMINED, REPLACED, UTF_16, trailing
from mnistdoctor.content.kinds import IDX_BYTES, as_text, idx_header, kind
from mnistdoctor.content.tar import Tar
from mnistdoctor.content.unpack import LAYERS, PIECE, Unpacking, has_members, zip_state

_WIDE = ((b"\xff\xfe\x1f\x00", "gzip"), (b"\xff\xfeP\x00K\x00", "zip"))
# gzip and zip as UTF-16 text: what `>` of Windows PowerShell 5 makes of a program's binary output

_SCANNED = 4 << 20

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.I)
_OID = re.compile(r"^oid sha256:([0-9a-f]{64})\s*$", re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen, under the names of the records that hold it: `mnistdoctor.evidence.ContentFacts` and its heirs."""

    what: str = ""
    inner: str | None = None
    intact: bool | None = None
    damage: str = ""
    decoded: int | None = None
    magic: int | None = None
    dims: tuple[int, ...] = ()
    title: str = ""
    members: tuple[str, ...] = ()
    contents: str = ""
    oid: str | None = None

    def of(self, record: type[ev.ContentFacts]) -> dict[str, object]:
        """The part that this kind of record has fields for."""
        known = {item.name for item in dataclasses.fields(record)}
        return {item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.name in known}


def look(
    file: BinaryIO, *, limited: bool = False, expected: str | None = None, content_type: str | None = None
) -> Look:
    """What this seekable file holds. Never raises on any content; an unreadable file is ``unknown``.

    ``limited``: only the beginning is there, on purpose, so an early end says nothing.
    ``expected``: the kind of content due, in the catalogue's words; it only decides where to look for the
    traces of a text mode, and that a ``json`` is read to its end.
    ``content_type``: the field of that name, for the charset of a page's title.
    """
    try:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(PIECE)
        for start, name in _WIDE:
            if head.startswith(start):
                return Look(what=name, intact=False, damage=UTF_16)
        found = _at(file, head, size, limited, expected)
        if found.what == "html":
            found = _page(head, content_type)
        packed = found.what in _BINARY or (found.what == "unknown" and expected not in _TEXT)
        if packed and not found.intact and found.damage != ENDLESS:
            damage = _text_mode(file)
            if damage:
                what = "gzip" if head.startswith(b"\x1f\xef\xbf\xbd") else found.what
                return Look(what=what, inner=found.inner, intact=False, damage=damage)
    except Exception:  # no content may end an examination
        return Look(what="unknown", damage=NOT_EXAMINED)
    return found


_BINARY = frozenset({"gzip", "xz", "bzip2", "zip", "npz", "parquet", "hdf5", "npy", "idx", "png", "pickle", "tar"})
_TEXT = frozenset({"arff", "csv", "html", "json", "text"})
_MAY_BE_JSON = ("json", "text", "unknown")
"""`unknown` where a cut went through a character."""


def _at(file: BinaryIO, head: bytes, size: int, limited: bool, expected: str | None) -> Look:
    what = kind(head, whole=size <= len(head) and not limited)
    if what in LAYERS:
        return _layer(file, what, limited, expected)
    if what == "idx":
        return _idx(head, size, limited)
    if what == "text" and not limited and _cut_arff(file):
        return Look(what=what, intact=False, damage=ENDS_EARLY)
    if what == "lfs-pointer":
        oid = _OID.search(as_text(head[:1024]))
        return Look(what=what, oid=oid[1] if oid else None)
    if limited:
        return Look(what=what)
    if expected == "json" and what in _MAY_BE_JSON and size <= reply.LONGEST:
        file.seek(0)
        return _reply(file.read(reply.LONGEST)) or Look(what=what)
    if what == "zip" or (what in _MAY_HOLD_A_ZIP and has_members(file)):
        return _zip(file, size)
    if what in ("json", "text") and size <= reply.LONGEST:
        file.seek(0)
        if reply.is_cut(as_text(file.read(reply.LONGEST))):
            return Look(what=what, intact=False, damage=ENDS_EARLY)
    if what in ("text", "unknown"):
        what = streams.recognised(file, size) or what
    intact, damage = structure.state(file, size, what)
    return Look(what=what, intact=intact, damage=damage)


_MAY_HOLD_A_ZIP = ("program", "text", "unknown")
"""Self-extracting archives, and others with something before the first member."""


def _zip(file: BinaryIO, size: int) -> Look:
    intact, damage, names, contents = zip_state(file, size)
    npz = bool(names) and all(name.endswith(".npy") for name in names)
    members = tuple(_safe(name, 80) for name in names[:16])
    return Look(what="npz" if npz else "zip", intact=intact, damage=damage, members=members, contents=contents)


def _page(head: bytes, content_type: str | None) -> Look:
    title = _TITLE.search(decoded_text(head, content_type))
    return Look(what="html", title=_safe(html.unescape(title[1]), 120) if title else "")


def _reply(body: bytes) -> Look | None:
    """A text that begins as JSON does, read to its end; None where it begins otherwise."""
    text = as_text(body).strip()
    if not text.startswith(("{", "[")):
        return None
    intact, damage, names = reply.state(text)
    return Look(what="json", intact=intact, damage=damage, members=tuple(_safe(name, 80) for name in names))


def _layer(file: BinaryIO, what: str, limited: bool, expected: str | None) -> Look:
    """A compressed file, unpacked once to its end."""
    file.seek(0)
    unpacking = Unpacking(file, what)
    head, rows = bytearray(), Rows()
    most = reply.LONGEST if expected == "json" else PIECE
    archive, crc = Tar(), 0
    for piece in unpacking:
        rows.feed(piece)
        if len(head) < most:
            head += piece[: most - len(head)]
        archive.feed(piece)
        crc = zlib.crc32(piece, crc)
    intact, damage = unpacking.intact, unpacking.damage
    if limited and damage == ENDS_EARLY:
        intact, damage = None, ""
    known = unpacking.intact is True
    inner = kind(bytes(head), whole=known and unpacking.size <= len(head)) if head or known else None
    decoded = unpacking.size if known else None
    if expected == "json" and inner in _MAY_BE_JSON and intact and unpacking.size <= most:
        inside_it = _reply(bytes(head)) or Look(what=inner)
        damage = f"holds JSON that {inside_it.damage}" if inside_it.damage else damage
        return replace(
            inside_it, what=what, inner=inside_it.what, intact=not inside_it.damage, damage=damage, decoded=decoded
        )
    contents = archive.contents if inner == "tar" else f"{crc:08x}-{unpacking.size}"
    found = Look(what=what, inner=inner, intact=intact, damage=damage, decoded=decoded, contents=contents * known)
    if inner == "tar" and intact and archive.damage:
        return replace(found, intact=False, damage=f"holds a tar archive that {archive.damage}", contents="")
    if intact and rows.cut:
        return replace(found, intact=False, damage=f"holds an ARFF that {ENDS_EARLY}", contents="")
    if inner != "idx":
        return found
    inside = _idx(bytes(head), unpacking.size, limited=not known)
    found = replace(found, magic=inside.magic, dims=inside.dims)
    if intact and inside.intact is False:
        return replace(found, intact=False, damage=f"holds an IDX that {inside.damage}")
    return found


def _cut_arff(file: BinaryIO) -> bool:
    rows = Rows()
    file.seek(0)
    while piece := file.read(PIECE):
        rows.feed(piece)
    return rows.cut


def _idx(head: bytes, size: int, limited: bool) -> Look:
    dims = idx_header(head) or ()
    due = IDX_BYTES[head[2]]
    for one in dims:
        due *= one
    due += 4 + 4 * len(dims)
    magic = int.from_bytes(head[:4], "big")
    if limited:
        return Look(what="idx", magic=magic, dims=dims)
    damage = ENDS_EARLY if size < due else trailing(size - due) if size > due else ""
    return Look(what="idx", magic=magic, dims=dims, intact=size == due, damage=damage)


def _text_mode(file: BinaryIO) -> str:
    """The words for what a text mode did to binary data, judged by its first 4 MiB, or an empty string.

    In packed data of n bytes a line feed stands alone n/256 times and U+FFFD occurs n/2**24 times.
    """
    size = lone = pairs = replaced = 0
    file.seek(0)
    last = b""
    while size < _SCANNED and (piece := file.read(PIECE)):
        size += len(piece)
        pairs += (last[-1:] + piece).count(b"\r\n")
        lone += piece.count(b"\n")
        replaced += (last + piece).count(b"\xef\xbf\xbd")
        last = (last + piece)[-2:]
    if replaced >= 8 and replaced * 32 > size:
        return REPLACED
    if pairs >= 8 and lone == pairs and pairs * 512 > size:
        return LINE_ENDS
    return ""


def _safe(text: str, most: int) -> str:
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
