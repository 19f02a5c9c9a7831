"""The answers of known products carry the marks by which they are known."""

from __future__ import annotations

import pytest

from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.servers import Server
from tests.faults import pages

from .client import ask


@pytest.mark.parametrize(
    ("fault", "status", "field", "mark"),
    [
        (pages.html(), 200, "Content-Type: text/html", b"<html>"),
        (pages.s3_error(), 403, "x-amz-request-id", b"<Code>AccessDenied</Code>"),
        (pages.s3_error("NoSuchKey"), 404, "Server: AmazonS3", b"<Code>NoSuchKey</Code>"),
        (pages.s3_error("PermanentRedirect", extra="<Endpoint>e</Endpoint>"), 301, "x-amz", b"<Endpoint>e</Endpoint>"),
        (pages.gcs_error(), 403, "X-GUploader-UploadID", b"<Code>AccessDenied</Code>"),
        (pages.azure_error(), 404, "x-ms-error-code: BlobNotFound", b"\xef\xbb\xbf<?xml"),
        (pages.cloudflare_challenge(), 403, "cf-mitigated: challenge", b"_cf_chl_opt"),
        (pages.cloudflare_error(1020), 403, "CF-RAY", b"Error 1020"),
        (pages.cloudfront_blocked(), 403, "Error from cloudfront", b"Request blocked"),
        (pages.cloudfront_blocked(country=True), 403, "Server: CloudFront", b"block access from your country"),
        (pages.akamai_denied(), 403, "AkamaiGHost", b"errors.edgesuite.net"),
        (pages.imperva_blocked(), 200, "X-Iinfo", b"Incapsula incident ID"),
        (pages.aws_waf_challenge(), 202, "x-amzn-waf-action: challenge", b""),
        (pages.zscaler_blocked(), 403, "Server: Zscaler/6.2", b"Zscaler"),
        (pages.captive_portal(), 200, "text/html", b"<form"),
        (pages.captive_portal(status=511), 511, "Network Authentication Required", b"<form"),
        (pages.captive_portal("http://login.test/"), 302, "Location: http://login.test/", b""),
        (pages.drive_interstitial(), 200, "text/html", b"Virus scan warning"),
        (pages.drive_interstitial(quota=True), 200, "text/html", b"Quota exceeded"),
        (pages.lfs_pointer("ab" * 32, 7), 200, "text/plain", b"version https://git-lfs.github.com/spec/v1\n"),
        (pages.json_error("no"), 200, "application/json", b'{"error": "no"}'),
        (pages.retry_after("7"), 429, "Retry-After: 7", b"slow"),
        (pages.retry_after("Wed, 21 Oct 2026 07:28:00 GMT", 503), 503, "Retry-After: Wed", b"slow"),
        (pages.unauthorized(), 401, "WWW-Authenticate: Bearer", b""),
        (pages.bare(407, (("Proxy-Authenticate", "Basic"),)), 407, "Proxy-Authenticate: Basic", b"407"),
    ],
)
def test_pages(fault: Fault, status: int, field: str, mark: bytes) -> None:
    with Server(fault) as server:
        seen = ask(server)
    assert seen.status == status
    assert field in seen.head
    assert mark in seen.body
    assert int(seen.field("Content-Length") or 0) == len(seen.body)
