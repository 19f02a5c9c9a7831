"""The vocabulary of the causes is the one that the code has."""

from __future__ import annotations

from .vocabulary import PAGE, page


def test_the_page_is_what_the_code_has() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "`python -m tests.vocabulary` writes it anew"


def test_every_word_has_its_sentence() -> None:
    bare = [line for line in page().splitlines() if line.lstrip().startswith("- `") and line.endswith("` ")]
    assert bare == []
