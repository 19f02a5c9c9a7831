"""OpenML's own answers, which scikit-learn keeps beside the file and reads before it: what proves them, what they say.

Nobody states their digests: they are taken from OpenML itself, over TLS, and only where they say of the data set what
the catalogue says of it.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import zlib
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.download.wanted import Wanted
from mnistdoctor.examine.described import url_in

_MOST = 2**24
"""Bytes of an answer; the one on MNIST's features has about 100,000."""


def problem(call: str, file: BinaryIO, digests: ev.Pairs) -> str:
    """Why this is not the answer to that call, as a clause; empty where it is. ``digests`` are the data set's."""
    try:
        answer = json.loads(_plain(file))
    except (OSError, ValueError, EOFError, zlib.error, RecursionError):
        return "what came is no JSON"
    about, _, number = call.strip("/").removeprefix("api/v1/json/data/").rpartition("/")
    if about == "":
        described = _part(answer, "data_set_description")
        if not isinstance(described, dict) or str(described.get("id")) != number:
            return "what came does not describe the data set"
        stated = str(described.get("md5_checksum", "")).lower()
        known = dict(digests).get("md5")
        return "" if known in (None, stated) else f"it states another md5 of the file ({stated[:32]}) than is known"
    if about.startswith("list/"):
        return "" if _is_list(_part(answer, "data", "dataset")) else "what came lists no data set"
    keys = {"features": ("data_features", "feature"), "qualities": ("data_qualities", "quality")}.get(about)
    return "" if keys and _is_list(_part(answer, *keys)) else "what came is another answer"


def _plain(file: BinaryIO) -> bytes:
    file.seek(0)
    data = file.read(_MOST)
    if not data.startswith(b"\x1f\x8b"):
        return data
    file.seek(0)
    return gzip.GzipFile(fileobj=file).read(_MOST)


def _part(answer: object, *keys: str) -> object:
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def _is_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def as_described(one: Wanted) -> Wanted:
    """The file under the name that scikit-learn gives it: the path of the URL in the stored description."""
    if one.described_in is None:
        return one
    try:
        with one.described_in.open("rb") as file:
            url = url_in(_plain(file).decode("utf-8", "replace"))
        path = urlsplit(url or "").path.lstrip("/")
    except (OSError, ValueError, EOFError, zlib.error):
        return one
    root = _root(one)
    if not path or any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in path.split("/")):
        return one  # a server decides no path outside
    return dataclasses.replace(one, path=root / f"{path}.gz")


def _root(one: Wanted) -> Path:
    """The folder of the service: the description lies at ``api/v1/json/data/NUMBER.gz`` below it."""
    assert one.described_in is not None
    return one.described_in.parents[4]
