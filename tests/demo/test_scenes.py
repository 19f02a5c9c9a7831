"""Every scene comes out as written, on loopback alone, and costs the servers no more than a download would."""

from __future__ import annotations

import errno
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnistdoctor.demo import player
from mnistdoctor.demo.scenes import SCENES, Scene
from mnistdoctor.demo.scenes.testbed import HOST, PLAIN, SECURE
from mnistdoctor.demo.servers import RefusingPort, Server
from mnistdoctor.evidence import STAGES
from mnistdoctor.examine.conductor import examine

if TYPE_CHECKING:
    from mnistdoctor.demo.log import Log
    from mnistdoctor.demo.scenes import Setup
    from mnistdoctor.examine.conductor import Report

HEALTHY = tuple(scene for scene in SCENES if scene.verdict == "healthy")


def by_name(name: str) -> Scene:
    return next(scene for scene in SCENES if scene.name == name)


def run(setup: Setup) -> Report:
    return examine(
        setup.targets, setup.settings, setup.catalogue, environment=setup.environment, names=setup.names
    )  # fmt: skip


def log_of(setup: Setup, host: str) -> Log:
    return setup.servers[host].log


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """Of all scenes by name, played once, side by side."""
    with ThreadPoolExecutor(player.SIDE_BY_SIDE) as pool:
        played = pool.map(lambda one: player.play(one)[0], SCENES)
        return dict(zip((one.name for one in SCENES), played, strict=True))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene_comes_out_as_written(scene: Scene, reports: dict[str, Report]) -> None:
    report = reports[scene.name]
    assert report.verdict == scene.verdict
    for target in report.targets:
        found = target.diagnosis
        assert (found and found.cause) == scene.cause
        assert (found and found.stage) == scene.stage
        if scene.proven:
            assert found is not None
            assert found.remedies[0].trial.status == "proven"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_nothing_secret_is_recorded(scene: Scene, reports: dict[str, Report]) -> None:
    text = repr(reports[scene.name].targets[0].observations)
    assert not any(secret in text for secret in ("s3cret", "old-password", "0123abcd"))


def test_scenes_are_told_apart_and_described() -> None:
    assert len(SCENES) >= 40
    assert max(Counter(scene.name for scene in SCENES).values()) == 1
    for scene in SCENES:
        assert scene.motive.endswith(".")
        assert 15 < len(scene.motive) < 160
        assert (scene.verdict == "healthy") == (scene.cause is None) == (scene.stage is None)
        assert scene.stage in (None, *STAGES)
    assert {scene.stage for scene in SCENES} >= set(STAGES)


@pytest.mark.parametrize("name", ["healthy", "healthy-redirected", "healthy-slow-chunked"])
def test_healthy_costs_what_a_download_costs(name: str) -> None:
    with by_name(name).set_up() as setup:
        report = run(setup)
        hosts = {HOST, "cdn.demo"} & setup.servers.keys()
        asked = Counter((one.name, one.type) for one in setup.dns.log.questions)
        assert asked == {(host, kind): 1 for host in hosts for kind in ("A", "AAAA")}
        for host in hosts:
            assert (len(log_of(setup, host).connections), len(log_of(setup, host).requests)) == (1, 1)
        for host in (PLAIN, SECURE):
            assert log_of(setup, host).connections == ()
    assert {one.role for one in report.targets[0].observations} == {"target"}
    assert report.targets[0].warnings == ()


def test_healthy_by_proxy_costs_one_tunnel_and_no_lookup_of_the_host() -> None:
    with by_name("healthy-by-proxy").set_up() as setup:
        run(setup)
        proxy, origin = log_of(setup, "proxy.demo"), log_of(setup, HOST)
        assert (len(proxy.connections), [one.method for one in proxy.requests]) == (1, ["CONNECT"])
        assert (len(origin.connections), len(origin.requests)) == (1, 1)
        assert {one.name for one in setup.dns.log.questions} == {"proxy.demo"}


def test_wrong_credentials_are_sent_once_for_four_files() -> None:
    with by_name("proxy-password-wrong").set_up() as setup:
        report = run(setup)
        assert len(report.targets) == 4
        assert len(log_of(setup, "proxy.demo").sent("Proxy-Authorization")) == 1


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_no_fault_breaks_down_and_no_file_is_left(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scene.set_up() as setup:
        logs = [server.log for server in setup.servers.values()]
    assert [error for log in logs for error in log.errors] == []
    assert list(tmp_path.iterdir()) == []


def test_the_users_proxy_and_trust_settings_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    with RefusingPort() as closed:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, closed.url(""))
            monkeypatch.setenv(name.lower(), closed.url(""))
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, "/no/such/bundle.pem")
        for name in ("healthy", "intercepted", "mistyped", "proxy-wants-password"):
            assert player.differs(by_name(name), player.play(by_name(name))[0]) == ""


