"""What `preflight` repeats, and what it never does."""

from __future__ import annotations

import socket
import time

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.case import Case
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server
from mnistdoctor.examine import conductor, target_run
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.transient import asked_pause_s, is_transient
from mnistdoctor.probe.dns import SystemNames
from mnistdoctor.settings import Environment, Settings
from tests.causes.evidence import Evidence, answer

PASSING = ("connection_refused", "connection_reset", "connection_aborted", "generic_timeout_error")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_statuses_that_pass(status: int) -> None:
    assert is_transient(Evidence().get(status).case())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 407, 410, 416, 451, 501, 505, 999])
def test_statuses_that_stay(status: int) -> None:
    assert not is_transient(Evidence().get(status).case())


@pytest.mark.parametrize("failure", PASSING)
def test_connections_that_pass(failure: str) -> None:
    assert is_transient(
        Evidence().rec(ev.Connect, "tcp", address="192.0.2.1", port=443, family=4, failure=failure).case()
    )
    assert is_transient(Evidence(answer(b"data", failure=failure)).case())


@pytest.mark.parametrize(
    "case",
    [
        Evidence().rec(ev.Lookup, "dns", name="data.example", failure="dns_nxdomain_error").case(),
        Evidence().rec(ev.Connect, "tcp", address="192.0.2.1", port=443, family=4, failure="permission_denied").case(),
        Evidence().refused(10).case(),
        Evidence(answer(b"data")).case(),
    ],
)
def test_what_asking_again_does_not_change(case: Case) -> None:
    assert not is_transient(case)


def test_an_error_page_that_was_cut_is_judged_by_its_status() -> None:
    assert not is_transient(Evidence(answer(b"no", status=404, failure="body_incomplete")).case())
    assert is_transient(Evidence(answer(b"no", status=502, failure="body_incomplete")).case())


def test_the_pause_is_the_one_that_is_asked_for() -> None:
    assert asked_pause_s(Evidence().get(408, "", (("Retry-After", "7"),)).case()) == 7
    assert asked_pause_s(Evidence().get(408).case()) == 0


class _Names(SystemNames):
    """Fails for a moment, so many times, and then gives loopback's address; takes its time where told to."""

    def __init__(self, failures: int = 0, seconds: float = 0.0) -> None:
        self.failures, self.seconds, self.asked = failures, seconds, 0

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        self.asked += 1
        time.sleep(self.seconds)
        if self.asked <= self.failures:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return ("127.0.0.1",)


def _report(names: _Names, settings: Settings) -> conductor.Report:
    with Server(respond(200, b"data")) as server:
        target = Target(name=None, urls=(server.url("/a.bin", host="data.example"),), client="curl")
        return conductor.examine((target,), settings, load(), environment=Environment({}), names=names)


def test_a_name_that_failed_for_a_moment_is_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target_run, "PAUSES_S", (0.0,))
    names = _Names(failures=1)
    report = _report(names, Settings(retries=2, controls_allowed=False))
    assert (report.verdict, names.asked) == ("healthy", 2)
    assert [one.cause for one in report.targets[0].warnings] == ["dns-temporary-failure"]


def test_a_name_is_looked_up_once_where_nothing_is_repeated() -> None:
    names = _Names(failures=1)
    assert (_report(names, Settings(controls_allowed=False)).verdict, names.asked) == ("ailing", 1)


def test_a_lookup_has_a_patience_of_its_own() -> None:
    slow = _Names(seconds=0.5)
    assert _report(slow, Settings(timeout_s=0.1, lookup_s=30.0, controls_allowed=False)).verdict == "healthy"
    assert _report(slow, Settings(timeout_s=0.1, controls_allowed=False)).verdict == "ailing"
