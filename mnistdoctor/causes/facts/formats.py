"""Which format a file's name promises, and whether what came is of that format. The rows of ``formats.toml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, unquote

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.content.kinds import DOCUMENTS, POINTERS, UNSURE
from mnistdoctor.content.unpack import LAYERS

_BY_CONTENT = {
    "gzip-idx": ("gz", "idx3-ubyte"),
    "pickle-gz": ("gz", "pkl"),
    "tar-gz": ("tgz", ""),
    "npz": ("npz", ""),
    "xz-idx": ("xz", "idx3-ubyte"),
    "zip": ("zip", ""),
    "parquet": ("parquet", ""),
}
"""The catalogue's words for content, as the ending that promises the same, and that of what it packs."""

JSON = ("json", "jsonl", "ndjson", "geojson", "ipynb")
"""Endings that stand for JSON."""

_SHARD = re.compile(r"-\d{5}-of-\d{5}\Z")
"""TensorFlow's number of a file among several stands behind the ending."""
_IDX = re.compile(r"-(idx[123]-ubyte)\Z")
_MAY_BE_EMPTY = re.compile(r"(__init__\.py|py\.typed|_SUCCESS|\.(git)?keep|\.nojekyll|[^/]*\.lock)\Z")
"""Files that say what they have to say by being there."""


@dataclass(frozen=True, slots=True)
class Format:
    """What the ending of a name promises; ``formats.toml`` says what each field holds."""

    ending: str
    kinds: frozenset[str]
    packs: bool = False
    holds: frozenset[str] = frozenset()
    anywhere: bool = False
    inside: Format | None = None
    """What the rest of the name promises of the file that this one packs."""

    def allows(self, what: str) -> bool:
        """Whether content of this kind may bear the name. An unsure kind is as good as an unknown one."""
        if what in self.kinds or ("unknown" in self.kinds and what in UNSURE):
            return True
        return "binary" in self.kinds and what not in DOCUMENTS and what not in POINTERS

    @property
    def of_text(self) -> bool:
        """Whether texts may bear the name."""
        return "text" in self.kinds


@cache
def _rows() -> dict[str, Format]:
    return {
        ending: Format(
            ending=ending,
            kinds=frozenset(row["kinds"]),
            packs=row.get("packs", False),
            holds=frozenset(row.get("holds", ())),
            anywhere=row.get("anywhere", False),
        )
        for row in table("formats")["format"]
        for ending in row["endings"]
    }


def promised_by(name: str) -> Format | None:
    """What a file's name promises; None where its ending promises nothing."""
    stem, dot, ending = _SHARD.sub("", name.lower()).rpartition(".")
    if not dot:
        found = _IDX.search(ending)
        return _rows()[found[1]] if found else None
    row = _rows().get(ending)
    if row is None or not row.packs:
        return row
    inside = _rows()["tar"] if stem.endswith(".tar") else promised_by(stem)
    holds = _rows()["tgz"].holds if stem.endswith(".tar") else frozenset[str]()
    return Format(row.ending, row.kinds, packs=True, holds=holds, anywhere=row.anywhere, inside=inside)


def names(case: Case) -> tuple[str, ...]:
    """What the file is called, best first: by its URL where that promises a format, by the answer, by the URL else,
    by the URL's query, by where it led to.

    Most clients save under the URL's own name, whatever a Content-Disposition says.
    """
    disposition = (case.exchange and case.exchange.field("Content-Disposition")) or ""
    stated = re.search(r"filename\*?\s*=\s*(?:[\w-]+'[\w-]*')?\"?([^\";]{1,255})", disposition, re.IGNORECASE)
    asked = split_url(case.subject.url)
    query = [value for _, value in parse_qsl(asked.query) if re.search(r"\.\w{1,12}\Z", value)]
    paths = [stated[1].strip() if stated else "", asked.path, *query, case.address.path if case.address else ""]
    if promised_by(_last_part(asked.path)):
        paths.insert(0, asked.path)
    return tuple(dict.fromkeys(name for path in paths if (name := _last_part(path))))


def _last_part(path: str) -> str:
    return unquote(path).rsplit("/", 1)[-1]


