"""More answers of real products than the demo has, reduced to the marks by which they are known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import Fields, redirect, respond
from mnistdoctor.demo.pages import (
    S3_MESSAGES,
    bare,
    captive_portal,
    cloudflare_challenge,
    cloudfront_blocked,
    html,
    lfs_pointer,
    page,
    retry_after,
    s3_body,
    s3_error,
    unauthorized,
    zscaler_blocked,
)

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Fault

__all__ = [
    "S3_MESSAGES",
    "akamai_denied",
    "aws_waf_challenge",
    "azure_body",
    "azure_error",
    "bare",
    "captive_portal",
    "cloudflare_challenge",
    "cloudflare_error",
    "cloudfront_blocked",
    "drive_interstitial",
    "gcs_body",
    "gcs_error",
    "html",
    "imperva_blocked",
    "json_error",
    "lfs_pointer",
    "page",
    "retry_after",
    "s3_body",
    "s3_error",
    "set_cookie",
    "unauthorized",
    "zscaler_blocked",
]


def gcs_body(code: str, message: str, details: str = "") -> bytes:
    """Return the XML of Google Cloud Storage's errors."""
    inner = f"<Code>{code}</Code><Message>{message}</Message>" + (f"<Details>{details}</Details>" if details else "")
    return f"<?xml version='1.0' encoding='UTF-8'?><Error>{inner}</Error>".encode()


def gcs_error(
    code: str = "AccessDenied", status: int = 403, message: str = "Access denied.", details: str = ""
) -> Fault:
    """Answer as Google Cloud Storage's XML API."""
    fields: Fields = (("X-GUploader-UploadID", "demo"), ("Server", "UploadServer"))
    return respond(status, gcs_body(code, message, details), fields, content_type="application/xml; charset=UTF-8")


def azure_body(code: str, message: str, detail: str = "") -> bytes:
    """Return the XML of Azure Blob Storage's errors, byte order mark and all."""
    inner = f"<Code>{code}</Code><Message>{message}</Message>{detail}"
    return f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error>{inner}</Error>'.encode()


def azure_error(
    code: str = "BlobNotFound", status: int = 404, message: str = "The specified blob does not exist."
) -> Fault:
    """Answer as Azure Blob Storage."""
    fields: Fields = (
        ("x-ms-error-code", code),
        ("x-ms-request-id", "00000000-0000-0000-0000-000000000001"),
        ("Server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"),
    )
    return respond(status, azure_body(code, message), fields, content_type="application/xml")


def cloudflare_error(code: int = 1020, status: int = 403) -> Fault:
    """Answer with one of Cloudflare's numbered error pages."""
    text = f'<div id="cf-error-details"><h1>Error {code}</h1><p>Access denied</p></div>'
    fields: Fields = (("Server", "cloudflare"), ("CF-RAY", "8a1b2c3d4e5f6071-FRA"))
    return html(page("Attention Required! | Cloudflare", text), status, fields)


def akamai_denied() -> Fault:
    """Answer as Akamai's edge."""
    text = "<h1>Access Denied</h1>Reference #18.2d351ab8.1557333295.a4e16ab<p>https://errors.edgesuite.net/18.2d351ab8"
    return html(page("Access Denied", text), 403, (("Server", "AkamaiGHost"),))


def imperva_blocked(status: int = 200) -> Fault:
    """Answer as Imperva, with 200 as it often does."""
    text = "Request unsuccessful. Incapsula incident ID: 470000180076006021-118312463163461"
    return html(page("", text), status, (("X-Iinfo", "9-1234567-0 0NNN"),))


def aws_waf_challenge() -> Fault:
    """Answer as AWS WAF: 202, an empty body, one field."""
    return respond(202, b"", (("x-amzn-waf-action", "challenge"), ("Server", "awselb/2.0")))


def drive_interstitial(*, quota: bool = False) -> Fault:
    """Answer as Google Drive for a file too large to scan, or downloaded too often."""
    if quota:
        text = "<p>Too many users have viewed or downloaded this file recently.</p>"
        return html(page("Google Drive - Quota exceeded", text))
    text = (
        "<p>Google Drive can't scan this file for viruses.</p>"
        '<form id="download-form" action="/download" method="get"><input name="confirm" value="t"></form>'
    )
    return html(page("Google Drive - Virus scan warning", text))


def json_error(message: str = "rate limit reached", status: int = 200) -> Fault:
    """Answer with an error in JSON, status 200."""
    return respond(status, json.dumps({"error": message}).encode(), content_type="application/json")


def set_cookie(cookie: str, location: str, status: int = 302) -> Fault:
    """Set a cookie and redirect."""
    return redirect(location, status, (("Set-Cookie", cookie),))
