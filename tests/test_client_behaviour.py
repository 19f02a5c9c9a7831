"""How a loader would go on after a failure: by its client's own repetitions, to its next mirror, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import respond, sequence, serve
from mnistdoctor.demo.pages import retry_after
from mnistdoctor.demo.servers import Server
from mnistdoctor.examine.client_behaviour import goes_on, repeats
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure
from tests.causes.evidence import URL, Evidence, rec
from tests.faults.body import empty_reply, reset_after_request
from tests.faults.tcp import hang
from tests.probe.scene import DATA, report, target

STATUS = Failure.STATUS


def status(number: int) -> Any:
    return rec(ev.Exchange, "http", method="GET", url=URL, status=number, failure=STATUS)


def no_answer(failure: Failure) -> Any:
    return rec(ev.Exchange, "http", method="GET", url=URL, failure=failure)


def connect(failure: Failure) -> Any:
    return rec(ev.Connect, "tcp", address="192.0.2.1", port=443, family=4, failure=failure)


def shake(failure: Failure) -> Any:
    return rec(ev.Handshake, "tls", server_name="files.example", failure=failure)


def tunnel(number: int | None, failure: Failure = Failure.TUNNEL) -> Any:
    return rec(ev.Tunnel, "proxy", protocol="http", target="x:443", proxy="p:1", status=number, failure=failure)


def body(failure: Failure | None, framing: str = "length") -> Any:
    return rec(ev.Transfer, "length", status=200, framing=framing, failure=failure)


RESET, EOF, TIMEOUT, INCOMPLETE = Failure.RESET, Failure.EOF, Failure.TIMEOUT, Failure.INCOMPLETE
ASKED_AGAIN = [
    ("tfds", status(503), 10), ("tfds", status(500), 10), ("tfds", status(501), 0), ("tfds", status(404), 0),
    ("tfds", no_answer(RESET), 10), ("tfds", connect(Failure.REFUSED), 10), ("tfds", body(RESET), 0),
    ("tfds", body(None), 0), ("tfds-4.7", status(503), 0),
    ("sklearn", status(503), 3), ("sklearn", status(404), 3), ("sklearn", status(403), 3), ("sklearn", status(412), 0),
    ("sklearn", no_answer(EOF), 1), ("sklearn", body(INCOMPLETE), 1), ("sklearn", body(None), 1),
    ("sklearn-1.7", body(None), 0), ("sklearn-1.7", status(404), 3), ("sklearn-1.0", status(503), 0),
    ("huggingface", status(429), 5), ("huggingface", status(404), 0), ("huggingface", body(INCOMPLETE), 5),
    ("huggingface-1", status(408), 5), ("huggingface-1", no_answer(EOF), 5),
    ("huggingface-1", connect(Failure.REFUSED), 5),
    ("huggingface-1.2", status(408), 0), ("huggingface-1.2", status(503), 5), ("huggingface-1.2", no_answer(RESET), 5),
    ("huggingface-1.2", no_answer(EOF), 0), ("huggingface-1.2", connect(Failure.REFUSED), 0),
    ("aria2", no_answer(EOF), 4), ("aria2", shake(RESET), 4), ("aria2", shake(EOF), 0), ("aria2", status(504), 4),
    ("aria2", status(503), 0), ("aria2", body(INCOMPLETE), 0), ("wget", status(504), 19), ("wget", status(503), 0),
    ("sklearn-1.0", shake(RESET), 1), ("tfds", shake(RESET), 10), ("huggingface-1.2", shake(RESET), 0),
    ("huggingface-1.0", status(503), 0), ("huggingface-1.0", status(429), 5),
    ("huggingface-0", status(504), 5), ("huggingface-0", status(429), 0), ("huggingface-0.34", status(503), 0),
    ("keras", status(503), 0), ("torchvision", status(503), 0), ("requests", status(503), 0), ("curl", status(503), 0),
]  # fmt: skip


@pytest.mark.parametrize(("client", "record", "times"), ASKED_AGAIN)
def test_what_a_client_repeats(client: str, record: Any, times: int) -> None:
    assert repeats(Evidence(record, client=client).case()) == times


@pytest.mark.parametrize("client", [one.name for one in load().clients])
@pytest.mark.parametrize(
    "record",
    [
        status(401), status(407), tunnel(407), tunnel(None, Failure.CREDENTIALS_HELD), connect(TIMEOUT),
        shake(Failure.UNKNOWN_AUTHORITY), rec(ev.Lookup, "dns", name="files.example", failure=Failure.NXDOMAIN),
    ],
    ids=["401", "407", "tunnel-407", "held-back", "time-out", "certificate", "name"],
)  # fmt: skip
def test_what_nobody_repeats(client: str, record: Any) -> None:
    assert repeats(Evidence(record, client=client).case()) == 0


@pytest.mark.parametrize(
    ("release", "client"),
    [
        ("sklearn", [("1.0.2", "sklearn-1.0"), ("1.1", "sklearn"), ("1.6.1", "sklearn"), ("1.8.0", "sklearn-1.7")]),
        ("tfds", [("4.7.0", "tfds-4.7"), ("4.8.0", "tfds")]),
        ("huggingface", [("0.34.4", "huggingface-0.34"), ("0.35.3", "huggingface-0"), ("1.0.1", "huggingface-1.0")]),
    ],
)
def test_clients_by_release(release: str, client: list[tuple[str, str]]) -> None:
    loader = load().loader(release)
    assert [loader.plan(loader.datasets[0].name, number).client for number, _ in client] == [one for _, one in client]


def as_torchvision(record: Any | None, *rule: str) -> bool:
    mirrors = Target(name="x", urls=(URL, URL), client="torchvision", fallback=rule)
    return goes_on(mirrors, Evidence(*([record] if record else []), client="torchvision").case(), None)


URL_ERRORS = (
    status(403), status(503), connect(Failure.REFUSED), connect(TIMEOUT), shake(Failure.UNKNOWN_AUTHORITY),
    shake(RESET), tunnel(403),
)  # fmt: skip
RAW = (
    no_answer(RESET), no_answer(EOF), no_answer(Failure.HTTP_RESPONSE), body(RESET), body(INCOMPLETE, "chunked"),
    body(TIMEOUT), body(Failure.STALLED), no_answer(TIMEOUT), shake(TIMEOUT),
)  # fmt: skip


@pytest.mark.parametrize("record", URL_ERRORS)
def test_url_errors_lead_to_the_next_mirror(record: Any) -> None:
    assert as_torchvision(record, "url-error")
    assert as_torchvision(record, "url-error", "digest-mismatch")
    assert not as_torchvision(record)


@pytest.mark.parametrize("record", RAW)
def test_what_escapes_as_it_is_or_never_ends_does_not(record: Any) -> None:
    assert not as_torchvision(record, "url-error", "digest-mismatch")


@pytest.mark.parametrize("record", [None, body(INCOMPLETE)])
def test_bytes_that_do_not_fit_do_from_0_27(record: Any) -> None:
    assert as_torchvision(record, "url-error", "digest-mismatch")
    assert not as_torchvision(record, "url-error")


@pytest.mark.parametrize(
    ("client", "fault", "cause"),
    [
        ("tfds", respond(503, b"busy\n"), "http-503-overload"),
        ("tfds", reset_after_request(), "tcp-reset"),
        ("tfds", empty_reply(), "http-not-http"),
        ("sklearn", respond(404, b"gone\n"), "http-404-unexplained"),
        ("sklearn", cut(DATA, 1000), "body-truncated"),
        ("huggingface", retry_after("0"), "http-429-rate-limited"),
    ],
)
def test_what_passes_is_healthy_with_a_warning(client: str, fault: Any, cause: str) -> None:
    with Server(sequence(fault, serve(DATA))) as server:
        (result,) = report(target(server.url("/x"), client=client), timeout_s=5.0).targets
        assert len(server.log.requests) == 2
    assert (result.verdict, result.diagnosis, result.retried) == ("healthy", None, 1)
    (warning,) = (one for one in result.warnings if "repetition" in one.title)
    assert warning.cause == cause


@pytest.mark.parametrize(
    ("client", "fault", "cause", "asked"),
    [
        ("tfds", respond(503, b"busy\n"), "http-503-overload", 4),
        ("sklearn", respond(401, b""), "http-401-token-missing", 1),
        ("sklearn", respond(412, b""), "http-4xx-other", 1),
        ("sklearn", cut(DATA, 1000), "body-truncated", 2),
        ("tfds", retry_after("60", 503), "http-503-overload", 1),
        ("keras", respond(503, b"busy\n"), "http-503-overload", 1),
    ],
)
def test_what_stays_is_the_same_fault(client: str, fault: Any, cause: str, asked: int) -> None:
    with Server(fault) as server:
        (result,) = report(target(server.url("/x"), client=client), timeout_s=5.0).targets
        assert len(server.log.requests) == asked
    assert result.diagnosis is not None
    assert result.diagnosis.cause == cause
    assert result.retried == asked - 1


def test_a_silence_is_waited_out_once() -> None:
    with Server(hang) as server:
        (result,) = report(target(server.url("/x"), client="tfds"), timeout_s=0.5).targets
        assert len(server.log.connections) == 1
    assert (result.verdict, result.retried) == ("ailing", 0)
