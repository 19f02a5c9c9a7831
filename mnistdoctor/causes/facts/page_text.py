"""What a page says to whoever reads it: its visible text, and whether that is more than its status in words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case

_READ = 8192
"""Characters of a page that are looked at: a reason stands at its beginning."""

_SILENT = frozenset({"head", "script", "style", "template", "noscript", "svg", "title"})
"""Elements whose content nobody sees. ``noscript`` speaks of the browser, and not of the file."""

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "body",
        "br",
        "center",
        "div",
        "dd",
        "dt",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    }
)

_SAYS_NOTHING = re.compile(
    r"error|forbidden|access (is )?(denied|forbidden)|(you are )?not authori[sz]ed"
    r"|(sorry, )?you (don't|do not) have (the )?permissions? to access .{0,120}"
    r"|(apache|nginx|openresty|cloudflare|litespeed|iis)\b.{0,80}|.{0,40}server at \S{1,80} port \d{1,5}"
    r"|the requested url .{0,120}|additionally, a \d{3} .{0,120}|go (back|home).{0,40}"
    r"|(request|ray|reference|incident|event|error)[\s-]{0,3}(id|code|number|#)?:? ?\S{0,60}",
    re.IGNORECASE,
)
"""What servers write below a refusal by themselves, and what names no reason."""

_LEAST_WORDS = 4


class _Visible(HTMLParser):
    """Collects the text that is shown, a line for each block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self._hidden += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._hidden:
            self._hidden -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def lines(page: str) -> tuple[str, ...]:
    """The visible text of the beginning of a page, block by block."""
    reader = _Visible()
    reader.feed(page[:_READ])
    text = "".join(reader.parts)
    return tuple(stripped for line in text.split("\n") if (stripped := " ".join(line.split())))


def reason(case: Case) -> str:
    """The first line of the last answer's page, or of its plain text, that may name a reason; empty where none does."""
    exchange, text = case.exchange, case.transfer.text if case.transfer else ""
    begins = text.lstrip()[:5]
    if exchange is None or not begins or begins == "<?xml":
        return ""
    found = lines(text) if begins[0] == "<" else _json(text) if begins[0] == "{" else text[:_READ].splitlines()
    title = case.content.title.casefold() if case.content else ""
    return next((line for line in found if _tells(line, title, exchange)), "")


def _json(text: str) -> list[str]:
    """The words of an API's error, where it has some under a usual name."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    inner = document.get("error") if isinstance(document, dict) else None
    members = {**document, **inner} if isinstance(inner, dict) else document if isinstance(document, dict) else {}
    found = (members.get(name) for name in ("message", "error_description", "detail", "error", "reason"))
    return [" ".join(one.split()) for one in found if isinstance(one, str)]


def _tells(line: str, title: str, exchange: ev.Exchange) -> bool:
    plain = line.strip(" .!:*-–—").casefold()
    phrase = f"{exchange.status} {exchange.reason}".strip().casefold()
    if plain in title or plain == phrase or _SAYS_NOTHING.fullmatch(plain):
        return False
    return len(re.findall(r"[^\W\d_]{2,}", plain)) >= _LEAST_WORDS
