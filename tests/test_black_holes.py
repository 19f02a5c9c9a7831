"""Hosts that do not answer at all: each is waited for once, however many files it was to serve, and side by side."""

from __future__ import annotations

import socket
from collections import Counter
from contextlib import ExitStack

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server, SilentPort
from mnistdoctor.examine import conductor, target_run
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure
from mnistdoctor.probe import tcp
from mnistdoctor.probe.dns import SystemNames
from mnistdoctor.run import Recorder
from mnistdoctor.settings import Environment, Settings


def target(url: str) -> Target:
    return Target(name=None, urls=(url,), client="requests")


def examined(urls: list[str], **settings: object) -> conductor.Report:
    chosen = Settings(**{"controls_allowed": False, "trials_allowed": False, "timeout_s": 0.5, **settings})  # type: ignore[arg-type]
    return conductor.examine(tuple(map(target, urls)), chosen, load(), environment=Environment({}))


def waited(report: conductor.Report) -> Counter[int]:
    """By port: the connections for which somebody waited in vain."""
    return Counter(
        one.port
        for result in report.targets
        for one in result.observations
        if isinstance(one, ev.Connect) and one.failure == Failure.TIMEOUT and one.reused is None
    )


@pytest.mark.parametrize("jobs", [1, 4, 16])
def test_each_host_is_waited_for_once(jobs: int) -> None:
    with ExitStack() as stack:
        dead = [stack.enter_context(SilentPort()) for _ in range(3)]
        well = stack.enter_context(Server(respond(200, b"data")))
        urls = [one.url(f"/{number}") for one in dead for number in range(12)]
        urls += [well.url(f"/{number}") for number in range(12)]
        report = examined(urls, jobs=jobs)
    assert [one.url for one in report.targets] == urls
    assert [one.verdict for one in report.targets] == ["ailing"] * 36 + ["healthy"] * 12
    assert len({one.diagnosis.cause for one in report.targets if one.diagnosis}) == 1
    assert waited(report) == {one.port: 1 for one in dead}


def test_what_others_waited_for_is_said_as_they_saw_it() -> None:
    with SilentPort() as dead:
        report = examined([dead.url("/a"), dead.url("/b")], jobs=1)
    first, second = (one.diagnosis for one in report.targets)
    assert first is not None
    assert second is not None
    assert any("after 0.5 s" in one for one in first.evidence)
    assert first.evidence == second.evidence


def test_each_repetition_is_made_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    attempt = tcp._attempt

    def counted(rec: Recorder, address: str, port: int, peer: ev.Peer, name: str) -> object:
        made.append(port)
        return attempt(rec, address, port, peer, name)

    monkeypatch.setattr(tcp, "_attempt", counted)
    monkeypatch.setattr(target_run, "PAUSES_S", (0.05,))
    with SilentPort() as dead:
        report = examined([dead.url(f"/{number}") for number in range(8)], jobs=4, retries=2, timeout_s=0.3)
    assert made == [dead.port] * 3
    assert {one.verdict for one in report.targets} == {"ailing"}


class _DeadResolver(SystemNames):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        self.asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


@pytest.mark.parametrize(("jobs", "most"), [(1, 3), (4, 17)])
def test_a_name_that_cannot_be_looked_up_is_asked_for_once_a_repetition(
    monkeypatch: pytest.MonkeyPatch, jobs: int, most: int
) -> None:
    """Targets side by side begin their repetitions apart, so a few may ask anew; never each of the six for itself."""
    monkeypatch.setattr(target_run, "PAUSES_S", (0.2,))
    names = _DeadResolver()
    urls = [f"http://{host}.example/{number}" for host in ("a", "b") for number in range(6)]
    settings = Settings(controls_allowed=False, trials_allowed=False, retries=2, jobs=jobs)
    report = conductor.examine(tuple(map(target, urls)), settings, load(), environment=Environment({}), names=names)
    assert {one.verdict for one in report.targets} == {"ailing"}
    asked = Counter(names.asked)
    assert set(asked) == {"a.example", "b.example"}
    assert all(3 <= times <= most for times in asked.values()), asked


def test_the_silent_hosts_begin_together() -> None:
    urls = [f"http://{host}.example/{number}" for host in "abc" for number in range(3)]
    turns = [number for number, _ in conductor._by_turns(tuple(map(target, urls)))]
    assert turns == [0, 3, 6, 1, 4, 7, 2, 5, 8]


def test_a_description_comes_before_what_it_describes() -> None:
    described = Target(name="b", urls=("http://b.example/",), client="requests", described_by="a")
    first = Target(name="a", urls=("http://a.example/2",), client="requests")
    order = [one.name for _, one in conductor._by_turns((target("http://a.example/1"), first, described))]
    assert order == [None, "a", "b"]


def test_a_host_that_answers_is_connected_to_by_each() -> None:
    with Server(respond(200, b"data")) as server:
        report = examined([server.url(f"/{number}") for number in range(9)], jobs=4)
        assert len(server.log.requests) == 9
    assert report.verdict == "healthy"
    assert not [
        one for result in report.targets for one in result.observations if isinstance(one, ev.Connect) and one.reused
    ]
