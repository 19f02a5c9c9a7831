"""What a look at this machine's settings finds: one proxy or PAC file, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 256 * 1024
"""Bytes of a settings file that are read; a larger one is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One setting."""

    key: str
    where: str
    line: int | None = None
    value: str = field(default="", repr=False)
    """The proxy as it is written, with its credentials."""
    pac: str = ""


def read_text(path: Path) -> str | None:
    """The beginning of a text file; None where there is none that may be read."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return None


def without_credentials(value: str) -> tuple[str, bool]:
    """The proxy's URL without user name and password, and whether it had them; empty for what is no proxy."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    text = value.strip().strip("'\"")
    try:
        parsed = parse_url(text if "://" in text else f"http://{text}")
    except LocationParseError:
        return "", False
    scheme = (parsed.scheme or "http").lower()
    if not parsed.host or scheme not in ("http", "https", "socks5", "socks5h", "socks4", "socks4a", "socks"):
        return "", False
    port = f":{parsed.port}" if parsed.port else ""
    return f"{scheme}://{parsed.host}{port}", parsed.auth is not None
