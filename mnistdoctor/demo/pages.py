"""Answers that real products give, reduced to the marks by which they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import HTML, Fields, redirect, respond

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Fault

S3_MESSAGES = {
    "AccessDenied": (403, "Access Denied"),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchBucket": (404, "The specified bucket does not exist"),
    "SignatureDoesNotMatch": (403, "The request signature we calculated does not match the signature you provided."),
    "RequestTimeTooSkewed": (403, "The difference between the request time and the current time is too large."),
    "ExpiredToken": (400, "The provided token has expired."),
    "SlowDown": (503, "Please reduce your request rate."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "PermanentRedirect": (
        301,
        "The bucket you are attempting to access must be addressed using the specified endpoint.",
    ),
}
"""Status and message of S3's error codes (Amazon S3 API reference, error responses)."""


def page(title: str, text: str) -> bytes:
    """Return a small HTML page."""
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{text}</body></html>\n".encode()


def html(body: bytes | None = None, status: int = 200, fields: Fields = ()) -> Fault:
    """Answer with a web page where a file was asked for."""
    return respond(status, body or page("Datasets", "<h1>Our datasets</h1>"), fields, content_type=HTML)


# object stores


def s3_body(code: str, message: str, extra: str = "") -> bytes:
    """Return the XML of Amazon S3's errors."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{extra}'
        "<RequestId>4442587FB7D0A2F9</RequestId><HostId>demo</HostId></Error>"
    ).encode()


def s3_error(
    code: str = "AccessDenied",
    status: int | None = None,
    message: str | None = None,
    extra: str = "",
    fields: Fields = (),
) -> Fault:
    """Answer as Amazon S3; `extra` is further XML, e.g. `<Endpoint>...</Endpoint>`."""
    known_status, known_message = S3_MESSAGES.get(code, (400, code))
    body = s3_body(code, message or known_message, extra)
    ids: Fields = (("x-amz-request-id", "4442587FB7D0A2F9"), ("x-amz-id-2", "demo"), ("Server", "AmazonS3"))
    return respond(status or known_status, body, (*ids, *fields), content_type="application/xml")


# walls


def cloudflare_challenge(status: int = 403) -> Fault:
    """Answer with Cloudflare's challenge."""
    body = page("Just a moment...", "<script>window._cf_chl_opt={}</script><noscript>Enable JavaScript</noscript>")
    fields: Fields = (("cf-mitigated", "challenge"), ("Server", "cloudflare"), ("CF-RAY", "8a1b2c3d4e5f6071-FRA"))
    return html(body, status, fields)


def cloudfront_blocked(*, country: bool = False) -> Fault:
    """Answer as Amazon CloudFront: blocked by a rule, or by country."""
    why = (
        "The Amazon CloudFront distribution is configured to block access from your country."
        if country
        else "Request blocked."
    )
    body = page(
        "ERROR: The request could not be satisfied",
        f"<h1>403 ERROR</h1><h2>The request could not be satisfied.</h2>{why}",
    )
    return html(body, 403, (("Server", "CloudFront"), ("X-Cache", "Error from cloudfront"), ("X-Amz-Cf-Id", "demo")))


def zscaler_blocked(status: int = 403) -> Fault:
    """Answer with a company filter's page."""
    text = "<h1>Sorry, this page is not available</h1><p>Your organization has selected Zscaler to protect you</p>"
    return html(page("Internet Security by Zscaler", text), status, (("Server", "Zscaler/6.2"),))


# stand-ins for data


def captive_portal(location: str | None = None, status: int = 302) -> Fault:
    """Answer as a hotspot: redirect to its login if a location is given, else its page (200, or 511 of RFC 6585)."""
    if location is not None:
        return redirect(location, status)
    text = '<h1>Sign in to the network</h1><form action="/login" method="post"><input name="room"></form>'
    return html(page("Guest Wi-Fi login", text), 511 if status == 511 else 200)


def lfs_pointer(sha256: str = "0" * 64, size: int = 9912422) -> Fault:
    """Answer with a Git LFS pointer instead of the file."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return respond(200, text.encode(), content_type="text/plain; charset=utf-8")


# statuses with their fields


def retry_after(value: str = "3", status: int = 429) -> Fault:
    """Answer 429 or 503 with Retry-After in seconds or as an HTTP date."""
    return respond(status, b"slow down\n", (("Retry-After", value),), content_type="text/plain")


def unauthorized(challenge: str | None = 'Bearer realm="datasets"') -> Fault:
    """Answer 401, with WWW-Authenticate unless None."""
    return respond(401, b"", (("WWW-Authenticate", challenge),) if challenge else ())


def bare(status: int, fields: Fields = ()) -> Fault:
    """Answer with that status, its name as the body, and these fields; a 407 so made is the origin's, not a proxy's."""
    return respond(status, f"{status}\n".encode(), fields, content_type="text/plain")
