"""Repeats that decide, what passes by itself, and how long to wait.

What needs names, other addresses or a router of its own is a scene of the closed world: `tests/world`. S914 is C14 of
the list of attacks: `unexplained` with an obvious cause.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import redirect, respond, sequence
from mnistdoctor.demo.log import Accepted
from tests.faults.body import delayed, drip_head, empty_reply, endless_continue, reset_after_request, stall
from tests.faults.proxy import reset_now
from tests.faults.tcp import hang
from tests.strangers.lab import CHECKOUT, Answer, Lab
from tests.strangers.rows.fixes import FASHION, catalogue

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


BODY = b"0123456789" * 750


def _short(*lengths: int) -> Fault:
    """Announces the whole, and sends so many bytes of it at each fetch, the last number for ever."""
    return sequence(*(cut(BODY, length) for length in lengths))


def s17_short_at_every_fetch(lab: Lab) -> None:
    """Content-Length is always 24 too large: the server's fault, and asking again does not help."""
    answer = lab.check(lab.serve(_short(len(BODY) - 24)).url("/short.bin"), *QUICK)
    found = answer.diagnosis
    assert (found["cause"], found["side"], found["certainty"], found["retry"]) == (
        "body-truncated", "server", "certain", "no",
    )  # fmt: skip


def s17_short_at_another_byte_each_time(lab: Lab) -> None:
    """Two fetches are cut at different bytes: the line's side, and never certain."""
    found = lab.check(lab.serve(_short(3000, 5000)).url("/short.bin"), *QUICK).diagnosis
    assert (found["cause"], found["side"], found["certainty"], found["retry"]) == (
        "body-truncated", "network", "likely", "yes",
    )  # fmt: skip


def s17_short_once(lab: Lab) -> None:
    """One fetch is cut and the next is whole; or nobody may ask again: likely, and the runner-up named."""
    once = lab.check(lab.serve(sequence(cut(BODY, 3000), respond(200, BODY))).url("/short.bin"), *QUICK)
    unasked = lab.run("check", lab.serve(_short(3000)).url("/a.bin"), "--no-controls", *QUICK, "--format", "json")
    for answer in (once, unasked):
        assert (answer.cause, answer.certain, answer.diagnosis["side"]) == ("body-truncated", False, "network")
        assert answer.diagnosis["also_possible"]


def s17_length_too_large_beside_the_whole_file(lab: Lab) -> None:
    """The announced length is too large and the digest is right: nothing is missing."""
    server = lab.serve(cut(BODY + b"x" * 24, len(BODY)))
    answer = lab.check(server.url("/a.bin"), "--sha256", hashlib.sha256(BODY).hexdigest(), *QUICK)
    assert (answer.cause, answer.certain, answer.diagnosis["side"]) == ("body-truncated", True, "server")
    assert "the whole file" in answer.diagnosis["title"]


def s24_one_cut_one_cause_whatever_the_client(lab: Lab) -> None:
    """keras counts, torchvision and scikit-learn do not: one cause and one side, and what each makes of it."""
    server = lab.serve(_short(3000))
    for client, told in (("keras", "counts"), ("torchvision", "does not count"), ("sklearn", "does not count")):
        found = lab.check(server.url("/a.bin"), "--as", client, *QUICK).diagnosis
        assert (found["cause"], found["side"]) == ("body-truncated", "server")
        assert f"{client} {told}" in found["explanation"]


def s18_host_unreachable_beside_hosts_that_answer(lab: Lab) -> None:
    """A router's word on a host, met in the closed world: a firewall's, or a dead server's; never certain."""
    stored = CHECKOUT / "tests/cases/world/tcp-unreachable.json"
    answer = lab.run("check", "--from", str(stored), "--format", "json")
    assert (answer.cause, answer.certain) == ("tcp-unreachable", False)
    assert answer.diagnosis["also_possible"]


def s18_reset_of_every_connection(lab: Lab) -> None:
    """A reset under whatever name: a box on the way, or a server that sheds load; never certain."""
    answer = lab.run("check", "--from", str(CHECKOUT / "tests/cases/world/tcp-reset.json"), "--format", "json")
    assert (answer.cause, answer.certain) == ("tcp-reset", False)
    assert answer.diagnosis["also_possible"]