def promised(case: Case) -> Format | None:
    """What the catalogue, or else the file's name, promises; None where nothing does."""
    known = _BY_CONTENT.get(case.subject.content or "")
    if known:
        outer, inner = _rows()[known[0]], _rows().get(known[1])
        return Format(outer.ending, outer.kinds, packs=outer.packs, holds=outer.holds, inside=inner)
    if case.subject.content not in (None, "other"):
        return None
    rows = [row for name in names(case) if (row := promised_by(name))]
    content = case.content
    if content is not None and content.what not in DOCUMENTS | POINTERS | UNSURE:
        # an answer that calls the file otherwise than its URL breaks no promise while either name is right
        rows.sort(key=lambda row: not row.allows(content.what))
    return next(iter(rows), None)


def promises_data(case: Case) -> bool:
    """Whether what is due is no text of any kind."""
    row = promised(case)
    return row is not None and not row.of_text


def may_be_empty(case: Case) -> bool:
    """Whether the file has a name under which nothing is all there has to be."""
    return any(_MAY_BE_EMPTY.match(name) for name in names(case))


def misfit(case: Case) -> Format | None:
    """The promise that binary content breaks by its bytes; texts and pages in the place of data are other facts."""
    content, row = case.content, promised(case)
    if content is None or row is None or content.what in DOCUMENTS | POINTERS | {"empty"} or row.allows(content.what):
        return None
    limited = case.transfer is not None and case.transfer.limited
    return None if limited and row.anywhere and content.what in UNSURE else row


def wrong_inside(case: Case) -> Format | None:
    """The promise that is kept outside and broken within the packing: no tar, or a page or a pointer."""
    content, row = case.content, promised(case)
    if content is None or row is None or not content.intact or content.inner is None:
        return None
    if not row.allows(content.what) or content.inner == "empty":
        return None
    page = content.inner == "html" or content.inner in POINTERS
    wrong = (
        content.inner not in row.holds if row.holds else row.inside and page and not row.inside.allows(content.inner)
    )
    return row if wrong else None


def layer_too_many(case: Case) -> Format | None:
    """What the name promises inside its packing, where a further packed file is inside in its place.

    Readers of a packed tar archive take one layer off, and look for a tar then.
    """
    content, row = case.content, promised(case)
    if content is None or row is None or not content.intact or content.inner not in LAYERS:
        return None
    if content.what not in LAYERS or not row.allows(content.what):
        return None
    if row.holds:
        return _rows()["tar"]
    return row.inside if row.inside is not None and not row.inside.allows(content.inner) else None


def is_layer(row: Format) -> bool:
    """Whether the name promises a file that is packed as a whole."""
    return row.packs or bool(row.holds)


def coding_removed(case: Case) -> bool:
    """Whether the client took off a content coding that the server had named."""
    return case.transfer is not None and case.transfer.coding is not None and case.transfer.decodes


def fits_inside(case: Case) -> bool:
    """Whether a packed file was due, and what came may be what it holds.

    Of a bare ``.gz`` anything may be inside, which is believed only where a coding was removed.
    """
    content, row = case.content, promised(case)
    if content is None or row is None or not is_layer(row) or row.allows(content.what):
        return False
    if content.what in ("html", "empty") or content.what in POINTERS:
        return False
    if row.holds:
        return content.what in row.holds
    if row.inside is not None and content.what not in UNSURE - row.inside.kinds:
        believed = content.what != "unknown" or coding_removed(case) or (row.inside.of_text and _begins_as_text(case))
        return believed and row.inside.allows(content.what)
    return coding_removed(case)


_IN_TEXT = frozenset((*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n\f\r"))


def _begins_as_text(case: Case) -> bool:
    """Whether the first bytes may be text in some eight-bit charset; noise has control characters among them."""
    head = bytes.fromhex(case.transfer.head) if case.transfer else b""
    return _IN_TEXT.issuperset(head)


def shows_its_end(case: Case) -> bool:
    """Whether what came has an end of its own that can be believed: its kind is sure, or it was promised."""
    content, row = case.content, promised(case)
    if content is None or content.intact is None:
        return False
    if content.what in DOCUMENTS:
        return case.subject.content in ("json", "arff") or (row is not None and row.ending in (*JSON, "arff"))
    if content.what in UNSURE:
        return row is not None and content.what in row.kinds
    return True


def is_packed(content: ev.Content) -> bool:
    """Whether what came is a compressed stream."""
    return content.what in LAYERS or content.what in ("zstd", "zlib", "lz4", "compress")
