"""The examiner's scenes: heads that clients read differently, pages under a coding, and statuses in odd dress."""

from __future__ import annotations

import gzip
import zlib

from . import files
from .replies import Asked, Chunks, drip, html, ok, only_for, reply
from .scenes import LABELS, Scene
from .scenes_independent_http import GOOD, OTHER, row

CURL = (LABELS, "--as", "curl")
KERAS = (LABELS, "--as", "keras")
SHIFT_JIS, RUSSIAN = "text/html; charset=Shift_JIS", "text/html; charset=windows-1251"


def _head(*lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *lines, b"Content-Length: 4542", b"", b"")) + GOOD


def _interim(status: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nLink: </x>; rel=preload\r\n\r\n" + _head()


def _packed(title: str, text: str) -> bytes:
    return gzip.compress(f"<!doctype html><html><title>{title}</title><p>{text}</p></html>".encode())


def _said(status: str, *fields: str, body: bytes = b"") -> bytes:
    return reply(status, body, "Content-Type: text/html", *fields)


def _drip(_asked: Asked) -> Chunks:
    """Some 170 bytes a second: over in 28 s, below the 30 s of the rule."""
    return drip(ok(b"", length=4542), GOOD, 200, 1.2)


HEADS = (
    row("103-curl", "curl skips early hints.", _interim(b"103 Early Hints"), (), *CURL),
    row("102-curl", "curl skips 102.", _interim(b"102 Processing"), (), *CURL),
    row("120-fields-curl", "curl has no limit of a hundred fields.", _head(*(b"X-%d: v" % n for n in range(120))), (),
        *CURL),
    row("120-fields", "Python's client has one.", _head(*(b"X-%d: v" % n for n in range(120))), "http-not-http"),
    row("80-kB-field-curl", "curl takes fields of up to 100 kB.", _head(b"X-Long: " + b"v" * 80_000), (), *CURL),
    row("length-junk-curl", "curl ends with its error 8.", _head(b"Content-Length: abc"), "http-not-http", *CURL),
    row("no-colon-curl", "curl ends with its error 8.", _head(b"this line has no colon"), "http-not-http", *CURL),
    row("no-colon", "Python's client reads on.", _head().replace(b"\r\n\r\n", b"\r\nno colon\r\n\r\n", 1), ()),
)  # fmt: skip

BODIES = (
    row("drip-27s", "Slow, and done before the 30 s of the rule.", _drip, (), LABELS, "--timeout", "5"),
    row("206-tail", "The tail that nobody asked for.", reply("206 Partial Content", GOOD[1000:],
        "Content-Range: bytes 1000-4541/4542"), "body-truncated", stage="length"),
    row("page-packed", "A page under a coding that urllib leaves on.", _said("200 OK", "Content-Encoding: gzip",
        body=_packed("Not found", "")), "body-html-instead-of-data", LABELS, "--as", "urllib", stage="length"),
    row("block-packed", "A filter's page under a coding.", _said("200 OK", "Content-Encoding: gzip",
        body=_packed("Web Page Blocked", "FortiGuard Intrusion Prevention - Access Blocked")), "body-block-page",
        *KERAS, stage="length"),
    row("403-packed", "A wall's page under a coding.", _said("403 Forbidden", "Server: cloudflare", "CF-Ray: 8a-FRA",
        "Content-Encoding: gzip", body=_packed("Attention Required! | Cloudflare", "Sorry, you have been blocked")),
        "http-403-waf-block", *KERAS),
    row("403-deflate", "The same in deflate.", _said("403 Forbidden", "Server: cloudflare", "CF-Ray: 8a-FRA",
        "Content-Encoding: deflate", body=zlib.compress(b"<html><title>Attention Required! | Cloudflare</title>")),
        "http-403-waf-block", *KERAS),
    row("page-cyrillic", "A page in windows-1251.", reply("200 OK", "<html><title>Доступ ограничен</title>"
        .encode("cp1251"), f"Content-Type: {RUSSIAN}"), ("body-block-page", "body-html-instead-of-data"),
        stage="length"),
    row("404-japanese", "A page in Shift_JIS.", reply("404 Not Found", "<html><title>ページが見つかりません</title>"
        .encode("shift_jis"), f"Content-Type: {SHIFT_JIS}"), "http-404-unexplained", OTHER + files.LABELS),
)  # fmt: skip

STATUSES = (
    row("429-for-python", "429 for Python's name alone.", only_for(lambda agent: "python" not in agent.lower(),
        ok(GOOD), reply("429 Too Many Requests")), "http-403-user-agent", proves=True),
    row("429-for-python-paused", "It names a pause: no name is tried.", reply("429 Too Many Requests", b"",
        "Retry-After: 60"), "http-429-rate-limited"),
    row("429-in-a-runner", "A runner's address is shared by many.", reply("429 Too Many Requests"),
        "http-429-shared-address", how={"env": {"GITHUB_ACTIONS": "true"}}),
    row("429-vercel", "Vercel's challenge wears 429.", _said("429 Too Many Requests", "Server: Vercel",
        "x-vercel-mitigated: challenge", body=b"<title>Vercel Security Checkpoint</title><noscript>Enable JavaScript"),
        "http-403-challenge"),
    row("416-plain", "No range was asked for.", reply("416 Range Not Satisfiable", b"", "Content-Range: bytes */0"),
        "http-416-range"),
    row("522-nginx", "Cloudflare's number without Cloudflare.", reply("522 Odd", b"", "Server: nginx"),
        ("http-502-504-gateway", "http-500-server-error")),
    row("598", "A 5xx of nobody's list.", reply("598 Network read timeout error"), "http-500-server-error"),
    row("gcs-billing", "The account to be billed is closed.", reply("403 Forbidden",
        b"<?xml version='1.0'?><Error><Code>UserProjectAccountProblem</Code><Message>closed</Message></Error>",
        "Content-Type: application/xml", "x-guploader-uploadid: abc"), "http-403-object-not-public"),
    row("406-mod-security", "A firewall's page for every name.", html("406 Not Acceptable", "Not Acceptable!",
        "This error was generated by Mod_Security."), "http-403-waf-block"),
    row("to-javascript", "A Location that no program fetches.", reply("302 Found", b"",
        "Location: javascript:alert(1)"), "url-scheme-unsupported", stage="dns"),
)  # fmt: skip

SCENES: tuple[Scene, ...] = HEADS + BODIES + STATUSES
