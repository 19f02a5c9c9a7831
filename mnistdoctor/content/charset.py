"""The words of a page in the charset that it is written in."""

from __future__ import annotations

import codecs
import re

_IN_TYPE = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_PAGE = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_SEARCHED = 1024
"""Bytes in which HTML looks for a page's own word (WHATWG HTML, "prescan a byte stream")."""
_KNOWN = re.compile(
    r"(iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp(125\d|866|874|932|949)|koi8-[ru]|shift[_-]jis|sjis"
    r"|euc-(jp|kr)|gbk|gb18030|big5(-hkscs)?|tis-?620)"
)
_MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
          "x-sjis": "cp932", "windows-31j": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
          "windows-874": "cp874", "iso-8859-1": "cp1252", "latin1": "cp1252"}  # fmt: skip
"""Labels that stand for a larger charset (WHATWG Encoding, "names and labels")."""


def decoded_text(data: bytes, content_type: str | None = None) -> str:
    """The bytes as text: by their byte order mark, as UTF-8 where they are that, else as declared.

    ``content_type`` is the field of that name; it goes before the page's own word. What is in no known charset is
    read as UTF-8 with replacement characters.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3:  # a last character that is cut
            return data.decode("utf-8-sig", "replace")
    return data.decode(_declared(data, content_type) or "utf-8-sig", "replace")


def _declared(data: bytes, content_type: str | None) -> str | None:
    """Python's name of the declared charset; None for none and for one that is not known here."""
    inside = _IN_PAGE.search(data[:_SEARCHED])
    named = _IN_TYPE.search(content_type or "")
    label = named[1].lower() if named else inside[1].decode("ascii", "replace").lower() if inside else ""
    name = _MEANT.get(label, label)
    try:
        return codecs.lookup(name).name if _KNOWN.fullmatch(name) else None
    except LookupError:
        return None
