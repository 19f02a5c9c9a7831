"""URLs as keys: the same resource written in two ways is one key, and nothing else is."""

from __future__ import annotations

import re
from functools import lru_cache

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^#]*)", re.DOTALL)
_PATH_STYLE = re.compile(r"storage\.googleapis\.com|s3([.-][a-z0-9-]+)*\.amazonaws\.com")
_GITHUB_RAW = "raw.githubusercontent.com"
_AT_GITHUB = re.compile(
    rf"(?:(?:www\.)?github\.com/([^/?]+/[^/?]+)/raw|{re.escape(_GITHUB_RAW)}/([^/?]+/[^/?]+))/(?:refs/heads/)?([^?]+)"
)
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def split(url: str) -> tuple[str, str, str] | None:
    """Scheme, authority and the rest of a URL without its fragment; None if it is no URL.

    `urllib.parse.urlsplit` won't do: it drops control characters, which are the very thing to be found.
    """
    found = _URL.match(url)
    return (found[1].lower(), found[2].lower(), found[3]) if found else None


@lru_cache(maxsize=4096)  # each URL of a run is held against all that are known
def normal(url: str) -> str:
    """A URL with scheme and host in lower case and no default port (RFC 9110 section 4.2.3).

    GitHub has two addresses for each file of a repository: `github.com/.../raw/` redirects to the other one.
    """
    parts = split(url)
    if parts is None:
        return url
    scheme, authority, rest = parts
    authority = authority.removesuffix(_DEFAULT_PORT.get(scheme, ":"))
    found = _AT_GITHUB.fullmatch(f"{authority}{rest}")
    if found:
        return f"{scheme}://{_GITHUB_RAW}/{found[1] or found[2]}/{found[3]}"
    return f"{scheme}://{authority}{rest or '/'}"


def bucket(url: str) -> str | None:
    """The host, with the bucket where the store has it in the path; None if it is no URL."""
    parts = split(normal(url))
    if parts is None:
        return None
    _, authority, rest = parts
    if not _PATH_STYLE.fullmatch(authority):
        return authority
    return f"{authority}/{rest.lstrip('/').split('/')[0]}"
