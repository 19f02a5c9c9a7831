"""`mnistdoctor check` against the real URLs in the closed world: a table of scenes, each with its one cause."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from . import (
    files,
    scenes_caches,
    scenes_content,
    scenes_disk,
    scenes_facts_content,
    scenes_facts_http,
    scenes_facts_more,
    scenes_facts_net,
    scenes_facts_proxy,
    scenes_http,
    scenes_independent_body,
    scenes_independent_boxes,
    scenes_independent_heads,
    scenes_independent_http,
    scenes_independent_names,
    scenes_independent_net,
    scenes_independent_proxy,
    scenes_independent_reach,
    scenes_independent_tls,
    scenes_loaders,
    scenes_openml,
    scenes_proxy,
    scenes_rare,
    scenes_route,
    scenes_socks,
    scenes_tls,
    scenes_variables,
    scenes_ways,
)
from .proxy import USER, UnplayableError
from .scenes import HOST, LABELS, Scene
from .world import World

pytestmark = pytest.mark.world

OWN = (scenes_route, scenes_proxy, scenes_tls, scenes_http, scenes_content, scenes_disk, scenes_ways, scenes_variables,
       scenes_rare, scenes_socks, scenes_loaders, scenes_openml, scenes_caches)  # fmt: skip
INDEPENDENT = (
    scenes_independent_names,
    scenes_independent_net,
    scenes_independent_reach,
    scenes_independent_proxy,
    scenes_independent_tls,
    scenes_independent_http,
    scenes_independent_body,
    scenes_independent_boxes,
    scenes_independent_heads,
    scenes_facts_content,
    scenes_facts_http,
    scenes_facts_more,
    scenes_facts_net,
    scenes_facts_proxy,
)
"""Written from the facts by somebody who had not read the rules."""
SCENES: tuple[Scene, ...] = tuple(scene for module in (*OWN, *INDEPENDENT) for scene in module.SCENES)
STAGES = ("dns", "tcp", "proxy", "tls", "http", "length", "checksum")
EXIT = {"healthy": 0, "ailing": 1, "inconclusive": 3}


def outline(report: dict[str, Any]) -> str:
    """What a failed assertion shows: the report without its observations."""
    targets = [{k: v for k, v in target.items() if k != "observations"} for target in report["targets"]]
    return json.dumps({"verdict": report["verdict"], "targets": targets}, indent=1)


def is_diagnosed_as(scene: Scene, diagnosis: dict[str, Any], outcomes: dict[str, str], told: str) -> None:
    assert diagnosis["cause"] in scene.cause, told
    assert scene.stage in (None, diagnosis["stage"]), told
    assert outcomes[diagnosis["stage"]] == "failed", told
    later = STAGES[STAGES.index(diagnosis["stage"]) + 1 :]
    assert {outcomes[stage] for stage in later} <= {"skipped"}, told


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_scene(world: World, scene: Scene) -> None:
    try:
        how = dict(scene.arrange(world) or {})
    except UnplayableError as reason:
        (pytest.fail if os.environ.get("MNISTDOCTOR_REQUIRE_WORLD") == "1" else pytest.skip)(str(reason))
    world.settle()
    report = world.check(*scene.argv, **how)
    told = f"{scene.name}: {scene.motive}\n{outline(report)}"
    assert report["verdict"] == scene.verdict, told
    assert report["exit_code"] == EXIT[scene.verdict], told
    diagnosed = [target for target in report["targets"] if target["diagnosis"]]
    assert bool(diagnosed) == bool(scene.cause), told
    for target in report["targets"]:
        outcomes = {stage["stage"]: stage["outcome"] for stage in target["stages"]}
        assert tuple(outcomes) == STAGES, told
        if target["diagnosis"]:
            is_diagnosed_as(scene, target["diagnosis"], outcomes, told)
        elif target["verdict"] == "healthy":
            assert "failed" not in outcomes.values() or target["warnings"], told
    if scene.warns:
        assert scene.warns in [warning["cause"] for target in report["targets"] for warning in target["warnings"]], told
    if scene.proves:
        trials = [fix["trial"]["status"] for target in diagnosed for fix in target["diagnosis"]["fixes"]]
        assert "proven" in trials, told


def test_table_is_as_wide_as_it_says() -> None:
    names = [scene.name for scene in SCENES]
    assert len(set(names)) == len(names)
    assert sum(scene.verdict == "ailing" for scene in SCENES) >= 35
    assert sum(scene.verdict == "healthy" for scene in SCENES) >= 10
    assert all(scene.motive for scene in SCENES)


def test_healthy_file_costs_one_lookup_one_connection_one_request(world: World) -> None:
    report = world.check(LABELS)
    assert report["verdict"] == "healthy"
    assert sorted(query.kind for query in world.queries()) == ["A", "AAAA"]
    assert {query.name for query in world.queries()} == {HOST}
    assert world.connections(HOST, 443) == 1
    (request,) = world.requests()
    assert (request.method, request.status) == ("GET", 200)
    assert request.agent.startswith("python-requests/")


def test_redirect_costs_one_connection_and_request_for_each_hop(world: World) -> None:
    name = "zalandoresearch/fashion-mnist/raw/master/data/fashion/" + files.LABELS
    report = world.check(f"https://github.com/{name}")
    assert report["verdict"] == "healthy"
    assert [request.host for request in world.requests()] == ["github.com", "raw.githubusercontent.com"]
    assert [world.connections(host, 443) for host in ("github.com", "raw.githubusercontent.com")] == [1, 1]


def test_proxy_sees_refused_credentials_once_for_four_files(world: World) -> None:
    """Accounts lock after a few wrong passwords, so four files share one refusal."""
    report = world.check("torchvision:mnist", proxy=world.proxy_url("basic", USER, "forgotten"))
    assert report["verdict"] == "ailing"
    assert {target["diagnosis"]["cause"] for target in report["targets"]} == {"proxy-auth-wrong"}
    assert len(report["targets"]) == 4
    assert sum(seen.credentials for seen in world.proxied()) == 1
    assert "forgotten" not in json.dumps(report)


def test_nothing_goes_round_a_proxy_that_refuses(world: World) -> None:
    for kind in ("deny", "basic"):
        world.check(LABELS, proxy=world.proxy_url(kind))
    assert world.requests() == ()
    assert world.connections(HOST, 443) == 0


def test_signature_and_password_are_not_in_the_report(world: World) -> None:
    url = f"https://{HOST}/private/x.gz?X-Goog-Signature=5ec2e75ec2e7&Expires=1"
    proxy = world.proxy_url("basic", USER, "pa55w0rd!")
    text = json.dumps(world.check(url, proxy=proxy))
    assert "5ec2e75ec2e7" not in text
    assert "pa55w0rd" not in text


def test_big_made_file_is_checked_by_a_catalogue_of_ones_own(world: World) -> None:
    made = files.idx_images(count=4000)
    world.serve(HOST, "/cvdf-datasets/mnist/made-idx3-ubyte.gz", made.body)
    argv = (f"{files.GCS}made-idx3-ubyte.gz", "--sha256", made.sha256, "--length", str(made.length))
    report = world.check(*argv)
    assert report["verdict"] == "healthy"
    (target,) = report["targets"]
    assert {stage["stage"]: stage["outcome"] for stage in target["stages"]}["checksum"] == "ok"
