"""What only the rules of bodies offer to do: another coding, Git LFS, gdown."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from mnistdoctor.causes.base import Change, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.urls import file_name, split_url
from mnistdoctor.causes.fixes import command, download, pip, python, python_line, take


def without_coding(case: Case) -> Fix:
    """The same URL, asked for without a content coding, in the words of this client's library."""
    url, library = case.subject.url, case.client.family
    change = Change(accept_encoding_identity=True)
    if library not in ("requests", "httpx", "httpx2"):
        fetch = download(case, url, "-H", "Accept-Encoding: identity")
        return Fix(title="Ask for it with Accept-Encoding: identity", commands=fetch, change=change)
    follow = ", follow_redirects=True" if library.startswith("httpx") else ""
    line = python_line(
        f"import pathlib, {library} as http; answer = http.get({url!r}, "
        f'headers={{"Accept-Encoding": "identity"}}{follow}); answer.raise_for_status(); '
        f"pathlib.Path({file_name(url)!r}).write_bytes(answer.content)"
    )
    return Fix(title='Ask for it with headers={"Accept-Encoding": "identity"}', commands=(line,), change=change)


def lfs_content(case: Case) -> Fix | None:
    """The address at which GitHub or the Hugging Face Hub serves the content behind a Git LFS pointer."""
    url = _lfs_url(case.subject.url)
    return take(case, url, "Take it from the address that serves LFS content") if url else None


def _lfs_url(url: str) -> str | None:
    parts = split_url(url)
    words = parts.path.strip("/").split("/")
    if parts.hostname == "raw.githubusercontent.com" and len(words) >= 4:
        return f"https://media.githubusercontent.com/media/{'/'.join(words)}"
    if parts.hostname == "github.com" and len(words) >= 5 and words[2] == "raw":
        return f"https://media.githubusercontent.com/media/{'/'.join(words[:2] + words[3:])}"
    if parts.hostname == "huggingface.co" and "raw" in words[1:4]:
        return url.replace("/raw/", "/resolve/", 1)
    return None


def lfs_pull(case: Case) -> Fix:
    """The content behind a Git LFS pointer, fetched by git."""
    return Fix(
        title="In a clone of the repository, have git fetch the content",
        commands=(command(case, "git lfs install"), command(case, "git lfs pull")),
        untried="needs a clone of the repository",
    )


def gdown(case: Case) -> Fix | None:
    """gdown, which presses the button of Google Drive's page; None where the URL does not name the file."""
    parts = split_url(case.subject.url)
    query = parse_qs(parts.query).get("id", [""])[0]
    identity = re.search(r"/d/([\w-]{10,80})", parts.path) or re.fullmatch(r"([\w-]{10,80})", query)
    if identity is None:
        return None
    install, fetch = pip(case, "gdown", upgrade=True), python(case, f"-m gdown {identity[1]}")
    return Fix(title="Let gdown confirm it", commands=(install, fetch), untried="installs a package")
