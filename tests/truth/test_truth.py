"""The table of the truth, and one verdict beside one client."""

from __future__ import annotations

import sys

import pytest

from tests.truth import settings
from tests.truth.__main__ import held, playable
from tests.truth.clients import CLIENTS
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
    assert f"{'curl':<14}{1:>9}" in table([one])


def test_every_client_and_scene_has_a_name_of_its_own() -> None:
    assert len({one.name for one in CLIENTS}) == len(CLIENTS)
    assert len({one.name for one in settings.SCENES}) == len(settings.SCENES)
    assert all(map(playable, settings.SCENES))


@pytest.mark.world
@pytest.mark.parametrize("scene", ["truth-value-both", "truth-url-letter", "truth-name-ALL_PROXY"])
def test_urllib_and_its_verdict_agree(world: World, scene: str) -> None:
    (client,) = (one for one in CLIENTS if one.name == "urllib")
    (played,) = (one for one in settings.SCENES if one.name == scene)
    assert held(world, played, client, sys.executable).agreement == "agree"
