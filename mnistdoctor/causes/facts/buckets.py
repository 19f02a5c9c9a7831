"""S3 buckets that live in another region than the one that was asked."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts import http
from mnistdoctor.causes.facts.urls import split_url


def region(case: Case, exchange: ev.Exchange) -> str | None:
    """The region that the answer names, in a field or in its body."""
    named = re.search(r"<Region>([a-z0-9-]{1,40})</Region>", http.body(case))
    return exchange.field("x-amz-bucket-region") or (named[1] if named else None)


def own_address(url: str, endpoint: str | None, region: str | None) -> str | None:
    """The URL at the bucket's own address; only hosts of AWS are believed."""
    parts = split_url(url)
    host, path = parts.hostname or "", parts.path
    if virtual := re.fullmatch(r"(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", host):
        bucket, key = virtual[1], path
    else:
        bucket, _, key = path.lstrip("/").partition("/")
        key = f"/{key}"
    if endpoint and re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", endpoint) and endpoint != host:
        return f"{parts.scheme}://{endpoint}{key if endpoint.startswith(bucket + '.') else f'/{bucket}{key}'}"
    if region and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region) and host.endswith(".amazonaws.com"):
        return f"{parts.scheme}://{bucket}.s3.{region}.amazonaws.com{key}"
    return None
