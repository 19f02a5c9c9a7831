"""Files on this disk: the words are those of a file, not of a server."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.facts import body
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.local_file import of_local_file
from mnistdoctor.content import damage
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.examine.conductor import examine
from mnistdoctor.examine.expectation import Expectation
from mnistdoctor.examine.targets import plan
from mnistdoctor.settings import Environment, Settings

from .evidence import Evidence, rec

DATA = digits().body
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 4542\n".encode()


@pytest.mark.parametrize(
    ("content", "cause", "title"),
    [
        (b"", "body-error-document", "it is empty"),
        (b"<html><title>Sign in</title></html>", "body-html-instead-of-data", 'it is a web page, titled "Sign in"'),
        (POINTER, "body-lfs-pointer", "it is a Git LFS pointer, not the file it stands for"),
        (DATA[: len(DATA) // 2], "length-differs-from-manifest", "it has "),
        (gzip.compress(DATA), "body-double-packed", "it is packed twice: gzip inside gzip"),
        (DATA[:-30] + bytes(30), "checksum-mismatch-corruption", "it is damaged inside"),
        (b'{"error": "status 404"}', "body-error-document", "it is a JSON document"),
    ],
    ids=["empty", "page", "pointer", "cut", "twice", "damaged", "document"],
)
def test_no_server_is_spoken_of(content: bytes, cause: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "digits.gz"
    path.write_bytes(content)
    known = Expectation(sha256=hashlib.sha256(DATA).hexdigest(), length=len(DATA))
    targets = plan((str(path),), None, known, load(), Environment({}), None)
    (result,) = examine(targets, Settings(), load(), environment=Environment({})).targets
    found = result.diagnosis
    assert found is not None
    assert (found.cause, found.side) == (cause, "you")
    assert found.title.startswith(title)
    told = " ".join((found.title, found.explanation, *found.evidence, *(one.fix.title for one in found.remedies)))
    assert "None" not in told
    assert "  " not in told
    assert "Content-Length" not in told
    assert ("it says: " in told) == (content[:1] == b"{"), "what the file itself says is no talk of a response"
    assert found.remedies
    assert not any("file:" in line.text for one in found.remedies for line in one.fix.commands)


@pytest.mark.parametrize(
    ("seen", "title"),
    [
        ({"inner": "tar", "intact": True}, "it holds a tar archive, where the data alone is due"),
        ({"inner": "tar", "intact": False, "damage": damage.ENDS_EARLY}, "it holds a tar archive"),
        ({"inner": None, "intact": False, "damage": damage.LINE_ENDS}, "a text mode spoilt it: had its line ends"),
        ({"inner": "gzip", "intact": True}, "it is packed twice: gzip inside gzip"),
    ],
    ids=["tar", "tar that ends early", "text mode", "twice"],
)
def test_how_it_is_packed(seen: dict[str, Any], title: str) -> None:
    case = Evidence(url="file:///tmp/digits.gz").rec(ev.Content, "length", what="gzip", **seen).case()
    assert of_local_file(case, "body-double-packed", finding("", "")).title.startswith(title)


@pytest.mark.parametrize(
    ("words", "trailing"),
    [
        (damage.trailing(1), True),
        (damage.trailing(30, "zero "), True),
        (f"holds an IDX that {damage.trailing(2)}", True),
        (damage.ENDS_EARLY, False),
        ("has 3 trailing bytes and is broken inside", False),
    ],
)
def test_bytes_behind_a_good_end_are_no_damage(words: str, trailing: bool) -> None:
    seen = rec(ev.Content, "length", what="gzip", intact=False, damage=words)
    assert body.fails_own_check(seen) is not trailing
