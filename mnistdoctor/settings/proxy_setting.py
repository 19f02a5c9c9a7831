"""What a look at this machine's settings finds: one proxy or PAC file, and where it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 256 * 1024
"""Bytes of a settings file that are read; a larger one is not one."""

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.%]+\]")
_NO_PROXY = ("direct", "none", "null", "false", "off", "no", "undefined", "http", "https")
"""What stands where a host should: words by which programs switch a proxy off, and a scheme with a slash missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySetting:
    """One setting."""

    key: str
    where: str
    line: int | None = None
    value: str = field(default="", repr=False)
    """The proxy as it is written, with its credentials."""
    pac: str = ""


def read_text(path: Path) -> str | None:
    """A text file whole; None where there is none that may be read, and for one that is too large or a pipe."""
    try:
        if not path.is_file():  # to open a pipe is to wait for its other end
            return None
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError:
        return None
    return content.decode("utf-8", "replace") if len(content) <= LARGEST else None


def without_credentials(value: str) -> tuple[str, bool]:
    """The proxy's URL without user name and password, and whether it had them; empty for what is no proxy."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    text = value.strip().strip("'\"")
    try:
        # A backslash stands between a domain and its user; it is no mark of a URL, and parsers differ on it.
        parsed = parse_url((text if "://" in text else f"http://{text}").replace("\\", "%5C"))
    except LocationParseError:
        return "", False
    if "@" in f"{parsed.path}{parsed.query}{parsed.fragment}":
        return "", False  # `/`, `?` or `#` in the password: what was taken for host and port are pieces of it
    scheme = (parsed.scheme or "http").lower()
    if not parsed.host or scheme not in ("http", "https", "socks5", "socks5h", "socks4", "socks4a", "socks"):
        return "", False
    if not _HOST.fullmatch(parsed.host) or (parsed.host.lower() in _NO_PROXY and not parsed.port):
        return "", False
    port = f":{parsed.port}" if parsed.port else ""
    return f"{scheme}://{parsed.host}{port}", parsed.auth is not None
