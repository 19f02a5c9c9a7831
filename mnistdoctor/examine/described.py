"""A file whose address a reply of the loader's service names: it is asked there, and not where it was seen before."""

from __future__ import annotations

import json
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from urllib.parse import urlsplit

from mnistdoctor.causes.facts.addresses import ip, is_public
from mnistdoctor.causes.facts.cached_file import file_in_place
from mnistdoctor.disk import stated
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Late
from mnistdoctor.run import Run


def as_described(run: Run, target: Target, description: Future[TargetResult | None] | None) -> Target:
    """The target at the URL that the description names; as it is where there is none, or none came in time."""
    if target.described_by is None:
        return target
    reply = _awaited(run, description) if description else None
    # A reply that lies in the cache is read there, and not asked for again.
    cached = reply is None or (reply.case is not None and file_in_place(reply.case) is not None)
    stored = next((text for place in target.places if (text := stated.description(place))), b"") if cached else b""
    came = reply.case.transfer.text if reply and reply.case and reply.case.transfer else ""
    url = url_in(stored.decode("utf-8", "replace") or came)
    if url is None or not _may_be_asked(url, target.urls[0]):
        return target
    return replace(target, urls=tuple(dict.fromkeys((url, *target.urls[1:]))))


def _awaited(run: Run, description: Future[TargetResult | None]) -> TargetResult | None:
    while True:
        try:
            return description.result(timeout=min(0.2, run.left()))
        except NotYet:
            continue
        except Late:
            return None


def url_in(text: str) -> str | None:
    """The `url` of OpenML's description of a data set (scikit-learn since 1.7 goes there)."""
    try:
        reply = json.loads(text)
    except (ValueError, RecursionError):
        return None
    described = reply.get("data_set_description") if isinstance(reply, dict) else None
    url = described.get("url") if isinstance(described, dict) else None
    return url if isinstance(url, str) else None


def _may_be_asked(url: str, usual: str) -> bool:
    """Whether it is an http(s) URL without a login; into a private network only where its service is there as well."""
    try:
        parts, own = urlsplit(url), urlsplit(usual)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or not url.isprintable():
        return False
    inner = host == "localhost" or (ip(host) is not None and not is_public(host))
    return not inner or host == own.hostname
