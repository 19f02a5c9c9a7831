"""Repeats that decide, what passes by itself, and how long to wait.

What needs names, other addresses or a router of its own is a scene of the closed world: `tests/world`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import respond, sequence
from mnistdoctor.demo.log import Accepted
from tests.faults.body import empty_reply, reset_after_request
from tests.strangers.lab import Answer, Lab

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Fault

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


def _preflight(lab: Lab, *faults: Fault, options: tuple[str, ...] = ()) -> tuple[Answer, int]:
    """What `preflight` says of a server that plays these in turn, the last one for ever; and how often it was asked."""
    server = lab.serve(sequence(*faults))
    answer = lab.run("preflight", server.url("/a.bin"), "--no-controls", "--format", "json", *options)
    return answer, len(server.log.of(Accepted))


def s13_one_gateway_error_and_then_well(lab: Lab) -> None:
    """One 502, 503, 500 or 504, and then the file: healthy, with a warning that says so."""
    for status, cause in ((502, "http-502-504-gateway"), (500, "http-500-server-error"), (503, "http-503-overload")):
        answer, asked = _preflight(lab, respond(status, b"oops", close=True), respond(200, b"data", close=True))
        assert (answer.verdict, answer.code, answer.warnings, asked) == ("healthy", 0, [cause], 2)


def s13_one_cut_connection_and_then_well(lab: Lab) -> None:
    """A reset, a hang-up or a cut body passes as well."""
    for fault in (reset_after_request(), empty_reply(), cut(b"data" * 99, 70)):
        answer, asked = _preflight(lab, fault, respond(200, b"data", close=True))
        assert (answer.verdict, len(answer.warnings), asked) == ("healthy", 1, 2)


def s13_asked_pause_beyond_the_deadline(lab: Lab) -> None:
    """A pause that the deadline does not leave is not begun."""
    limit = respond(429, b"", (("Retry-After", "500"),), close=True)
    answer, asked = _preflight(lab, limit, respond(200, b"data", close=True))
    assert (answer.cause, answer.diagnosis["retry_after_s"], asked) == ("http-429-rate-limited", 500, 1)


def s13_what_does_not_pass(lab: Lab) -> None:
    """401, 403, 404, 407, 410 and 451 are asked once."""
    for status in (401, 403, 404, 407, 410, 451):
        answer, asked = _preflight(lab, respond(status, b"", close=True), respond(200, b"data", close=True))
        assert (answer.verdict, asked) == ("ailing", 1)
