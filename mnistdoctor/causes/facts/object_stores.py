"""Object stores (S3, Google's, Azure's): what their error documents say, and where a bucket lives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import final

from mnistdoctor.causes.facts.marks import Answer
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.evidence import Exchange, Fields, field

_LOOKED_AT = 65_536
"""Characters of a body that are searched."""


@final
@dataclass(frozen=True, slots=True)
class StoreError:
    """What an object store says in its error document."""

    code: str
    provider: str | None
    """``s3``, ``gcs``, ``azure``, or None where no field tells."""
    meaning: str | None
    """What the code means, in the words of ``marks.toml``; None for one that is not listed there."""
    message: str = ""
    endpoint: str | None = None
    """Where the store says that the bucket lives."""
    why: str = ""
    """Why the object is kept from everybody, as a sentence, where the code alone says it."""


def store_error(answer: Answer, text: str) -> StoreError | None:
    """The error document of an object store: S3's XML or website list, GCS' XML or JSON, Azure's field or XML."""
    fields = answer.fields if answer else ()
    provider = _provider(fields)
    body = text[:_LOOKED_AT]
    code = field(fields, "x-ms-error-code") or _element(body, "Code") if _is_error(body) else None
    code = code or field(fields, "x-ms-error-code") or _listed(body) or _stated(body, provider)
    if not code:
        return None
    tables = table("marks")["store"]
    names = (provider,) if provider else tuple(tables)
    ranked = [tables[name] for name in names] + list(tables.values())
    meaning = next((word for table in ranked for word, codes in table.items() if code in codes), None)
    message, why = _element(body, "Message") or "", table("marks")["store-why"].get(code, "")
    if code in ("AccessDenied", "AuthenticationFailed") and "request has expired" in message.lower():
        meaning = "signature"
    return StoreError(code, provider, meaning, message, _element(body, "Endpoint"), why)


def region(exchange: Exchange, text: str) -> str | None:
    """The region in which the bucket lives, as a field or the body of S3's answer names it."""
    named = re.search(r"<Region>([a-z0-9-]{1,40})</Region>", text)
    return exchange.field("x-amz-bucket-region") or (named[1] if named else None)


def own_address(url: str, endpoint: str | None, region: str | None) -> str | None:
    """The URL at the bucket's own address; only hosts of AWS are believed."""
    parts = split_url(url)
    host, path = parts.hostname or "", parts.path
    if virtual := re.fullmatch(r"(.+)\.s3[.-][a-z0-9.-]{0,60}amazonaws\.com(?:\.cn)?", host):
        bucket, key = virtual[1], path
    else:
        bucket, _, key = path.lstrip("/").partition("/")
        key = f"/{key}"
    if endpoint and re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", endpoint) and endpoint != host:
        return f"{parts.scheme}://{endpoint}{key if endpoint.startswith(bucket + '.') else f'/{bucket}{key}'}"
    if region and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region) and host.endswith(".amazonaws.com"):
        return f"{parts.scheme}://{bucket}.s3.{region}.amazonaws.com{key}"
    return None


def _provider(fields: Fields) -> str | None:
    names = {name.lower() for name, _ in fields}
    if "x-ms-request-id" in names or "x-ms-error-code" in names:
        return "azure"
    if "x-guploader-uploadid" in names or any(name.startswith("x-goog-") for name in names):
        return "gcs"
    return "s3" if "x-amz-request-id" in names or field(fields, "server") == "AmazonS3" else None


def _is_error(body: str) -> bool:
    return re.match(r"(\\ufeff|\W){0,8}(<\?xml[^>]{0,100}>)?\s*<Error\b", body) is not None


def _element(body: str, name: str) -> str | None:
    """Text of the first such element. No parser is let near a stranger's XML."""
    found = re.search(rf"<{name}>([^<]{{0,2000}})</{name}>", body)
    return found.group(1).strip() if found else None


def _listed(body: str) -> str | None:
    """The code in the HTML page of an S3 website endpoint."""
    found = re.search(r"<li>Code: (\w{3,60})</li>", body)
    return found.group(1) if found else None


def _stated(body: str, provider: str | None) -> str | None:
    """GCS' JSON and text, and the JSON of stores that speak S3's codes."""
    if re.search(r"does not have storage\.objects\.get access", body):
        return "AccessDenied"
    found = re.match(r'\s*\{[^{}]{0,400}"code"\s*:\s*"(\w{3,60})"', body)
    known = {code for meanings in table("marks")["store"].values() for codes in meanings.values() for code in codes}
    return found.group(1) if found and (provider or "requestid" in body.lower()) and found.group(1) in known else None