def s914_silence_in_place_of_an_answer(lab: Lab) -> None:
    """Silence before, in and after the status line, fields that drip, 100s without end: no whole answer came."""
    faults = (
        hang,
        stall(b"HTTP/1.1 2"),
        stall(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        drip_head(1, 0.2),
        endless_continue(),
    )
    for fault in faults:
        answer = lab.check(lab.serve(fault).url("/a.bin"), *QUICK)
        assert (answer.cause, answer.certain, answer.diagnosis["side"]) == ("http-not-http", False, "server")


def s914_answer_that_is_only_late(lab: Lab) -> None:
    """An answer that comes in time is slow, and well."""
    assert (
        lab.check(lab.serve(delayed(0.5, respond(200, b"data"))).url("/a.bin"), "--timeout", "5").verdict == "healthy"
    )


def s914_status_beyond_http(lab: Lab) -> None:
    """999 is no status of HTTP: an error of the server's making, or a rule against programs."""
    answer = lab.check(lab.serve(respond(999, b"denied")).url("/a.bin"), *QUICK)
    assert (answer.cause, answer.certain) == ("http-500-server-error", False)


def s914_redirect_without_an_address(lab: Lab) -> None:
    """A redirect without a Location, or to what is no address."""
    for location in (None, "http://127.0.0.1:0/x", "http://127.0.0.1:99999/x", "http://[::1"):
        answer = lab.check(lab.serve(redirect(location)).url("/a.bin"), *QUICK)
        assert (answer.cause, answer.diagnosis["side"]) == ("http-redirect-nowhere", "server")


def s914_proxy_that_gives_no_answer(lab: Lab) -> None:
    """A proxy that takes connections and is silent or resets, for every plain-http URL."""
    for fault in (hang, reset_now):
        proxy = lab.serve(fault)
        answer = lab.check("http://data.invalid/a.bin", *QUICK, http_proxy=proxy.url(""))
        assert (answer.cause, answer.certain, answer.diagnosis["side"]) == ("proxy-unreachable", False, "proxy")


def s29_page_that_says_why(lab: Lab) -> None:
    """A 403 whose page says why: its words are said."""
    why = "Access to this resource has been blocked due to unusual traffic from your network."
    page = f"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1><p>{why}</p></body></html>"
    answer = lab.check(lab.serve(respond(403, page.encode(), content_type="text/html")).url("/blocked.tar.gz"), *QUICK)
    assert answer.cause == "http-403-unexplained"
    assert any(why in sentence for sentence in answer.diagnosis["evidence"])
    assert "does not say why" not in answer.diagnosis["title"]


def s29_page_that_says_nothing(lab: Lab) -> None:
    """A 403 of a bare server says no more than its status."""
    page = (
        b"<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr>nginx</body>"
    )
    answer = lab.check(lab.serve(respond(403, page, content_type="text/html")).url("/blocked.tar.gz"), *QUICK)
    assert "does not say why" in answer.diagnosis["title"]


def s61_one_500_and_a_good_second_answer(lab: Lab) -> None:
    """A bad back end now and then: preflight asks again and is content; check says that it was only once, and how."""
    answer, _ = _preflight(lab, respond(500, b"oops", close=True), respond(200, b"data", close=True))
    assert (answer.verdict, answer.warnings) == ("healthy", ["http-500-server-error"])
    found = lab.check(lab.serve(sequence(respond(500, b"oops"), respond(200, b"data"))).url("/a.bin")).diagnosis
    assert (found["cause"], found["certainty"], found["retry"]) == ("http-500-server-error", "likely", "yes")
    assert found["fixes"][0]["trial"]["status"] == "helped"


def s36_a_source_that_failed_in_this_run_is_no_fix(lab: Lab) -> None:
    """Both places of a data set answer 404: each is asked once for a file, and neither is offered as a way out."""
    first, second = lab.serve(respond(404, b"none")), lab.serve(respond(404, b"none"))
    for command in (("check",), ("preflight",)):
        known = catalogue(lab, first.url(""), second.url(""))
        answer = lab.run(*command, "fashion-mnist", "--catalogue", known, "--no-controls", "--format", "json")
        offers = [
            fix["trial"]
            for target in answer.targets
            for fix in target["diagnosis"]["fixes"]
            if any(second.url("") in step["text"] for step in fix["commands"])
        ]
        assert [offer["status"] for offer in offers] == ["no-change"] * len(answer.targets) != [], offers
    asked = [request.target for request in second.log.requests]
    assert len(asked) == 2 * len(FASHION), asked
