"""Pages in charsets other than UTF-8: which word about them counts."""

from __future__ import annotations

import io

import pytest

from mnistdoctor.content.charset import decoded_text
from mnistdoctor.content.look import look

RUSSIAN, JAPANESE = "Доступ ограничен", "ページが見つかりません"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "cp1251", "windows-1251"), (RUSSIAN, "koi8-r", "KOI8-R"), (JAPANESE, "cp932", "Shift_JIS"),
        (JAPANESE, "euc-jp", "EUC-JP"), ("文件不存在", "gb18030", "gb2312"),
        ("Zugriff verweigert: ß", "cp1252", "iso-8859-1"),
    ],
)  # fmt: skip
def test_the_field_or_the_page_names_the_charset(text: str, codec: str, label: str) -> None:
    page = f"<html><title>{text}</title>".encode(codec)
    assert text in decoded_text(page, f'text/html; charset="{label}"')
    meta = f'<html><meta charset="{label}"><title>{text}</title>'.encode(codec)
    assert text in decoded_text(meta)
    assert look(io.BytesIO(meta)).title == text
    assert look(io.BytesIO(page), content_type=f"text/html;charset={label}").title == text


def test_what_is_utf_8_stays_so_whatever_is_declared() -> None:
    assert decoded_text(RUSSIAN.encode(), "text/html; charset=iso-8859-1") == RUSSIAN
    assert decoded_text(RUSSIAN.encode()[:-1], "text/html; charset=iso-8859-1").startswith(RUSSIAN[:-1])
    assert decoded_text("\ufeff".encode() + b"x") == "x"
    assert decoded_text(RUSSIAN.encode("utf-16")).lstrip("\ufeff") == RUSSIAN


@pytest.mark.parametrize(
    "label", ["punycode", "unicode_escape", "zip", "idna", "x-unknown", "iso-8859-12", "9" * 40, ""]
)
def test_a_label_that_is_no_charset_of_pages_is_not_followed(label: str) -> None:
    assert decoded_text(b"<title>caf\xe9</title> and more", f"text/html; charset={label}").count("\ufffd") == 1
