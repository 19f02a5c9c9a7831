"""The hand that redoes proven fixes can tell one that works from one that does not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from mnistdoctor.catalogue import load

from .by_hand import FAILS, NO_COMMANDS, WORKS, redo
from .scenes import LABELS
from .scenes_ways import QUICK, walled
from .world import World

FILE = next(file for file in load().files if file.id == "mnist/t10k-labels")
DIGESTS = [(known.algorithm, known.value) for known in FILE.digests]


def report(*commands: str, url: str = LABELS, shell: str = "posix", status: str = "proven") -> dict[str, Any]:
    """A report of one target with one fix, as far as the hand reads it."""
    steps = [{"shell": shell, "text": text} for text in commands]
    return {
        "targets": [
            {
                "name": None, "url": url, "client": "requests",
                "diagnosis": {"fixes": [{"title": "t", "commands": steps, "trial": {"status": status}}]},
                "observations": [{"kind": "subject", "digest_of": "body", "digests": DIGESTS}],
            }
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("claimed", "outcomes"),
    [
        (report("export A=1"), [WORKS]),
        (report(f"curl -fL -o some.gz {LABELS}"), [WORKS]),
        (report("import ssl", shell="python"), [WORKS]),
        (report(), [NO_COMMANDS]),
        (report("export A=1", status="helped"), []),
        (report("export HTTPS_PROXY=http://10.77.0.66:9"), [FAILS]),
        (report("false"), [FAILS]),
        (report("export A=1", url=LABELS.replace("labels", "images")), [FAILS]),
        (report("printf nonsense >some.gz # -o some.gz"), [FAILS]),
    ],
)
def test_a_fix_by_hand(world: World, claimed: dict[str, Any], outcomes: list[str]) -> None:
    assert [one.outcome for one in redo(world, {}, claimed)] == outcomes


def test_a_variable_that_only_a_parent_has(world: World) -> None:
    """`env -u`, `sudo` and services lose the proxy on the way: the doctor names the process that still has it."""
    walled(world)
    line = f'env -u HTTPS_PROXY "$0" -m mnistdoctor {LABELS} {" ".join(QUICK)} -v; true'
    done = world.run("bash", "-c", line, sys.executable, env={"HTTPS_PROXY": world.proxy_url("open")})
    assert "env-not-inherited" in done.stdout
    assert "bash (process" in done.stdout
    assert f"export HTTPS_PROXY={world.proxy_url('open')}" in done.stdout
