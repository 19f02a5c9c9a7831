"""Pages about a file, told from the file itself by the patterns that the sites document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from mnistdoctor.causes.facts.urls import split_url


@dataclass(frozen=True, slots=True)
class Page:
    """A page about a file, and the way to the file itself."""

    site: str
    domain: str
    direct: str | None = None
    """The URL of the data, where it follows from the page's."""
    command: str | None = None


def page(url: str) -> Page | None:
    """What page this URL is by the pattern that its site documents, or None where it may well be data.

    GitHub and GitLab: docs on "viewing a file" and "raw"; Hugging Face: ``/resolve/``; Dropbox: ``dl=1``; Drive: gdown.
    """
    parts = split_url(url)
    host, path = (parts.hostname or "").lower(), parts.path
    query = dict(parse_qsl(parts.query))
    if host in ("github.com", "www.github.com") and "raw" not in query:
        found = re.fullmatch(r"/([^/]+)/([^/]+)/(?:blob|blame)/(.+)", path)
        raw = f"https://raw.githubusercontent.com/{'/'.join(found.groups())}" if found else None
        return Page("GitHub", "github.com", raw) if found else None
    if "/-/blob/" in path:
        return Page("GitLab", host, parts._replace(path=path.replace("/-/blob/", "/-/raw/", 1), query="").geturl())
    if host in ("huggingface.co", "www.huggingface.co", "hf.co"):
        found = re.fullmatch(r"((?:/datasets|/spaces)?/[^/]+(?:/[^/]+)?)/blob/(.+)", path)
        return Page("Hugging Face", host, f"https://huggingface.co{found[1]}/resolve/{found[2]}") if found else None
    if host in ("dropbox.com", "www.dropbox.com") and query.get("dl") != "1" and "raw" not in query:
        if not re.match(r"/(s|sh|scl)/", path):
            return None
        kept = [(key, value) for key, value in parse_qsl(parts.query) if key != "dl"]
        return Page("Dropbox", "dropbox.com", parts._replace(query=urlencode([*kept, ("dl", "1")])).geturl())
    return _store_page(host, path, query)


def _store_page(host: str, path: str, query: dict[str, str]) -> Page | None:
    if host == "drive.google.com":
        found = re.match(r"/file/d/([\w-]+)", path)
        identity = found[1] if found else query.get("id", "") if path == "/open" else ""
        return Page("Google Drive", host, command=f"gdown {identity}") if re.fullmatch(r"[\w-]+", identity) else None
    if host in ("kaggle.com", "www.kaggle.com"):
        if found := re.fullmatch(r"/datasets/([\w.-]+/[\w.-]+)(?:/data)?/?", path):
            return Page("Kaggle", "kaggle.com", command=f"kaggle datasets download -d {found[1]}")
        if found := re.fullmatch(r"/(?:c|competitions)/([\w.-]+)(?:/(?:data|overview))?/?", path):
            return Page("Kaggle", "kaggle.com", command=f"kaggle competitions download -c {found[1]}")
    if host == "zenodo.org" and (found := re.fullmatch(r"/records?/(\d+)(?:/preview/(.+))?/?", path)):
        file = f"https://zenodo.org/records/{found[1]}/files/{found[2]}?download=1" if found[2] else None
        return Page("Zenodo", host, direct=file)
    return None
