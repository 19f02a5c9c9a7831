"""Repeats that decide, what passes by itself, and how long to wait.

What needs names, other addresses or a router of its own is a scene of the closed world: `tests/world`.
"""

from __future__ import annotations

from mnistdoctor.demo.faults_http import respond
from tests.strangers.lab import Lab

QUICK = ("--timeout", "1", "--no-try")


def s30_wait_in_a_structured_field(lab: Lab) -> None:
    """`RateLimit: "api";r=0;t=171` says how long to wait."""
    limit = (("RateLimit", '"api";r=0;t=171'), ("RateLimit-Policy", '"fixed window";"api";q=500;w=300'))
    server = lab.serve(respond(429, b'{"error":"rate limited"}', fields=limit, content_type="application/json"))
    answer = lab.check(server.url("/hf429.bin"), "--as", "huggingface")
    assert (answer.cause, answer.diagnosis["retry"], answer.diagnosis["retry_after_s"]) == (
        "http-429-rate-limited", "wait", 171,
    )  # fmt: skip
    assert any("171 s" in fix["title"] for fix in answer.fixes)


def s30_limit_that_is_not_used_up(lab: Lab) -> None:
    """The end of a limit of which much is left is no time to wait for."""
    fields = (("X-RateLimit-Remaining", "42"), ("X-RateLimit-Reset", "3000"))
    server = lab.serve(respond(503, b"busy", fields=fields))
    answer = lab.check(server.url("/a.bin"), *QUICK)
    assert (answer.cause, answer.diagnosis["retry_after_s"]) == ("http-503-overload", None)


def s31_long_ago_in_years(lab: Lab) -> None:
    """A link that ended years ago: years are said, not minutes."""
    server = lab.serve(respond(403, b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"))
    answer = lab.check(server.url("/a.gz?Expires=1577836800&Signature=abc&Key-Pair-Id=K"), *QUICK)
    assert answer.cause == "http-403-signature"
    assert any("years before" in sentence for sentence in answer.diagnosis["evidence"])