def test_the_systems_resolver_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = socket.getaddrinfo

    def guarded(host: str, *more: int, **named: int) -> list[tuple[object, ...]]:
        assert host == "127.0.0.1"
        return genuine(host, *more, **named)  # type: ignore[return-value]

    monkeypatch.setattr(socket, "getaddrinfo", guarded)
    for name in ("healthy", "no-such-host", "proxy-denies-host", "captive-portal"):
        assert player.differs(by_name(name), player.play(by_name(name))[0]) == ""


def test_machine_without_a_network_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = socket.socket.connect

    def unplugged(self: socket.socket, address: tuple[str, int]) -> None:
        if not address[0].startswith("127."):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        genuine(self, address)

    monkeypatch.setattr(socket.socket, "connect", unplugged)
    for name in ("no-such-host", "name-server-fails"):
        assert player.differs(by_name(name), player.play(by_name(name))[0]) == ""


# the stage


def test_first_scene_is_a_fault_with_a_proven_fix() -> None:
    assert by_name(player.FIRST).proven


@pytest.mark.parametrize(("name", "code"), [("healthy", 0), ("gone", 1)])
def test_play_tells_the_exit_code(name: str, code: int) -> None:
    assert player.play(by_name(name))[1] == code


def test_play_all_shows_scenes_in_order_and_counts() -> None:
    scenes = tuple(by_name(name) for name in ("rate-limited", "healthy", "gone"))
    shown: list[str] = []
    assert player.play_all(scenes, shown.append) == 0
    assert [line.split()[:3] for line in shown[:3]] == [
        ["✓", "rate-limited", "http-429-rate-limited"],
        ["✓", "healthy", "healthy"],
        ["✓", "gone", "http-410-gone"],
    ]
    assert shown[3].startswith("3 of 3 scenes came out as written, ")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cause": "http-404-moved"}, "http-410-gone at http instead of http-404-moved at http"),
        ({"stage": "length"}, "http-410-gone at http instead of http-410-gone at length"),
        ({"verdict": "healthy"}, "ailing instead of healthy"),
        ({"proven": True}, "http-410-gone, but no fix was proven"),
    ],
)
def test_play_all_tells_what_comes_out_otherwise(change: dict[str, object], told: str) -> None:
    shown: list[str] = []
    assert player.play_all((replace(by_name("gone"), **change),), shown.append) == 1  # type: ignore[arg-type]
    assert shown[0].startswith("✗ gone")
    assert told in shown[0]
    assert shown[1].startswith("0 of 1 scenes")


def test_scene_that_the_system_cannot_play_is_told() -> None:
    def refuse(_testbed: object) -> None:
        raise OSError("no loopback")

    shown: list[str] = []
    assert player.play_all((replace(by_name("healthy"), arrange=refuse),), shown.append) == 1
    assert "cannot be played here: no loopback" in shown[0]


def test_bug_in_a_scene_is_raised() -> None:
    def broken(testbed: object) -> None:
        raise KeyError("oops")

    with pytest.raises(KeyError):
        player.play_all((replace(by_name("healthy"), arrange=broken),), lambda _line: None)


@pytest.mark.parametrize("width", [30, 60, 88, 200])
def test_listing_fits_and_names_every_scene(width: int) -> None:
    text = player.listing(SCENES, width)
    assert all(scene.name in text for scene in SCENES)
    rows = [line for line in text.splitlines() if "`" not in line]
    assert all(len(line) <= width or " " not in line.strip() for line in rows)
    words = " ".join(text.split())
    if width == 200:
        assert all(scene.motive in words for scene in SCENES)


def test_introduction_names_scene_and_motive() -> None:
    scene = by_name("moved")
    assert scene.name in player.introduction(scene)
    assert scene.motive in " ".join(player.introduction(scene).split())


def test_healthy_scenes_are_more_than_one() -> None:
    assert len(HEALTHY) >= 3


def test_servers_by_name_are_the_ones_that_serve() -> None:
    with by_name("healthy").set_up() as setup:
        assert isinstance(setup.servers[HOST], Server)
        assert str(setup.servers[HOST].port) in setup.targets[0].urls[0]
