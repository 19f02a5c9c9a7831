"""Holds the doctor's verdicts against the clients: `python -m tests.truth`, as root."""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from .clients import CLIENTS, Installed, RealClient
from .explained import reason
from .places import NotHadError
from .play import SCENES, played
from .settings import OF_FIRST_BODY
from .table import Held, disagreements, table

PAGE = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"<!-- truth -->\n```\n(.*?)```\n<!-- end -->", re.S)
FOLDER = Path(tempfile.gettempdir()) / "mnistdoctor-truth"


def pairs_of(scenes: list[str], clients: list[RealClient], share: int) -> list[tuple[str, RealClient]]:
    """Each client with every nth scene, each with other ones, so that every scene is played by several."""
    return [
        (scene, client)
        for number, scene in enumerate(scenes)
        for place, client in enumerate(clients)
        if (number + place) % share == 0 and not (client.asks_twice and scene in OF_FIRST_BODY)
    ]


def stored(file: Path) -> dict[tuple[str, str], Held]:
    """What earlier runs came to, by client and scene; the last one counts."""
    lines = file.read_text().splitlines() if file.is_file() else []
    every = [Held(**json.loads(line)) for line in lines]
    return {(one.client, one.scene): one for one in every}


def _ready(clients: list[RealClient], folder: Path) -> dict[str, Installed]:
    found: dict[str, Installed] = {}
    for client in clients:
        try:
            found[client.label] = client.installed(folder)
        except NotHadError as why:
            print(f"{client.label} is left out: {why}", file=sys.stderr)
    return found


def _bundles(here: dict[str, Installed]) -> tuple[Path, ...]:
    """certifi's files in the clients' environments, which the world puts its own in the place of."""
    look = "import importlib.util as u;print(u.find_spec('certifi') and __import__('certifi').where() or '')"
    pythons = [str(one.python) for one in here.values() if one.python]
    outputs = [subprocess.run([one, "-c", look], capture_output=True, text=True, check=True).stdout for one in pythons]
    return tuple(Path(text.strip()) for text in outputs if text.strip())


def main() -> int:
    """Play, print, and say by the exit code whether all agree that are not explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="scenes whose names hold one of these")
    parser.add_argument("--clients", nargs="+", choices=[one.label for one in CLIENTS], metavar="CLIENT")
    parser.add_argument("--share", type=int, default=6, help="every client plays every nth scene (default: 6)")
    parser.add_argument("--jobs", type=int, default=4, help="worlds at once (default: 4)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help=f"environments and results (default: {FOLDER})")
    parser.add_argument("--anew", choices=["all", "disagreements"], help="play again what has been played before")
    parser.add_argument("--table", action="store_true", help="play nothing; the table of what has been played")
    parser.add_argument("--write", action="store_true", help="put the table into tests/README.md")
    given = parser.parse_args()
    clients = [one for one in CLIENTS if not given.clients or one.label in given.clients]
    scenes = [name for name in SCENES if not given.only or any(word in name for word in given.only)]
    wanted = pairs_of(scenes, clients, given.share)
    file = given.folder / "results.jsonl"
    known = stored(file)
    given.folder.mkdir(parents=True, exist_ok=True)
    here = {} if given.table else _ready(clients, given.folder / "clients")
    due = [
        (scene, here[client.label])
        for scene, client in wanted
        if client.label in here and _is_due(known.get((client.label, scene)), given.anew)
    ]
    random.Random(0).shuffle(due)
    with file.open("a") as sink:
        for number, result in enumerate(played(due, _bundles(here), given.jobs) if due else (), 1):
            if not isinstance(result, Held):
                print(*result, sep=": ", flush=True)
                continue
            known[(result.client, result.scene)] = result
            print(json.dumps(asdict(result)), file=sink, flush=True)
            if told := disagreements([result]):
                print(f"{number}/{len(due)}", told, flush=True)
    every = [(one.label, scene) for one in clients for scene, _ in pairs_of(scenes, [one], 1)]
    results = [known[key] for key in every if key in known]  # those of other shares too
    left = [one for one in results if one.disagrees and not reason(one)]
    explained = [one for one in results if one.disagrees and one not in left]
    agree = sum(one.agreement == "agree" for one in results)
    told = (
        f"{table(results)}\n\nagreement: {agree / max(1, agree + len(explained) + len(left)):.1%}; "
        f"{len(explained)} disagreements are explained, {len(left)} are not"
    )
    print(told, disagreements(left), sep="\n")
    if given.write:
        _write(f"{datetime.now(tz=timezone.utc):%Y-%m-%d}, `python -m tests.truth`\n\n{told}\n")
    return 1 if left else 0


def _write(text: str) -> None:
    page = PAGE.read_text()
    found = BLOCK.search(page)
    assert found is not None, PAGE
    PAGE.write_text(page[: found.start(1)] + text + page[found.end(1) :])


def _is_due(before: Held | None, anew: str | None) -> bool:
    return before is None or anew == "all" or (anew == "disagreements" and before.disagrees)


if __name__ == "__main__":
    sys.exit(main())
