"""The table of the truth, and one verdict beside one client."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from tests.truth import settings
from tests.truth.__main__ import pairs_of, stored
from tests.truth.calls import CALLS
from tests.truth.clients import CALLS as SCRIPT
from tests.truth.clients import CLIENTS, Installed
from tests.truth.explained import EXPLAINED, reason
from tests.truth.places import NotHadError, environment
from tests.truth.play import SCENES, held, playable
from tests.truth.table import Held, disagreements, table
from tests.world.world import World


@pytest.mark.parametrize(
    ("verdict", "works", "agreement"),
    [
        ("healthy", True, "agree"),
        ("ailing", False, "agree"),
        ("ailing", True, "false alarm"),
        ("healthy", False, "miss"),
        ("inconclusive", False, "open"),
        ("ailing", None, "open"),
    ],
)
def test_agreement(verdict: str, works: bool | None, agreement: str) -> None:
    one = Held("curl", "a-scene", verdict, "tcp-refused", works, "no route")
    assert one.agreement == agreement
    assert bool(disagreements([one])) is (agreement in ("false alarm", "miss"))
    assert f"{'curl':<18}{1:>9}" in table([one])


def test_every_client_and_scene_has_a_name_of_its_own() -> None:
    assert len({one.label for one in CLIENTS}) == len(CLIENTS)
    assert len({one.name for one in settings.SCENES}) == len(settings.SCENES)
    assert all(map(playable, settings.SCENES))


def test_every_client_is_one_that_the_doctor_knows() -> None:
    catalogue = load()
    assert {catalogue.client(one.name).name for one in CLIENTS} == {one.name for one in CLIENTS}
    assert {one.call for one in CLIENTS if one.call} == set(CALLS)


def test_every_explanation_is_about_some_client_and_scene() -> None:
    for client, scene, why in EXPLAINED:
        assert why
        found = [(one.label, name) for one in CLIENTS for name in SCENES]
        assert any(reason(Held(*pair, "healthy", "", False)) == why for pair in found), (client, scene)
    assert reason(Held("curl", "no-such-scene", "healthy", "", False)) is None


def test_shares_of_all_clients_make_up_every_scene_and_each_plays_its_part() -> None:
    scenes = [f"scene-{number}" for number in range(12)]
    pairs = pairs_of(scenes, list(CLIENTS[:4]), 4)
    assert sorted(scene for scene, _ in pairs) == sorted(scenes)
    assert {client.label for _, client in pairs} == {one.label for one in CLIENTS[:4]}
    assert len(pairs_of(scenes, list(CLIENTS[:4]), 1)) == 48


def test_last_result_of_a_pair_counts(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    assert stored(file) == {}
    held = [Held("curl", "a-scene", verdict, "", True) for verdict in ("ailing", "healthy")]
    file.write_text("".join(json.dumps(asdict(one)) + "\n" for one in held))
    assert stored(file) == {("curl", "a-scene"): held[1]}


def test_client_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotHadError, match=r"Python 9\.9"):
        environment(tmp_path / "none", "9.9", ("requests",))


@pytest.mark.world
@pytest.mark.parametrize("scene", ["truth-value-both", "truth-url-letter", "truth-name-ALL_PROXY"])
def test_urllib_and_its_verdict_agree(world: World, scene: str) -> None:
    client = next(one for one in CLIENTS if one.label == "urllib")
    here = Installed(client, (sys.executable, str(SCRIPT), "urllib", "URL", "FILE"), Path(sys.executable))
    assert held(world, SCENES[scene], here).agreement == "agree"
