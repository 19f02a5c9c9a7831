"""URLs that no client can read, or not every client: what is wrong with one, and what was most likely meant."""

from __future__ import annotations

import contextlib
import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from mnistdoctor.redact import HIDDEN

_BLANK = re.compile(r"[\x00-\x20\x7f]|\\x[0-9a-f]{2}")
"""A blank or control character, or one that redaction has made visible."""

_WRAPPING = " \t\r\n\"'`<>"


def url_fault(url: str) -> str | None:
    """Why no client can read this URL (RFC 3986 section 3, RFC 1035 section 2.3.4), or None where one can."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError as error:
        wrong_port = "port" in str(error).lower()
        return "its port is not a number from 1 to 65535" if wrong_port else "its brackets or its host cannot be read"
    if "://" not in url:
        return "it does not begin with https:// or http://"
    if not host:
        return "it names no host"
    if port == 0:
        return "its port is not a number from 1 to 65535"
    if _BLANK.search(url):
        return "it holds a blank or an invisible character"
    labels = [] if ":" in host else host.rstrip(".").split(".")
    if not all(labels):
        return "a part of its host between two dots is empty"
    if any(len(_ascii(label)) > 63 for label in labels):
        return "a part of its host is longer than 63 characters"
    return None


def _ascii(label: str) -> bytes:
    return label.encode("punycode") + b"xn--" if not label.isascii() else label.encode()


def mended(url: str) -> str | None:
    """The URL that was most likely meant, where stripping what came along while pasting makes it readable."""
    if HIDDEN in url:
        return None
    text = re.sub(r"\\x[0-9a-f]{2}", "", url).strip(_WRAPPING)
    for opening, closing in ("()", "[]", "{}"):
        if text.endswith(closing) and opening not in text:
            text = text[:-1].strip(_WRAPPING)
    text = re.sub(r"[\s\x00-\x1f\x7f]+", _unbroken, text).replace(" ", "%20")
    text = re.sub(r"^(https?):?[/\\]{1,2}(?![/\\])", r"\1://", text, flags=re.IGNORECASE)
    if "://" not in text and re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?/", text):
        text = "https://" + text
    good = text != url and text.lower().startswith(("http://", "https://")) and url_fault(text) is None
    return text if good else None


def beyond_client(url: str, family: str) -> str | None:
    """What clients of this family cannot send in a URL that is well formed: a login, a letter, a bracket; else None."""
    authority, path = _halves(url)
    if "@" in authority and family == "urllib":
        return "a user name and password before its host, which it takes for a part of the host"
    if not url.isascii():
        return "letters beyond ASCII, which it does not encode"
    if family == "curl" and re.search(r"[\[\]{}]", path):
        return "brackets or braces, which it takes for a pattern of several addresses"
    return None


def encoded(url: str) -> str:
    """The same address with its host in IDNA, all else that is no plain character of a URL percent-encoded, and without
    a login."""
    authority, path = _halves(url)
    host = authority.rpartition("@")[2]
    if not host.isascii():
        with contextlib.suppress(UnicodeError):
            host = host.encode("idna").decode()
    return f"{url.partition('://')[0]}://{host}{quote(path, safe=_PLAIN)}"


_PLAIN = "/?#%:@!$&'()*+,;=~"
"""What keeps its meaning in a path and a query (RFC 3986 sections 3.3 and 3.4), and escapes that are there already."""


def _halves(url: str) -> tuple[str, str]:
    """The authority, and all that follows it."""
    rest = url.partition("://")[2]
    end = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    return rest[:end], rest[end:]


def split_url(url: str) -> SplitResult:
    """The URL taken apart; empty parts for what is no URL, since a redirect may lead to anything."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def file_name(url: str) -> str:
    """The last segment of the URL's path, or ``download`` where there is none that a file may be called."""
    name = unquote(split_url(url).path.rsplit("/", 1)[-1])
    return name if name and name.strip(".") and name.isprintable() else "download"


def _unbroken(blanks: re.Match[str]) -> str:
    return "" if set("\r\n\t") & set(blanks[0]) else blanks[0]
