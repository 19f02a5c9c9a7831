"""Signed URLs: which parameter is the signature, and how long ago the link ended."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts.urls import split_url

_NEEDED_BESIDE = {
    "x-amz-signature": (),
    "x-goog-signature": (),
    "signature": ("expires", "key-pair-id", "awsaccesskeyid", "policy"),
    "sig": ("se", "sv", "sp"),
}
"""Parameters that sign a URL; those with common names only beside one of these others."""


def signature_parameter(url: str) -> str | None:
    """The name of the signature among the URL's query parameters, or None where it is not signed."""
    names = {name.lower(): name for name in parse_qs(split_url(url).query, keep_blank_values=True)}
    lower = next((name for name in _NEEDED_BESIDE if name in names), None)
    if lower is None or (_NEEDED_BESIDE[lower] and not names.keys() & set(_NEEDED_BESIDE[lower])):
        return None
    return names[lower]


def overdue_s(exchange: ev.Exchange) -> float:
    """Seconds since the link ended, by the answer's own Date; negative while it is good, zero where none can tell."""
    query = {name.lower(): values[0] for name, values in parse_qs(split_url(exchange.url).query).items()}
    try:
        now = parsedate_to_datetime(exchange.field("date") or "").timestamp()
        for kind in ("x-amz-", "x-goog-"):
            if kind + "date" in query:
                start = datetime.strptime(query[kind + "date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
                return now - start.timestamp() - float(query[kind + "expires"])
        if "se" in query:  # Azure's shared access signature, in ISO 8601
            end = datetime.fromisoformat(query["se"].replace("Z", "+00:00"))
            return now - (end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp()
        return now - float(query["expires"])
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return 0.0
